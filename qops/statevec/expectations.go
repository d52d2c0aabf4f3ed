package statevec

import (
	"math"
	"math/bits"
	"strings"
	"sync"

	"github.com/hqvit/hqvit/internal/walsh"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// Term is a coefficient times a Pauli string: one letter of I, X, Y, Z for each qubit, qubit 0 first.
type Term struct {
	Coefficient float64
	Pauli       string
}

// Observable is a real weighted sum of Pauli strings.
type Observable []Term

// pauli is a term as masks over the index: P|j⟩ = i^ys·(−1)^|j&sign|·|j^flip⟩.
type pauli struct {
	observable int
	weight     float64
	flip, sign int
	ys         int
}

// expectations measures ⟨ψ|O|ψ⟩ for a fixed list of observables.
type expectations[T Float] struct {
	*RowMeasurement[T]
	diagonal, flipping []pauli // without and with X or Y
	block              int     // amplitudes that strings of Z are computed on at once
	weights, sums      [][]float64

	strings   []pauli // all of them, and from the first Sample on
	settings  []*setting
	constants []float64 // by observable: what the strings without a letter add up to
	scratch   []settingScratch
	once      sync.Once
	readout   []circuit.Confusion // by qubit; nil: without errors
}

// blockQubits is the size of the blocks of Expectations: small enough for the first cache, so that their
// memory does not grow with the states.
const blockQubits = 11

// NewExpectations prepares the expectations of some observables on states of n qubits, on the given number of
// threads. It returns an error without observables, for a Pauli string that is not n letters of I, X, Y, Z,
// for a coefficient that is not finite, and for n that no circuit has.
func NewExpectations[T Float](n int, observables []Observable, threads int) (*RowMeasurement[T], error) {
	if len(observables) == 0 {
		return nil, errors.New("statevec: want at least one observable, got none")
	}
	rows, err := newRowMeasurement[T](n, len(observables), threads)
	if err != nil {
		return nil, err
	}
	var strings []pauli
	for k, o := range observables {
		for _, term := range o {
			p, err := term.masks(n)
			if err != nil {
				return nil, errors.WithMessagef(err, "statevec: observable %d", k)
			}
			p.observable = k
			strings = append(strings, p)
		}
	}
	newExpectations(rows, n, strings, strings)
	return rows, nil
}

// newExpectations makes a measurement of rows that of some strings on n qubits. Exactly it is that of read,
// which differs if the readout has errors.
func newExpectations[T Float](rows *RowMeasurement[T], n int, strings, read []pauli) *expectations[T] {
	e := &expectations[T]{RowMeasurement: rows, strings: strings}
	for _, p := range read {
		if p.flip == 0 {
			e.diagonal = append(e.diagonal, p)
		} else {
			e.flipping = append(e.flipping, p)
		}
	}
	// A block costs a pass over the terms.
	e.block = 1 << min(n, max(blockQubits, bits.Len(uint(len(e.diagonal)))))
	for range e.pool.starts {
		e.weights = append(e.weights, make([]float64, e.block))
		e.sums = append(e.sums, make([]float64, e.outputs))
	}
	e.measure, e.differentiate = e.measureRow, e.differentiateRow
	e.sample, e.prepare = e.sampleRow, func() (int, string) {
		e.once.Do(func() { e.setSettings(n) })
		return max(1, len(e.settings)), words.Count(len(e.settings), "group") + " of Pauli strings"
	}
	e.outcomes = true
	e.onDensity = func() *densityReader[T] { return e.densityReader(n) }
	e.misread = func(readout []circuit.Confusion) (*RowMeasurement[T], error) { return e.misreadBy(readout, n) }
	return e
}

// masks returns a term on n qubits as masks.
func (t Term) masks(n int) (pauli, error) {
	p := pauli{weight: t.Coefficient}
	if len(t.Pauli) != n || strings.Trim(t.Pauli, "IXYZ") != "" {
		return p, errors.Errorf("want a Pauli string of %d letters I, X, Y, Z, got %q", n, t.Pauli)
	}
	if math.IsNaN(t.Coefficient) || math.IsInf(t.Coefficient, 0) {
		return p, errors.Errorf("the coefficient of %s is %v, want a finite number", t.Pauli, t.Coefficient)
	}
	for q, letter := range t.Pauli {
		bit := 1 << (n - 1 - q)
		if letter == 'X' || letter == 'Y' {
			p.flip |= bit
		}
		if letter == 'Z' || letter == 'Y' {
			p.sign |= bit
		}
	}
	p.ys = bits.OnesCount(uint(p.flip & p.sign))
	return p, nil
}

// measureRow takes strings of Z block by block: the high qubits give a block one sign, the low ones are a
// Walsh–Hadamard transform of its probabilities.
func (e *expectations[T]) measureRow(worker int, psi, out []T) {
	sums := e.sums[worker]
	clear(sums)
	p := e.weights[worker]
	for from := 0; from < len(psi)/2 && len(e.diagonal) > 0; from += e.block {
		in := rowOf(psi, from/e.block, 2*e.block)
		for j := range p {
			re, im := float64(in[2*j]), float64(in[2*j+1])
			p[j] = re*re + im*im
		}
		walsh.Transform(p)
		for _, t := range e.diagonal {
			sums[t.observable] += signed(t.weight, from&t.sign) * p[t.sign&(e.block-1)]
		}
	}
	for _, t := range e.flipping {
		sum := 0.0
		for j := range len(psi) / 2 {
			re, im := image(t, psi, j)
			k := j ^ t.flip
			sum += float64(psi[2*k]*re + psi[2*k+1]*im)
		}
		sums[t.observable] += t.weight * sum
	}
	for k, v := range sums {
		out[k] = T(v)
	}
}

func (e *expectations[T]) differentiateRow(worker int, psi, dout, dpsi []T) {
	w := e.weights[worker]
	for from := 0; from < len(psi)/2; from += e.block {
		clear(w)
		for _, t := range e.diagonal {
			w[t.sign&(e.block-1)] += signed(2*t.weight, from&t.sign) * float64(dout[t.observable])
		}
		if len(e.diagonal) > 0 {
			walsh.Transform(w)
		}
		in, to := psi[2*from:][:2*e.block], dpsi[2*from:][:2*e.block]
		for j, v := range w {
			to[2*j], to[2*j+1] = T(v)*in[2*j], T(v)*in[2*j+1]
		}
	}
	for _, t := range e.flipping {
		g := T(2*t.weight) * dout[t.observable]
		for j := range len(psi) / 2 {
			re, im := image(t, psi, j)
			k := j ^ t.flip
			dpsi[2*k] += g * re
			dpsi[2*k+1] += g * im
		}
	}
}

// signed returns x, with the other sign if mask has an odd number of ones.
func signed(x float64, mask int) float64 {
	if bits.OnesCount(uint(mask))&1 == 1 {
		return -x
	}
	return x
}

// image returns amplitude j of ψ as it stands in P|ψ⟩, at index j^flip.
func image[T Float](t pauli, psi []T, j int) (re, im T) {
	re, im = psi[2*j], psi[2*j+1]
	if bits.OnesCount(uint(j&t.sign))&1 == 1 {
		re, im = -re, -im
	}
	switch t.ys & 3 {
	case 1:
		return -im, re
	case 2:
		return -re, -im
	case 3:
		return im, -re
	}
	return re, im
}
