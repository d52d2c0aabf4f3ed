package train

import (
	"sync"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// partial is what one micro-batch, or several together, add to a step.
type partial[T op.Float] struct {
	grad    []T     // of the summed loss, all parameters one after the other
	loss    float64 // summed over the rows
	correct int     // rows classified as labelled
	rows    int     // that are not masked

	params []optimizers.Param // with views of grad; nil before the partial is a step's sum for the first time
}

func (p *partial[T]) add(q *partial[T]) {
	dense.Add(p.grad, p.grad, q.grad)
	p.loss += q.loss
	p.correct += q.correct
	p.rows += q.rows
}

// tree adds partials in the shape of a binary tree over their indices: 0+1, 2+3, …, then pairs of those, and
// so on; at an odd end one rises as it is. The sum is the same to the last bit in whatever order they arrive.
// If they are begun in the order of their indices, there are never more than about log₂ n of them for each
// that is still at work.
type tree[T op.Float] struct {
	size int // of a gradient

	mu      sync.Mutex
	leaves  int
	waiting []branch[T] // for their siblings
	free    []*partial[T]
	root    *partial[T]
}

type branch[T op.Float] struct {
	level, index int
	sum          *partial[T]
}

// reset begins a sum of that many leaves.
func (t *tree[T]) reset(leaves int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.waiting {
		t.free = append(t.free, b.sum)
	}
	if t.root != nil {
		t.free = append(t.free, t.root)
	}
	t.leaves, t.waiting, t.root = leaves, t.waiting[:0], nil
}

// leaf returns a partial to be filled and given to add. Its fields hold old values.
func (t *tree[T]) leaf() *partial[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.free); n > 0 {
		p := t.free[n-1]
		t.free = t.free[:n-1]
		return p
	}
	return &partial[T]{grad: make([]T, t.size)}
}

// add puts a leaf in its place and adds up whatever is complete by that. It is safe for concurrent use.
func (t *tree[T]) add(index int, p *partial[T]) {
	for level, width := 0, t.leaves; width > 1; level, index, width = level+1, index/2, (width+1)/2 {
		sibling := index ^ 1
		if sibling >= width {
			continue
		}
		q := t.meet(level, index, sibling, p)
		if q == nil {
			return
		}
		p.add(q)
		t.release(q)
	}
	t.root = p
}

// meet returns the sibling if it is there, and else leaves p to wait for it.
func (t *tree[T]) meet(level, index, sibling int, p *partial[T]) *partial[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, b := range t.waiting {
		if b.level == level && b.index == sibling {
			last := len(t.waiting) - 1
			t.waiting[i] = t.waiting[last]
			t.waiting = t.waiting[:last]
			return b.sum
		}
	}
	t.waiting = append(t.waiting, branch[T]{level, index, p})
	return nil
}

func (t *tree[T]) release(p *partial[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free = append(t.free, p)
}
