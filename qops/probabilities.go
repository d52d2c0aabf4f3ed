package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Probabilities returns the probability of every outcome of measuring some qubits of every state, the others ignored: the marginal distribution. Without
// qubits it is that of all.
//
//	ψ    (…, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	out  (…, 2^k)     of k qubits, the first given the most significant bit; sums to ‖ψ‖²
//
// Differentiable once in ψ. It returns an error if ψ is not of states, or a qubit is out of range or given twice.
func Probabilities(psi *G.Node, qubits ...int) (*G.Node, error) {
	s, err := subsystem(psi, qubits)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Probabilities")
	}
	return op.ByDtype(psi, probabilities[float32](s), probabilities[float64](s))
}

func probabilities[T op.Float](s *statevec.Subsystem) func(psi ...*G.Node) (*G.Node, error) {
	return func(psi ...*G.Node) (*G.Node, error) {
		leading, rows := leadingOf(psi[0])
		return op.Apply(op.Kernel[T]{
			Name:    "Probabilities",
			Shape:   append(leading, s.Outcomes()),
			Forward: func(out []T, in [][]T) error { return statevec.Marginals(s, rows, in[0], out) },
			Backward: func(din, in [][]T, _, dout []T) error {
				return statevec.MarginalsAdjoint(s, rows, in[0], dout, din[0])
			},
		}, psi...)
	}
}

// Purity returns Tr ρ² of the reduced state ρ of some qubits: of a state of unit norm 1 if they are not entangled with the rest, down to 2^−min(k, n−k).
//
//	ψ    (B, …, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	out  (B, …)          in [0, ‖ψ‖⁴]
//
// Differentiable once in ψ. It returns an error if ψ is not of a batch of states, no qubit is given, or one is out of range or given twice.
//
// Source: Meyer and Wallach, arXiv:quant-ph/0108104, whose measure of entanglement is 2 − 2·the mean purity of single qubits.
func Purity(psi *G.Node, qubits ...int) (*G.Node, error) {
	s, err := subsystem(psi, qubits)
	switch {
	case err != nil:
	case len(qubits) == 0:
		err = errors.New("want at least one qubit")
	case psi.Dims() < 3:
		err = errors.Errorf("want a batch of states (B, …, 2^n, 2), got %v", psi.Shape())
	}
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Purity")
	}
	return op.ByDtype(psi, purity[float32](s), purity[float64](s))
}

func purity[T op.Float](s *statevec.Subsystem) func(psi ...*G.Node) (*G.Node, error) {
	return func(psi ...*G.Node) (*G.Node, error) {
		leading, rows := leadingOf(psi[0])
		p, err := statevec.NewPurity[T](s, rows)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Purity")
		}
		return op.Apply(op.Kernel[T]{
			Name:     "Purity",
			Shape:    leading,
			Forward:  func(out []T, in [][]T) error { return p.Apply(in[0], out) },
			Backward: func(din, in [][]T, _, dout []T) error { return p.Adjoint(in[0], dout, din[0]) },
		}, psi...)
	}
}

// subsystem returns the given qubits of states (…, 2^n, 2).
func subsystem(psi *G.Node, qubits []int) (*statevec.Subsystem, error) {
	if psi == nil {
		return nil, errors.New("ψ is nil")
	}
	n, err := qubitsOf(psi)
	if err != nil {
		return nil, err
	}
	return statevec.NewSubsystem(n, qubits...)
}

// leadingOf returns the axes before those of the states (…, 2^n, 2), and how many states there are.
func leadingOf(psi *G.Node) (tensor.Shape, int) {
	shape := psi.Shape()
	leading := shape[:shape.Dims()-2].Clone()
	return leading, shape.TotalSize() / (shape[shape.Dims()-2] * 2)
}
