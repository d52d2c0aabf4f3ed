package qlayer

import (
	"math"
	"slices"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// unitTokens returns x with the part of each head in each token scaled to unit norm; one of zeros stays, and
// has no gradient.
func unitTokens[T op.Float](h op.Heads) op.NodeFunc {
	w := h.HeadWidth()
	return func(x ...*G.Node) (*G.Node, error) {
		inverse := make([]T, h.Batch*h.Tokens*h.Count) // of the norms
		return op.Apply(op.Kernel[T]{
			Name:   "UnitTokens",
			Shape:  x[0].Shape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{0}},
			Forward: func(out []T, in [][]T) error {
				copy(out, in[0])
				for r := range inverse {
					row := out[r*w : (r+1)*w]
					if inverse[r] = 0; dense.SumSquares(row) > 0 {
						inverse[r] = T(1 / math.Sqrt(float64(dense.SumSquares(row))))
					}
					dense.Scale(inverse[r], row)
				}
				return nil
			},
			Backward: func(din, _ [][]T, out, dout []T) error {
				copy(din[0], dout)
				for r := range inverse {
					y, g := out[r*w:(r+1)*w], din[0][r*w:(r+1)*w]
					dense.Axpy(-dense.Dot(y, g), y, g)
					dense.Scale(inverse[r], g)
				}
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.JoinHeads(b.Unit(b.SplitHeads(in[0], h.Count), 3))
			},
		}, x...)
	}
}

// rotateHeads returns x (B, T, D) behind gates with angles theta (H, gates) on the columns of each head.
func rotateHeads(x, theta *G.Node, h op.Heads, pairs [][2]int) (*G.Node, error) {
	return op.ByDtype(x, rotations[float32](h, pairs), rotations[float64](h, pairs), theta)
}

func rotations[T op.Float](h op.Heads, pairs [][2]int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		size := h.Batch * h.Tokens * h.Width
		y, dy := make([]T, size), make([]T, size)
		columns := func(head, gate int) (a, b int) {
			return head*h.HeadWidth() + pairs[gate][0], head*h.HeadWidth() + pairs[gate][1]
		}
		turn := func(rows []T, head, gate int, angle float64) {
			a, b := columns(head, gate)
			s, c := math.Sincos(angle)
			sin, cos := T(s), T(c)
			for ; len(rows) > 0; rows = rows[h.Width:] {
				rows[a], rows[b] = cos*rows[a]-sin*rows[b], sin*rows[a]+cos*rows[b]
			}
		}
		return op.Apply(op.Kernel[T]{
			Name:   "RBSHeads",
			Shape:  x[0].Shape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{0}},
			Forward: func(out []T, in [][]T) error {
				copy(out, in[0])
				for i, angle := range in[1] {
					turn(out, i/len(pairs), i%len(pairs), float64(angle))
				}
				return nil
			},
			Backward: func(din, in [][]T, out, dout []T) error { // un-applies the gates
				copy(y, out)
				copy(dy, dout)
				for i, angle := range slices.Backward(in[1]) {
					head, gate := i/len(pairs), i%len(pairs)
					if din[1] != nil {
						a, b := columns(head, gate)
						sum := T(0)
						for r := 0; r < size; r += h.Width {
							sum += dy[r+b]*y[r+a] - dy[r+a]*y[r+b]
						}
						din[1][i] = sum
					}
					turn(y, head, gate, -float64(angle))
					turn(dy, head, gate, -float64(angle))
				}
				copy(din[0], dy)
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				theta, known := constantAngles(b, in[1])
				if !known {
					return onnx.Value{}
				}
				matrix := make([]float64, h.Width*h.Width) // the rows of the identity, of all heads
				for i := range h.Width {
					matrix[i*h.Width+i] = 1
				}
				for i, angle := range theta {
					s, c := math.Sincos(angle)
					p, q := columns(i/len(pairs), i%len(pairs))
					for row := matrix; len(row) > 0; row = row[h.Width:] {
						row[p], row[q] = c*row[p]-s*row[q], s*row[p]+c*row[q]
					}
				}
				return b.MatMul(in[0], b.Const(matrix, h.Width, h.Width))
			},
		}, x...)
	}
}
