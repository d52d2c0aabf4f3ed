package statevec

import (
	"math/bits"
	"strings"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/pkg/errors"
)

// Term is a coefficient times a Pauli string, one letter of I, X, Y, Z a qubit, qubit 0 first.
type Term struct {
	Coefficient float64
	Pauli       string
}

// Observable is a real weighted sum of Pauli strings.
type Observable []Term

// EachZ returns the n observables Z of each qubit.
func EachZ(n int) []Observable {
	out := make([]Observable, n)
	for q := range out {
		out[q] = Observable{{1, strings.Repeat("I", q) + "Z" + strings.Repeat("I", n-1-q)}}
	}
	return out
}

// pauli is a term as masks over the index: P|j⟩ = i^ys·(−1)^|j&sign|·|j^flip⟩.
type pauli struct {
	observable int
	weight     float64
	flip, sign int
	ys         int
}

// Expectation computes ⟨ψ|O|ψ⟩ for a fixed list of observables. It owns its memory: one a goroutine.
type Expectation[T dense.Float] struct {
	qubits, observables  int
	diagonal, flipping   []pauli // without and with X or Y
	pool                 *pool
	scratch              [][]float64 // by worker: one number an amplitude
	psi, out, dout, dpsi []T
	forward, backward    func(worker, row int)
}

// NewExpectation prepares the expectation of some observables on states of n qubits, on the given number of threads.
// It returns an error for a Pauli string that is not n letters of I, X, Y, Z.
func NewExpectation[T dense.Float](n int, observables []Observable, threads int) (*Expectation[T], error) {
	e := &Expectation[T]{qubits: n, observables: len(observables), pool: newPool(threads)}
	for k, o := range observables {
		for _, term := range o {
			p := pauli{observable: k, weight: term.Coefficient}
			if len(term.Pauli) != n || strings.Trim(term.Pauli, "IXYZ") != "" {
				return nil, errors.Errorf("statevec: observable %d: want a Pauli string of %d letters I, X, Y, Z, got %q", k, n, term.Pauli)
			}
			for q, letter := range term.Pauli {
				bit := 1 << (n - 1 - q)
				if letter == 'X' || letter == 'Y' {
					p.flip |= bit
				}
				if letter == 'Z' || letter == 'Y' {
					p.sign |= bit
				}
			}
			p.ys = bits.OnesCount(uint(p.flip & p.sign))
			if p.flip == 0 {
				e.diagonal = append(e.diagonal, p)
			} else {
				e.flipping = append(e.flipping, p)
			}
		}
	}
	for range e.pool.starts {
		e.scratch = append(e.scratch, make([]float64, 1<<n))
	}
	e.forward, e.backward = e.forwardOnRow, e.backwardOnRow
	return e, nil
}

// Apply sets out[r, k] to ⟨ψ_r|O_k|ψ_r⟩ for every row and observable; states need not be normalised.
//
//	psi  rows × 2·2^n
//	out  rows × observables
//
// It returns an error if a length is wrong.
func (e *Expectation[T]) Apply(rows int, psi, out []T) error {
	if err := firstError(want("psi", len(psi), rows*2<<e.qubits), want("out", len(out), rows*e.observables)); err != nil {
		return err
	}
	e.psi, e.out = psi, out
	e.pool.each(rows, e.forward)
	e.psi, e.out = nil, nil
	return nil
}

// Adjoint sets dpsi to the gradient of Apply by the states, from dout = ∂L/∂out. It returns an error if a length is wrong.
func (e *Expectation[T]) Adjoint(rows int, psi, dout, dpsi []T) error {
	n := rows * 2 << e.qubits
	if err := firstError(want("psi", len(psi), n), want("dpsi", len(dpsi), n), want("dout", len(dout), rows*e.observables)); err != nil {
		return err
	}
	e.psi, e.dout, e.dpsi = psi, dout, dpsi
	e.pool.each(rows, e.backward)
	e.psi, e.dout, e.dpsi = nil, nil, nil
	return nil
}

func (e *Expectation[T]) row(x []T, row int) []T {
	n := 2 << e.qubits
	return x[row*n : (row+1)*n]
}

func (e *Expectation[T]) forwardOnRow(worker, row int) {
	psi, out := e.row(e.psi, row), e.out[row*e.observables:(row+1)*e.observables]
	clear(out)
	if len(e.diagonal) > 0 {
		p := e.scratch[worker]
		for j := range p {
			re, im := float64(psi[2*j]), float64(psi[2*j+1])
			p[j] = re*re + im*im
		}
		walsh(p)
		for _, t := range e.diagonal {
			out[t.observable] += T(t.weight * p[t.sign])
		}
	}
	for _, t := range e.flipping {
		sum := 0.0
		for j := range 1 << e.qubits {
			re, im := image(t, psi, j)
			k := j ^ t.flip
			sum += float64(psi[2*k]*re + psi[2*k+1]*im)
		}
		out[t.observable] += T(t.weight * sum)
	}
}

func (e *Expectation[T]) backwardOnRow(worker, row int) {
	psi, dpsi, dout := e.row(e.psi, row), e.row(e.dpsi, row), e.dout[row*e.observables:(row+1)*e.observables]
	w := e.scratch[worker]
	clear(w)
	if len(e.diagonal) > 0 {
		for _, t := range e.diagonal {
			w[t.sign] += 2 * t.weight * float64(dout[t.observable])
		}
		walsh(w)
	}
	for j, v := range w {
		dpsi[2*j], dpsi[2*j+1] = T(v)*psi[2*j], T(v)*psi[2*j+1]
	}
	for _, t := range e.flipping {
		g := T(2*t.weight) * dout[t.observable]
		for j := range w {
			re, im := image(t, psi, j)
			k := j ^ t.flip
			dpsi[2*k] += g * re
			dpsi[2*k+1] += g * im
		}
	}
}

// walsh replaces x by its Walsh–Hadamard transform, Σⱼ (−1)^|j&k|·xⱼ: from probabilities to all Z strings, and from weights of Z strings to amplitudes.
func walsh(x []float64) {
	for h := 1; h < len(x); h *= 2 {
		for i := 0; i < len(x); i += 2 * h {
			a, b := x[i:i+h], x[i+h:i+2*h]
			for j, u := range a {
				v := b[j]
				a[j], b[j] = u+v, u-v
			}
		}
	}
}

// image returns amplitude j of ψ as it stands in P|ψ⟩, at index j^flip.
func image[T dense.Float](t pauli, psi []T, j int) (re, im T) {
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
