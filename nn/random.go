package nn

import (
	"strconv"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/splitmix"
)

// RandomSource is where the random numbers of one graph come from. Each row of a batch has a key, and what a
// layer draws for a row depends on the store's seed, the layer, the run and that key only: not on the other
// rows, the order of rows, or the number of threads.
type RandomSource struct {
	seed    uint64
	keys    []uint64
	streams map[string]int // how many were given for a path
}

// SetRows gives the rows of the coming run their keys: a trainer that keys them by epoch and image gets one
// result for one seed however it spreads the images. Without it, a row's key is its index and every run draws
// anew.
func (z *RandomSource) SetRows(keys []uint64) {
	if z != nil {
		z.keys = append(z.keys[:0], keys...)
	}
}

// Rows returns the number of keys that SetRows gave, 0 without it.
func (z *RandomSource) Rows() int {
	if z == nil {
		return 0
	}
	return len(z.keys)
}

// Stream returns the random stream of the layer at that path. Each call for one path gives another stream, in
// the order of the calls.
func (z *RandomSource) Stream(path string) *RandomStream {
	if z == nil {
		return &RandomStream{}
	}
	if z.streams == nil {
		z.streams = map[string]int{}
	}
	z.streams[path]++
	return &RandomStream{source: z, layer: hashOf(path + "#" + strconv.Itoa(z.streams[path]))}
}

// RandomStream is the random stream of one layer. It counts its runs itself.
type RandomStream struct {
	source *RandomSource
	layer  uint64
	run    uint64
}

// Next starts a new run of a batch of that many rows: without SetRows, they draw other numbers than before.
// It returns an error if SetRows gave keys for another number of rows.
func (d *RandomStream) Next(rows int) error {
	if d == nil || d.source == nil {
		return errors.New("nn: a RandomStream comes from RandomSource.Stream")
	}
	if n := len(d.source.keys); n != 0 && n != rows {
		return errors.Errorf("a batch of %d rows, but SetRows gave %d keys", rows, n)
	}
	d.run++
	return nil
}

// Row returns the generator of a row in this run, which Next has started.
func (d *RandomStream) Row(row int) RowRandom {
	if d == nil || d.source == nil {
		return RowRandom{}
	}
	key := splitmix.Mix(d.source.seed ^ d.layer)
	if keys := d.source.keys; row >= 0 && row < len(keys) {
		return RowRandom{splitmix.Source(splitmix.Mix(key ^ keys[row]))}
	}
	return RowRandom{splitmix.Source(splitmix.Mix(splitmix.Mix(key+d.run) ^ uint64(row)))}
}

// RowRandom is the generator of one row, with the methods Uint64 and Float64 of [0,1); it is a
// math/rand/v2.Source.
type RowRandom struct{ splitmix.Source }
