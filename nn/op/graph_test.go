package op_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

func TestSameProgramSameHashes(t *testing.T) {
	hashes := func() (h []uint32) {
		g, err := op.Build(func(g *G.ExprGraph) error {
			x, y := matrix(g, "x", 1, 2, 3, 4), matrix(g, "y", 5, -6, 7, 0.5)
			_, err := op.Grad(must(t)(total[float64](must(t)(product[float64](x, y)))), x, y)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range g.AllNodes() {
			h = append(h, n.Hashcode())
		}
		return h
	}
	a, b := hashes(), hashes()
	if len(a) != len(b) {
		t.Fatalf("%d and %d nodes", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("node %d has hash %x, then %x", i, a[i], b[i])
		}
	}
}

// A collision of 32-bit hashes is too rare to wait for, so the builder is told of one.
func TestBuildSaltsAgain(t *testing.T) {
	var seen []uint32
	_, err := op.Build(func(g *G.ExprGraph) error {
		n := must(t)(op.StopGradient(matrix(g, "x", 1, 2, 3, 4)))
		seen = append(seen, n.Hashcode())
		if len(seen) < 3 {
			return errors.Wrap(op.ErrHashCollision, "told")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 3 || seen[0] == seen[1] || seen[1] == seen[2] {
		t.Errorf("hashes of the three graphs %x, want three different ones", seen)
	}
	_, err = op.Build(func(*G.ExprGraph) error { return op.ErrHashCollision })
	if !errors.Is(err, op.ErrHashCollision) {
		t.Errorf("always colliding: got %v", err)
	}
}

func TestSecondGradOfAGraphIsRefused(t *testing.T) {
	g := G.NewGraph()
	x, y := matrix(g, "x", 1, 2, 3, 4), matrix(g, "y", 5, -6, 7, 0.5)
	p := must(t)(product[float64](x, y))
	if _, err := op.Grad(must(t)(total[float64](p)), x); err != nil {
		t.Fatal(err)
	}
	_, err := op.Grad(must(t)(total[float64](must(t)(product[float64](p, y)))), x)
	if err == nil || !strings.Contains(err.Error(), "differentiated before") {
		t.Errorf("got %v", err)
	}
}

func TestDroppedGraphsAreForgotten(t *testing.T) {
	build := func() {
		for range 200 {
			g := G.NewGraph()
			must(t)(op.StopGradient(matrix(g, "x", 1, 2, 3, 4)))
		}
	}
	build()
	for range 5 {
		runtime.GC()
		if op.LiveGraphs() < 100 {
			return
		}
	}
	t.Errorf("%d graphs remembered after 200 were dropped", op.LiveGraphs())
}
