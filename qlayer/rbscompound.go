package qlayer

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// RBSCompound mixes tokens and values at once: a head's part of the image, of unit norm, is the state
// Σ X_ij|e_i⟩|e_j⟩ of one 1 among T qubits for the tokens and one among d for the values, and a layer of RBS
// gates runs on all of them. With the layer's matrix V on one 1, two ones go from (c, d) to (a, b) with the
// minor V_ac·V_bd − V_ad·V_bc. The outcomes with a 1 in each register are kept and scaled to unit norm, and
// their amplitudes, times √T, are the mixed tokens.
//
// V does not depend on the tokens: the mixing is learned, not attention. What is shown as attention are the
// shares V_ac²/Σ_c V_ac² of the tokens c in token a.
//
// Source: the compound transformer of arXiv:2209.08167. That amplitudes are read, by tomography, is inferred;
// Squares has the probabilities. Minors hold for gates on neighbours alone, so there is no ButterflyForm.
type RBSCompound struct {
	Form    RBSForm // PyramidForm or CrossForm
	Squares bool    // the mixed tokens are T times the probabilities of the outcomes
}

// Score returns the mixed tokens of x (B, T, D), and what is shown as coefficients. The parameter is theta
// (H, gates), of a layer on T + D/H qubits. The notes qubits, gates and parameterised gates are of the layer.
//
// Differentiable once in x and theta. It returns an error if x has other axes, H does not divide D, or for
// another form.
func (w RBSCompound) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	h, err := newHeads(x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if w.Form != PyramidForm && w.Form != CrossForm {
		return nn.AttentionScores{}, errors.Errorf("RBSCompound: want PyramidForm or CrossForm, whose "+
			"gates are on neighbours, got %d", int(w.Form))
	}
	n, d := h.Tokens+h.HeadWidth(), h.HeadWidth()
	pairs, err := w.Form.pairs(n)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	theta, err := rbsAngles(s, x.Dtype(), heads, len(pairs))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	v, err := op.ByDtype(theta, rbsMatrix[float32](n, pairs), rbsMatrix[float64](n, pairs))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	y, err := op.ByDtype(x, compound[float32](h), compound[float64](h), v) // (B, H, T·d)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if y, err = nn.UnitHeads(y, 1); err != nil {
		return nn.AttentionScores{}, err
	}
	scale := math.Sqrt(float64(h.Tokens))
	if w.Squares {
		scale *= scale
		if y, err = nn.Mul(y, y); err != nil {
			return nn.AttentionScores{}, err
		}
	}
	if y, err = nn.ScaleBy(y, scale); err != nil {
		return nn.AttentionScores{}, err
	}
	if y, err = nn.Reshape(y, h.Batch, heads, h.Tokens, d); err != nil {
		return nn.AttentionScores{}, err
	}
	if y, err = nn.Transpose(y, 0, 2, 1, 3); err != nil {
		return nn.AttentionScores{}, err
	}
	if y, err = nn.Reshape(y, h.Batch, h.Tokens, h.Width); err != nil {
		return nn.AttentionScores{}, err
	}
	showCompound(s, h, pairs)
	shown, err := tokenShares(s, x, v, h)
	return nn.AttentionScores{Probs: shown, Mixed: y}, err
}

// tokenShares returns V_ac²/Σ_c V_ac² of the tokens, for every image.
func tokenShares(s *nn.Scope, x, v *G.Node, h op.Heads) (*G.Node, error) {
	even, err := nn.UniformScore(s, x, h.Count)
	if err != nil {
		return nil, err
	}
	for axis := 1; axis <= 2; axis++ {
		if v, err = nn.Slice(v, axis, 0, h.Tokens); err != nil {
			return nil, err
		}
	}
	if v, err = nn.Mul(v, v); err != nil {
		return nil, err
	}
	if v, err = nn.Mul(even.Probs, v); err != nil {
		return nil, err
	}
	return nn.RowShares(v)
}

// showCompound leaves notes, and a figure of the layer if a circuit can have so many qubits.
func showCompound(s *nn.Scope, h op.Heads, pairs [][2]int) {
	n := h.Tokens + h.HeadWidth()
	note(s, n, len(pairs), len(pairs))
	if n > circuit.MaxQubits {
		return
	}
	show(s, Figure{Circuit: rbsLayer(n, pairs), Registers: []Register{{"tokens", h.Tokens}, {"values", h.HeadWidth()}},
		Heads: h.Count}, "theta")
}

// rbsMatrix returns the matrices V (H, n, n) of a layer on one 1 among n qubits, of angles (H, gates).
func rbsMatrix[T op.Float](n int, pairs [][2]int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		heads := x[0].Shape()[0]
		w, dw := make([]float64, n*n), make([]float64, n*n)
		turn := func(m []float64, p [2]int, angle float64) {
			sin, cos := math.Sincos(angle)
			a, b := m[p[0]*n:][:n], m[p[1]*n:][:n]
			for i, v := range a {
				a[i], b[i] = cos*v-sin*b[i], sin*v+cos*b[i]
			}
		}
		build := func(theta func(i int) float64) {
			clear(w)
			for i := range n {
				w[i*n+i] = 1
			}
			for i, p := range pairs {
				turn(w, p, theta(i))
			}
		}
		return op.Apply(op.Kernel[T]{
			Name:   "RBSMatrix",
			Shape:  tensor.Shape{heads, n, n},
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Forward: func(out []T, in [][]T) error {
				for h := range heads {
					build(func(i int) float64 { return float64(in[0][h*len(pairs)+i]) })
					for i, v := range w {
						out[h*n*n+i] = T(v)
					}
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				for h := range heads {
					build(func(i int) float64 { return float64(in[0][h*len(pairs)+i]) })
					for i := range dw {
						dw[i] = float64(dout[h*n*n+i])
					}
					for i := len(pairs) - 1; i >= 0; i-- {
						p, sum := pairs[i], 0.0
						for c := range n {
							sum += dw[p[1]*n+c]*w[p[0]*n+c] - dw[p[0]*n+c]*w[p[1]*n+c]
						}
						angle := float64(in[0][h*len(pairs)+i])
						din[0][h*len(pairs)+i] = T(sum)
						turn(w, p, -angle)
						turn(dw, p, -angle)
					}
				}
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				theta, known := constantAngles(b, in[0])
				if !known {
					return onnx.Value{}
				}
				var all []float64
				for h := range heads {
					build(func(i int) float64 { return theta[h*len(pairs)+i] })
					all = append(all, w...)
				}
				return b.Const(all, heads, n, n)
			},
		}, x...)
	}
}

// compound returns Y = A·X·Bᵀ − C·Xᵀ·Eᵀ of every head, (B, H, T·d), of x (B, T, D) and V (H, T+d, T+d) with
// the blocks A and C of tokens over E and B of values.
func compound[T op.Float](h op.Heads) op.NodeFunc {
	t, d := h.Tokens, h.HeadWidth()
	n := t + d
	return func(x ...*G.Node) (*G.Node, error) {
		first, second := make([]T, t*d), make([]T, t*t) // A·X and C·Xᵀ
		dfirst, dsecond := make([]T, t*d), make([]T, t*t)
		multiply := dense.Gemm[T]
		// each calls f with the part of x of every head of every image, its blocks, and their place in a result.
		each := func(f func(at, block int, y int)) {
			for i := range h.Batch * h.Count {
				f(i/h.Count*t*h.Width+i%h.Count*d, i%h.Count*n*n, i*t*d)
			}
		}
		c, e, b := t, t*n, t*n+t // where the blocks begin
		products := func(x, v []T) {
			multiply(false, false, t, d, t, 1, v, n, x, h.Width, 0, first, d)
			multiply(false, true, t, t, d, 1, v[c:], n, x, h.Width, 0, second, t)
		}
		return op.Apply(op.Kernel[T]{
			Name:   "Compound",
			Shape:  tensor.Shape{h.Batch, h.Count, t * d},
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Flops:  4 * h.Batch * h.Count * t * d * n,
			Forward: func(out []T, in [][]T) error {
				each(func(at, block, y int) {
					v := in[1][block:]
					products(in[0][at:], v)
					multiply(false, true, t, d, d, 1, first, d, v[b:], n, 0, out[y:], d)
					multiply(false, true, t, d, t, -1, second, t, v[e:], n, 1, out[y:], d)
				})
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				clear(din[1])
				each(func(at, block, y int) {
					v, dy := in[1][block:], dout[y:]
					products(in[0][at:], v)
					multiply(false, false, t, d, d, 1, dy, d, v[b:], n, 0, dfirst, d)
					multiply(false, false, t, t, d, -1, dy, d, v[e:], n, 0, dsecond, t)
					if din[0] != nil {
						multiply(true, false, t, d, t, 1, v, n, dfirst, d, 0, din[0][at:], h.Width)
						multiply(true, false, t, d, t, 1, dsecond, t, v[c:], n, 1, din[0][at:], h.Width)
					}
					if din[1] != nil {
						dv := din[1][block:]
						multiply(false, true, t, t, d, 1, dfirst, d, in[0][at:], h.Width, 1, dv, n)
						multiply(true, false, d, d, t, 1, dy, d, first, d, 1, dv[b:], n)
						multiply(false, false, t, d, t, 1, dsecond, t, in[0][at:], h.Width, 1, dv[c:], n)
						multiply(true, false, d, t, t, -1, dy, d, second, t, 1, dv[e:], n)
					}
				})
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				x := b.SplitHeads(in[0], h.Count) // (B, H, T, d)
				block := func(r0, r1, c0, c1 int) onnx.Value {
					return b.Slice(b.Slice(in[1], 1, r0, r1), 2, c0, c1)
				}
				turned := func(v onnx.Value) onnx.Value { return b.Transpose(v, 0, 2, 1) }
				y := b.MatMul(b.MatMul(block(0, t, 0, t), x), turned(block(t, n, t, n)))
				z := b.MatMul(b.MatMul(block(0, t, t, n), b.Transpose(x, 0, 1, 3, 2)), turned(block(t, n, 0, t)))
				return b.Reshape(b.Sub(y, z), h.Batch, h.Count, t*d)
			},
		}, x...)
	}
}
