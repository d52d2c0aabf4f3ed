// The command hqvit with an attention score, an ansatz and a whole model of its own. docs/custommodel.md
// explains it.
//
//	go run ./examples/custommodel train --model hqvit:raw:scale=0.5
//	go run ./examples/custommodel compare --models hybrid,hybrid:matched,hqvit:rx-cz --seeds 3
package main

import (
	"gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/vit"
)

func main() {
	hqvit.Main(vit.Catalog{
		Scores: []vit.Score{{Name: "raw", Help: "the products of the tokens themselves: attention without " +
			"parameters",
			Fields: Raw{Scale: 1}, New: func(o vit.ScoreOptions) nn.Score { return o.Fields.(Raw).Score }}},
		Ansatzes: []vit.Ansatz{{Name: "rx-cz", Help: "RX on every qubit, then CZ between neighbours", New: RXCZ}},
		Architectures: []vit.Architecture{{Name: "hybrid", Help: "convolutions, a circuit, a classifier", Image: 28,
			Fields: Hybrid{Qubits: 6, Layers: 2}, New: func(c vit.Config, fields any) (nn.Layer, error) {
				return fields.(Hybrid).layer(c.Classes), nil
			}}},
	})
}

// Raw has the options of the score raw, as they are called in a recipe.
type Raw struct {
	Scale float64 `json:"scale"`
}

// Score is scale·x_i·x_j of the heads of the tokens.
func (r Raw) Score(_ *nn.Scope, x *gorgonia.Node, heads int) (nn.AttentionScores, error) {
	logits, err := nn.HeadProducts(x, x, heads, r.Scale) // (B, T, D), twice -> (B, H, T, T)
	return nn.AttentionScores{Logits: logits}, err
}

// RXCZ is layers of RX on every qubit and CZ between neighbours.
func RXCZ(layers int) qlayer.Ansatz {
	return func(qubits int) *circuit.Circuit {
		c := circuit.New(qubits)
		for l := range layers {
			for q := range qubits {
				c.RX(q, circuit.Theta(l*qubits+q))
			}
			for q := range qubits - 1 {
				c.CZ(q, q+1)
			}
		}
		return c
	}
}

// Hybrid has the options of the model hybrid.
type Hybrid struct {
	Qubits int `json:"qubits"`
	Layers int `json:"layers"`
}

// layer maps images (B, C, S, S) to logits (B, classes).
func (h Hybrid) layer(classes int) nn.Layer {
	return nn.Chain{
		nn.Conv2D{Out: 8, Kernel: 3, Stride: 2, Padding: 1}, nn.GELU{},
		nn.Conv2D{Out: 16, Kernel: 3, Stride: 2, Padding: 1}, nn.GELU{},
		nn.Flatten{}, nn.Linear{Out: h.Qubits},
		qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(h.Layers)}, // (B, qubits): every ⟨Z⟩
		nn.Linear{Out: classes},
	}
}
