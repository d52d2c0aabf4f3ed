package statevec

import (
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
)

// probabilities measures the probabilities of the outcomes on some qubits, whatever the others are.
type probabilities[T Float] struct {
	*RowMeasurement[T]
	high, low []int32     // an amplitude's outcome is that of its high bits or that of its low ones
	sums      [][]float64 // by worker; nil if every amplitude is an outcome
	drawn     []*splitmix.Histogram
	readout   []circuit.Confusion // by qubit of an outcome; nil: without errors
	read      [][]T               // by worker, with errors: the gradient by the probabilities
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
	m := &probabilities[T]{RowMeasurement: rows, readout: readoutOf(readout, qubits)}
	m.low, m.high = outcomes(n, qubits, 0, n/2), outcomes(n, qubits, n/2, n)
	for range m.pool.starts {
		if len(qubits) < n {
			m.sums = append(m.sums, make([]float64, m.outputs))
		}
		if readout != nil {
			m.read = append(m.read, make([]T, m.outputs))
		}
	}
	m.drawn = make([]*splitmix.Histogram, len(m.pool.starts))
	m.measure, m.differentiate = m.measureRow, m.differentiateRow
	m.sample, m.prepare = m.sampleRow, oneHistogram
	m.outcomes = true
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
	if m.sums == nil {
		m.each(psi, func(outcome int32, a []T) { out[outcome] = a[0]*a[0] + a[1]*a[1] })
		confuse(m.readout, out, false)
		return
	}
	sums := m.sums[worker]
	clear(sums)
	m.each(psi, func(outcome int32, a []T) {
		re, im := float64(a[0]), float64(a[1])
		sums[outcome] += re*re + im*im
	})
	confuse(m.readout, sums, false)
	for i, v := range sums {
		out[i] = T(v)
	}
}

// sampleRow estimates the probabilities of a state.
func (m *probabilities[T]) sampleRow(worker int, psi []T, shots int, random *splitmix.Source,
	out, stderr []T) {
	if m.drawn[worker] == nil {
		m.drawn[worker] = splitmix.NewHistogram(m.outputs)
	}
	h, norm := m.drawn[worker], 0.0
	weights := h.Weights()
	clear(weights)
	m.each(psi, func(outcome int32, a []T) {
		re, im := float64(a[0]), float64(a[1])
		weights[outcome] += re*re + im*im
		norm += re*re + im*im
	})
	confuse(m.readout, weights, false)
	giveFractions(h.Draw(shots, random), shots, norm, out, stderr)
}

func (m *probabilities[T]) differentiateRow(worker int, psi, dout, dpsi []T) {
	if m.readout != nil {
		dout = append(m.read[worker][:0], dout...)
		confuse(m.readout, dout, true)
	}
	j := 0
	m.each(psi, func(outcome int32, a []T) {
		g := 2 * dout[outcome]
		dpsi[j], dpsi[j+1] = g*a[0], g*a[1]
		j += 2
	})
}

// each calls f with the outcome of every amplitude, in order, and its two parts.
func (m *probabilities[T]) each(psi []T, f func(outcome int32, a []T)) {
	for i, high := range m.high {
		x := rowOf(psi, i, 2*len(m.low))
		for j, low := range m.low {
			f(high|low, x[2*j:2*j+2])
		}
	}
}
