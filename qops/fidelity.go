package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Fidelity returns |⟨φ|ψ⟩|² of every state with its counterpart, or of every state with one target: 1 for
// equal states of unit norm, 0 for orthogonal ones.
//
//	φ    (B, …, 2^n, 2)  real and imaginary part last
//	ψ    (B, …, 2^n, 2) or (2^n, 2), the target of all
//	out  (B, …)          in [0, ‖φ‖²‖ψ‖²]
//
// Any axes may follow the batch, such as tokens and heads. Differentiable once in both. It returns an error
// if φ is not a batch of states, or ψ has neither of the two shapes. For all pairs of states see Overlap,
// which takes (B, T, 2^n, 2) only; for fixed targets Fidelities.
func Fidelity(phi, psi *G.Node) (*G.Node, error) {
	if _, err := batchQubits(phi); err != nil {
		return nil, errors.WithMessage(err, "qops: Fidelity: φ")
	}
	shape := phi.Shape()
	single := shape[shape.Dims()-2:]
	if psi == nil || !psi.Shape().Eq(shape) && !psi.Shape().Eq(single) {
		return nil, errors.Errorf("qops: Fidelity: want ψ of shape %v or %v, got %v",
			shape, single, shapeOf(psi))
	}
	return op.ByDtype(phi, fidelity[float32], fidelity[float64], psi)
}

func fidelity[T op.Float](states ...*G.Node) (*G.Node, error) {
	leading, _ := leadingAxes(states[0])
	return op.Apply(op.Kernel[T]{
		Name:    "Fidelity",
		Shape:   leading,
		ONNX:    writeFidelity,
		Forward: func(out []T, in [][]T) error { return statevec.PairFidelities(in[1], in[0], out) },
		Backward: func(din, in [][]T, _, dout []T) error {
			return statevec.PairFidelitiesAdjoint(in[1], in[0], dout, din[1], din[0])
		},
	}, states...)
}
