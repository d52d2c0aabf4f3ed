package gradcheck

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// program is what a Build makes, as a Program of the scalar that is differentiated.
type program[T op.Float] struct {
	*op.Program
	loss   *G.Node
	wrt    G.Nodes
	leaves [][]T // their own memory
	names  []string
}

func newProgram[T op.Float](
	c Config, build Build, differentiate bool, plan op.MemoryPlan,
) (*program[T], error) {
	p := &program[T]{}
	var err error
	p.Program, err = op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		if err := p.fill(c, build, g); err != nil {
			return op.Outputs{}, err
		}
		if !differentiate {
			return op.Outputs{Keep: G.Nodes{p.loss}, Memory: plan}, nil
		}
		return op.Outputs{Cost: p.loss, WRT: p.wrt, Memory: plan}, nil
	})
	return p, err
}

// fill builds the graph and takes hold of the memory of its leaves.
func (p *program[T]) fill(c Config, build Build, g *G.ExprGraph) (err error) {
	defer foreign.Recover(&err, "function that builds the graph", build)
	out, leaves, err := build(g, op.DtypeOf[T]())
	if err != nil {
		return err
	}
	if out == nil || slices.Contains(leaves, nil) {
		return errors.New("the result or a leaf is nil")
	}
	p.wrt, p.leaves, p.names = leaves, make([][]T, len(leaves)), make([]string, len(leaves))
	for i, n := range leaves {
		p.names[i] = n.Name()
		if p.leaves[i], err = op.Elements[T](n.Value()); err != nil {
			return errors.WithMessage(err, n.Name())
		}
	}
	p.loss, err = weighted[T](c.Seed)(out)
	return err
}

// difference returns the derivative of the loss by x[j] from four runs around its value.
func (p *program[T]) difference(x []T, j int, step float64) (float64, error) {
	center := x[j]
	defer func() { x[j] = center }()
	h := T(step * math.Max(1, math.Abs(float64(center))))
	var f [4]T
	for k, offset := range []T{-2, -1, 1, 2} {
		x[j] = center + offset*h
		if err := p.Run(); err != nil {
			return 0, err
		}
		var err error
		if f[k], err = p.value(); err != nil {
			return 0, err
		}
	}
	return float64((f[0] - 8*f[1] + 8*f[2] - f[3]) / (12 * h)), nil
}

// value returns the loss of the last run.
func (p *program[T]) value() (T, error) {
	v, err := op.Elements[T](p.loss.Value())
	if err != nil {
		return 0, err
	}
	return v[0], nil
}

// outcome is what a run gives.
type outcome[T op.Float] struct {
	loss  T
	grads [][]float64 // by leaf
}

// check returns an error that says where two runs on the same values differ.
func (o outcome[T]) check(want outcome[T], names []string) error {
	if o.loss != want.loss && (o.loss == o.loss || want.loss == want.loss) {
		return errors.Errorf("the result is %v, want %v", o.loss, want.loss)
	}
	for i := range want.grads {
		if !slices.Equal(o.grads[i], want.grads[i]) {
			return errors.Errorf("leaf %d (%s) has another gradient", i, names[i])
		}
	}
	return nil
}

// evaluate runs once.
func (p *program[T]) evaluate() (o outcome[T], err error) {
	if o.grads, err = p.gradients(); err == nil {
		o.loss, err = p.value()
	}
	return o, err
}

// gradients runs once and returns copies of all gradients in float64.
func (p *program[T]) gradients() ([][]float64, error) {
	if err := p.Run(); err != nil {
		return nil, err
	}
	all := make([][]float64, len(p.wrt))
	for i, n := range p.wrt {
		g, err := op.Elements[T](p.Grad(n))
		if err != nil {
			return nil, err
		}
		if len(g) != len(p.leaves[i]) {
			return nil, errors.Errorf("leaf %d (%s) has %d elements, its gradient %d",
				i, p.names[i], len(p.leaves[i]), len(g))
		}
		all[i] = widen(g)
		for j, d := range all[i] {
			if math.IsNaN(d) || math.IsInf(d, 0) {
				return nil, errors.Errorf("leaf %d (%s), element %d: gradient %v", i, p.names[i], j, d)
			}
		}
	}
	return all, nil
}

// tapeGradients returns the gradients of the TapeMachine, after it has shown that a run changes no leaf, that
// it depends on nothing but them, and that it gives the same however the kernels' memory is used.
func tapeGradients[T op.Float](c Config, build Build) ([][]float64, error) {
	p, err := newProgram[T](c, build, true, op.SeparateMemory)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	first, err := p.repeat()
	if err != nil {
		return nil, err
	}
	for _, other := range []struct {
		plan op.MemoryPlan
		what string
	}{
		{op.SharedMemory, "with memory that nodes share"},
		{op.HostileMemory, "when memory that its Kernel.Memory gives up is overwritten"},
	} {
		q, err := newProgram[T](c, build, true, other.plan)
		if err != nil {
			return nil, err
		}
		got, err := q.repeat()
		q.Close()
		if err == nil {
			err = got.check(first, p.names)
		}
		if err != nil {
			return nil, errors.WithMessage(err, other.what)
		}
	}
	return first.grads, nil
}

// repeat returns the outcome of a first run, which a third one on the same values has to repeat, the second
// one being on others.
func (p *program[T]) repeat() (first outcome[T], err error) {
	before := make([][]T, len(p.leaves))
	for i, x := range p.leaves {
		before[i] = slices.Clone(x)
	}
	if first, err = p.evaluate(); err != nil {
		return first, err
	}
	for i, x := range p.leaves {
		if !slices.Equal(x, before[i]) {
			return first, errors.Errorf("leaf %d (%s) was changed by a run", i, p.names[i])
		}
		for j := range x {
			x[j] *= 0.75
		}
	}
	if _, err = p.evaluate(); err != nil {
		return first, errors.WithMessage(err, "on other values")
	}
	for i, x := range p.leaves {
		copy(x, before[i])
	}
	again, err := p.evaluate()
	if err != nil {
		return first, err
	}
	return first, errors.WithMessage(again.check(first, p.names),
		"the third run differs from the first, on the same values")
}

func lispGradients(c Config, build Build) ([][]float64, error) {
	p := &program[float64]{}
	if err := p.fill(c, build, G.NewGraph()); err != nil {
		return nil, err
	}
	m := G.NewLispMachine(p.loss.Graph())
	defer m.Close()
	if err := m.RunAll(); err != nil {
		return nil, err
	}
	all := make([][]float64, len(p.wrt))
	for i, n := range p.wrt {
		d, err := n.Grad()
		if err != nil {
			return nil, err
		}
		g, err := op.Elements[float64](d)
		if err != nil {
			return nil, err
		}
		all[i] = widen(g)
	}
	return all, nil
}

func widen[T op.Float](x []T) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}
