package op

import (
	"math"
	"slices"

	G "gorgonia.org/gorgonia"
)

// distrust makes the nodes of a graph run as HostileMemory says.
func distrust(g *G.ExprGraph) {
	for _, n := range g.AllNodes() {
		if d, ours := n.Op().(interface{ distrust() }); ours {
			d.distrust()
		}
	}
}

func (f *forward[T]) distrust()  { f.hostile = true }
func (b *backward[T]) distrust() { b.hostile = true }

// spoil does what Kernel.Memory allows others to do to the memory of a Forward: scratch memory holds NaN, and
// the result is written over the first operand. It returns the operands to call Forward with.
func (f *forward[T]) spoil() [][]T {
	m := f.kernel.Memory
	for _, b := range slices.Concat(m.Saved, m.Scratch) {
		fillNaN(*b.Slice)
	}
	in, out := f.in.data, f.result.data
	if !m.InPlace || len(in[0]) != len(out) || slices.Contains(f.operands[1:], f.operands[0]) {
		fillNaN(out)
		return in
	}
	in = slices.Clone(in)
	copy(out, in[0])
	in[0] = out
	return in
}

// runSpoilt runs Backward on spoilt memory. It returns an error that names what Backward reads of what it
// ignores, if NaN tells that it does.
func (b *backward[T]) runSpoilt(in [][]T, out, dout []T) error {
	spoilt, restore := b.spoil(in, out, dout)
	defer restore()
	if err := b.sweep.run(in, out, spoilt); err != nil || !b.sweep.leavesNaN() {
		return err
	}
	got := make([][]T, len(b.sweep.din))
	for i, d := range b.sweep.din {
		got[i] = slices.Clone(d)
	}
	restore()
	if err := b.sweep.findRead(in, out, dout); err != nil {
		return err
	}
	for i, d := range b.sweep.din {
		copy(d, got[i])
	}
	return nil
}

// spoil does what Kernel.Memory allows others to do to the memory of a Backward: what it ignores and scratch
// memory hold NaN, and the first gradient is written over that of the result. It returns the latter, and what
// brings back the values that are spoilt.
func (b *backward[T]) spoil(in [][]T, out, dout []T) (spoilt []T, restore func()) {
	m := b.sweep.kernel.Memory
	for _, s := range m.BackwardScratch {
		fillNaN(*s.Slice)
	}
	for _, d := range b.sweep.din {
		fillNaN(d)
	}
	if d := b.sweep.din[0]; m.InPlace && len(d) == len(dout) {
		copy(d, dout)
		dout = d
	}
	all := slices.Concat(in, [][]T{out})
	read := func(x []T) bool { // some operand that Backward reads is the same memory
		for i, y := range all {
			ignored := i < len(in) && m.ignores(i) || i == len(in) && m.ignores(Result)
			if !ignored && &x[0] == &y[0] {
				return true
			}
		}
		return false
	}
	var undo []func()
	for _, x := range all {
		if !read(x) {
			saved := slices.Clone(x)
			undo = append(undo, func() { copy(x, saved) })
			fillNaN(x)
		}
	}
	return dout, func() {
		for _, f := range slices.Backward(undo) { // what was spoilt twice gets its first values
			f()
		}
	}
}

func fillNaN[T Float](x []T) {
	for i := range x {
		x[i] = T(math.NaN())
	}
}
