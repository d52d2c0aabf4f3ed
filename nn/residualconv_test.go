package nn_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn"
)

// normalizeGroups is the definition of a group norm on one image of planes, with γ and β of each channel.
func normalizeGroups(x []float64, groups, plane int, gamma, beta []float64) []float64 {
	y, size := make([]float64, len(x)), len(x)/groups
	for g := range groups {
		mean, square := 0.0, 0.0
		for _, v := range x[g*size : (g+1)*size] {
			mean += v / float64(size)
		}
		for _, v := range x[g*size : (g+1)*size] {
			square += (v - mean) * (v - mean) / float64(size)
		}
		for i := g * size; i < (g+1)*size; i++ {
			y[i] = gamma[i/plane]*(x[i]-mean)/math.Sqrt(square+1e-5) + beta[i/plane]
		}
	}
	return y
}

func TestResidualConvIsItsDefinition(t *testing.T) {
	for _, l := range []nn.ResidualConv{{Out: 4, Stride: 1, Groups: 2}, {Out: 3, Stride: 1, Groups: 3},
		{Out: 6, Stride: 2, Groups: 2}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) {
			const batch, channels, side = 2, 4, 6
			noise := splitmix.Source(7)
			draw := func(n int) []float64 {
				values := make([]float64, n)
				for i := range values {
					values[i] = 2*noise.Float64() - 1
				}
				return values
			}
			shape := tensor.Shape{batch, channels, side, side}
			values := draw(shape.TotalSize())
			g, st := G.NewGraph(), nn.NewStore(3)
			x := G.NewTensor(g, tensor.Float64, 4, G.WithName("x"), G.WithShape(shape...),
				G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
			y, err := l.Forward(nn.NewScope(g, st), x)
			if err != nil {
				t.Fatal(err)
			}
			weights := map[string][]float64{}
			for _, p := range st.Params() {
				weights[p.Name] = draw(p.Value.Shape().TotalSize())
				if err := p.Set(weights[p.Name]); err != nil {
					t.Fatal(err)
				}
			}
			if has := weights["shortcut.weight"] != nil; has != (l.Stride > 1 || l.Out != channels) {
				t.Errorf("a convolution in the shortcut: %v", has)
			}
			m := G.NewTapeMachine(g)
			defer m.Close()
			if err := m.RunAll(); err != nil {
				t.Fatal(err)
			}
			got := y.Value().Data().([]float64)
			size := channels * side * side
			for b := range batch {
				want := residualConv(l, channels, side, values[b*size:(b+1)*size], weights)
				for i, v := range want {
					if d := got[b*len(want)+i] - v; math.Abs(d) > 1e-12 {
						t.Fatalf("image %d, value %d: %v more than %v", b, i, d, v)
					}
				}
			}
		})
	}
}

// residualConv is the definition for one image.
func residualConv(l nn.ResidualConv, channels, side int, x []float64, w map[string][]float64) []float64 {
	result := (side-1)/l.Stride + 1
	none := make([]float64, l.Out)
	conv := func(x []float64, name, norm string, channels, side, kernel, stride int) []float64 {
		c := nn.Conv2D{Out: l.Out, Kernel: kernel, Stride: stride, Padding: kernel / 2}
		y := convolve(c, 1, channels, side, x, w[name+".weight"], none)
		return normalizeGroups(y, l.Groups, result*result, w[norm+".weight"], w[norm+".bias"])
	}
	gelu := func(x []float64) []float64 {
		for i, v := range x {
			x[i] = v * (1 + math.Erf(v/math.Sqrt2)) / 2
		}
		return x
	}
	y := gelu(conv(x, "conv1", "norm1", channels, side, 3, l.Stride))
	y = conv(y, "conv2", "norm2", l.Out, result, 3, 1)
	if w["shortcut.weight"] != nil {
		x = conv(x, "shortcut", "shortcut_norm", channels, side, 1, l.Stride)
	}
	for i := range y {
		y[i] += x[i]
	}
	return gelu(y)
}
