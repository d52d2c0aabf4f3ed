package qops

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Hamiltonian returns Σ_k c_k⟨ψ|P_k|ψ⟩ of every state, with coefficients that are a node and so can be
// trained. For fixed ones see Expectations.
//
//	ψ     (B, …, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	c, P  (K)             coefficients, of K Pauli strings of n letters I, X, Y, Z
//	out   (B, …)
//
// With shots, groups of strings that can be read in one basis share those of a state, by the sum of 1 +
// |c_k|.
//
// Differentiable once in ψ and the coefficients; the gradient to these is what was estimated of the strings.
// It returns an error if ψ is not a batch of states, there is no string, one is not n letters, or there is
// not one coefficient for each string.
func Hamiltonian(psi *G.Node, paulis []string, coefficients *G.Node, s Shots) (*G.Node, error) {
	n, err := batchQubits(psi)
	switch {
	case err != nil:
	case s.check() != nil:
		err = s.check()
	case len(paulis) == 0:
		err = errors.New("want at least one Pauli string")
	case coefficients == nil || coefficients.Dims() != 1 || coefficients.Shape()[0] != len(paulis):
		err = errors.Errorf("want coefficients of shape (%d), one for each Pauli string, got %v", len(paulis),
			shapeOf(coefficients))
	}
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Hamiltonian")
	}
	terms := make([]statevec.Observable, len(paulis))
	for k, p := range paulis {
		terms[k] = statevec.Observable{{Coefficient: 1, Pauli: p}}
	}
	return op.ByDtype(psi, hamiltonian[float32](n, terms, s), hamiltonian[float64](n, terms, s), coefficients)
}

func hamiltonian[T op.Float](qubits int,
	terms []statevec.Observable, s Shots) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		e, err := statevec.NewExpectations[T](qubits, terms, 1)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Hamiltonian")
		}
		leading, rows := leadingAxes(operands[0])
		size := rows * len(terms)
		values, dvalues := make([]T, size), make([]T, size) // (rows, K): ⟨P_k⟩ and its gradient
		row := func(s []T, r int) []T { return s[r*len(terms) : (r+1)*len(terms)] }
		d := newDraws[T](s, rows, rows)
		sampled := hamiltonianShots[T]{draws: d, qubits: qubits, terms: terms}
		n, err := op.Apply(op.Kernel[T]{
			Name:  "Hamiltonian",
			Shape: leading,
			ONNX:  unlessShots(s, writeHamiltonian(qubits, terms)),
			Forward: func(out []T, in [][]T) error {
				if d != nil {
					return sampled.read(in[0], in[1], values, out)
				}
				if err := e.Apply(rows, in[0], values); err != nil {
					return err
				}
				for r := range out {
					out[r] = dense.Dot(row(values, r), in[1])
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if dc := din[1]; dc != nil {
					clear(dc)
					for r, g := range dout {
						dense.Axpy(g, row(values, r), dc)
					}
				}
				if din[0] == nil {
					return nil
				}
				clear(dvalues)
				for r, g := range dout {
					dense.Axpy(g, in[1], row(dvalues, r))
				}
				return e.Adjoint(rows, in[0], dvalues, din[0])
			},
		}, operands...)
		if err != nil {
			return nil, err
		}
		return n, d.offer(n)
	}
}

// hamiltonianShots estimates the strings and, from the same shots, their weighted sum.
type hamiltonianShots[T op.Float] struct {
	draws       *draws[T]
	qubits      int
	terms       []statevec.Observable
	out, stderr []T // (rows, K+1)
}

// read sets values, (rows, K), to what the strings are and out to the sum.
func (h *hamiltonianShots[T]) read(psi, coefficients, values, out []T) error {
	k := len(h.terms)
	sum := make(statevec.Observable, k)
	for i, c := range coefficients {
		sum[i] = statevec.Term{Coefficient: float64(c), Pauli: h.terms[i][0].Pauli}
	}
	e, err := statevec.NewExpectations[T](h.qubits, append(slices.Clone(h.terms), sum), 1)
	if err != nil {
		return err
	}
	if h.out == nil {
		h.out, h.stderr = make([]T, len(out)*(k+1)), make([]T, len(out)*(k+1))
	}
	d := draws[T]{Shots: h.draws.Shots, seeds: h.draws.seeds, stderr: h.stderr}
	if err := d.sample(e, len(out), psi, h.out); err != nil {
		return err
	}
	for r := range out {
		copy(values[r*k:(r+1)*k], h.out[r*(k+1):])
		out[r] = h.out[r*(k+1)+k]
		if h.draws.stderr != nil {
			h.draws.stderr[r] = h.stderr[r*(k+1)+k]
		}
	}
	return nil
}
