package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// normal returns normal noise of that shape.
func normal(seed uint64, shape ...int) *tensor.Dense {
	r := rand.New(rand.NewPCG(seed, 0))
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float64))
	for i := range v.Float64s() {
		v.Float64s()[i] = r.NormFloat64()
	}
	return v
}

// values returns a tensor of given elements.
func values(shape tensor.Shape, v ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

// compute runs f on leaves with those values and returns the elements and the shape of its result.
func compute[T op.Float](
	t *testing.T, f func(g *G.ExprGraph, in ...*G.Node) (*G.Node, error), inputs ...*tensor.Dense,
) ([]T, tensor.Shape) {
	t.Helper()
	var out *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		leaves := make([]*G.Node, len(inputs))
		for i, v := range inputs {
			leaves[i] = gradcheck.Leaf(g, op.DtypeOf[T](), i, v)
		}
		var err error
		out, err = f(g, leaves...)
		return op.Outputs{Keep: G.Nodes{out}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	v, err := op.Elements[T](out.Value())
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(v), out.Value().Shape().Clone()
}

// apply runs a layer on x, in a graph that evaluates.
func apply(t *testing.T, layer nn.Layer, st *nn.Store, x *tensor.Dense) []float64 {
	t.Helper()
	v, _ := compute[float64](t, func(g *G.ExprGraph, in ...*G.Node) (*G.Node, error) {
		return layer.Forward(nn.NewEvalScope(g, st), in[0])
	}, x)
	return v
}

func run(t *testing.T, g *G.ExprGraph) {
	t.Helper()
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
}

// wantClose reports the first element that is off by more than tolerance, relative to the larger of it and 1.
func wantClose[T op.Float](t *testing.T, what string, got []T, tolerance float64, want ...float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if e := math.Abs(float64(got[i])-w) / math.Max(1, math.Abs(w)); !(e <= tolerance) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}
