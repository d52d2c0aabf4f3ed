package nn_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn"
)

// convolve is the definition, pixel by pixel.
func convolve(l nn.Conv2D, batch, channels, side int, x, w, b []float64) []float64 {
	result := (side+2*l.Padding-l.Kernel)/l.Stride + 1
	var y []float64
	for n := range batch {
		for o := range l.Out {
			for r := range result {
				for c := range result {
					sum := b[o]
					for i := range channels * l.Kernel * l.Kernel {
						ch, dy, dx := i/(l.Kernel*l.Kernel), i/l.Kernel%l.Kernel, i%l.Kernel
						py, px := r*l.Stride+dy-l.Padding, c*l.Stride+dx-l.Padding
						if py >= 0 && py < side && px >= 0 && px < side {
							sum += w[o*channels*l.Kernel*l.Kernel+i] * x[((n*channels+ch)*side+py)*side+px]
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

func TestConv2DIsItsDefinition(t *testing.T) {
	for _, l := range []nn.Conv2D{
		{Out: 3, Kernel: 3, Stride: 1, Padding: 1}, {Out: 2, Kernel: 3, Stride: 2, Padding: 1},
		{Out: 2, Kernel: 2, Stride: 2},
		{Out: 1, Kernel: 1, Stride: 1}, {Out: 2, Kernel: 5, Stride: 3, Padding: 2},
		{Out: 2, Kernel: 3, Stride: 2, Padding: 4},
		{Out: 1, Kernel: 13, Stride: 1, Padding: 6}, {Out: 2, Kernel: 5, Stride: 1, Padding: 1},
		{Out: 2, Kernel: 7, Stride: 2, Padding: 3},
	} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) {
			const batch, channels, side = 2, 3, 6
			noise := splitmix.Source(7)
			values := make([]float64, batch*channels*side*side)
			for i := range values {
				values[i] = 2*noise.Float64() - 1
			}
			g, st := G.NewGraph(), nn.NewStore(3)
			x := G.NewTensor(g, tensor.Float64, 4, G.WithName("x"), G.WithShape(batch, channels, side, side),
				G.WithValue(tensor.New(tensor.WithShape(batch, channels, side, side),
					tensor.WithBacking(values))))
			y, err := l.Forward(nn.NewScope(g, st), x)
			if err != nil {
				t.Fatal(err)
			}
			m := G.NewTapeMachine(g)
			defer m.Close()
			if err := m.RunAll(); err != nil {
				t.Fatal(err)
			}
			want := convolve(l, batch, channels, side, values, st.Param("weight").Value.Float64s(),
				st.Param("bias").Value.Float64s())
			got := y.Value().Data().([]float64)
			if len(got) != len(want) {
				t.Fatalf("%d values, want %d", len(got), len(want))
			}
			for i := range want {
				if math.Abs(got[i]-want[i]) > 1e-13 {
					t.Fatalf("value %d: %v, want %v", i, got[i], want[i])
				}
			}
		})
	}
}

func TestConv2DRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		layer nn.Conv2D
		shape []int
	}{
		"want square images": {nn.Conv2D{Out: 1, Kernel: 1}, []int{1, 1, 2, 3}},
		"Kernel 0":           {nn.Conv2D{Out: 1}, []int{1, 1, 2, 2}},
		"filters of side 3":  {nn.Conv2D{Out: 1, Kernel: 3}, []int{1, 1, 2, 2}},
		"(B, C, S, S)":       {nn.Conv2D{Out: 1, Kernel: 1}, []int{2, 2}},
	} {
		g := G.NewGraph()
		x := G.NewTensor(g, tensor.Float32, len(c.shape), G.WithName("x"), G.WithShape(c.shape...))
		if _, err := c.layer.Forward(nn.NewScope(g, nn.NewStore(1)), x); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%+v on %v: %v, want an error with %q", c.layer, c.shape, err, want)
		}
	}
}
