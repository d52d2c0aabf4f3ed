package statevec

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Measurements of states with errors of readout, exact and from shots.

// confuse replaces the probabilities of outcomes on some qubits by those of what is read, or carries the
// gradient back. The first qubit is the most significant bit.
func confuse[V Float](readout []circuit.Confusion, p []V, back bool) {
	for k, r := range readout {
		if r.Exact() {
			continue
		}
		one, zero := V(r.P10), V(r.P01) // what moves from 0 to 1 and from 1 to 0
		step := len(p) >> (k + 1)
		for i := range p {
			if i&step != 0 {
				continue
			}
			a, b := p[i], p[i|step]
			if back {
				p[i], p[i|step] = a+one*(b-a), b+zero*(a-b)
			} else {
				p[i], p[i|step] = a-one*a+zero*b, b+one*a-zero*b
			}
		}
	}
}

// readoutOf returns the errors of some qubits, nil if there are none at all.
func readoutOf(readout []circuit.Confusion, qubits []int) (out []circuit.Confusion) {
	if readout == nil {
		return nil
	}
	for _, q := range qubits {
		out = append(out, readout[q])
	}
	return out
}

// maxMisread bounds the Pauli strings that one becomes with errors of readout; all of a measurement become at
// most 16 times as many.
const maxMisread = 1 << 16

// misreadBy returns the measurement with errors of readout of the n qubits: a letter L is read as (1 − P10 −
// P01)·L + P01 − P10, so that a string becomes a sum of strings, of 2^k if all of its k letters are misread
// one way more than the other.
func (e *expectations[T]) misreadBy(readout []circuit.Confusion, n int) (*RowMeasurement[T], error) {
	type key struct{ observable, flip, sign int }
	var read []pauli
	place := map[key]int{}
	for _, p := range e.strings {
		terms := []pauli{p}
		for q, r := range readout {
			bit := 1 << (n - 1 - q)
			if (p.flip|p.sign)&bit == 0 || r.Exact() {
				continue
			}
			keep, shift := 1-r.P10-r.P01, r.P01-r.P10
			for i := range terms {
				if shift != 0 {
					without := terms[i]
					without.weight, without.flip, without.sign = shift*without.weight, without.flip&^bit,
						without.sign&^bit
					terms = append(terms, without)
				}
				terms[i].weight *= keep
			}
			if len(terms) > maxMisread {
				return nil, errors.New("statevec: errors of readout make more than 2^16 Pauli strings of " +
					"one: want strings of fewer letters, or errors that are alike for 0 and 1")
			}
		}
		for _, t := range terms {
			k := key{t.observable, t.flip, t.sign}
			at, ok := place[k]
			if !ok {
				at = len(read)
				place[k], read = at, append(read, pauli{t.observable, 0, t.flip, t.sign})
			}
			read[at].weight += t.weight
		}
		if len(read) > 16*maxMisread {
			return nil, errors.Errorf("statevec: errors of readout make more than 2^20 Pauli strings of "+
				"%d: want fewer, or of fewer letters", len(e.strings))
		}
	}
	rows, err := newRowMeasurement[T](n, e.outputs, len(e.pool.starts))
	if err != nil {
		return nil, err
	}
	out := newExpectations(rows, n, e.strings, read)
	out.readout = readout
	return rows, nil
}
