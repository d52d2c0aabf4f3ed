package nn

import (
	"strconv"

	"github.com/pkg/errors"
)

// RandomSource is where the random numbers of one graph come from. Each row of a batch has a key, and what a layer draws for a row depends on the
// store's seed, the layer, the run and that key only: not on the other rows, the order of rows, or the number of threads.
type RandomSource struct {
	seed  uint64
	keys  []uint64
	given map[string]int // streams by path
}

// SetRows gives the rows of the coming run their keys: a trainer that keys them by epoch and image gets one result for one seed however
// it spreads the images. Without it, a row's key is its index and every run draws anew.
func (z *RandomSource) SetRows(keys []uint64) { z.keys = append(z.keys[:0], keys...) }

// Rows returns the number of keys that SetRows gave, 0 without it.
func (z *RandomSource) Rows() int { return len(z.keys) }

// RandomStream is the random stream of one layer: it counts its runs itself.
type RandomStream struct {
	noise *RandomSource
	layer uint64
	run   uint64
}

// Stream returns a stream for the layer at that path. Each call for one path gives another stream, in the order of the calls.
func (z *RandomSource) Stream(path string) *RandomStream {
	if z.given == nil {
		z.given = map[string]int{}
	}
	z.given[path]++
	return &RandomStream{noise: z, layer: hashOf(path + "#" + strconv.Itoa(z.given[path]))}
}

// Next starts a new run of a batch of that many rows: without SetRows, they draw other numbers than before.
// It returns an error if SetRows gave keys for another number of rows.
func (d *RandomStream) Next(rows int) error {
	if n := len(d.noise.keys); n != 0 && n != rows {
		return errors.Errorf("a batch of %d rows, but SetRows gave %d keys", rows, n)
	}
	d.run++
	return nil
}

// Row returns the generator of a row in this run.
func (d *RandomStream) Row(row int) SplitMix {
	key := mix(d.noise.seed ^ d.layer)
	if len(d.noise.keys) > 0 {
		return SplitMix(mix(key ^ d.noise.keys[row]))
	}
	return SplitMix(mix(mix(key+d.run) ^ uint64(row)))
}

// SplitMix is a small counter-based generator of 64-bit numbers; the value itself is its state.
//
// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
type SplitMix uint64

// Uint64 returns the next number.
func (s *SplitMix) Uint64() uint64 {
	*s += 0x9e3779b97f4a7c15
	return finish(uint64(*s))
}

// Float64 returns the next number in [0,1).
func (s *SplitMix) Float64() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

func mix(x uint64) uint64 { return finish(x + 0x9e3779b97f4a7c15) }

func finish(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
