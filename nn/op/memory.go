package op

import (
	"cmp"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/gorgonia"
)

// shareMemory assigns memory to the nodes of a finished graph that are needed for some wanted ones, as a
// compiler assigns registers: a value lives until the last node that reads it has run, and what does not live
// at the same time may lie in the same place. The values of the wanted nodes live until the next run, and so
// do those that a node of Gorgonia's own reads, for such a node may overwrite what it reads. Results do not
// change.
//
// It is for a TapeMachine of these nodes alone, made afterwards, as NewProgram does; nothing may be added to
// the graph any more.
//
// It returns an error if the graph has a cycle. A run returns one if the nodes run in another order than in
// such a machine.
func shareMemory(wanted ...*G.Node) (*allocator, error) {
	if len(wanted) == 0 {
		return nil, errors.New("op: share memory: no node is wanted")
	}
	sorted, err := gorgonia.OperandsFirst(wanted[0].Graph(), wanted...)
	if err != nil {
		return nil, errors.Wrap(err, "op: share memory")
	}
	a := &allocator{sorted: sorted, values: map[*G.Node]*liveInterval{}, buffers: map[any]*liveInterval{},
		order: &executionOrder{last: -1}}
	for i, n := range sorted {
		a.position = i
		if p, ours := n.Op().(planned); ours {
			p.plan(a, n)
			continue
		}
		for _, c := range gorgonia.Children(n) {
			a.read(c)
			a.pin(c)
		}
	}
	for _, n := range wanted {
		a.pin(n)
	}
	a.coalesce()
	assign[float32](a.intervals)
	assign[float64](a.intervals)
	return a, nil
}

// planned is a node of this package: it tells an allocator what memory it reads and writes.
type planned interface {
	plan(a *allocator, n *G.Node)
}

// liveInterval is memory that is needed from one position in the order of the nodes to another, both
// included.
type liveInterval struct {
	dtype      tensor.Dtype
	size       int // elements
	start, end int
	pinned     bool // needed until the next run: it gets memory of its own
	dead       bool // nobody reads it: it gets none
	offset     int  // in the memory of all
	mergedWith *liveInterval
	users      []func(memory any, offset int) // are given the memory
}

// representative returns the interval that this one has been merged with in the end.
func (l *liveInterval) representative() *liveInterval {
	for l.mergedWith != nil {
		l = l.mergedWith
	}
	return l
}

// allocator collects live intervals in the order of the nodes.
type allocator struct {
	position  int
	intervals []*liveInterval
	values    map[*G.Node]*liveInterval
	buffers   map[any]*liveInterval // by the *result or the kernel's slice
	aliases   []alias
	sorted    G.Nodes // in the order of execution
	order     *executionOrder
	slots     []placedSlot
}

// alias says that a result may be written over an operand if nobody needs the operand after that position.
type alias struct {
	operand, result *liveInterval
	position        int
}

// read lets a node's value live until here.
func (a *allocator) read(n *G.Node) {
	if l := a.values[n]; l != nil {
		l.end = a.position
	}
}

// pin lets a node's value live until the next run.
func (a *allocator) pin(n *G.Node) {
	if l := a.values[n]; l != nil {
		l.pinned = true
	}
}

// mayAlias notes that a result may be written over the first of some operands.
func (a *allocator) mayAlias(operands G.Nodes, result *liveInterval) {
	if l := a.values[operands[0]]; l != nil && !slices.Contains(operands[1:], operands[0]) {
		a.aliases = append(a.aliases, alias{l, result, a.position})
	}
}

// coalesce merges the intervals of results that can be written over their operands.
func (a *allocator) coalesce() {
	for _, s := range a.aliases {
		into, l := s.operand.representative(), s.result
		fits := into.end == s.position && into.size == l.size && into.dtype == l.dtype
		if into != l && !into.pinned && !l.pinned && fits {
			l.mergedWith = into
			into.end = max(into.end, l.end)
			into.users = append(into.users, l.users...)
		}
	}
}

// define adds the interval of a result that is written here.
func define[T Float](a *allocator, r *result[T]) *liveInterval {
	l := &liveInterval{dtype: DtypeOf[T](), size: r.shape.TotalSize(), start: a.position, end: a.position}
	l.pinned = r.shape.Dims() == 0 // a scalar's memory is part of its value
	l.users = []func(any, int){func(memory any, offset int) { r.use(part[T](l, memory, offset)) }}
	a.intervals = append(a.intervals, l)
	a.buffers[r] = l
	return l
}

// part returns the part of a memory that is an interval's.
func part[T Float](l *liveInterval, memory any, offset int) []T {
	return memory.([]T)[offset : offset+l.size : offset+l.size]
}

// reserve adds intervals of memory that a kernel asks for.
func reserve[T Float](a *allocator, buffers []Buffer[T]) {
	for _, b := range buffers {
		l := &liveInterval{dtype: DtypeOf[T](), size: b.Len, start: a.position, end: a.position}
		l.users = []func(any, int){func(memory any, offset int) { *b.Slice = part[T](l, memory, offset) }}
		a.intervals = append(a.intervals, l)
		a.buffers[b.Slice] = l
	}
}

// assign gives each interval of T's dtype its offset in one memory: the largest first, each at the lowest
// offset that those before it leave free.
func assign[T Float](intervals []*liveInterval) {
	const cacheLine = 64
	align := cacheLine / int(DtypeOf[T]().Size())
	var todo, done []*liveInterval
	for _, l := range intervals {
		if l.dtype == DtypeOf[T]() && !l.pinned && !l.dead && l.mergedWith == nil {
			todo = append(todo, l)
		}
	}
	largestFirst := func(a, b *liveInterval) int { return cmp.Or(b.size-a.size, a.start-b.start) }
	slices.SortStableFunc(todo, largestFirst)
	total := 0
	for _, l := range todo {
		l.offset = 0
		for _, d := range done { // in the order of their offsets
			if d.start > l.end || d.end < l.start {
				continue
			}
			if l.offset+l.size <= d.offset {
				break
			}
			l.offset = max(l.offset, (d.offset+d.size+align-1)/align*align)
		}
		total = max(total, l.offset+l.size)
		i, _ := slices.BinarySearchFunc(done, l, func(a, b *liveInterval) int { return a.offset - b.offset })
		done = slices.Insert(done, i, l)
	}
	memory := make([]T, total)
	for _, l := range todo {
		for _, use := range l.users {
			use(memory, l.offset)
		}
	}
}

// executionOrder checks that nodes run in the order in which their memory was assigned.
type executionOrder struct{ planned, last int }

// executionSlot is a node's place in the order.
type executionSlot struct {
	*executionOrder
	index  int
	before func() // is called when all nodes before it have run; nil: nothing
}

// placedSlot is a slot with the position of its node among all nodes.
type placedSlot struct {
	position int
	slot     *executionSlot
}

func (a *allocator) nextSlot() *executionSlot {
	s := &executionSlot{executionOrder: a.order, index: a.order.planned}
	a.order.planned++
	a.slots = append(a.slots, placedSlot{a.position, s})
	return s
}

// enter returns an error if the node runs out of order: what it reads could be overwritten already. Nodes
// that do not share memory have no slot.
func (s *executionSlot) enter() error {
	if s == nil {
		return nil
	}
	if s.index != 0 && s.index != s.last+1 {
		return errors.Errorf("the graph shares memory in the order of a TapeMachine: "+
			"this node is number %d there, and ran after number %d", s.index, s.last)
	}
	s.last = s.index
	if s.before != nil {
		s.before()
	}
	return nil
}

func (f *forward[T]) plan(a *allocator, n *G.Node) {
	f.slot = a.nextSlot()
	for _, c := range f.operands {
		a.read(c)
	}
	m := f.kernel.Memory
	l := define(a, &f.result)
	a.values[n] = l
	if m.InPlace {
		a.mayAlias(f.operands, l)
	}
	reserve(a, m.Scratch)
	reserve(a, m.Saved)
	for _, b := range m.Saved {
		a.buffers[b.Slice].dead = b.ForBackward // until a backward node turns up
		*b.Slice = nil
	}
}

func (b *backward[T]) plan(a *allocator, n *G.Node) {
	b.slot = a.nextSlot()
	m, out := b.sweep.kernel.Memory, len(b.operands)-2
	for i, c := range b.operands {
		if i == out && m.ignores(Result) || i < out && m.ignores(i) {
			continue
		}
		a.read(c)
	}
	for _, s := range m.Saved {
		l := a.buffers[s.Slice]
		l.end, l.dead = a.position, false
	}
	for i, wanted := range b.sweep.wanted {
		if !wanted {
			continue
		}
		l := define(a, &b.sweep.results[i])
		l.users = append(l.users, func(any, int) { b.sweep.din[i] = b.sweep.results[i].data })
		if i == 0 && m.InPlace {
			a.mayAlias(b.operands[out+1:], l)
		}
	}
	a.values[n] = a.buffers[&b.sweep.results[b.sweep.first()]]
	reserve(a, m.BackwardScratch)
}

func (f *fetch[T]) plan(a *allocator, n *G.Node) { a.values[n] = a.buffers[f.result] }

func (s *sum[T]) plan(a *allocator, n *G.Node) {
	s.slot = a.nextSlot()
	for _, c := range s.operands {
		a.read(c)
	}
	l := define(a, &s.result)
	a.values[n] = l
	a.mayAlias(s.operands, l)
}
