package op_test

import (
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

func ExampleNewProgram() {
	values := []float64{1, 2, 3}
	var x, loss *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x = G.NewVector(g, G.Float64, G.WithName("x"), G.WithShape(3),
			G.WithValue(tensor.New(tensor.WithShape(3), tensor.WithBacking(values))))
		var err error
		loss, err = total[float64](x)
		return op.Outputs{Cost: loss, WRT: G.Nodes{x}}, err
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	for range 2 {
		if err := p.Run(); err != nil {
			log.Fatal(err)
		}
		fmt.Println(loss.Value(), p.Grad(x))
		values[0] = 10 // the leaf's own memory: the next run reads it
	}
	// Output:
	// 6 [1  1  1]
	// 15 [1  1  1]
}

// newProduct is Σ x∘y∘y with both gradients and the product itself.
func newProduct(t *testing.T, plan op.MemoryPlan) (p *op.Program, x, y, product_, loss *G.Node) {
	t.Helper()
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x, y = matrix(g, "x", 1, 2, 3, 4), matrix(g, "y", 5, -6, 7, 0.5)
		product_ = must(t)(product[float64](x, y))
		loss = must(t)(total[float64](product_))
		return op.Outputs{Cost: loss, WRT: G.Nodes{y, x}, Keep: G.Nodes{product_, x}, Memory: plan}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, x, y, product_, loss
}

func TestProgram(t *testing.T) {
	for _, plan := range []op.MemoryPlan{op.SharedMemory, op.SeparateMemory, op.HostileMemory} {
		p, x, y, xy, loss := newProduct(t, plan)
		if g := p.Grad(x); g != nil {
			t.Errorf("gradient %v before the first run", g)
		}
		for range 2 {
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
			wantValues(t, "loss", elements(t, loss.Value()), 25+72+147+1)
			wantValues(t, "product", elements(t, xy.Value()), 25, 72, 147, 1)
			wantValues(t, "dx", elements(t, p.Grad(x)), 25, 36, 49, 0.25)
			wantValues(t, "dy", elements(t, p.Grad(y)), 10, -24, 42, 4)
		}
		if p.Grad(xy) != nil || p.GradNode(nil) != nil {
			t.Error("a gradient of a node that is no leaf of the Program")
		}
		x.Value().Data().([]float64)[0] = 2
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		wantValues(t, "loss of another x", elements(t, loss.Value()), 50+72+147+1)
	}
}

func TestProgramThatEvaluates(t *testing.T) {
	var y *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		y = must(t)(twice(matrix(g, "x", 1, 2)))
		return op.Outputs{Keep: G.Nodes{y}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	wantValues(t, "2x", elements(t, y.Value()), 2, 4)
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := p.Run(); err == nil {
		t.Error("no error of a closed Program")
	}
}

// Leaves and constants have their values without a machine.
func TestProgramWithoutANodeToCompute(t *testing.T) {
	var x *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x = G.NewScalar(g, G.Float64, G.WithName("x"), G.WithValue(3.0))
		return op.Outputs{Cost: x, WRT: G.Nodes{x}, Keep: G.Nodes{x}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	wantValues(t, "∂x/∂x", elements(t, p.Grad(x)), 1)
}

func TestProgramRefusals(t *testing.T) {
	elsewhere := matrix(G.NewGraph(), "x", 1, 2)
	for want, build := range map[string]func(g *G.ExprGraph) (op.Outputs, error){
		"the function is nil": nil,
		"nothing to compute":  func(*G.ExprGraph) (op.Outputs, error) { return op.Outputs{}, nil },
		"told": func(*G.ExprGraph) (op.Outputs, error) {
			return op.Outputs{},
				errors.New("told")
		},
		"no Cost": func(g *G.ExprGraph) (op.Outputs, error) {
			return op.Outputs{WRT: G.Nodes{matrix(g, "x", 1, 2)}}, nil
		},
		"no leaf to differentiate": func(g *G.ExprGraph) (op.Outputs, error) {
			return op.Outputs{Cost: must(t)(total[float64](matrix(g, "x", 1, 2)))}, nil
		},
		"node 0 to differentiate by is": func(g *G.ExprGraph) (op.Outputs, error) {
			return op.Outputs{Cost: must(t)(total[float64](matrix(g, "x", 1, 2))),
				WRT: G.Nodes{elsewhere}}, nil
		},
		"node 1 to differentiate by is <nil>": func(g *G.ExprGraph) (op.Outputs, error) {
			x := matrix(g, "x", 1, 2)
			return op.Outputs{Cost: must(t)(total[float64](x)), WRT: G.Nodes{x, nil}}, nil
		},
		"want a scalar cost": func(g *G.ExprGraph) (op.Outputs, error) {
			x := matrix(g, "x", 1, 2)
			return op.Outputs{Cost: x, WRT: G.Nodes{x}}, nil
		},
		"node 0 of Keep is": func(g *G.ExprGraph) (op.Outputs,
			error) {
			return op.Outputs{Keep: G.Nodes{elsewhere}}, nil
		},
		"node 1 of Keep is": func(g *G.ExprGraph) (op.Outputs, error) {
			return op.Outputs{Keep: G.Nodes{matrix(g, "x", 1, 2), nil}}, nil
		},
		"Can only differentiate with regards to input": func(g *G.ExprGraph) (op.Outputs, error) {
			y := must(t)(twice(matrix(g, "x", 1, 2)))
			return op.Outputs{Cost: must(t)(total[float64](y)), WRT: G.Nodes{y}}, nil
		},
	} {
		if _, err := op.NewProgram(build); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
	if err := new(op.Program).Run(); err == nil {
		t.Error("no error of a Program that NewProgram did not make")
	}
}

// A kernel names the row of its batch that is at fault, and its error keeps that through the machine.
func TestRowError(t *testing.T) {
	x := []float64{1, 2, 3, -4}
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		root := must(t)(op.Apply(op.Kernel[float64]{
			Name: "Root", Shape: tensor.Shape{2, 2},
			Forward: func(_ []float64, in [][]float64) error {
				if i := slices.IndexFunc(in[0], func(v float64) bool { return v < 0 }); i >= 0 {
					return &op.RowError{Row: i / 2, Err: errors.Errorf("element %d is negative", i%2)}
				}
				return nil
			},
		}, matrix(g, "x", x...)))
		return op.Outputs{Keep: G.Nodes{root}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	err = p.Run()
	var row *op.RowError
	if !errors.As(err, &row) || row.Row != 1 || err.Error() != "op: Root: row 1: element 1 is negative" {
		t.Errorf("got %v", err)
	}
}
