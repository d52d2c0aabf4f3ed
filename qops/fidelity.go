package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Fidelity returns |⟨φ|ψ⟩|² of every state with the one in its place, or of every state with one target: 1 of equal states of unit norm, 0 of orthogonal ones.
//
//	φ    (B, …, 2^n, 2)  real and imaginary part last
//	ψ    (B, …, 2^n, 2) or (2^n, 2), the target of all
//	out  (B, …)          in [0, ‖φ‖²‖ψ‖²]
//
// Differentiable once in both. It returns an error if φ is not of a batch of states, or ψ has neither of the two shapes. For all pairs of states see Overlap.
func Fidelity(phi, psi *G.Node) (*G.Node, error) {
	if phi == nil || psi == nil {
		return nil, errors.New("qops: Fidelity: a state is nil")
	}
	if _, err := qubitsOf(phi); err != nil || phi.Dims() < 3 {
		return nil, errors.Errorf("qops: Fidelity: want φ of a batch of states (B, …, 2^n, 2), got %v", phi.Shape())
	}
	shape := phi.Shape()
	one := shape[shape.Dims()-2:]
	if !psi.Shape().Eq(shape) && !psi.Shape().Eq(one) {
		return nil, errors.Errorf("qops: Fidelity: want ψ of shape %v or %v, got %v", shape, one, psi.Shape())
	}
	return op.ByDtype(phi, fidelity[float32], fidelity[float64], psi)
}

func fidelity[T op.Float](states ...*G.Node) (*G.Node, error) {
	leading, _ := leadingOf(states[0])
	return op.Apply(op.Kernel[T]{
		Name:    "Fidelity",
		Shape:   leading,
		Forward: func(out []T, in [][]T) error { return statevec.PairFidelities(in[1], in[0], out) },
		Backward: func(din, in [][]T, _, dout []T) error {
			return statevec.PairFidelitiesAdjoint(in[1], in[0], dout, din[1], din[0])
		},
	}, states...)
}
