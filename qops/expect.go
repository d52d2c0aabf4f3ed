package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
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
	if psi == nil {
		return nil, errors.New("qops: Expect: ψ is nil")
	}
	n, err := qubitsOf(psi)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Expect")
	}
	if len(observables) == 0 {
		return nil, errors.New("qops: Expect: want at least one observable")
	}
	return op.ByDtype(psi, expect[float32](n, observables), expect[float64](n, observables))
}

func expect[T op.Float](qubits int, observables []statevec.Observable) func(psi ...*G.Node) (*G.Node, error) {
	return func(psi ...*G.Node) (*G.Node, error) {
		e, err := statevec.NewExpectation[T](qubits, observables, 1)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Expect")
		}
		shape := psi[0].Shape()
		rows := shape.TotalSize() / (2 << qubits)
		return op.Apply(op.Kernel[T]{
			Name:    "Expect",
			Shape:   append(shape[:shape.Dims()-2].Clone(), len(observables)),
			Forward: func(out []T, in [][]T) error { return e.Apply(rows, in[0], out) },
			Backward: func(din, in [][]T, _, dout []T) error {
				return e.Adjoint(rows, in[0], dout, din[0])
			},
		}, psi...)
	}
}
