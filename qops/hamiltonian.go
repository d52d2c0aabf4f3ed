package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Hamiltonian returns Σ_k c_k⟨ψ|P_k|ψ⟩ of every state, with coefficients that are a node and so can be trained. For fixed ones see Expect.
//
//	ψ             (B, …, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	coefficients  (K)             of the Pauli strings, n letters of I, X, Y, Z each
//	out           (B, …)
//
// Differentiable once in ψ and the coefficients. It returns an error if ψ is not of a batch of states, there is no string, one is not n letters, or the
// coefficients are not one a string.
func Hamiltonian(psi *G.Node, paulis []string, coefficients *G.Node) (*G.Node, error) {
	if psi == nil || coefficients == nil {
		return nil, errors.New("qops: Hamiltonian: ψ or the coefficients are nil")
	}
	n, err := qubitsOf(psi)
	switch {
	case err != nil || psi.Dims() < 3:
		return nil, errors.Errorf("qops: Hamiltonian: want a batch of states (B, …, 2^n, 2), got %v", psi.Shape())
	case len(paulis) == 0:
		return nil, errors.New("qops: Hamiltonian: want at least one Pauli string")
	case coefficients.Dims() != 1 || coefficients.Shape()[0] != len(paulis):
		return nil, errors.Errorf("qops: Hamiltonian: want coefficients of shape (%d), one a Pauli string, got %v", len(paulis), coefficients.Shape())
	}
	terms := make([]statevec.Observable, len(paulis))
	for k, p := range paulis {
		terms[k] = statevec.Observable{{Coefficient: 1, Pauli: p}}
	}
	return op.ByDtype(psi, hamiltonian[float32](n, terms), hamiltonian[float64](n, terms), coefficients)
}

func hamiltonian[T op.Float](qubits int, terms []statevec.Observable) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		e, err := statevec.NewExpectations[T](qubits, terms, 1)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Hamiltonian")
		}
		leading, rows := leadingOf(x[0])
		each, deach := make([]T, rows*len(terms)), make([]T, rows*len(terms)) // (rows, K): ⟨P_k⟩ and its gradient
		of := func(s []T, r int) []T { return s[r*len(terms) : (r+1)*len(terms)] }
		return op.Apply(op.Kernel[T]{
			Name:  "Hamiltonian",
			Shape: leading,
			Forward: func(out []T, in [][]T) error {
				if err := e.Apply(rows, in[0], each); err != nil {
					return err
				}
				for r := range out {
					out[r] = dense.Dot(of(each, r), in[1])
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if dc := din[1]; dc != nil {
					clear(dc)
					for r, g := range dout {
						dense.Axpy(g, of(each, r), dc)
					}
				}
				if din[0] == nil {
					return nil
				}
				clear(deach)
				for r, g := range dout {
					dense.Axpy(g, in[1], of(deach, r))
				}
				return e.Adjoint(rows, in[0], deach, din[0])
			},
		}, x...)
	}
}
