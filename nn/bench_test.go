package nn_test

import (
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// BenchmarkBlock runs one block of the classical vision transformer of size s, gradients included, on a micro-batch of 32.
func BenchmarkBlock(b *testing.B) {
	block := nn.Chain{
		nn.Residual{Layer: nn.Chain{nn.LayerNorm{}, nn.Attention{Heads: 4}}},
		nn.Residual{Layer: nn.Chain{nn.LayerNorm{}, nn.MLP{Hidden: 128}}},
	}
	g, err := op.Build(func(g *G.ExprGraph) error {
		s := nn.NewScope(g, nn.NewStore(1))
		y, err := block.Forward(s, gradcheck.Leaf(g, tensor.Float32, 0, normal(1, 32, 16, 64)))
		if err != nil {
			return err
		}
		loss, err := nn.Sum(y)
		if err != nil {
			return err
		}
		_, err = op.Grad(loss, s.Params()...)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	b.ReportAllocs()
	for b.Loop() {
		m.Reset()
		if err := m.RunAll(); err != nil {
			b.Fatal(err)
		}
	}
}
