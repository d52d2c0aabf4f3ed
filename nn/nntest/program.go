package nntest

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// place is the Scope of the layer under test.
const place = "under.test"

// batch is an input with the keys of its rows.
type batch struct {
	values  *tensor.Dense
	keys    []uint64
	stopped bool // it reaches the layer behind op.StopGradient
}

// inputs returns a batch of that many rows of the case, drawn at random.
func (c Case) inputs(rows int) batch {
	shape := append([]int{rows}, c.Input[1:]...)
	r := rand.New(rand.NewPCG(2, 3))
	b := batch{values: tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float64)),
		keys: make([]uint64, rows)}
	for i := range b.values.Float64s() {
		b.values.Float64s()[i] = r.NormFloat64()
	}
	for i := range b.keys {
		b.keys[i] = r.Uint64()
	}
	return b
}

// row returns a batch of row r alone.
func (b batch) row(r int) batch {
	shape := b.values.Shape().Clone()
	width := len(b.values.Float64s()) / shape[0]
	shape[0] = 1
	one := tensor.New(tensor.WithShape(shape...),
		tensor.WithBacking(slices.Clone(b.values.Float64s()[r*width:(r+1)*width])))
	return batch{values: one, keys: b.keys[r : r+1]}
}

// open puts the layer under test into g, as a graph that trains.
func (c Case) open(
	g *G.ExprGraph, dt tensor.Dtype, st *nn.Store, b batch,
) (s *nn.Scope, x, y *G.Node, err error) {
	s = nn.NewScope(g, st).Sub(place)
	s.Random().SetRows(b.keys)
	x = gradcheck.Leaf(g, dt, 0, b.values)
	if b.stopped {
		if x, err = op.StopGradient(x); err != nil {
			return nil, nil, nil, err
		}
	}
	y, err = c.Layer.Forward(s, x)
	return s, x, y, err
}

// disturb moves all trained parameters, so that none stays at a special value such as 0 or 1.
func disturb(s *nn.Scope) error {
	r := rand.New(rand.NewPCG(5, 6))
	for _, p := range s.Trained() {
		values := p.Values()
		for i := range values {
			values[i] += 0.3 * r.NormFloat64()
		}
		if err := p.Set(values); err != nil {
			return err
		}
	}
	return nil
}

// program is the layer in a differentiated graph.
type program[T op.Float] struct {
	*op.Program
	scope *nn.Scope
	out   *G.Node
	wrt   G.Nodes // the input, where it is not stopped, and the parameters
}

func build[T op.Float](t testing.TB, c Case, st *nn.Store, b batch) *program[T] {
	t.Helper()
	return buildWith[T](t, c, st, b, op.SeparateMemory, true)
}

func buildWith[T op.Float](
	t testing.TB, c Case, st *nn.Store, b batch, plan op.MemoryPlan, differentiate bool,
) *program[T] {
	t.Helper()
	p := &program[T]{}
	var err error
	p.Program, err = op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		s, x, y, err := c.open(g, op.DtypeOf[T](), st, b)
		if err != nil {
			return op.Outputs{}, err
		}
		p.scope, p.out, p.wrt = s, y, s.Params()
		if !b.stopped {
			p.wrt = append(G.Nodes{x}, p.wrt...)
		}
		if !differentiate || len(p.wrt) == 0 {
			return op.Outputs{Keep: G.Nodes{y}, Memory: plan}, nil
		}
		loss, err := nn.Sum(y)
		return op.Outputs{Cost: loss, WRT: p.wrt, Keep: G.Nodes{y}, Memory: plan}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// result returns a copy of the layer's result after a run.
func (p *program[T]) result(t testing.TB) []T {
	t.Helper()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	v, err := op.Elements[T](p.out.Value())
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(v)
}

// gradients returns a copy of the gradients by some leaves after a run.
func (p *program[T]) gradients(leaves G.Nodes) ([]T, error) {
	if err := p.Run(); err != nil {
		return nil, err
	}
	return p.read(leaves)
}

// lastGradients returns a copy of all gradients of the last run, nil for a program without.
func (p *program[T]) lastGradients(t testing.TB) []T {
	t.Helper()
	if len(p.wrt) == 0 || p.GradNode(p.wrt[0]) == nil {
		return nil
	}
	all, err := p.read(p.wrt)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (p *program[T]) read(leaves G.Nodes) ([]T, error) {
	var all []T
	for _, n := range leaves {
		v, err := op.Elements[T](p.Grad(n))
		if err != nil {
			return nil, err
		}
		all = append(all, v...)
	}
	return all, nil
}

// allocated returns the bytes that a steady run allocates, the least of a few.
func (p *program[T]) allocated(t testing.TB) uint64 {
	t.Helper()
	least := uint64(math.MaxUint64)
	var before, after runtime.MemStats
	for range 10 {
		runtime.ReadMemStats(&before)
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
