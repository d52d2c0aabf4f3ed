package gradcheck_test

import (
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// kernels of x·sin(y), each with the fault that its name says.
type fault func(k *op.Kernel[float64])

func withFault(f fault) func(in ...*G.Node) (*G.Node, error) {
	return func(in ...*G.Node) (*G.Node, error) {
		k := op.Kernel[float64]{
			Name:  "XSinY",
			Shape: in[0].Shape(),
			Forward: func(out []float64, in [][]float64) error {
				for i, x := range in[0] {
					out[i] = x * math.Sin(in[1][i])
				}
				return nil
			},
			Backward: func(din, in [][]float64, _, dout []float64) error {
				for i, g := range dout {
					din[0][i] = g * math.Sin(in[1][i])
					din[1][i] = g * in[0][i] * math.Cos(in[1][i])
				}
				return nil
			},
		}
		if f != nil {
			f(&k)
		}
		return op.Apply(k, in...)
	}
}

// after lets a fault run behind the right backward pass.
func after(f func(din, in [][]float64, dout []float64)) fault {
	return func(k *op.Kernel[float64]) {
		right := k.Backward
		k.Backward = func(din, in [][]float64, out, dout []float64) error {
			if err := right(din, in, out, dout); err != nil {
				return err
			}
			f(din, in, dout)
			return nil
		}
	}
}

// What a Kernel says of its memory and is not so: the right numbers as long as nobody makes use of it.
func TestFalseMemoryHintsAreFound(t *testing.T) {
	for _, c := range []struct {
		name, want string
		fault      fault
	}{
		{"reads an operand that it ignores", "overwritten: ", func(k *op.Kernel[float64]) {
			var x []float64
			k.Memory.BackwardIgnores = []int{0}
			forward, backward := k.Forward, k.Backward
			k.Forward = func(out []float64, in [][]float64) error { x = in[0]; return forward(out, in) }
			k.Backward = func(din, in [][]float64, out, dout []float64) error {
				return backward(din, [][]float64{x, in[1]}, out, dout)
			}
		}},
		{"reads an operand that it says it is not given", "op: XSinYGrad: Backward reads operand 1, which",
			func(k *op.Kernel[float64]) {
				k.Memory.BackwardIgnores = []int{1}
			}},
		{"reads an operand after it has written the result", "overwritten: ", func(k *op.Kernel[float64]) {
			k.Memory.InPlace = true
			k.Forward = func(out []float64, in [][]float64) error {
				clear(out)
				for i, x := range in[0] {
					out[i] += x * math.Sin(in[1][i])
				}
				return nil
			}
		}},
		{"goes over an operand that it says it does not read", "Backward reads operand 0, which",
			func(k *op.Kernel[float64]) {
				k.Memory.BackwardIgnores = []int{op.Result, 0}
				k.Backward = func(din, in [][]float64, _, dout []float64) error {
					for i, x := range in[0] { // nil
						din[0][i] = dout[i] * math.Sin(in[1][i])
						din[1][i] = dout[i] * x * math.Cos(in[1][i])
					}
					return nil
				}
			}},
		{"reads the gradient after it has written another", "overwritten: ", func(k *op.Kernel[float64]) {
			k.Memory.InPlace = true
			k.Backward = func(din, in [][]float64, _, dout []float64) error {
				for i, g := range dout {
					din[0][i] = g * math.Sin(in[1][i])
				}
				for i, g := range dout {
					din[1][i] = g * in[0][i] * math.Cos(in[1][i])
				}
				return nil
			}
		}},
		{"keeps something in scratch memory", "overwritten: ", func(k *op.Kernel[float64]) {
			var sines []float64
			k.Memory.BackwardScratch = []op.Buffer[float64]{{Len: 6, Slice: &sines}}
			forward := k.Forward
			k.Forward = func(out []float64, in [][]float64) error {
				if len(sines) != 6 {
					sines = make([]float64, 6)
				}
				for i, y := range in[1] {
					sines[i] = math.Sin(y)
				}
				return forward(out, in)
			}
			k.Backward = func(din, in [][]float64, _, dout []float64) error {
				for i, g := range dout {
					din[0][i], din[1][i] = g*sines[i], g*in[0][i]*math.Cos(in[1][i])
				}
				return nil
			}
		}},
		{"does not write all of its gradient", "overwritten: ", func(k *op.Kernel[float64]) {
			k.Backward = func(din, in [][]float64, _, dout []float64) error {
				for i, g := range dout {
					din[0][i] = g * math.Sin(in[1][i])
					if in[0][i] != 0 {
						din[1][i] = g * in[0][i] * math.Cos(in[1][i])
					}
				}
				return nil
			}
		}},
	} {
		x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, -2, 3, 0.5, 0, 1.5}))
		y := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{0.3, 1.2, -2, 0.7, 2.9, -1}))
		err := gradcheck.Check(gradcheck.Config{Tolerance32: -1}, withFault(c.fault), x, y)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", c.name, err, c.want)
		}
	}
}

func TestCheckFindsFaults(t *testing.T) {
	runs := 0
	for _, c := range []struct {
		name, want string
		fault      fault
	}{
		{"right", "", nil},
		{"half", "leaf 0 (in0), element 0", after(func(din, _ [][]float64, _ []float64) {
			for i := range din[0] {
				din[0][i] *= 0.5
			}
		})},
		{"one element off by 1e-6", "leaf 1 (in1), element 5",
			after(func(din, _ [][]float64, _ []float64) { din[1][5] += 1e-6 })},
		{"exchanged", "leaf 0", after(func(din, _ [][]float64, _ []float64) {
			din[0], din[1] = din[1], din[0]
			copy(din[1], din[0])
		})},
		{"NaN", "element 2", after(func(din, _ [][]float64, _ []float64) { din[0][2] = math.NaN() })},
		{"writes its input", "was changed by a run",
			after(func(_, in [][]float64, _ []float64) { in[1][3] = 0.25 })},
		{"depends on earlier runs", "third run differs", after(func(din, _ [][]float64, _ []float64) {
			runs++
			din[0][0] += 1e-12 * float64(runs)
		})},
	} {
		x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, -2, 3, 0.5, -0.25, 1.5}))
		y := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{0.3, 1.2, -2, 0.7, 2.9, -1}))
		err := gradcheck.Check(gradcheck.Config{Tolerance32: -1}, withFault(c.fault), x, y)
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want it to say %q", c.name, err, c.want)
		}
	}
}

// Both dtypes and both machines of a graph of Gorgonia's own operations.
func TestGorgoniasOwnGraph(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, -2, 3, 0.5, -0.25, 1.5}))
	w := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{0.3, 1.2, -2, 0.7, 2.9, -1}))
	f := func(in ...*G.Node) (*G.Node, error) {
		p, err := G.Mul(in[0], in[1])
		if err != nil {
			return nil, err
		}
		return G.Tanh(p)
	}
	if err := gradcheck.Check(gradcheck.Config{Tolerance: 1e-7}, f, x, w); err != nil {
		t.Error(err)
	}
}

// Gorgonia's Dropout has a wrong gradient and its InverseSqrt too: the checker has to see such things in
// whole graphs.
func TestGorgoniasWrongGradientIsFound(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 0.5}))
	f := func(in ...*G.Node) (*G.Node, error) { return G.InverseSqrt(in[0]) }
	err := gradcheck.Check(gradcheck.Config{Tolerance: 1e-6}, f, x)
	if err == nil || !strings.Contains(err.Error(), "gradient") {
		t.Errorf("got %v", err)
	}
}
