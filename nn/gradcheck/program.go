package gradcheck

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

// program is a built graph with its machine.
type program[T op.Float] struct {
	machine G.VM
	loss    *G.Node
	leaves  [][]T // the leaves' own memory
	names   []string
	grads   G.Nodes
}

func newProgram[T op.Float](c Config, build Build, differentiate bool) (*program[T], error) {
	p := &program[T]{}
	g, err := op.Build(func(g *G.ExprGraph) error { return p.fill(c, build, g, differentiate) })
	if err != nil {
		return nil, err
	}
	p.machine = G.NewTapeMachine(g)
	return p, nil
}

func (p *program[T]) fill(c Config, build Build, g *G.ExprGraph, differentiate bool) error {
	leaves, err := p.open(c, build, g)
	if err != nil || !differentiate {
		return err
	}
	p.grads, err = op.Grad(p.loss, leaves...)
	return err
}

// open builds the graph and takes hold of the memory of its leaves.
func (p *program[T]) open(c Config, build Build, g *G.ExprGraph) (G.Nodes, error) {
	out, leaves, err := build(g, op.DtypeOf[T]())
	if err != nil {
		return nil, err
	}
	p.leaves, p.names = make([][]T, len(leaves)), make([]string, len(leaves))
	for i, n := range leaves {
		p.names[i] = n.Name()
		if p.leaves[i], err = op.Elements[T](n.Value()); err != nil {
			return nil, errors.WithMessage(err, n.Name())
		}
	}
	p.loss, err = weighted[T](c.Seed)(out)
	return leaves, err
}

func (p *program[T]) close() { p.machine.Close() }

func (p *program[T]) run() error {
	p.machine.Reset()
	return p.machine.RunAll()
}

func (p *program[T]) cost() T {
	v, err := op.Elements[T](p.loss.Value())
	if err != nil || len(v) != 1 {
		return 0
	}
	return v[0]
}

// gradients runs once and returns copies of all gradients in float64.
func (p *program[T]) gradients() ([][]float64, error) {
	if err := p.run(); err != nil {
		return nil, err
	}
	all := make([][]float64, len(p.grads))
	for i, n := range p.grads {
		g, err := op.Elements[T](n.Value())
		if err != nil {
			return nil, err
		}
		if len(g) != len(p.leaves[i]) {
			return nil, errors.Errorf("leaf %d (%s) has %d elements, its gradient %d", i, p.names[i], len(p.leaves[i]), len(g))
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

// tape returns the gradients of the TapeMachine, after it has shown that a run changes no leaf and that it depends on nothing but them.
func tape[T op.Float](c Config, build Build) ([][]float64, error) {
	p, err := newProgram[T](c, build, true)
	if err != nil {
		return nil, err
	}
	defer p.close()
	before := make([][]T, len(p.leaves))
	for i, x := range p.leaves {
		before[i] = slices.Clone(x)
	}
	first, err := p.gradients()
	if err != nil {
		return nil, err
	}
	for i, x := range p.leaves {
		if !slices.Equal(x, before[i]) {
			return nil, errors.Errorf("leaf %d (%s) was changed by a run", i, p.names[i])
		}
		for j := range x {
			x[j] *= 0.75
		}
	}
	if _, err = p.gradients(); err != nil {
		return nil, errors.WithMessage(err, "on other values")
	}
	for i, x := range p.leaves {
		copy(x, before[i])
	}
	again, err := p.gradients()
	if err != nil {
		return nil, err
	}
	for i := range first {
		if !slices.Equal(first[i], again[i]) {
			return nil, errors.Errorf("leaf %d (%s): the gradient of the third run differs from that of the first, on the same values", i, p.names[i])
		}
	}
	return first, nil
}

func lispMachine(c Config, build Build) ([][]float64, error) {
	p := &program[float64]{}
	g := G.NewGraph()
	leaves, err := p.open(c, build, g)
	if err != nil {
		return nil, err
	}
	m := G.NewLispMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		return nil, err
	}
	all := make([][]float64, len(leaves))
	for i, n := range leaves {
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
