// One custom part of each sort in a module of its own, trained together: TestEachPartCanBeCustom runs it.
package main

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Gate: exp(-i·a·G) for a G that no row of the table has.
func newGate() circuit.Gate {
	spec := circuit.GateSpec{Name: "exchange", Qubits: 2, Angles: 1}
	spec.Generator = circuit.Matrix{
		0, 0, 0, 0,
		0, 0, 1, 0,
		0, 1, 0, 0,
		0, 0, 0, 0,
	}
	g, err := circuit.NewGate(spec)
	check(err)
	return g
}

// Ansatz: the gate on neighbours, between rotations.
func exchanging(qubits int) *circuit.Circuit {
	c, gate := circuit.New(qubits), newGate()
	for q := range qubits {
		c.RY(q, circuit.Theta(q))
	}
	for q := range qubits - 1 {
		c.Add(gate, []circuit.Angle{circuit.Theta(qubits + q)}, q, q+1)
	}
	return c
}

// Layer with its gradient: the sine of each number.
func sine(_ *nn.Scope, x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.ByDtype(x, sineOf[float32], sineOf[float64])
}

func sineOf[T op.Float](x ...*gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name: "Sine", Shape: x[0].Shape(),
		Forward: func(out []T, in [][]T) error {
			for i, v := range in[0] {
				out[i] = T(math.Sin(float64(v)))
			}
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			for i, v := range in[0] {
				din[0][i] = dout[i] * T(math.Cos(float64(v)))
			}
			return nil
		},
	}, x...)
}

// Attention score: the products of tokens themselves, without queries and keys.
func tokenProducts(_ *nn.Scope, x *gorgonia.Node, heads int) (nn.AttentionScores, error) {
	logits, err := nn.HeadProducts(x, x, heads, 1)
	return nn.AttentionScores{Logits: logits}, err
}

// Model: the backbone of HQViT with that score, a quantum layer with a custom measurement, and the layer.
func model() nn.Layer {
	c := vit.Config{Model: vit.Transformer, Score: "dot", Image: 8, Channels: 1, Classes: 4, Patch: 4,
		Depth: 1, Hidden: 8, Heads: 1, Pooling: vit.PoolMean}
	zz := qops.MeasureFunc(func(psi *gorgonia.Node) (*gorgonia.Node, error) {
		p, err := qops.Measure(psi, qops.Probabilities(0, 1))
		if err != nil {
			return nil, err
		}
		return nn.ScaleBy(p, 2)
	})
	return nn.Chain{
		vit.Encoder{Config: c, Attention: nn.Attention{Heads: 1, Score: tokenProducts}},
		nn.Func(sine),
		qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: exchanging, Measure: zz},
		nn.Linear{Out: 2},
	}
}

// Data: bright stripes, upright or level, on noise.
type stripes struct{ n int }

func (d stripes) Len() int { return d.n }

func (d stripes) Spec() (train.Spec, error) {
	return train.Spec{Dtype: tensor.Float64, Inputs: []tensor.Shape{{1, 8, 8}}, Target: train.Classes}, nil
}

func (d stripes) Fill(b *train.Batch) error {
	pixels := b.Inputs[0].Float64s()
	for i := range b.Rows {
		random := b.Random(i)
		b.Labels[i] = random.IntN(2)
		for p := range 64 {
			along := p % 8
			if b.Labels[i] == 1 {
				along = p / 8
			}
			pixels[64*i+p] = 0.2*random.Float64() + float64(along/2%2)
		}
	}
	return nil
}

// Loss: cross-entropy, and its strength is an option.
type scaled struct {
	losses.CrossEntropy
	By float64 `yaml:"by"`
}

func (s scaled) Sum(logits, targets *gorgonia.Node) (*gorgonia.Node, error) {
	sum, err := s.CrossEntropy.Sum(logits, targets)
	if err != nil {
		return nil, err
	}
	return nn.ScaleBy(sum, s.By)
}

// Optimizer: steps of one size, by the sign of the gradient.
type signs struct{}

func (signs) New(lr float64) (optimizers.Optimizer, error) {
	return optimizers.Rule{Name: "Sign", F32: sign[float32], F64: sign[float64]}.New(lr)
}

func sign[T op.Float](s optimizers.Step[T]) {
	for i, g := range s.Grad {
		s.Value[i] -= T(s.LR * math.Copysign(1, float64(g)))
	}
}

// Schedule: half the rate every so many steps.
type halving struct {
	Every int `yaml:"every"`
}

func (h halving) At(step, _ int) optimizers.Rates {
	return optimizers.Rates{Factor: math.Pow(0.5, float64(step/h.Every))}
}

func main() {
	tables := train.DefaultTables()
	tables.Losses = append(tables.Losses,
		losses.Row{Name: "scaled", New: func() losses.Loss { return scaled{By: 1} }})
	tables.Optimizers = append(tables.Optimizers,
		optimizers.Row{Name: "sign", New: func() optimizers.Config { return signs{} }})
	newHalving := func() optimizers.Schedule { return halving{Every: 10} }
	tables.Schedules = append(tables.Schedules, optimizers.ScheduleRow{Name: "halving", New: newHalving})

	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.LR = 5, 20, 0.02
	recipe.Loss, recipe.Optimizer, recipe.Schedule = "scaled:by=0.5", "sign", "halving:every=20"
	report, err := train.Loop{
		Model: model(), Recipe: recipe, Tables: tables, Train: stripes{200}, Val: stripes{100},
	}.Run(context.Background())
	check(err)
	for _, e := range report.History {
		fmt.Printf("epoch %d: rate %.4f, validation accuracy %.2f\n", e.Epoch, e.LearningRate, e.Val.Accuracy)
	}
	fmt.Println(report.Groups["quantum"], "angles")
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
