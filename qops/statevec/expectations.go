package statevec

import (
	"math"
	"math/bits"
	"strings"
	"sync"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

// Term is a coefficient times a Pauli string: one letter of I, X, Y, Z for each qubit, qubit 0 first.
type Term struct {
	Coefficient float64
	Pauli       string
}

// Observable is a real weighted sum of Pauli strings.
type Observable []Term

// pauli is a term as masks over the index, see tile.Pauli.
type pauli struct {
	observable int
	weight     float64
	flip, sign int
}

// expectations measures ⟨ψ|O|ψ⟩ for a fixed list of observables.
type expectations[T Float] struct {
	*RowMeasurement[T]
	diagonal, flipping []pauli // without and with X or Y
	block              int     // amplitudes that strings of Z are computed on at once
	signs              *diagonals[T]
	places             []leafPlace // by diagonal string
	work               []expectationScratch[T]

	strings   []pauli // all of them, and from the first Sample on
	settings  []*setting
	constants []float64 // by observable: what the strings without a letter add up to
	scratch   []settingScratch
	once      sync.Once
	readout   []circuit.Confusion // by qubit; nil: without errors
}

// expectationScratch is the memory of one worker.
type expectationScratch[T Float] struct {
	signs *diagonalScratch[T]
	pauli tile.Scratch[T]
	sums  []float64
}

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
	qubits := diagonalBlock(n, len(e.diagonal))
	e.block = 1 << qubits
	var masks []int
	for _, p := range e.diagonal {
		masks = append(masks, p.sign&(e.block-1))
	}
	e.signs = newDiagonals[T](qubits, masks)
	for _, m := range masks {
		e.places = append(e.places, e.signs.place[m])
	}
	for range e.pool.starts {
		e.work = append(e.work, expectationScratch[T]{signs: e.signs.newScratch(),
			sums: make([]float64, e.outputs)})
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
	return p, nil
}

// measureRow takes strings of Z block by block: the high qubits give a block one sign.
func (e *expectations[T]) measureRow(worker int, psi, out []T) {
	w := &e.work[worker]
	clear(w.sums)
	for from := 0; from < len(psi)/2 && len(e.diagonal) > 0; from += e.block {
		e.signs.read(w.signs, rowOf(psi, from/e.block, 2*e.block))
		for i, t := range e.diagonal {
			w.sums[t.observable] += signed(t.weight, from&t.sign) * w.signs.value(e.places[i])
		}
	}
	for _, t := range e.flipping {
		w.sums[t.observable] += t.weight * w.pauli.Expectation(tile.Pauli{Flip: t.flip, Sign: t.sign}, psi)
	}
	for k, v := range w.sums {
		out[k] = T(v)
	}
}

func (e *expectations[T]) differentiateRow(worker int, psi, dout, dpsi []T) {
	w := &e.work[worker]
	if len(e.diagonal) == 0 {
		clear(dpsi)
	}
	for from := 0; from < len(psi)/2 && len(e.diagonal) > 0; from += e.block {
		clear(w.signs.leaves)
		for i, t := range e.diagonal {
			w.signs.add(e.places[i], signed(2*t.weight, from&t.sign)*float64(dout[t.observable]))
		}
		e.signs.weigh(w.signs, psi[2*from:][:2*e.block], dpsi[2*from:][:2*e.block])
	}
	for _, t := range e.flipping {
		w.pauli.Add(tile.Pauli{Flip: t.flip, Sign: t.sign}, T(2*t.weight)*dout[t.observable], psi, dpsi)
	}
}

// signed returns x, with the other sign if mask has an odd number of ones.
func signed(x float64, mask int) float64 {
	if bits.OnesCount(uint(mask))&1 == 1 {
		return -x
	}
	return x
}
