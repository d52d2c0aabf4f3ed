package train

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/op"
)

// rankSum completes a tree of which each rank has added a part.
//
// It goes up from the leaves. At a node whose two halves lie with different ranks, those of one half exchange
// its sum with those of the other, and all of them add the same two numbers: so they all hold the node, and
// addition does not care which of the two comes first. With a power of two of ranks and whole sub-trees this
// is recursive doubling: log₂ of them exchanges of one gradient each. All ranks hold the root in the end. MPI
// moves bytes and adds nothing.
//
// Every rank goes through the exchanges in one order, that of the nodes, so that none waits for one that
// waits for it.
type rankSum[T op.Float] struct {
	of *Ranks
	*tree[T]
}

// holders are the ranks that have leaves of a node: each of a range.
func (r rankSum[T]) holders(n node) span {
	s := n.span(r.leaves)
	return span{ownerOf(s.from, r.leaves, r.of.size), ownerOf(s.to-1, r.leaves, r.of.size) + 1}
}

// climb makes the root. stop says whether this process has been asked to stop.
func (r rankSum[T]) climb(stop bool) error {
	for _, b := range r.open {
		b.sum.stop = b.sum.stop || stop
	}
	if r.root != nil { // all leaves are of this rank
		r.root.stop = r.root.stop || stop
	}
	for level, width := 0, r.leaves; width > 1 && r.own.len() > 0; level, width = level+1, (width+1)/2 {
		// Only the first and the last node over the own leaves can have leaves of others.
		first, last := r.own.from>>(level+1), (r.own.to-1)>>(level+1)
		for i := first; i <= last; i += max(1, last-first) {
			if err := r.join(node{level + 1, i}, width); err != nil {
				return err
			}
		}
	}
	if n := len(r.open); n > 0 {
		r.root, r.open = r.open[0].sum, r.open[:0]
	}
	if r.root == nil {
		r.root = r.leaf()
	}
	all := make([]int, r.of.size)
	for i := range all {
		all[i] = i
	}
	return r.relay(all, min(r.leaves, r.of.size), r.root)
}

// join adds the halves of a node; width is the number of nodes at their level.
func (r rankSum[T]) join(to node, width int) error {
	left, right := node{to.level - 1, 2 * to.index}, node{to.level - 1, 2*to.index + 1}
	if right.index >= width { // it rises as it is
		if i := r.find(left); i >= 0 {
			r.open[i].node = to
		}
		return nil
	}
	a, b := r.holders(left), r.holders(right)
	if a == b && a.len() == 1 {
		return nil // the tree has added them
	}
	i, j := r.find(left), r.find(right)
	if i >= 0 && j >= 0 { // this rank has parts of both
		// The others of either side have it from each other, unless there is no other.
		p, q := r.open[i].sum, r.open[j].sum
		var err error
		switch {
		case a.len() == 1:
			err = r.relay(list(b), 1, p)
		case b.len() == 1:
			err = r.relay(append([]int{r.of.rank}, list(span{a.from, a.to - 1})...), 1, q)
		}
		if err != nil {
			return err
		}
		p.add(q)
		r.release(q)
		r.open[i].node = to
		r.open = slices.Delete(r.open, j, j+1)
		return nil
	}
	// A rank with parts of both sides, if there is one, is the last of a and the first of b.
	ours, theirs, at := list(a), list(b), i
	shared := a.to > b.from
	if shared {
		ours, theirs = ours[:len(ours)-1], theirs[1:]
	}
	if at < 0 {
		ours, theirs, at = theirs, ours, j
	}
	if at < 0 {
		return errors.Errorf("train: rank %d of %d has no sum for node %v of %d micro-batches", r.of.rank,
			r.of.size, to, r.leaves)
	}
	p, q := r.open[at].sum, r.leaf()
	place := slices.Index(ours, r.of.rank)
	if len(theirs) == 0 { // the shared one has the other side alone
		ours = append([]int{b.from}, ours...)
		if err := r.relay(ours, 1, q); err != nil {
			return err
		}
	} else {
		if place < len(theirs) {
			if err := r.of.world.Exchange(theirs[place], p.pack(), q.bytes()); err != nil {
				return err
			}
			q.unpack()
		}
		if err := r.relay(ours, min(len(ours), len(theirs)), q); err != nil {
			return err
		}
	}
	p.add(q)
	r.release(q)
	r.open[at].node = to
	return nil
}

func (r rankSum[T]) find(n node) int {
	return slices.IndexFunc(r.open, func(b branch[T]) bool { return b.node == n })
}

// relay gives all of some ranks what the first few of them have: at each turn twice as many have it. This
// rank is one of them.
func (r rankSum[T]) relay(among []int, have int, p *partial[T]) error {
	place := slices.Index(among, r.of.rank)
	if place < 0 || len(among) <= have {
		return nil
	}
	holds := have // the first so many have it before a turn
	for ; holds <= place; holds *= 2 {
		if place < 2*holds {
			if err := r.of.world.Recv(among[place-holds], p.bytes()); err != nil {
				return err
			}
			p.unpack()
		}
	}
	for message := []byte(nil); place+holds < len(among); holds *= 2 {
		if message == nil {
			message = p.pack()
		}
		if err := r.of.world.Send(among[place+holds], message); err != nil {
			return err
		}
	}
	return nil
}

// list returns the numbers of a range.
func list(s span) []int { return sequence(s.from, s.to) }
