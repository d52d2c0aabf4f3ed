package split

import (
	"cmp"
	"slices"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

const (
	maxShots    = 1 << 24
	levelQubits = 12 // that are drawn at once
	levelTables = 64 // whose probabilities are summed over ranks at once
)

// Sample measures some qubits of a state in so many shots, all qubits in order if none are named, and returns
// what they are in each, the first qubit the most significant bit, on every rank. The random numbers of a
// shot follow from the seed and its number, and each qubit has one of its own that is compared with its
// probability after those before it. So one seed gives one result for any number of ranks, unless such a
// number falls within rounding of a probability: of some 10^7 qubits one in float32. It is a call of all
// ranks.
//
// It returns an error for less than one shot or more than 2^24, for a qubit that is out of range or given
// twice, and for a state of norm 0.
func Sample[T statevec.Float](psi *State[T], shots int, seed uint64, qubits ...int) ([]uint64, error) {
	if err := psi.check(); err != nil {
		return nil, err
	}
	if shots < 1 || shots > maxShots {
		return nil, errors.Errorf("split: want 1 to %d shots, got %d", maxShots, shots)
	}
	n := psi.layout.Qubits()
	if err := checkQubits(n, qubits); err != nil {
		return nil, err
	}
	if len(qubits) == 0 {
		qubits = identity(n)
	}
	d := drawing[T]{psi: psi, out: make([]uint64, shots), random: make([]splitmix.Source, shots),
		order: identity(shots)}
	for shot := range shots {
		d.random[shot] = splitmix.Source(splitmix.Mix(splitmix.Mix(seed) ^ uint64(shot)))
	}
	for from := 0; from < len(qubits); from += levelQubits {
		if err := d.level(qubits[:from], qubits[from:min(from+levelQubits, len(qubits))]); err != nil {
			return nil, err
		}
	}
	return d.out, nil
}

// drawing are the shots of a Sample, of which the first qubits are drawn.
type drawing[T statevec.Float] struct {
	psi    *State[T]
	out    []uint64
	random []splitmix.Source
	order  []int // the shots, those with the same qubits side by side
}

// level draws the next qubits of all shots: those that agree in the qubits before are drawn from one table.
func (d *drawing[T]) level(before, next []int) error {
	slices.SortFunc(d.order, func(a, b int) int { return cmp.Compare(d.out[a], d.out[b]) })
	var groups [][]int
	for from := 0; from < len(d.order); {
		to := from
		for to < len(d.order) && d.out[d.order[to]] == d.out[d.order[from]] {
			to++
		}
		groups, from = append(groups, d.order[from:to]), to
	}
	outcome, size := d.psi.layout.selection(d.psi.comm.Rank, next), 1<<len(next)
	tables := make([]float64, min(len(groups), levelTables)*size)
	for ; len(groups) > 0; groups = groups[min(len(groups), levelTables):] {
		some := groups[:min(len(groups), levelTables)]
		tables := tables[:len(some)*size]
		clear(tables)
		for i, g := range some {
			if mask, value, here := d.psi.where(before, d.out[g[0]]); here {
				d.psi.addNorms(&outcome, mask, value, tables[i*size:(i+1)*size])
			}
		}
		if err := d.psi.comm.sum(tables); err != nil {
			return err
		}
		for i, g := range some {
			if err := d.draw(g, tables[i*size:(i+1)*size], len(next)); err != nil {
				return err
			}
		}
	}
	return nil
}

// where returns which bits of an index on the rank are some qubits, and their value if these are as in a
// pattern; here is false if global ones are not.
func (s *State[T]) where(qubits []int, pattern uint64) (mask, value int, here bool) {
	for i, q := range qubits {
		bit := int(pattern >> (len(qubits) - 1 - i) & 1)
		if s.layout.isLocal(q) {
			mask |= s.layout.localBit(q)
			value |= bit * s.layout.localBit(q)
		} else if s.layout.bitOn(s.comm.Rank, q) != bit {
			return 0, 0, false
		}
	}
	return mask, value, true
}

// draw draws so many qubits of some shots, from the weights of their outcomes.
func (d *drawing[T]) draw(shots []int, weights []float64, qubits int) error {
	sums := make([]float64, 2*len(weights)) // node 1 is all of them, 2k and 2k+1 are the halves of node k
	copy(sums[len(weights):], weights)
	for k := len(weights) - 1; k > 0; k-- {
		sums[k] = sums[2*k] + sums[2*k+1]
	}
	if !(sums[1] > 0) {
		return errors.Errorf("split: want a state with a finite norm above 0 to sample, got weights that "+
			"add up to %v", sums[1])
	}
	for _, shot := range shots {
		node := 1
		for range qubits {
			zero, one := sums[2*node], sums[2*node+1]
			node *= 2
			if one > 0 && d.random[shot].Float64()*(zero+one) >= zero {
				node++
			}
		}
		d.out[shot] = d.out[shot]<<qubits | uint64(node-len(weights))
	}
	return nil
}
