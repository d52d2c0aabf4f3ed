package train

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/hqvit/hqvit/nn/op"
)

// mostBuckets is how many parts a gradient is exchanged in to overlap with what is still being computed.
const mostBuckets = 4

// bucketsOf divides parameters of those sizes, in their order, into parts of about equal size; all in one
// unless parts are wanted.
func bucketsOf(sizes []int, parts bool) []span {
	if !parts {
		return []span{{0, len(sizes)}}
	}
	total, before, from := 0, 0, 0
	for _, n := range sizes {
		total += n
	}
	var buckets []span
	for i, n := range sizes {
		before += n
		if before*mostBuckets >= total*(len(buckets)+1) {
			buckets = append(buckets, span{from, i + 1})
			from = i + 1
		}
	}
	return buckets
}

// stepSum is what the micro-batches of a step add up to, over all members of a team: a tree for each bucket
// of parameters. The last buckets, whose gradients are computed first, are exchanged while others are still
// being computed; the first one comes last, with the loss and what else is no gradient.
type stepSum[T op.Float] struct {
	team      team[T]
	buckets   []span // of the trained parameters
	trees     []tree[T]
	missing   []sync.WaitGroup // micro-batches of this process that a bucket lacks
	failed    atomic.Bool      // whether a micro-batch has
	exchanged chan error       // of all buckets but the first
	waited    time.Duration    // behind the last micro-batch of this process, since it was reset
}

func newStepSum[T op.Float](t team[T], buckets []span, trained []gradient) *stepSum[T] {
	s := &stepSum[T]{team: t, buckets: buckets, trees: make([]tree[T], len(buckets)),
		missing: make([]sync.WaitGroup, len(buckets)), exchanged: make(chan error, 1)}
	for i, b := range buckets {
		for _, param := range trained[b.from:b.to] {
			s.trees[i].size += param.Value.Shape().TotalSize()
		}
	}
	return s
}

// begin begins the sum of so many micro-batches, and returns those of this process.
func (s *stepSum[T]) begin(micros int) (own span) {
	own = s.team.share(micros)
	for i := range s.trees {
		s.trees[i].reset(micros, own)
		s.missing[i].Add(own.len())
	}
	if len(s.trees) > 1 {
		go func() { s.exchanged <- s.exchange() }()
	}
	return own
}

// add adds a bucket of a micro-batch.
func (s *stepSum[T]) add(bucket, index int, p *partial[T]) {
	s.trees[bucket].add(index, p)
	s.missing[bucket].Done()
}

// lack says that a bucket of a micro-batch will not come.
func (s *stepSum[T]) lack(bucket int) {
	s.failed.Store(true)
	s.missing[bucket].Done()
}

// exchange completes all buckets but the first, as soon as this process has done its part of them.
func (s *stepSum[T]) exchange() error {
	for i := len(s.trees) - 1; i > 0; i-- {
		s.missing[i].Wait()
		if s.failed.Load() {
			return nil // which the step's error says
		}
		if _, err := s.team.sum(&s.trees[i]); err != nil {
			return err
		}
	}
	return nil
}

// end completes the sum, of which all micro-batches of this process have been added. It returns the part with
// what is no gradient.
func (s *stepSum[T]) end() (*partial[T], error) {
	began := time.Now()
	defer func() { s.waited += time.Since(began) }()
	if err := s.finish(); err != nil {
		return nil, err
	}
	return s.team.sum(&s.trees[0])
}

// finish waits until nothing is exchanged any more.
func (s *stepSum[T]) finish() error {
	if len(s.trees) == 1 {
		return nil
	}
	return <-s.exchanged
}

// allWaited returns how many seconds each member has waited for the sums of others since this was asked last:
// the slowest the fewest. nil: there is one member.
func (s *stepSum[T]) allWaited() ([]float64, error) {
	own := s.waited.Seconds()
	s.waited = 0
	return s.team.waited(own)
}
