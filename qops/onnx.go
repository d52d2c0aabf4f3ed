package qops

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/onnx"
)

// form is op.Kernel.ONNX.
type form = func(b *onnx.Builder, in []onnx.Value) onnx.Value

// exactOnly is the form of a node with shots or noise: it has none.
func exactOnly(b *onnx.Builder, _ []onnx.Value) onnx.Value {
	b.Fail(errors.New("it has shots or noise, and what is exported is exact: want 0 shots and no noise"))
	return onnx.Value{}
}

// unlessShots returns the form of a node that may have shots.
func unlessShots(s Shots, exact form) form {
	if s.exact() {
		return exact
	}
	return exactOnly
}

// constantOf returns the numbers of an operand that has to be a constant.
func constantOf(b *onnx.Builder, what string, v onnx.Value) []float64 {
	data, ok := v.Constant()
	if !ok {
		b.Fail(errors.Errorf("%s depends on an input of the model: want parameters or constants", what))
	}
	return data
}

// writeAmplitudes writes EncodeAmplitude.
func (e encoding) writeAmplitudes(b *onnx.Builder, x onnx.Value) onnx.Value {
	shape := x.Shape()
	last := len(shape) - 1
	switch e.normalize {
	case NormalizeRows:
		x = b.Unit(x, last)
	case NormalizeImage:
		x = b.Unit(x, last-1, last)
	}
	x = b.Reshape(x, append(shape, 1)...)
	before, behind := make([]int, len(shape)+1), make([]int, len(shape)+1)
	behind[last], behind[last+1] = 1<<e.qubits-e.width, 1
	return b.Pad(x, before, behind)
}

// parts returns the real and the imaginary parts (…, 2^n) of states (…, 2^n, 2).
func parts(b *onnx.Builder, psi onnx.Value) (re, im onnx.Value) {
	axis := len(psi.Shape()) - 1
	return b.Gather(psi, axis, []int{0}), b.Gather(psi, axis, []int{1})
}

// writeFidelity writes |⟨φ|ψ⟩|² of states and their counterparts, or one for all.
func writeFidelity(b *onnx.Builder, in []onnx.Value) onnx.Value {
	phiRe, phiIm := parts(b, in[0])
	psiRe, psiIm := parts(b, in[1])
	axis := len(phiRe.Shape()) - 1
	re := b.Sum(b.Add(b.Mul(phiRe, psiRe), b.Mul(phiIm, psiIm)), false, axis)
	im := b.Sum(b.Sub(b.Mul(phiRe, psiIm), b.Mul(phiIm, psiRe)), false, axis)
	return squaredLength(b, re, im)
}

// writeOverlap writes |⟨φᵢ|ψⱼ⟩|² of all pairs of rows.
func writeOverlap(b *onnx.Builder, in []onnx.Value) onnx.Value {
	phiRe, phiIm := parts(b, in[0])
	psiRe, psiIm := parts(b, b.Transpose(in[1], 0, 2, 1, 3)) // (B, 2^n, T')
	re := b.Add(b.MatMul(phiRe, psiRe), b.MatMul(phiIm, psiIm))
	im := b.Sub(b.MatMul(phiRe, psiIm), b.MatMul(phiIm, psiRe))
	return squaredLength(b, re, im)
}

// squaredLength returns re² + im².
func squaredLength(b *onnx.Builder, re, im onnx.Value) onnx.Value {
	return b.Add(b.Mul(re, re), b.Mul(im, im))
}
