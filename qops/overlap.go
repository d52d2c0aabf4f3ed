package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Overlap returns |⟨φᵢ|ψⱼ⟩|² for all pairs of rows: what a SWAP test estimates as P(0,i,j) − P(1,i,j),
// computed exactly.
//
//	φ    (B, T, 2^n, 2)   state vectors, unit norm or less, real and imaginary part last
//	ψ    (B, T', 2^n, 2)
//	out  (B, T, T')       in [0, ‖φᵢ‖²‖ψⱼ‖²]
//
// It takes these axes only: fold heads, or any further axis, into the batch with nn.Transpose and nn.Reshape.
// Differentiable once in both arguments. It returns an error for other axes, and if batches or qubits differ.
//
// Source: Buhrman, Cleve, Watrous, de Wolf, arXiv:quant-ph/0102001.
func Overlap(phi, psi *G.Node) (*G.Node, error) {
	for _, n := range []*G.Node{phi, psi} {
		if _, err := Qubits(n); err != nil || n.Dims() != 4 {
			hint := ""
			if err == nil && n.Dims() > 4 {
				hint = ": fold heads into the batch with nn.Transpose and nn.Reshape"
			}
			return nil, errors.Errorf("qops: Overlap: want states (B, T, 2^n, 2), got %v%s", shapeOf(n), hint)
		}
	}
	if a, b := phi.Shape(), psi.Shape(); a[0] != b[0] || a[2] != b[2] {
		return nil, errors.Errorf("qops: Overlap: φ is %v, ψ is %v; want the same batch and qubits", a, b)
	}
	return op.ByDtype(phi, overlap[float32], overlap[float64], psi)
}

func overlap[T op.Float](states ...*G.Node) (*G.Node, error) {
	phi, psi := states[0].Shape(), states[1].Shape()
	qubits, err := Qubits(states[0])
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Overlap")
	}
	o, err := statevec.NewOverlap[T](phi[0], phi[1], psi[1], qubits, 1)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Overlap")
	}
	z := make([]T, 2*phi[0]*phi[1]*psi[1]) // ⟨φᵢ|ψⱼ⟩, real and imaginary part
	return op.Apply(op.Kernel[T]{
		Name:    "Overlap",
		Shape:   tensor.Shape{phi[0], phi[1], psi[1]},
		ONNX:    writeOverlap,
		Forward: func(out []T, in [][]T) error { return o.Apply(in[0], in[1], z, out) },
		Backward: func(din, in [][]T, _, dout []T) error {
			return o.Adjoint(in[0], in[1], z, dout, din[0], din[1])
		},
	}, states...)
}
