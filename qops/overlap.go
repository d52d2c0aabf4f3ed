package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Overlap returns |⟨φᵢ|ψⱼ⟩|² for all pairs of rows: what a SWAP test estimates as P(0,i,j) − P(1,i,j), computed exactly.
//
//	φ    (B, T, 2^n, 2)  state vectors, unit norm or less, real and imaginary part last
//	ψ    (B, T, 2^n, 2)
//	out  (B, T, T)       in [0, ‖φᵢ‖²‖ψⱼ‖²]
//
// Differentiable once in both arguments. It returns an error if the shapes differ.
//
// Source: Buhrman, Cleve, Watrous, de Wolf, arXiv:quant-ph/0102001.
func Overlap(phi, psi *G.Node) (*G.Node, error) {
	for _, n := range []*G.Node{phi, psi} {
		if n == nil {
			return nil, errors.New("qops: Overlap: a state is nil")
		}
		if _, err := qubitsOf(n); err != nil || n.Dims() != 4 {
			return nil, errors.Errorf("qops: Overlap: want states (B, T, 2^n, 2), got %v", n.Shape())
		}
	}
	if !phi.Shape().Eq(psi.Shape()) {
		return nil, errors.Errorf("qops: Overlap: φ is %v, ψ is %v; want the same", phi.Shape(), psi.Shape())
	}
	return op.ByDtype(phi, overlap[float32], overlap[float64], psi)
}

// overlap computes ⟨φ|ψ⟩ as two real products, for interleaved parts: its real part is φ·ψ and its imaginary part (iφ)·ψ.
func overlap[T op.Float](states ...*G.Node) (*G.Node, error) {
	shape := states[0].Shape()
	b, t, d := shape[0], shape[1], 2*shape[2]
	turned, dturned := make([]T, b*t*d), make([]T, b*t*d) // iφ
	z, dz := [2][]T{make([]T, b*t*t), make([]T, b*t*t)}, make([]T, b*t*t)
	forward := func(out []T, in [][]T) error {
		for i := 0; i < len(turned); i += 2 {
			turned[i], turned[i+1] = -in[0][i+1], in[0][i]
		}
		for c, left := range [2][]T{in[0], turned} {
			dense.GemmBatch(b, false, true, t, t, d, 1, left, d, t*d, in[1], d, t*d, 0, z[c], t, t*t)
		}
		for i := range out {
			out[i] = z[0][i]*z[0][i] + z[1][i]*z[1][i]
		}
		return nil
	}
	backward := func(din, in [][]T, _, dout []T) error {
		dleft := [2][]T{din[0], dturned}
		for c, left := range [2][]T{in[0], turned} {
			dense.Mul(dz, z[c], dout)
			dense.Scale(2, dz)
			if din[0] != nil {
				dense.GemmBatch(b, false, false, t, d, t, 1, dz, t, t*t, in[1], d, t*d, 0, dleft[c], d, t*d)
			}
			if din[1] != nil {
				dense.GemmBatch(b, true, false, t, d, t, 1, dz, t, t*t, left, d, t*d, T(c), din[1], d, t*d)
			}
		}
		for i := 0; i < len(din[0]); i += 2 {
			din[0][i] += dturned[i+1]
			din[0][i+1] -= dturned[i]
		}
		return nil
	}
	return op.Apply(op.Kernel[T]{Name: "Overlap", Shape: tensor.Shape{b, t, t}, Forward: forward, Backward: backward}, states...)
}
