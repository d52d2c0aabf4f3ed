package data

import "math/bits"

// stream is the SplitMix64 generator (Steele, Lea, Flood, OOPSLA 2014). It is
// a counter passed through mix, so that a stream costs nothing to start and
// depends on its keys only.
type stream struct{ counter uint64 }

const goldenGamma = 0x9e3779b97f4a7c15

// newStream returns the stream of a sequence of keys.
func newStream(keys ...uint64) stream {
	var state uint64
	for _, key := range keys {
		state = mix(state + goldenGamma ^ mix(key+goldenGamma))
	}
	return stream{state}
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (s *stream) next() uint64 {
	s.counter += goldenGamma
	return mix(s.counter)
}

// intn returns an integer in [0, n), n > 0, without bias (Lemire, 2019).
func (s *stream) intn(n int) int {
	bound := uint64(n)
	hi, lo := bits.Mul64(s.next(), bound)
	for reject := -bound % bound; lo < reject; {
		hi, lo = bits.Mul64(s.next(), bound)
	}
	return int(hi)
}

// unit returns a number in [0, 1).
func (s *stream) unit() float64 { return float64(s.next()>>11) * 0x1p-53 }

// symmetric returns a number in [-1, 1).
func (s *stream) symmetric() float64 { return 2*s.unit() - 1 }

// Purposes keep streams with the same seed apart.
const (
	forOrder = iota + 1
	forSplit
	forAugment
	forMix
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
