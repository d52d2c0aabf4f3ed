package data

import (
	"math/bits"

	"github.com/hqvit/hqvit/internal/splitmix"
)

// stream is a generator that depends on its keys only.
type stream struct{ splitmix.Source }

// newStream returns the stream of a sequence of keys.
func newStream(keys ...uint64) stream {
	var state uint64
	for _, key := range keys {
		state = splitmix.Finish((state + splitmix.Gamma) ^ splitmix.Mix(key))
	}
	return stream{splitmix.Source(state)}
}

// intn returns an integer in [0, n), n > 0, without bias (Lemire, 2019).
func (s *stream) intn(n int) int {
	bound := uint64(n)
	hi, lo := bits.Mul64(s.Uint64(), bound)
	for reject := -bound % bound; lo < reject; {
		hi, lo = bits.Mul64(s.Uint64(), bound)
	}
	return int(hi)
}

// symmetric returns a number in [-1, 1).
func (s *stream) symmetric() float64 { return 2*s.Float64() - 1 }

// Purposes keep streams with the same seed apart.
const (
	forOrder = iota + 1
	forSplit
	forAugment
	forMix
	forGenerated
	forFlip
	forPixels
	forErase
	forUnmixed
)

// Permutation returns a permutation of 0 … n-1: the order in which an epoch visits
// the images. It depends on nothing but its arguments and is the same on
// every machine. It returns an empty slice if n is not positive.
func Permutation(n int, seed uint64, epoch int) []int {
	order := make([]int, max(n, 0))
	for i := range order {
		order[i] = i
	}
	random := newStream(forOrder, seed, uint64(epoch))
	random.shuffle(order)
	return order
}

// shuffle permutes x uniformly (Fisher and Yates).
func (s *stream) shuffle(x []int) {
	for i := len(x) - 1; i > 0; i-- {
		j := s.intn(i + 1)
		x[i], x[j] = x[j], x[i]
	}
}
