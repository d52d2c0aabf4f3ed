package qops

import (
	"slices"

	"github.com/hqvit/hqvit/nn/onnx"
)

// write writes the scores of x, with W, or the angles of its circuits, and perhaps Scale.
func (s *scoreKernel[T]) write(b *onnx.Builder, in []onnx.Value) onnx.Value {
	w := s.writeW(b, in[1:s.scaleIndex()])
	if b.Err() != nil {
		return onnx.Value{}
	}
	x := b.SplitHeads(in[0], s.heads) // (B, H, T, D/H)
	unit := b.Unit(x, s.unitAxes()...)
	columns := b.Transpose(unit, 0, 1, 3, 2)
	var z [2]onnx.Value
	for c := range s.parts {
		z[c] = b.MatMul(b.MatMul(unit, w[c]), columns)
	}
	out := s.writeKind(b, x, z)
	if i := s.scaleIndex(); i < len(in) {
		out = b.Mul(out, b.Reshape(in[i], s.heads, 1, 1))
	}
	return b.Scale(out, s.gain)
}

// unitAxes are the axes of (B, H, T, D/H) that are scaled to unit norm together.
func (s *scoreKernel[T]) unitAxes() []int {
	if s.scalesPatches() {
		return []int{3}
	}
	return []int{2, 3}
}

// writeKind returns the scores of their kind of the parts of z.
func (s *scoreKernel[T]) writeKind(b *onnx.Builder, x onnx.Value, z [2]onnx.Value) onnx.Value {
	if s.kind == ScoreSigned {
		return z[0]
	}
	out := b.Mul(z[0], z[0])
	if s.parts == 2 {
		out = squaredLength(b, z[0], z[1])
	}
	switch s.kind {
	case ScoreConditional:
		return b.Scale(b.Add(out, b.Scalar(1)), 0.5)
	case ScoreRowNormalized:
		return s.writeRows(b, x, out)
	}
	return out
}

// writeRows returns n_j(1+ρ_ij)/Σ_k n_k(1+ρ_ik) of ρ, with n_j = ‖x_j‖² but for a factor; 0 for zeros.
func (s *scoreKernel[T]) writeRows(b *onnx.Builder, x, rho onnx.Value) onnx.Value {
	least := b.Scalar(0x1p-126) // the smallest normal number of float32
	x = b.Div(x, b.Max(b.Largest(b.Abs(x), true, 2, 3), least))
	n := b.Sum(b.Mul(x, x), true, 3)
	n = b.Reshape(n, s.images, s.heads, 1, s.tokens)
	weights := b.Mul(b.Add(rho, b.Scalar(1)), n)
	return b.Div(weights, b.Max(b.Sum(weights, true, 3), least))
}

// writeW returns the parts of the leading block of W, (H, D/H, D/H) each.
func (s *scoreKernel[T]) writeW(b *onnx.Builder, operands []onnx.Value) (w [2]onnx.Value) {
	var numbers []float64
	complexParts := s.interleaved
	if s.circuits != nil {
		numbers, complexParts = s.matrixOfCircuits(b, operands), !s.circuits.real
	} else {
		numbers = constantOf(b, "W", operands[0])
	}
	if b.Err() != nil {
		return w
	}
	step := 1
	if complexParts {
		step = 2
	}
	for c := range s.parts {
		block := make([]float64, s.heads*s.head*s.head)
		s.eachOfBlocks(func(full, packed int) { block[packed] = numbers[step*full+c] })
		w[c] = b.Const(block, s.heads, s.head, s.head)
	}
	return w
}

// matrixOfCircuits returns W of known angles, as Unitary computes it.
func (s *scoreKernel[T]) matrixOfCircuits(b *onnx.Builder, operands []onnx.Value) []float64 {
	in := make([][]T, len(operands))
	for i, v := range operands {
		for _, angle := range constantOf(b, "an angle of the circuits", v) {
			in[i] = append(in[i], T(angle))
		}
	}
	if b.Err() != nil {
		return nil
	}
	u := newColumns(s.circuits.plan, s.circuits.real, slices.Clone(s.circuits.widths))
	w := make([]T, s.heads*u.size)
	if err := u.forward(w, in); err != nil {
		b.Fail(err)
		return nil
	}
	numbers := make([]float64, len(w))
	for i, v := range w {
		numbers[i] = float64(v)
	}
	return numbers
}
