package nn_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
)

// TestTraps shows, for each thing that Gorgonia gets wrong without saying so, that it still does, and that
// our way around it is right. docs/gorgonia.md explains each row; should Gorgonia get one right some day, the
// row can go.
func TestTraps(t *testing.T) {
	for _, trap := range []struct {
		name     string
		ours     func(t *testing.T)
		gorgonia func(t *testing.T) (wrong string) // how it is wrong, "" if it is right
	}{
		{"reshape then add writes the input", reshapeCopies, gorgoniaReshape},
		{"dropout divides the gradient by p", dropoutGradient, gorgoniaDropout},
		{"dropout of p = 0 has no gradient", dropoutAbsent, gorgoniaDropoutOfNothing},
		{"two dropouts of one node are one", dropoutsDiffer, gorgoniaDropouts},
		{"gradient of the inverse root", normGradient, gorgoniaInverseRoot},
		{"reduction of a middle axis of four", reductions, gorgoniaMean},
		{"softmax of wide logits", wideSoftmax, gorgoniaSoftmax},
		{"log of a softmax changes the softmax", logOfSoftmax, gorgoniaLogOfSoftmax},
		{"slices 256 apart are merged", distantSlices, gorgoniaSlices},
		{"nodes of one operation with other settings are merged", sameOperation, gorgoniaSameOperation},
		{"tensors that print alike are merged", alikeTensors, gorgoniaAlikeTensors},
		{"constants of two dtypes clash", twoDtypes, gorgoniaTwoDtypes},
		{"broadcast at the fifth axis", fifthAxis, gorgoniaFifthAxis},
		{"products transpose a shared operand", sharedMemory, nil}, // a race: it shows only now and then
		{"a second gradient of one graph is the first", secondGradient, gorgoniaSecondGradient},
		{"a run without reset keeps old values", staleRun, gorgoniaStaleRun},
	} {
		t.Run(trap.name, func(t *testing.T) {
			trap.ours(t)
			if trap.gorgonia == nil {
				return
			}
			wrong := trap.gorgonia(t)
			if wrong == "" {
				t.Error("Gorgonia gets it right: the row of docs/gorgonia.md is not true any more")
			}
			t.Logf("Gorgonia: %s", wrong)
		})
	}
}

// ofNode returns f as compute wants it.
func ofNode(f func(x *G.Node) (*G.Node, error)) func(*G.ExprGraph, ...*G.Node) (*G.Node, error) {
	return func(_ *G.ExprGraph, in ...*G.Node) (*G.Node, error) { return f(in[0]) }
}

// twice returns the results of two functions of x one after the other, both computed in one graph.
func twice(f, g func(x *G.Node) (*G.Node, error)) func(*G.ExprGraph, ...*G.Node) (*G.Node, error) {
	return ofNode(func(x *G.Node) (*G.Node, error) {
		a, err := f(x)
		if err != nil {
			return nil, err
		}
		b, err := g(x)
		if err != nil {
			return nil, err
		}
		return nn.Concat(0, a, b)
	})
}

func check(t *testing.T, c gradcheck.Config, f func(x *G.Node) (*G.Node, error), x *tensor.Dense) {
	t.Helper()
	if err := gradcheck.Check(c, func(in ...*G.Node) (*G.Node, error) { return f(in[0]) }, x); err != nil {
		t.Error(err)
	}
}

// addOne is x, reshaped, plus 1: the first operand of the addition dies, which lets Gorgonia add in place.
func addOne(reshape func(x *G.Node, shape ...int) (*G.Node, error), x *G.Node) (*G.Node, error) {
	flat, err := reshape(x, 4)
	if err != nil {
		return nil, err
	}
	return G.Add(flat,
		G.NewConstant(tensor.New(tensor.WithShape(4), tensor.WithBacking([]float64{1, 1, 1, 1})),
			G.WithName("ones")))
}

func reshapeCopies(t *testing.T) {
	x := values(tensor.Shape{2, 2}, 1, 2, 3, 4)
	got, _ := compute[float64](t, ofNode(func(x *G.Node) (*G.Node, error) {
		y, err := addOne(nn.Reshape, x)
		if err != nil {
			return nil, err
		}
		flat, err := nn.Reshape(x, 4)
		if err != nil {
			return nil, err
		}
		return nn.Mul(y, flat)
	}), x)
	wantClose(t, "(x+1)x", got, 0, 2, 6, 12, 20)
}

func gorgoniaReshape(t *testing.T) string {
	g := G.NewGraph()
	leaf := gradcheck.Leaf(g, tensor.Float64, 0, values(tensor.Shape{2, 2}, 1, 2, 3, 4))
	_, err := addOne(func(x *G.Node, shape ...int) (*G.Node, error) { return G.Reshape(x, shape) }, leaf)
	if err != nil {
		t.Fatal(err)
	}
	run(t, g)
	return differ(leaf.Value().Data(), []float64{1, 2, 3, 4})
}

// differ says that something is not what is right, or "".
func differ(got, right any) string {
	if reflect.DeepEqual(got, right) {
		return ""
	}
	return fmt.Sprintf("%v, right is %v", got, right)
}

// merged says that two nodes are one, or "".
func merged(a, b *G.Node) string {
	if a != b {
		return ""
	}
	return fmt.Sprintf("two different nodes are one, %v", a)
}

func normGradient(t *testing.T) {
	check(t, steep, func(x *G.Node) (*G.Node, error) {
		return nn.LayerNorm{}.Forward(nn.NewScope(x.Graph(), nn.NewStore(1)), x)
	}, normal(1, 2, 3, 4))
}

func gorgoniaInverseRoot(t *testing.T) string {
	f := func(in ...*G.Node) (*G.Node, error) { return G.InverseSqrt(in[0]) }
	err := gradcheck.Check(gradcheck.Config{Tolerance: 1e-6, NoLisp: true}, f, values(tensor.Shape{2}, 1, 2))
	return errorText(err)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func reductions(t *testing.T) {
	for _, shape := range [][]int{{2, 3, 4, 5}, {2, 3, 1, 5}, {2, 1, 4, 3}, {3, 2, 4, 3, 2}} {
		x := normal(1, shape...)
		for axis := range shape {
			got, to := compute[float64](t,
				ofNode(func(x *G.Node) (*G.Node, error) { return nn.Mean(x, axis) }), x)
			if want := slices.Delete(slices.Clone(shape), axis, axis+1); !slices.Equal(to, want) {
				t.Errorf("mean of %v along %d has shape %v", shape, axis, to)
			}
			wantClose(t, "mean", got, 1e-14, meanAlong(x, axis)...)
		}
	}
}

// meanAlong visits elements one by one.
func meanAlong(x *tensor.Dense, axis int) []float64 {
	shape, inner := x.Shape(), 1
	for _, d := range shape[axis+1:] {
		inner *= d
	}
	n := shape[axis]
	sums := make([]float64, len(x.Float64s())/n)
	for i, v := range x.Float64s() {
		sums[i/(n*inner)*inner+i%inner] += v / float64(n)
	}
	return sums
}

func gorgoniaMean(t *testing.T) string {
	x := normal(1, 2, 3, 4, 5)
	for _, axis := range []int{1, 2} {
		got, _ := compute[float64](t, ofNode(func(x *G.Node) (*G.Node, error) { return G.Mean(x, axis) }), x)
		for i, v := range meanAlong(x, axis) {
			if math.Abs(got[i]-v) > 1e-12 {
				return fmt.Sprintf("axis %d, element %d: %v, right is %v", axis, i, got[i], v)
			}
		}
	}
	return ""
}

// wide has its largest logits first in their rows.
var wide = values(tensor.Shape{2, 3}, 200, 0, 100, 500, -301, -300)

func wideSoftmax(t *testing.T) {
	got, _ := compute[float32](t, ofNode(nn.Softmax), wide)
	wantClose(t, "softmax", got, 1e-7, 1, 0, math.Exp(-100), 1, 0, 0)
	check(t, gradcheck.Config{}, nn.Softmax, wide)
}

func gorgoniaSoftmax(t *testing.T) string {
	got, _ := compute[float32](t, ofNode(func(x *G.Node) (*G.Node, error) { return G.SoftMax(x, 1) }), wide)
	if i := slices.IndexFunc(got, func(v float32) bool { return v != v }); i >= 0 {
		return fmt.Sprintf("element %d is NaN", i)
	}
	return ""
}

func logOfSoftmax(t *testing.T) {
	got, _ := compute[float64](t, ofNode(func(x *G.Node) (*G.Node, error) {
		p, err := nn.Softmax(x)
		if err != nil {
			return nil, err
		}
		if _, err := G.Log(p); err != nil {
			return nil, err
		}
		return nn.ScaleBy(p, 1)
	}), values(tensor.Shape{1, 2}, 0, math.Log(3)))
	wantClose(t, "softmax", got, 1e-15, 0.25, 0.75)
}

func gorgoniaLogOfSoftmax(t *testing.T) string {
	got, _ := compute[float64](t, ofNode(func(x *G.Node) (*G.Node, error) {
		p, err := G.SoftMax(x, 1)
		if err != nil {
			return nil, err
		}
		if _, err := G.Log(p); err != nil {
			return nil, err
		}
		return nn.ScaleBy(p, 1)
	}), values(tensor.Shape{1, 2}, 0, math.Log(3)))
	if math.Abs(got[0]-0.25) > 1e-12 {
		return fmt.Sprintf("the softmax is %v, right is [0.25 0.75]", got)
	}
	return ""
}

// far returns [0,1) and [256,257) of x as the rows of (2, 1).
func far(slice func(x *G.Node, from int) (*G.Node, error)) func(*G.ExprGraph, ...*G.Node) (*G.Node, error) {
	part := func(from int) func(x *G.Node) (*G.Node, error) {
		return func(x *G.Node) (*G.Node, error) { return slice(x, from) }
	}
	return twice(part(0), part(256))
}

func counted() *tensor.Dense {
	x := normal(1, 600)
	for i := range x.Float64s() {
		x.Float64s()[i] = float64(i)
	}
	return x
}

func distantSlices(t *testing.T) {
	got, _ := compute[float64](t,
		far(func(x *G.Node, from int) (*G.Node, error) { return nn.Slice(x, 0, from, from+2) }), counted())
	wantClose(t, "slices", got, 0, 0, 1, 256, 257)
}

func gorgoniaSlices(t *testing.T) string {
	got, _ := compute[float64](t,
		far(func(x *G.Node, from int) (*G.Node, error) { return G.Slice(x, G.S(from, from+2)) }), counted())
	return differ(got, []float64{0, 1, 256, 257})
}
