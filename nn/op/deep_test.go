package op_test

import (
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

// x = x + tanh x has 2ⁿ paths from its last node to its leaf: a walk that does not remember where it was
// never ends.
func TestWalksOfADeepGraphAreLinear(t *testing.T) {
	const depth = 10_000
	for _, stopped := range []bool{true, false} {
		x := matrix(G.NewGraph(), "x", 1, 2)
		if stopped {
			x = must(t)(op.StopGradient(x))
		}
		for range depth {
			x = G.Must(G.Add(x, G.Must(G.Tanh(x))))
		}
		if y := must(t)(twice(x)); op.NeedsGrad(x) == stopped || op.NeedsGrad(y) == stopped {
			t.Errorf("stopped %v, and a gradient is needed: %v", stopped, op.NeedsGrad(x))
		}
		if op.DependsOnGradient(x) {
			t.Error("depends on a gradient, and nothing was differentiated")
		}
	}
}

// A walk from each of many nodes must not go all the way for each.
func TestWalksFromAllNodesAreLinear(t *testing.T) {
	const depth = 10_000
	x := must(t)(op.StopGradient(matrix(G.NewGraph(), "x", 1, 2)))
	for range depth {
		x = G.Must(G.Tanh(x))
		if y := must(t)(twice(x)); op.NeedsGrad(y) {
			t.Fatal("a gradient is needed behind StopGradient")
		}
	}
}

// x = x + 2x, where Gorgonia adds up each gradient with the next: what is summed must not grow with the
// depth.
func TestSumsInADeepGraphAreShort(t *testing.T) {
	const depth = 300
	g := G.NewGraph()
	leaf := matrix(g, "x", 1, 2)
	x := leaf
	for range depth {
		x = G.Must(G.Add(x, must(t)(twice(x))))
	}
	if _, err := op.GradFused(must(t)(total[float64](x)), leaf); err != nil {
		t.Fatal(err)
	}
	operands := 0
	for _, n := range g.AllNodes() {
		if n.Op() != nil && n.Op().String() == "GradSum" {
			operands += g.From(n.ID()).Len()
		}
	}
	if operands > 3*depth {
		t.Errorf("the sums of %d levels have %d operands", depth, operands)
	}
}

// Gorgonia's compiler takes the square of the depth, which limits this one.
func TestDeepProgram(t *testing.T) {
	const depth = 1_000
	values := []float64{1, 2}
	var x *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x = matrix(g, "x", values...)
		y := x
		for range depth {
			y = must(t)(plus(y, must(t)(op.StopGradient(must(t)(twice(y))))))
		}
		return op.Outputs{Cost: must(t)(total[float64](y)), WRT: G.Nodes{x}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	wantValues(t, "gradient", elements(t, p.Grad(x)), 1, 1)
}
