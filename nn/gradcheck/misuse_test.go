package gradcheck_test

import (
	"math"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn/gradcheck"
)

func TestMisuse(t *testing.T) {
	x := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}))
	narrow := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))
	tanh := func(in ...*G.Node) (*G.Node, error) { return G.Tanh(in[0]) }
	nothing := func(...*G.Node) (*G.Node, error) { return nil, nil }
	check := func(what string, c gradcheck.Config, f func(...*G.Node) (*G.Node, error),
		in ...*tensor.Dense) apitest.Misuse {
		return apitest.Wrong("Check", what, func() error { return gradcheck.Check(c, f, in...) })
	}
	graph := func(what string, build gradcheck.Build) apitest.Misuse {
		return apitest.Wrong("Graph", what,
			func() error { return gradcheck.Graph(gradcheck.Config{}, build) })
	}
	leaf := func(what string, g *G.ExprGraph, dt tensor.Dtype, v *tensor.Dense) apitest.Misuse {
		return apitest.Wrong("Leaf", what, func() error {
			if gradcheck.Leaf(g, dt, 0, v) == nil {
				return errors.New("nil")
			}
			return nil
		})
	}
	apitest.Check(t, ".", []apitest.Misuse{
		check("no function", gradcheck.Config{}, nil, x),
		check("no input", gradcheck.Config{}, tanh),
		check("a nil input", gradcheck.Config{}, tanh, nil),
		check("a float32 input", gradcheck.Config{}, tanh, narrow),
		check("no result", gradcheck.Config{}, nothing, x),
		check("an input of NaN", gradcheck.Config{}, tanh,
			tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, math.NaN()}))),
		check("a function that panics", gradcheck.Config{},
			func(...*G.Node) (*G.Node, error) { panic("the caller's") }, x),
		check("a tolerance of NaN", gradcheck.Config{Tolerance: math.NaN()}, tanh, x),
		check("a float32 tolerance of NaN", gradcheck.Config{Tolerance32: math.NaN()}, tanh, x),
		check("a negative step", gradcheck.Config{Step: -1}, tanh, x),
		check("negative samples", gradcheck.Config{Samples: -1}, tanh, x),
		graph("no function", nil),
		graph("nothing built", func(*G.ExprGraph, tensor.Dtype) (*G.Node, G.Nodes, error) {
			return nil, nil,
				nil
		}),
		graph("a function that panics", func(*G.ExprGraph, tensor.Dtype) (*G.Node, G.Nodes, error) {
			panic("the caller's")
		}),
		graph("no leaves", func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
			y, err := G.Tanh(gradcheck.Leaf(g, dt, 0, x))
			return y, nil, err
		}),
		graph("a nil leaf", func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
			y, err := G.Tanh(gradcheck.Leaf(g, dt, 0, x))
			return y, G.Nodes{nil}, err
		}),
		leaf("no graph", nil, tensor.Float64, x),
		leaf("no values", G.NewGraph(), tensor.Float64, nil),
		leaf("float32 values", G.NewGraph(), tensor.Float64, narrow),
		leaf("integers", G.NewGraph(), tensor.Int, x),
	}, nil)
}
