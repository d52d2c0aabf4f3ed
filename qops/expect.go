package qops

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/qops/statevec"
)

// Expect returns ⟨ψ|O_k|ψ⟩ of every state and each of K observables, real weighted sums of Pauli strings.
//
//	ψ    (…, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	out  (…, K)       of a state of unit norm, within ± the sum of an observable's |coefficients|
//
// The result of one state without leading axes is (K). Differentiable once in ψ. It returns an error if there is no observable or a Pauli string is not n
// letters of I, X, Y, Z.
func Expect(psi *G.Node, observables []statevec.Observable) (*G.Node, error) {
	return read(psi, ReadObservables(observables...), false)
}
