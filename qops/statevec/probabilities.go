package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// probabilities measures the probabilities of the outcomes on some qubits, whatever the others are.
type probabilities[T Float] struct {
	*RowMeasurement[T]
	outcomes *marginals[T]
	whole    bool // the outcomes are the indices of the amplitudes
	work     []probabilityScratch[T]
	readout  []circuit.Confusion // by qubit of an outcome; nil: without errors
}

// probabilityScratch is the memory of one worker.
type probabilityScratch[T Float] struct {
	outcomes *marginalScratch[T]
	sums     []float64
	drawn    *splitmix.Histogram
	twice    []T // the weights of amplitudes that are outcomes
	read     []T // with errors of readout: the gradient by the probabilities
}

// NewProbabilities prepares the 2^k probabilities of k of n qubits, the first of them the most significant
// bit of an outcome; without qubits, of all n in order. It returns an error for a qubit out of range or given
// twice, and for n that no circuit has.
func NewProbabilities[T Float](n int, qubits []int, threads int) (*RowMeasurement[T], error) {
	if err := checkQubits(n, qubits); err != nil {
		return nil, err
	}
	if len(qubits) == 0 {
		qubits = allQubits(n)
	}
	return newProbabilities[T](n, qubits, nil, threads)
}

func newProbabilities[T Float](n int, qubits []int, readout []circuit.Confusion, threads int) (
	*RowMeasurement[T], error) {
	rows, err := newRowMeasurement[T](n, 1<<len(qubits), threads)
	if err != nil {
		return nil, err
	}
	m := &probabilities[T]{RowMeasurement: rows, readout: readoutOf(readout, qubits),
		outcomes: newMarginals[T](n, qubits), whole: slices.Equal(qubits, allQubits(n)) && n >= leafBits}
	for range m.pool.starts {
		w := probabilityScratch[T]{outcomes: m.outcomes.newScratch()}
		if m.whole {
			w.twice = make([]T, m.outputs)
		} else {
			w.sums = make([]float64, m.outputs)
		}
		if readout != nil {
			w.read = make([]T, m.outputs)
		}
		m.work = append(m.work, w)
	}
	m.measure, m.differentiate = m.measureRow, m.differentiateRow
	m.sample, m.prepare = m.sampleRow, oneHistogram
	m.RowMeasurement.outcomes = true
	m.onDensity = func() *densityReader[T] { return m.densityReader(n, qubits) }
	m.misread = func(readout []circuit.Confusion) (*RowMeasurement[T], error) {
		return newProbabilities[T](n, qubits, readout, threads)
	}
	return m.RowMeasurement, nil
}

// outcomes returns, for each value of the bits [from, to) of an index, all others 0, what the qubits are.
func outcomes(n int, qubits []int, from, to int) []int32 {
	out := make([]int32, 1<<(to-from))
	for i := range out {
		for k, q := range qubits {
			out[i] |= int32(i<<from>>(n-1-q)&1) << (len(qubits) - 1 - k)
		}
	}
	return out
}

func (m *probabilities[T]) measureRow(worker int, psi, out []T) {
	if m.whole {
		tile.Squares(psi, tile.Blocks(out))
		confuse(m.readout, out, false)
		return
	}
	w := &m.work[worker]
	clear(w.sums)
	m.outcomes.add(w.outcomes, psi, w.sums)
	confuse(m.readout, w.sums, false)
	for i, v := range w.sums {
		out[i] = T(v)
	}
}

// sampleRow estimates the probabilities of a state.
func (m *probabilities[T]) sampleRow(worker int, psi []T, shots int, random *splitmix.Source,
	out, stderr []T) {
	w := &m.work[worker]
	if w.drawn == nil {
		w.drawn = splitmix.NewHistogram(m.outputs)
	}
	weights := w.drawn.Weights()
	clear(weights)
	m.outcomes.add(w.outcomes, psi, weights)
	norm := 0.0
	for _, v := range weights {
		norm += v
	}
	confuse(m.readout, weights, false)
	giveFractions(w.drawn.Draw(shots, random), shots, norm, out, stderr)
}

func (m *probabilities[T]) differentiateRow(worker int, psi, dout, dpsi []T) {
	w := &m.work[worker]
	if m.readout != nil {
		dout = append(w.read[:0], dout...)
		confuse(m.readout, dout, true)
	}
	if m.whole {
		w.twice = append(w.twice[:0], dout...)
		dense.Scale(2, w.twice)
		tile.Weigh(tile.Blocks(w.twice), psi, dpsi)
		return
	}
	m.outcomes.weigh(w.outcomes, dout, psi, dpsi)
}
