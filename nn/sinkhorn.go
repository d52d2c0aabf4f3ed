package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Sinkhorn returns the Score of DotProduct with coefficients that are nearly doubly stochastic: the
// exponentials of its logits, whose rows and columns are divided by their sums in turn, so many times, which
// is odd: it ends with the rows, which sum to 1, and the columns come nearer to 1 with each two. 1 is a
// softmax.
//
// Differentiable through all iterations. The Score returns an error for an even or negative number of them.
//
// Source: Sander, Ablin, Blondel, Peyré, Sinkformers, arXiv:2110.11773.
func Sinkhorn(iterations int) Score {
	return func(s *Scope, x *G.Node, heads int) (AttentionScores, error) {
		if iterations < 1 || iterations%2 == 0 || iterations > maxIterations {
			return AttentionScores{}, errors.Errorf("Sinkhorn: want an odd number of iterations up to %d, so that "+
				"the last is of rows, got %d", maxIterations, iterations)
		}
		a, err := DotProduct(s, x, heads)
		if err != nil {
			return AttentionScores{}, err
		}
		a.Probs, err = op.ByDtype(a.Logits, sinkhorn[float32](iterations), sinkhorn[float64](iterations))
		a.Logits = nil
		return a, err
	}
}

// maxIterations bounds the sums that Sinkhorn keeps.
const maxIterations = 99

func sinkhorn[T op.Float](iterations int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape()
		t := shape[3]
		maps := shape[0] * shape[1]
		sums := make([]T, maps*iterations*t) // of each division, for the backward pass
		// line calls f with the elements of row or column r of a matrix.
		line := func(step, r int, f func(at int)) {
			for c := range t {
				if step%2 == 0 {
					f(r*t + c)
				} else {
					f(c*t + r)
				}
			}
		}
		return op.Apply(op.Kernel[T]{
			Name:   "Sinkhorn",
			Shape:  shape,
			Memory: op.Memory[T]{BackwardIgnores: []int{0}},
			Forward: func(out []T, in [][]T) error {
				for m := range maps {
					p, of := out[m*t*t:(m+1)*t*t], sums[m*iterations*t:]
					for r := range t {
						exponentials(p[r*t:(r+1)*t], in[0][(m*t+r)*t:(m*t+r+1)*t])
					}
					for step := range iterations {
						for r := range t {
							sum := T(leastSum)
							line(step, r, func(at int) { sum += p[at] })
							of[step*t+r] = sum
							line(step, r, func(at int) { p[at] /= sum })
						}
					}
				}
				return nil
			},
			Backward: func(din, _ [][]T, out, dout []T) error {
				p := make([]T, t*t)
				for m := range maps {
					d, of := din[0][m*t*t:(m+1)*t*t], sums[m*iterations*t:]
					copy(d, dout[m*t*t:])
					copy(p, out[m*t*t:])
					for step := iterations - 1; step >= 0; step-- {
						for r := range t {
							sum, dot := of[step*t+r], T(0)
							line(step, r, func(at int) { dot += d[at] * p[at] })
							line(step, r, func(at int) {
								d[at] = (d[at] - dot) / sum
								p[at] *= sum // as before the division
							})
						}
					}
					for i, v := range p { // of the exponentials
						d[i] *= v
					}
				}
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				p := b.Softmax(in[0]) // the first division
				for step := 1; step < iterations; step++ {
					p = b.Div(p, b.Sum(p, true, 3-step%2))
				}
				return p
			},
		}, x...)
	}
}

// exponentials sets dst to exp(x − max x).
func exponentials[T op.Float](dst, x []T) {
	largest := x[0]
	for _, v := range x {
		largest = max(largest, v)
	}
	for i, v := range x {
		dst[i] = T(math.Exp(float64(v - largest)))
	}
}
