package train

import (
	"encoding/binary"
	"math"
	"sync"
	"unsafe"

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
	stop    bool    // whether a process that took part has been asked to stop

	memory []T // grad, and behind it room for the other fields, as one message

	params []optimizers.Param // with views of grad; nil before the partial is a step's sum for the first time
}

func (p *partial[T]) add(q *partial[T]) {
	dense.Add(p.grad, p.grad, q.grad)
	p.loss += q.loss
	p.correct += q.correct
	p.rows += q.rows
	p.stop = p.stop || q.stop
}

// fieldBytes is the room that the fields beside grad take in a message.
const fieldBytes = 32

// newPartial returns one with a gradient of that size.
func newPartial[T op.Float](size int) *partial[T] {
	memory := make([]T, size+fieldBytes/int(unsafe.Sizeof(T(0))))
	return &partial[T]{grad: memory[:size:size], memory: memory}
}

// bytes returns the memory of a message, for unpack once it has been received.
func (p *partial[T]) bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&p.memory[0])), len(p.memory)*int(unsafe.Sizeof(p.memory[0])))
}

// pack returns the partial as a message.
func (p *partial[T]) pack() []byte {
	all := p.bytes()
	b := all[len(all)-fieldBytes:]
	binary.NativeEndian.PutUint64(b, math.Float64bits(p.loss))
	binary.NativeEndian.PutUint64(b[8:], uint64(p.correct))
	binary.NativeEndian.PutUint64(b[16:], uint64(p.rows))
	binary.NativeEndian.PutUint64(b[24:], 0)
	if p.stop {
		b[24] = 1
	}
	return all
}

// unpack fills in the partial from a message in its memory.
func (p *partial[T]) unpack() {
	all := p.bytes()
	b := all[len(all)-fieldBytes:]
	p.loss = math.Float64frombits(binary.NativeEndian.Uint64(b))
	p.correct = int(binary.NativeEndian.Uint64(b[8:]))
	p.rows = int(binary.NativeEndian.Uint64(b[16:]))
	p.stop = b[24] != 0
}

// tree adds partials in the shape of a binary tree over their indices: 0+1, 2+3, …, then pairs of those, and
// so on; at an odd end one rises as it is. The sum is the same to the last bit in whatever order they arrive.
// If they are begun in the order of their indices, there are never more than about log₂ n of them for each
// that is still at work.
//
// Of a sum that several processes make together, each adds a range of the leaves, and what is left to be
// added to the sums of others is in open.
type tree[T op.Float] struct {
	size int // of a gradient

	mu      sync.Mutex
	leaves  int
	own     span        // of the leaves, those that are added here
	waiting []branch[T] // for their siblings
	open    []branch[T] // whose siblings have leaves of other processes
	free    []*partial[T]
	root    *partial[T]
}

// span is a range of numbers, from ≤ x < to.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// node is a place in the tree: of 2^level leaves, or fewer at the end.
type node struct{ level, index int }

// span returns the leaves of a node in a tree of so many.
func (n node) span(leaves int) span {
	return span{n.index << n.level, min((n.index+1)<<n.level, leaves)}
}

type branch[T op.Float] struct {
	node
	sum *partial[T]
}

// reset begins a sum of that many leaves, of which those in a range are added here.
func (t *tree[T]) reset(leaves int, own span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, left := range [][]branch[T]{t.waiting, t.open} {
		for _, b := range left {
			t.free = append(t.free, b.sum)
		}
	}
	if t.root != nil {
		t.free = append(t.free, t.root)
	}
	t.leaves, t.own, t.waiting, t.open, t.root = leaves, own, t.waiting[:0], t.open[:0], nil
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
	return newPartial[T](t.size)
}

// add puts a leaf in its place and adds up whatever is complete by that. It is safe for concurrent use.
func (t *tree[T]) add(index int, p *partial[T]) {
	for level, width := 0, t.leaves; width > 1; level, index, width = level+1, index/2, (width+1)/2 {
		sibling := index ^ 1
		if sibling >= width {
			continue
		}
		if s := (node{level, sibling}).span(t.leaves); s.from < t.own.from || s.to > t.own.to {
			t.mu.Lock()
			t.open = append(t.open, branch[T]{node{level, index}, p})
			t.mu.Unlock()
			return
		}
		q := t.meet(node{level, index}, sibling, p)
		if q == nil {
			return
		}
		p.add(q)
		t.release(q)
	}
	t.root = p
}

// meet returns the sibling if it is there, and else leaves p to wait for it.
func (t *tree[T]) meet(at node, sibling int, p *partial[T]) *partial[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, b := range t.waiting {
		if b.level == at.level && b.index == sibling {
			last := len(t.waiting) - 1
			t.waiting[i] = t.waiting[last]
			t.waiting = t.waiting[:last]
			return b.sum
		}
	}
	t.waiting = append(t.waiting, branch[T]{at, p})
	return nil
}

func (t *tree[T]) release(p *partial[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free = append(t.free, p)
}
