package op

import (
	"cmp"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/gorgonia"
)

// ShareMemory lets the nodes of a finished graph that are needed for some wanted ones use one memory in turn. A node's result then lasts until the last node
// that reads it has run, instead of until the next run; those of the wanted nodes last as before, and so do those that a node of gorgonia's own reads, for such
// a node may overwrite what it reads. Results do not change by it.
//
// It is for a TapeMachine of these nodes alone (gorgonia.CompileFunction), made afterwards; nothing may be added to the graph any more. Its gradients are best
// taken by GradSummed.
//
// It returns an error if the graph has a cycle. A run returns one if the nodes run in another order than in such a machine.
func ShareMemory(wanted ...*G.Node) error {
	if len(wanted) == 0 {
		return errors.New("op: ShareMemory: no node is wanted")
	}
	sorted, err := G.Sort(wanted[0].Graph().ExactSubgraphRoots(wanted...))
	if err != nil {
		return errors.Wrap(err, "op: ShareMemory")
	}
	slices.Reverse(sorted) // operands first
	p := &plan{of: map[*G.Node]*life{}, written: map[any]*life{}, order: &order{}}
	for i, n := range sorted {
		p.now = i
		if m, ours := n.Op().(member); ours {
			m.share(p, n)
			continue
		}
		for _, c := range gorgonia.Children(n) {
			p.reads(c)
			p.hold(c)
		}
	}
	for _, n := range wanted {
		p.hold(n)
	}
	p.merge()
	place[float32](p.lives)
	place[float64](p.lives)
	return nil
}

// member is a node of ours: it tells a plan what memory it reads and writes.
type member interface{ share(p *plan, n *G.Node) }

// life is memory that somebody needs from one place in the order of the nodes to another, both included.
type life struct {
	dtype    tensor.Dtype
	size     int // elements
	from, to int
	held     bool // for good: it stays out of the plan
	unused   bool // nobody reads what it is kept for
	at       int  // in the memory of all
	give     []func(memory any, at int)
	heir     *life // that it is merged with
}

func (l *life) final() *life {
	for l.heir != nil {
		l = l.heir
	}
	return l
}

// plan collects lives in the order of the nodes.
type plan struct {
	now     int
	lives   []*life
	of      map[*G.Node]*life
	written map[any]*life // by the *result or the slice
	succeed []succession
	order   *order
}

// succession says that a result may be written over an operand that nobody needs any more at that place.
type succession struct {
	operand, result *life
	at              int
}

func (p *plan) reads(n *G.Node) {
	if l := p.of[n]; l != nil {
		l.to = p.now
	}
}

func (p *plan) hold(n *G.Node) {
	if l := p.of[n]; l != nil {
		l.held = true
	}
}

// over says that result may be written over the first of some operands.
func (p *plan) over(operands G.Nodes, result *life) {
	if l := p.of[operands[0]]; l != nil && !slices.Contains(operands[1:], operands[0]) {
		p.succeed = append(p.succeed, succession{l, result, p.now})
	}
}

func (p *plan) merge() {
	for _, s := range p.succeed {
		a, b := s.operand.final(), s.result
		if a != b && !a.held && !b.held && a.to == s.at && a.size == b.size && a.dtype == b.dtype {
			b.heir = a
			a.to = max(a.to, b.to)
			a.give = append(a.give, b.give...)
		}
	}
}

// writes adds the memory of a result.
func writes[T Float](p *plan, r *result[T]) *life {
	l := &life{dtype: DtypeOf[T](), size: r.shape.TotalSize(), from: p.now, to: p.now, held: r.shape.Dims() == 0}
	l.give = []func(any, int){func(memory any, at int) { r.use(memory.([]T)[at : at+l.size : at+l.size]) }}
	p.lives = append(p.lives, l)
	p.written[r] = l
	return l
}

// needs adds memory that a kernel asks for.
func needs[T Float](p *plan, list []Buffer[T]) {
	for _, m := range list {
		l := &life{dtype: DtypeOf[T](), size: m.Len, from: p.now, to: p.now}
		l.give = []func(any, int){func(memory any, at int) { *m.Slice = memory.([]T)[at : at+l.size : at+l.size] }}
		p.lives = append(p.lives, l)
		p.written[m.Slice] = l
	}
}

// place gives each life of T's dtype its place in one memory: the largest first, each as low as those before it allow.
func place[T Float](lives []*life) {
	const line = 64
	align := line / int(DtypeOf[T]().Size())
	var todo, done []*life
	for _, l := range lives {
		if l.dtype == DtypeOf[T]() && !l.held && !l.unused && l.heir == nil {
			todo = append(todo, l)
		}
	}
	slices.SortStableFunc(todo, func(a, b *life) int { return cmp.Or(b.size-a.size, a.from-b.from) })
	total := 0
	for _, l := range todo {
		l.at = 0
		for _, d := range done { // in the order of their places
			if d.from > l.to || d.to < l.from {
				continue
			}
			if l.at+l.size <= d.at {
				break
			}
			l.at = max(l.at, (d.at+d.size+align-1)/align*align)
		}
		total = max(total, l.at+l.size)
		i, _ := slices.BinarySearchFunc(done, l, func(a, b *life) int { return a.at - b.at })
		done = slices.Insert(done, i, l)
	}
	memory := make([]T, total)
	for _, l := range todo {
		for _, give := range l.give {
			give(memory, l.at)
		}
	}
}

// order is where a run is; turn is a node's place in it.
type order struct{ last int }

type turn struct {
	*order
	at int
}

func (p *plan) turn() *turn {
	t := &turn{p.order, p.order.last}
	p.order.last++
	return t
}

// take returns an error if it is not the node's turn: what it reads could be overwritten already. Without shared memory there are no turns.
func (t *turn) take() error {
	if t == nil {
		return nil
	}
	if t.at != 0 && t.at != t.last+1 {
		return errors.Errorf("the graph shares memory in the order of a TapeMachine, in which this node is number %d; it ran after number %d", t.at, t.last)
	}
	t.last = t.at
	return nil
}

func (f *forward[T]) share(p *plan, n *G.Node) {
	f.turn = p.turn()
	for _, c := range f.operands {
		p.reads(c)
	}
	l := writes(p, &f.result)
	p.of[n] = l
	if f.kernel.Memory.InPlace {
		p.over(f.operands, l)
	}
	needs(p, f.kernel.Memory.Scratch)
	needs(p, f.kernel.Memory.Saved)
	for _, m := range f.kernel.Memory.Saved {
		p.written[m.Slice].unused = m.ForBackward // until a backward node turns up
		*m.Slice = nil
	}
}

func (b *backward[T]) share(p *plan, n *G.Node) {
	b.turn = p.turn()
	k, last := b.sweep.kernel.Memory, len(b.operands)-2
	for i, c := range b.operands {
		if i == last && slices.Contains(k.BackwardIgnores, Result) || i < last && slices.Contains(k.BackwardIgnores, i) {
			continue
		}
		p.reads(c)
	}
	for _, m := range k.Saved {
		l := p.written[m.Slice]
		l.to, l.unused = p.now, false
	}
	for i, wanted := range b.sweep.wanted {
		if !wanted {
			continue
		}
		l := writes(p, &b.sweep.results[i])
		l.give = append(l.give, func(any, int) { b.sweep.din[i] = b.sweep.results[i].data })
		if i == 0 && k.InPlace {
			p.over(b.operands[last+1:], l)
		}
	}
	p.of[n] = p.written[&b.sweep.results[b.sweep.first()]]
	needs(p, k.BackwardScratch)
}

func (f *fetch[T]) share(p *plan, n *G.Node) {
	p.of[n] = p.written[f.result]
}
