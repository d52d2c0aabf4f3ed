package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
)

// dropped applies Dropout of probability p in a graph that trains, with fixed keys for the rows.
func dropped(p float64) func(x *G.Node) (*G.Node, error) {
	return func(x *G.Node) (*G.Node, error) {
		s := nn.NewScope(x.Graph(), nn.NewStore(4))
		s.Random().SetRows([]uint64{8, 9})
		return nn.Dropout{P: p}.Forward(s, x)
	}
}

func dropoutGradient(t *testing.T) {
	for _, p := range []float64{0.1, 0.25, 0.5, 0.9} {
		check(t, gradcheck.Config{}, dropped(p), normal(1, 2, 30))
		got, _ := compute[float64](t, ofNode(dropped(p)),
			values(tensor.Shape{2, 2000}, slices.Repeat([]float64{1}, 4000)...))
		kept := 0.0
		for _, v := range got {
			if v != 0 && math.Abs(v-1/(1-p)) > 1e-15 {
				t.Fatalf("p = %v: an element became %v, want 0 or %v", p, v, 1/(1-p))
			}
			kept += v * (1 - p) / 4000
		}
		if math.Abs(kept-(1-p)) > 4*math.Sqrt(p*(1-p)/4000) {
			t.Errorf("p = %v: %v of the elements stay", p, kept)
		}
	}
}

// gorgoniaDropoutGradient is the gradient of the sum of its Dropout of p.
func gorgoniaDropoutGradient(t *testing.T, p float64) []float64 {
	g := G.NewGraph()
	x := gradcheck.Leaf(g, tensor.Float64, 0, values(tensor.Shape{100}, slices.Repeat([]float64{1}, 100)...))
	y, err := G.Dropout(x, p)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := G.Grad(G.Must(G.Sum(y)), x)
	if err != nil {
		t.Fatal(err)
	}
	run(t, g)
	return grads[0].Value().Data().([]float64)
}

func gorgoniaDropout(t *testing.T) string {
	if largest := slices.Max(gorgoniaDropoutGradient(t, 0.1)); math.Abs(largest-1/0.9) > 1e-12 {
		return fmt.Sprintf("the largest gradient for p = 0.1 is %v, right is 1/0.9", largest)
	}
	return ""
}

func gorgoniaDropoutOfNothing(t *testing.T) string {
	return differ(slices.Max(gorgoniaDropoutGradient(t, 0)), 1.0)
}

func gorgoniaDropouts(t *testing.T) string {
	x := gradcheck.Leaf(G.NewGraph(), tensor.Float64, 0, normal(1, 100))
	return merged(G.Must(G.Dropout(x, 0.1)), G.Must(G.Dropout(x, 0.9)))
}

func dropoutAbsent(t *testing.T) {
	g := G.NewGraph()
	x := gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 2, 3))
	for _, c := range []struct {
		p float64
		s *nn.Scope
	}{{0, nn.NewScope(g, nn.NewStore(1))}, {0.25, nn.NewEvalScope(g, nn.NewStore(1))}} {
		if y, err := (nn.Dropout{P: c.p}).Forward(c.s, x); err != nil || y != x {
			t.Errorf("p = %v: got %v, %v, want the input node itself", c.p, y, err)
		}
	}
}

func dropoutsDiffer(t *testing.T) {
	got, _ := compute[float64](t, func(g *G.ExprGraph, in ...*G.Node) (*G.Node, error) {
		s := nn.NewScope(g, nn.NewStore(4))
		drop := func(x *G.Node) (*G.Node, error) { return nn.Dropout{P: 0.5}.Forward(s, x) }
		return twice(drop, drop)(g, in...)
	}, values(tensor.Shape{1, 100}, slices.Repeat([]float64{1}, 100)...))
	if slices.Equal(got[:100], got[100:]) {
		t.Error("two dropouts in one Scope drop the same elements")
	}
}
