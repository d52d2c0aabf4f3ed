package gorgonia_test

import (
	"slices"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/gorgonia"
)

func matrix(g *G.ExprGraph, name string) *G.Node {
	return G.NewMatrix(g, G.Float64, G.WithName(name), G.WithShape(2, 3))
}

func TestChildren(t *testing.T) {
	if !gorgonia.ReadsChildren() {
		t.Error("this Gorgonia keeps its operands elsewhere: Children works by its fallback")
	}
	g := G.NewGraph()
	x, y := matrix(g, "x"), matrix(g, "y")
	sum := G.Must(G.Add(x, y))
	G.Must(G.Sub(y, sum))
	for _, n := range g.AllNodes() {
		if got, want := gorgonia.Children(n), gorgonia.ChildrenByGraph(n); !slices.Equal(got, want) {
			t.Errorf("%v: %v, by the graph %v", n, got, want)
		}
	}
	// After a removal the graph finds other nodes, as its index of them is that of before.
	g.RemoveNode(x)
	if got := gorgonia.Children(sum); !slices.Equal(got, G.Nodes{x, y}) {
		t.Errorf("operands of a sum: %v", got)
	}
	if slices.Equal(gorgonia.ChildrenByGraph(sum), G.Nodes{x, y}) {
		t.Log("this Gorgonia finds the right node after a removal: the fallback would do")
	}
}

// The additions that Gorgonia makes where two paths meet have to be recognized, and nothing else.
func TestIsAddition(t *testing.T) {
	g := G.NewGraph()
	x, y := matrix(g, "x"), matrix(g, "y")
	one := G.NewConstant(1.0)
	for _, c := range []struct {
		name string
		node *G.Node
		want bool
	}{
		{"a leaf", x, false},
		{"x + y", G.Must(G.Add(x, y)), true},
		{"x + x", G.Must(G.Add(x, x)), true},
		{"x + 1", G.Must(G.Add(x, one)), false},
		{"x - y", G.Must(G.Sub(x, y)), false},
		{"x y", G.Must(G.HadamardProd(x, y)), false},
		{"a scalar sum", G.Must(G.Add(G.Must(G.Sum(x)), G.Must(G.Sum(y)))), false},
	} {
		if got := gorgonia.IsAddition(c.node); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	cost := G.Must(G.Sum(G.Must(G.HadamardProd(x, x)))) // two paths to x
	grads, err := G.Grad(cost, x)
	if err != nil {
		t.Fatal(err)
	}
	if !gorgonia.IsAddition(grads[0]) {
		t.Errorf("the sum of two gradients is %v", grads[0].Op())
	}
}

func TestUnnamed(t *testing.T) {
	if n := G.NewVector(G.NewGraph(), G.Float64, G.WithShape(3)); n.Name() != gorgonia.Unnamed {
		t.Errorf("a leaf without a name is called %q, want %q", n.Name(), gorgonia.Unnamed)
	}
}

func TestNodeErrorLeavesOtherErrorsAlone(t *testing.T) {
	for _, err := range []error{nil, errors.New("PC"), errors.New("PC 1. alone"),
		errors.Wrap(errors.New("a"), "b")} {
		if got := gorgonia.NodeError(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}
