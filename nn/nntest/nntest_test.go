package nntest_test

import (
	"slices"
	"strconv"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/nntest"
	"github.com/hqvit/hqvit/nn/op"
)

// layerOf makes a layer of a function of a node.
func layerOf(f func(x *G.Node) (*G.Node, error)) nn.Layer {
	return nn.Func(func(_ *nn.Scope, x *G.Node) (*G.Node, error) { return f(x) })
}

var everything = []string{"shape", "gradients", "names", "seed", "weights", "stopped", "rows", "replicas",
	"shared", "memory"}

// doubled is 2x with a gradient, and with something done after each run, that may break a law.
func doubled[T op.Float](gradient T, after func(out, x []T)) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:  "Doubled",
			Shape: x[0].Shape(),
			Forward: func(out []T, in [][]T) error {
				for i, v := range in[0] {
					out[i] = 2 * v
				}
				if after != nil {
					after(out, in[0])
				}
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				for i, g := range dout {
					din[0][i] = gradient * g
				}
				return nil
			},
		}, x...)
	}
}

func both(gradient float64, f32 func(out, x []float32), f64 func(out, x []float64)) nn.Layer {
	return layerOf(func(x *G.Node) (*G.Node, error) {
		return op.ByDtype(x, doubled(float32(gradient), f32), doubled(gradient, f64))
	})
}

// firstRow makes every element depend on the first row of the batch.
func firstRow[T op.Float](out, x []T) {
	for i := range out {
		out[i] += x[0]
	}
}

// scribble writes its operand.
func scribble[T op.Float](_, x []T) { x[0]++ }

// hoard allocates as much as it computes.
func hoard[T op.Float](out, _ []T) { copy(out, append([]T{}, out...)) }

// forgetful is (2x)² with a gradient that reads 2x, which it says it does not.
func forgetful(x *G.Node) (*G.Node, error) {
	x, err := nn.ScaleBy(x, 2)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, square[float32], square[float64])
}

func square[T op.Float](x ...*G.Node) (*G.Node, error) {
	var last []T
	return op.Apply(op.Kernel[T]{
		Name: "Square", Shape: x[0].Shape(), Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result},
			InPlace: true},
		Forward: func(out []T, in [][]T) error {
			last = in[0]
			for i, v := range last {
				out[i] = v * v
			}
			return nil
		},
		Backward: func(din, _ [][]T, _, dout []T) error {
			for i, v := range last {
				din[0][i] = 2 * v * dout[i]
			}
			return nil
		},
	}, x...)
}

// runs returns a function that counts what it computed before, which nothing may depend on.
func runs[T op.Float]() func(out, x []T) {
	n := T(0)
	return func(out, _ []T) { n++; out[0] += n }
}

// counting is 2x with the number of runs of its graph in it.
func counting(s *nn.Scope, x *G.Node) (*G.Node, error) {
	return both(2, runs[float32](), runs[float64]()).Forward(s, x)
}

// unlike asks for another parameter in each graph.
func unlike() nn.Layer {
	graphs := 0
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		graphs++
		return nn.Linear{Out: 2}.Forward(s.Sub(strconv.Itoa(graphs)), x)
	})
}

// TestExample runs what ExampleConform, which has no T, only shows.
func TestExample(t *testing.T) {
	nntest.Conform(t, nntest.Case{Layer: Squares{Out: 3}, Input: []int{4, 6}, Output: []int{4, 3}})
}

func TestEachLawIsEnforced(t *testing.T) {
	shape := []int{3, 2}
	for _, c := range []struct {
		what string
		nntest.Case
		broken []string // laws
	}{
		{"a layer as it should be", nntest.Case{Layer: nn.Linear{Out: 2}, Output: shape}, nil},
		{"another shape than said", nntest.Case{Layer: nn.Linear{Out: 2}, Output: []int{3, 4}},
			[]string{"shape"}},
		{"a wrong gradient", nntest.Case{Layer: both(1.9, nil, nil), Output: shape}, []string{"gradients"}},
		{"rows that mix", nntest.Case{Layer: both(2, firstRow[float32], firstRow[float64]), Output: shape},
			[]string{"gradients", "rows"}},
		{"rows that may mix", nntest.Case{Layer: both(2, firstRow[float32], firstRow[float64]), Output: shape,
			MixesRows: true}, []string{"gradients"}},
		{"a written operand", nntest.Case{Layer: both(2, scribble[float32], scribble[float64]),
			Output: shape}, []string{"gradients", "weights"}},
		{"memory for every run", nntest.Case{Layer: both(2, hoard[float32], hoard[float64]), Output: shape},
			[]string{"memory"}},
		{"a result that counts runs", nntest.Case{Layer: nn.Func(counting), Output: shape},
			[]string{"gradients", "weights", "rows"}},
		{"a parameter of each graph", nntest.Case{Layer: unlike(), Output: shape},
			[]string{"gradients", "seed", "weights", "rows", "replicas", "shared"}},
		{"a gradient from memory that it gave up", nntest.Case{Layer: layerOf(forgetful), Output: shape},
			[]string{"gradients", "shared"}},
		{"no gradient", nntest.Case{Layer: layerOf(op.StopGradient), Output: shape}, everything},
	} {
		c.Input = shape
		if nntest.Raced { // memory is not measured
			c.broken = slices.DeleteFunc(slices.Clone(c.broken),
				func(law string) bool { return law == "memory" && len(c.broken) == 1 })
		}
		if got := nntest.Broken(t, c.Case); !slices.Equal(got, c.broken) {
			t.Errorf("%s: breaks %v, want %v", c.what, got, c.broken)
		}
	}
}
