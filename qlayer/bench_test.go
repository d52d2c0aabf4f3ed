package qlayer_test

import (
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
)

// BenchmarkCircuit is a step of a layer on 64 rows, with gradients to features and angles.
func BenchmarkCircuit(b *testing.B) {
	for _, c := range []struct {
		name     string
		features int
		encoder  qlayer.Encoder
	}{
		{"4-qubits-by-angle", 4, qlayer.Angle{}}, {"10-qubits-by-angle", 10, qlayer.Angle{}},
		{"4-qubits-by-amplitude", 16, qlayer.Amplitude{}},
		{"10-qubits-by-amplitude", 1024, qlayer.Amplitude{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			g := G.NewGraph()
			s := nn.NewScope(g, nn.NewStore(1))
			x := G.NewMatrix(g, tensor.Float32, G.WithShape(64, c.features), G.WithName("x"),
				G.WithInit(G.Gaussian(0, 1)))
			y, err := qlayer.Circuit{Encoder: c.encoder, Ansatz: qlayer.Entangling(2)}.Forward(s, x)
			if err != nil {
				b.Fatal(err)
			}
			loss, err := nn.Sum(y)
			if err != nil {
				b.Fatal(err)
			}
			if _, err = op.Grad(loss, append(s.Params(), x)...); err != nil {
				b.Fatal(err)
			}
			m := G.NewTapeMachine(g)
			defer m.Close()
			for b.Loop() {
				m.Reset()
				if err := m.RunAll(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
