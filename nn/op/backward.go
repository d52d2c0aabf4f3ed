package op

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// sweep holds the gradients that one call of Backward writes.
type sweep[T Float] struct {
	kernel  *Kernel[T]
	results []result[T]
	wanted  []bool // without those that dout passes through to
	din     [][]T  // of results; nil where no gradient is wanted
	in      [][]T  // what Backward may read of the operands
}

func newSweep[T Float](f *forward[T], operands G.Nodes) *sweep[T] {
	s := &sweep[T]{
		kernel:  &f.kernel,
		results: make([]result[T], len(operands)),
		wanted:  f.swept(),
		din:     make([][]T, len(operands)),
		in:      make([][]T, len(operands)),
	}
	for i, n := range operands {
		s.results[i] = result[T]{shape: n.Shape().Clone()}
	}
	return s
}

// allocate gives the sweep memory of its own, where it has none.
func (s *sweep[T]) allocate() {
	for i, wanted := range s.wanted {
		if wanted {
			s.results[i].allocate()
			s.din[i] = s.results[i].data
		}
	}
	allocate(s.kernel.Memory.BackwardScratch)
}

func (s *sweep[T]) run(in [][]T, out, dout []T) (err error) {
	if len(s.kernel.Memory.BackwardIgnores) > 0 {
		defer func() {
			if r := recover(); r != nil {
				err = cmp.Or(s.findRead(in, out, dout), errors.Errorf("panic: %v", r))
			}
		}()
	}
	return s.call(in, out, dout, s.kernel.Memory.BackwardIgnores)
}

// call calls Backward with nil in place of what it ignores.
func (s *sweep[T]) call(in [][]T, out, dout []T, ignored []int) error {
	copy(s.in, in)
	for _, i := range ignored {
		if i == Result {
			out = nil
		} else {
			s.in[i] = nil
		}
	}
	return s.kernel.Backward(s.din, s.in, out, dout)
}

// findRead explains a Backward that fails, or leaves NaN, without what BackwardIgnores lists: it returns an
// error that names what it reads all the same, or nil if it fails with all of it too.
func (s *sweep[T]) findRead(in [][]T, out, dout []T) error {
	ignored := s.kernel.Memory.BackwardIgnores
	for i, one := range ignored {
		what := "operand " + strconv.Itoa(one)
		if one == Result {
			what = "the result"
		}
		if s.works(in, out, dout, slices.Delete(slices.Clone(ignored), i, i+1)) {
			return errors.Errorf("Backward reads %s, which Memory.BackwardIgnores says it does not", what)
		}
	}
	if len(ignored) > 1 && s.works(in, out, dout, nil) {
		return errors.Errorf("Backward reads several of what Memory.BackwardIgnores says it does not: %v",
			ignored)
	}
	return nil
}

// works reports whether Backward sets all gradients to numbers.
func (s *sweep[T]) works(in [][]T, out, dout []T, ignored []int) (ok bool) {
	defer func() { ok = recover() == nil && ok }()
	for _, d := range s.din {
		fillNaN(d)
	}
	return s.call(in, out, dout, ignored) == nil && !s.leavesNaN()
}

// leavesNaN reports whether a gradient is NaN.
func (s *sweep[T]) leavesNaN() bool {
	isNaN := func(v T) bool { return v != v }
	return slices.ContainsFunc(s.din, func(d []T) bool { return slices.ContainsFunc(d, isNaN) })
}

func (s *sweep[T]) first() int { return max(0, slices.Index(s.wanted, true)) }

// backward is the node of the gradients. It takes operands, result and the result's gradient: the result is
// there to put it after the forward node and to keep Gorgonia from reusing those registers before.
type backward[T Float] struct {
	contract
	sweep   *sweep[T]
	in      reader[T]
	slot    *executionSlot // set if the graph shares memory
	hostile bool           // see HostileMemory
}

func (b *backward[T]) Do(values ...G.Value) (v G.Value, err error) {
	defer b.guard(&err)
	if err = b.in.read(values); err != nil {
		return nil, err
	}
	if err = b.slot.enter(); err != nil {
		return nil, err
	}
	b.sweep.allocate()
	n := len(b.in.data) - 2
	in, out, dout := b.in.data[:n], b.in.data[n], b.in.data[n+1]
	if b.hostile {
		if err = b.runSpoilt(in, out, dout); err != nil {
			return nil, err
		}
	} else if err = b.sweep.run(in, out, dout); err != nil {
		return nil, err
	}
	return b.sweep.results[b.sweep.first()].value, nil
}

func (b *backward[T]) DiffWRT(n int) []bool { return slices.Repeat([]bool{true}, n) }

func (b *backward[T]) SymDiff(G.Nodes, *G.Node, *G.Node) (G.Nodes, error) {
	return nil, errors.Wrapf(ErrSecondOrder, "op: %s", b.name)
}

// fetch returns a gradient that its operand, the backward node, has already computed.
type fetch[T Float] struct {
	contract
	result *result[T]
}

func (f *fetch[T]) Do(...G.Value) (G.Value, error) { return f.result.value, nil }
func (f *fetch[T]) DiffWRT(n int) []bool           { return slices.Repeat([]bool{true}, n) }

func (f *fetch[T]) SymDiff(G.Nodes, *G.Node, *G.Node) (G.Nodes, error) {
	return nil, errors.Wrapf(ErrSecondOrder, "op: %s", f.name)
}
