package op

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
)

// forward is the node that Apply makes.
type forward[T Float] struct {
	contract
	kernel  Kernel[T]
	wanted  []bool // operands whose gradient somebody can need
	result  result[T]
	in      reader[T]
	lisp    *sweep[T]      // the backward pass of a LispMachine, made at its first use
	slot    *executionSlot // set if the graph shares memory
	hostile bool           // see HostileMemory
}

func (f *forward[T]) Do(values ...G.Value) (v G.Value, err error) {
	defer f.guard(&err)
	if err = f.in.read(values); err != nil {
		return nil, err
	}
	if err = f.slot.enter(); err != nil {
		return nil, err
	}
	f.result.allocate()
	if f.slot == nil { // else it has what it needs
		allocate(f.kernel.Memory.Saved, f.kernel.Memory.Scratch)
	}
	in := f.in.data
	if f.hostile {
		in = f.spoil()
	}
	if err = f.kernel.Forward(f.result.data, in); err != nil {
		return nil, err
	}
	return f.result.value, nil
}

func (f *forward[T]) DiffWRT(int) []bool { return f.wanted }

func (f *forward[T]) anyWanted() bool { return slices.Contains(f.wanted, true) }

// swept returns which operands' gradients Backward computes.
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

// SymDiff adds the backward node, which computes all gradients in one sweep and returns the first, and a
// fetch node for each other one.
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
	s := newSweep(f, operands)
	children := slices.Concat(operands, G.Nodes{out, grad})
	b := &backward[T]{sweep: s, in: newReader[T](children)}
	b.contract = newContract[T](f.name+"Grad", operands[s.first()].Shape(), children)
	node, err := G.ApplyOp(b, children...)
	if err != nil {
		return nil, errors.Wrapf(err, "op: %s: gradient", f.name)
	}
	for i, wanted := range s.wanted {
		switch {
		case !wanted:
		case i == s.first():
			grads[i] = node
		default:
			ft := &fetch[T]{newContract[T](f.name+"Fetch", operands[i].Shape(), G.Nodes{node}), &s.results[i]}
			if grads[i], err = G.ApplyOp(ft, node); err != nil {
				return nil, errors.Wrapf(err, "op: %s: gradient of operand %d", f.name, i)
			}
		}
	}
	return grads, nil
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
	dout, err := gradOf[T](out, len(f.result.data))
	if err != nil {
		return err
	}
	if f.anySwept() {
		f.lisp.allocate()
		if err = f.lisp.run(f.in.data, f.result.data, dout); err != nil {
			return err
		}
	}
	gradients := slices.Clone(f.lisp.din)
	for _, i := range f.kernel.PassThrough {
		if f.wanted[i] {
			gradients[i] = dout
		}
	}
	for i, d := range gradients {
		if d == nil {
			continue
		}
		sum, err := gradOf[T](operands[i], len(d))
		if err != nil {
			return err
		}
		dense.Add(sum, sum, d)
	}
	return nil
}

// gradOf returns the elements of a node's gradient on a LispMachine.
func gradOf[T Float](n *G.Node, size int) ([]T, error) {
	g, err := n.Grad()
	if err != nil {
		return nil, err
	}
	var w view[T]
	return w.read(g, size)
}
