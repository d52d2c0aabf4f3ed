package losses_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// form is Sum or Mean of a loss.
type form func(prediction, target *G.Node) (*G.Node, error)

func array(shape tensor.Shape, values ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

func random(seed uint64, shape ...int) *tensor.Dense {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = 2 * r.NormFloat64()
	}
	return array(shape, x...)
}

// rows returns a copy of some rows, in that order.
func rows(x *tensor.Dense, indices ...int) *tensor.Dense {
	n := x.Shape().TotalSize() / x.Shape()[0]
	var values []float64
	for _, r := range indices {
		values = append(values, x.Float64s()[r*n:(r+1)*n]...)
	}
	shape := x.Shape().Clone()
	shape[0] = len(indices)
	return array(shape, values...)
}

// run returns the loss and its gradient by the prediction.
func run(f form, dt tensor.Dtype,
	prediction, target *tensor.Dense) (loss float64, grad []float64, err error) {
	var cost, x *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x = gradcheck.Leaf(g, dt, 0, prediction)
		var err error
		cost, err = f(x, gradcheck.Leaf(g, dt, 1, target))
		return op.Outputs{Cost: cost, WRT: G.Nodes{x}}, err
	})
	if err != nil {
		return 0, nil, err
	}
	defer p.Close()
	if err = p.Run(); err != nil {
		return 0, nil, err
	}
	return widen(cost.Value())[0], widen(p.Grad(x)), nil
}

func widen(v G.Value) []float64 {
	if x, err := op.Elements[float64](v); err == nil {
		return append([]float64{}, x...)
	}
	narrow, _ := op.Elements[float32](v)
	wide := make([]float64, len(narrow))
	for i, x := range narrow {
		wide[i] = float64(x)
	}
	return wide
}

func mustRun(t *testing.T, f form, prediction, target *tensor.Dense) (float64, []float64) {
	t.Helper()
	loss, grad, err := run(f, tensor.Float64, prediction, target)
	if err != nil {
		t.Fatal(err)
	}
	return loss, grad
}

// each calls f for Sum and Mean of every loss of the conformance table.
func each(t *testing.T, f func(t *testing.T, c lossCase, l form)) {
	for _, c := range cases {
		t.Run(c.name+"/Sum", func(t *testing.T) { f(t, c, c.loss.Sum) })
		t.Run(c.name+"/Mean", func(t *testing.T) { f(t, c, c.loss.Mean) })
	}
}

// lossCase is one line of the conformance table.
type lossCase struct {
	name       string
	loss       losses.Loss
	prediction *tensor.Dense // 4 rows
	target     *tensor.Dense
	masked     *tensor.Dense // a target of one row that masks it
}

// kinds returns one loss of each type in the conformance table.
func kinds() (out []losses.Loss) {
	seen := map[reflect.Type]bool{}
	for _, c := range cases {
		if k := reflect.TypeOf(c.loss); !seen[k] {
			seen[k] = true
			out = append(out, c.loss)
		}
	}
	return out
}
