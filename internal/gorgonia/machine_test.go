package gorgonia_test

import (
	"slices"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/gorgonia"
	"github.com/hqvit/hqvit/nn/op"
)

// graph is y = a·x² with a kernel that fails for negative x, and its gradient.
type graph struct {
	*G.ExprGraph
	x       []float64
	loss, d *G.Node
}

func newGraph(t *testing.T) *graph {
	t.Helper()
	r := &graph{ExprGraph: G.NewGraph(), x: []float64{1, 2, 3}}
	x := G.NewVector(r.ExprGraph, tensor.Float64, G.WithName("x"), G.WithShape(3),
		G.WithValue(tensor.New(tensor.WithBacking(r.x))))
	square, err := op.Apply(op.Kernel[float64]{
		Name: "Square", Shape: tensor.Shape{3},
		Forward: func(out []float64, in [][]float64) error {
			for i, v := range in[0] {
				if v < 0 {
					return errors.Errorf("row %d is negative", i)
				}
				out[i] = v * v
			}
			return nil
		},
		Backward: func(din, in [][]float64, out, dout []float64) error {
			for i, v := range in[0] {
				din[0][i] = 2 * v * dout[i]
			}
			return nil
		},
	}, x)
	if err != nil {
		t.Fatal(err)
	}
	r.loss = G.Must(G.Sum(square))
	grads, err := op.Grad(r.loss, x)
	if err != nil {
		t.Fatal(err)
	}
	r.d = grads[0]
	return r
}

func TestRunGivesWhatRunAllGives(t *testing.T) {
	own, theirs := newGraph(t), newGraph(t)
	m, err := gorgonia.NewMachine(own.ExprGraph, own.loss, own.d)
	if err != nil {
		t.Fatal(err)
	}
	vm := G.NewTapeMachine(theirs.ExprGraph)
	defer m.Close()
	defer vm.Close()
	for _, x := range [][]float64{{1, 2, 3}, {0.25, 7, 0}, {1, 2, 3}} {
		copy(own.x, x)
		copy(theirs.x, x)
		if err := m.Run(); err != nil {
			t.Fatal(err)
		}
		vm.Reset()
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		if a, b := own.loss.Value().Data(), theirs.loss.Value().Data(); a != b {
			t.Errorf("x %v: %v, RunAll gives %v", x, a, b)
		}
		a, b := own.d.Value().Data().([]float64), theirs.d.Value().Data().([]float64)
		if want := []float64{2 * x[0], 2 * x[1], 2 * x[2]}; !slices.Equal(a, want) || !slices.Equal(b, want) {
			t.Errorf("x %v: gradient %v, RunAll gives %v, want %v", x, a, b, want)
		}
	}
}

func TestRunReturnsTheNodesErrorAndRunsAgain(t *testing.T) {
	g := newGraph(t)
	m, err := gorgonia.NewMachine(g.ExprGraph, g.loss, g.d)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	g.x[1] = -1
	if err := m.Run(); err == nil || err.Error() != "op: Square: row 1 is negative" {
		t.Fatalf("got %v, want the error of Square and nothing else", err)
	}
	g.x[1] = 1
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	if got := g.loss.Value().Data(); got != 11.0 {
		t.Errorf("after an error: %v, want 11", got)
	}
}
