package qops

import (
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
// Differentiable once in ψ and the coefficients. It returns an error if ψ is not a batch of states, there is
// no string, one is not n letters, or there is not one coefficient for each string.
func Hamiltonian(psi *G.Node, paulis []string, coefficients *G.Node) (*G.Node, error) {
	n, err := batchQubits(psi)
	switch {
	case err != nil:
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
	return op.ByDtype(psi, hamiltonian[float32](n, terms), hamiltonian[float64](n, terms), coefficients)
}

func hamiltonian[T op.Float](qubits int,
	terms []statevec.Observable) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		e, err := statevec.NewExpectations[T](qubits, terms, 1)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Hamiltonian")
		}
		leading, rows := leadingAxes(operands[0])
		size := rows * len(terms)
		values, dvalues := make([]T, size), make([]T, size) // (rows, K): ⟨P_k⟩ and its gradient
		row := func(s []T, r int) []T { return s[r*len(terms) : (r+1)*len(terms)] }
		return op.Apply(op.Kernel[T]{
			Name:  "Hamiltonian",
			Shape: leading,
			Forward: func(out []T, in [][]T) error {
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
	}
}
