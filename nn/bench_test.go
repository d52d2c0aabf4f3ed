package nn_test

import (
	"fmt"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// BenchmarkBlock runs one block of the classical vision transformer of size s, gradients included, on a
// micro-batch of 32.
func BenchmarkBlock(b *testing.B) {
	block := nn.Chain{
		nn.Residual{Layer: nn.Chain{nn.LayerNorm{}, nn.Attention{Heads: 4}}},
		nn.Residual{Layer: nn.Chain{nn.LayerNorm{}, nn.MLP{Hidden: 128}}},
	}
	benchmark(b, block, true, 32, 16, 64)
}

// BenchmarkConv2D runs the convolutions of stems, gradients included, on a micro-batch of 32.
func BenchmarkConv2D(b *testing.B) {
	for _, c := range []struct {
		name  string
		layer nn.Conv2D
		shape []int
	}{
		{"3 to 32 of side 32, stride 2", nn.Conv2D{Out: 32, Kernel: 3, Stride: 2, Padding: 1},
			[]int{32, 3, 32, 32}},
		{"32 to 64 of side 16, stride 2", nn.Conv2D{Out: 64, Kernel: 3, Stride: 2, Padding: 1},
			[]int{32, 32, 16, 16}},
		{"3 to 32 of side 32", nn.Conv2D{Out: 32, Kernel: 3, Padding: 1}, []int{32, 3, 32, 32}},
		{"32 to 32 of side 16", nn.Conv2D{Out: 32, Kernel: 3, Padding: 1}, []int{32, 32, 16, 16}},
	} {
		b.Run(c.name, func(b *testing.B) { benchmark(b, c.layer, c.shape[1] > 3, c.shape...) })
	}
}

// BenchmarkResidualConv runs the blocks of a ResNet-20, gradients included, on a micro-batch of 32, and gives
// the speed of their products.
func BenchmarkResidualConv(b *testing.B) {
	for _, c := range []struct{ channels, side int }{{16, 32}, {32, 16}, {64, 8}} {
		b.Run(fmt.Sprintf("%d of side %d", c.channels, c.side), func(b *testing.B) {
			benchmark(b, nn.ResidualConv{Out: c.channels, Groups: 8}, true, 32, c.channels, c.side, c.side)
			flops := 3. * 2 * 2 * 9 * 32 * float64(c.channels*c.channels*c.side*c.side)
			b.ReportMetric(flops*float64(b.N)/1e9/b.Elapsed().Seconds(), "Gflop/s")
		})
	}
}

// benchmark runs a layer and the gradients of its parameters, and those of its input if it is inside of a
// model.
func benchmark(b *testing.B, layer nn.Layer, inside bool, shape ...int) {
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		s := nn.NewScope(g, nn.NewStore(1))
		x := gradcheck.Leaf(g, tensor.Float32, 0, normal(1, shape...))
		wrt := G.Nodes{x}
		if !inside {
			var err error
			if x, err = op.StopGradient(x); err != nil {
				return op.Outputs{}, err
			}
			wrt = nil
		}
		y, err := layer.Forward(s, x)
		if err != nil {
			return op.Outputs{}, err
		}
		loss, err := nn.Sum(y)
		return op.Outputs{Cost: loss, WRT: append(wrt, s.Params()...)}, err
	})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
