package op

import (
	"slices"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// forward is the node that Apply makes.
type forward[T Float] struct {
	contract
	kernel Kernel[T]
	wanted []bool // operands whose gradient somebody can need
	result result[T]
	views  []view[T]
	in     [][]T
	sizes  []int     // of the operands: nodes have fixed shapes
	lisp   *sweep[T] // the backward pass of a LispMachine, made at its first use
	turn   *turn     // set if the graph's memory is shared
}

func (f *forward[T]) Do(values ...G.Value) (v G.Value, err error) {
	defer f.guard(&err)
	if err = readAll(f.views, f.in, f.sizes, values); err != nil {
		return nil, err
	}
	if err = f.turn.take(); err != nil {
		return nil, err
	}
	f.result.ensure()
	if f.turn == nil { // else it has what it needs
		ensure(f.kernel.Memory.Saved, f.kernel.Memory.Scratch)
	}
	if err = f.kernel.Forward(f.result.data, f.in); err != nil {
		return nil, err
	}
	return f.result.value, nil
}

func (f *forward[T]) DiffWRT(int) []bool { return f.wanted }

func (f *forward[T]) anyWanted() bool { return slices.Contains(f.wanted, true) }

// SymDiff adds the backward node, which computes all gradients in one sweep and returns the first, and a fetch node for each other one.
func (f *forward[T]) SymDiff(operands G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	if f.kernel.Backward == nil && f.anySwept() {
		return nil, f.notDifferentiable()
	}
	grad, err := fuseSum[T](grad)
	if err != nil {
		return nil, errors.Wrapf(err, "op: %s: gradient", f.name)
	}
	grads := make(G.Nodes, len(operands))
	for _, i := range f.kernel.PassThrough {
		grads[i] = grad
	}
	if !f.anySwept() {
		return grads, nil
	}
	children := append(append(G.Nodes{}, operands...), out, grad)
	b := &backward[T]{sweep: newSweep(f, operands), views: make([]view[T], len(children)), values: make([][]T, len(children))}
	first := b.sweep.first()
	b.contract = newContract[T](f.name+"Grad", operands[first].Shape(), children)
	b.sizes = append(append([]int{}, f.sizes...), f.shape.TotalSize(), f.shape.TotalSize())
	node, err := G.ApplyOp(b, children...)
	if err != nil {
		return nil, errors.Wrapf(err, "op: %s: gradient", f.name)
	}
	for i, wanted := range b.sweep.wanted {
		switch {
		case !wanted:
		case i == first:
			grads[i] = node
		default:
			ft := &fetch[T]{newContract[T](f.name+"Fetch", operands[i].Shape(), G.Nodes{node}), &b.sweep.results[i]}
			if grads[i], err = G.ApplyOp(ft, node); err != nil {
				return nil, errors.Wrapf(err, "op: %s: gradient of operand %d", f.name, i)
			}
		}
	}
	return grads, nil
}

// swept tells of which operands Backward computes the gradient.
func (f *forward[T]) swept() []bool {
	w := slices.Clone(f.wanted)
	for _, i := range f.kernel.PassThrough {
		w[i] = false
	}
	return w
}

func (f *forward[T]) anySwept() bool { return slices.Contains(f.swept(), true) }

func (f *forward[T]) notDifferentiable() error {
	if f.kernel.Reason != "" {
		return errors.Errorf("op: %s has no gradient: %s", f.name, f.kernel.Reason)
	}
	return errors.Errorf("op: %s has no gradient", f.name)
}

// DoDiff adds the gradients to the operands' own, as the LispMachine wants it.
func (f *forward[T]) DoDiff(_ G.ExecutionContext, operands G.Nodes, out *G.Node) (err error) {
	defer f.guard(&err)
	if !f.anyWanted() {
		return nil
	}
	if f.kernel.Backward == nil && f.anySwept() {
		return f.notDifferentiable()
	}
	if f.lisp == nil {
		f.lisp = newSweep(f, operands)
	}
	g, err := out.Grad()
	if err != nil {
		return err
	}
	var w view[T]
	dout, err := w.of(g, len(f.result.data))
	if err != nil {
		return err
	}
	gradients := slices.Clone(f.lisp.din)
	if f.anySwept() {
		f.lisp.ensure()
		if err = f.lisp.run(f.in, f.result.data, dout); err != nil {
			return err
		}
		copy(gradients, f.lisp.din)
	}
	for _, i := range f.kernel.PassThrough {
		if f.wanted[i] {
			gradients[i] = dout
		}
	}
	for i, d := range gradients {
		if d == nil {
			continue
		}
		sum, err := operands[i].Grad()
		if err != nil {
			return err
		}
		var w view[T]
		total, err := w.of(sum, len(d))
		if err != nil {
			return err
		}
		dense.Add(total, total, d)
	}
	return nil
}

// sweep holds the gradients that one call of Backward writes.
type sweep[T Float] struct {
	kernel  *Kernel[T]
	results []result[T]
	wanted  []bool // without those that dout passes through to
	din     [][]T  // of results; nil where no gradient is wanted
	in      [][]T  // what Backward may read of the operands
}

func newSweep[T Float](f *forward[T], operands G.Nodes) *sweep[T] {
	s := &sweep[T]{kernel: &f.kernel, results: make([]result[T], len(operands)), wanted: f.swept(), din: make([][]T, len(operands)), in: make([][]T, len(operands))}
	for i, n := range operands {
		s.results[i] = result[T]{shape: n.Shape().Clone()}
	}
	return s
}

// ensure gives the sweep memory of its own.
func (s *sweep[T]) ensure() {
	for i, wanted := range s.wanted {
		if wanted {
			s.results[i].ensure()
			s.din[i] = s.results[i].data
		}
	}
	ensure(s.kernel.Memory.BackwardScratch)
}

func (s *sweep[T]) run(in [][]T, out, dout []T) error {
	copy(s.in, in)
	for _, i := range s.kernel.Memory.BackwardIgnores {
		if i == Result {
			out = nil
		} else {
			s.in[i] = nil
		}
	}
	return s.kernel.Backward(s.din, s.in, out, dout)
}

func (s *sweep[T]) first() int { return max(0, slices.Index(s.wanted, true)) }

// backward is the node of the gradients. It takes operands, result and the result's gradient: the result is there to put it after the
// forward node and to keep gorgonia from reusing those registers before.
type backward[T Float] struct {
	contract
	sweep  *sweep[T]
	views  []view[T]
	values [][]T
	sizes  []int
	turn   *turn // set if the graph's memory is shared
}

func (b *backward[T]) Do(values ...G.Value) (v G.Value, err error) {
	defer b.guard(&err)
	if err = readAll(b.views, b.values, b.sizes, values); err != nil {
		return nil, err
	}
	if err = b.turn.take(); err != nil {
		return nil, err
	}
	b.sweep.ensure()
	n := len(b.values) - 2
	if err = b.sweep.run(b.values[:n], b.values[n], b.values[n+1]); err != nil {
		return nil, err
	}
	return b.sweep.results[b.sweep.first()].value, nil
}

func (b *backward[T]) DiffWRT(n int) []bool { return allTrue(n) }

func (b *backward[T]) SymDiff(G.Nodes, *G.Node, *G.Node) (G.Nodes, error) {
	return nil, errors.Wrapf(ErrSecondOrder, "op: %s", b.name)
}

// fetch returns a gradient that its operand, the backward node, has already computed.
type fetch[T Float] struct {
	contract
	result *result[T]
}

func (f *fetch[T]) Do(...G.Value) (G.Value, error) { return f.result.value, nil }
func (f *fetch[T]) DiffWRT(n int) []bool           { return allTrue(n) }

func (f *fetch[T]) SymDiff(G.Nodes, *G.Node, *G.Node) (G.Nodes, error) {
	return nil, errors.Wrapf(ErrSecondOrder, "op: %s", f.name)
}

func allTrue(n int) []bool {
	all := make([]bool, n)
	for i := range all {
		all[i] = true
	}
	return all
}

func readAll[T Float](views []view[T], into [][]T, sizes []int, values []G.Value) error {
	for i, v := range values {
		data, err := views[i].of(v, sizes[i])
		if err != nil {
			return errors.Wrapf(err, "operand %d", i)
		}
		into[i] = data
	}
	return nil
}
