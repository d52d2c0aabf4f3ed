package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// QR is the Score of DotProduct with doubly stochastic coefficients U∘U, where U is the orthogonal factor of
// its logits, M = UR: the classical twin of a doubly stochastic circuit. The coefficients do not depend on
// the size of M, and those of a row depend on the tokens of all columns before.
//
// Where a column of M depends on those before, as all do beyond the width of a head, U has no column of M's
// own: it goes on with the first basis vector that is far from the others, and gives no gradient to that
// column.
//
// Source: Born et al., Quantum doubly stochastic transformers, arXiv:2504.16275, which adds noise of 1e-7 to
// matrices of deficient rank.
func QR(s *Scope, x *G.Node, heads int) (AttentionScores, error) {
	a, err := DotProduct(s, x, heads)
	if err != nil {
		return AttentionScores{}, err
	}
	// A column is dependent if what is left of it is rounding.
	a.Probs, err = op.ByDtype(a.Logits, squaredFactor[float32](1e-5), squaredFactor[float64](1e-10))
	a.Logits = nil
	return a, err
}

// squaredFactor returns U∘U of the orthogonal factors U of matrices (…, T, T).
func squaredFactor[T op.Float](dependent float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape()
		t := shape[shape.Dims()-1]
		g := newGramSchmidt(t, dependent)
		return op.Apply(op.Kernel[T]{
			Name:   "SquaredQR",
			Shape:  shape,
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Forward: func(out []T, in [][]T) error {
				for m := 0; m < len(out); m += t * t {
					decompose(g, in[0][m:])
					for i := range t {
						for k := range t {
							u := g.u[k*t+i]
							out[m+i*t+k] = T(u * u)
						}
					}
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				for m := 0; m < len(dout); m += t * t {
					decompose(g, in[0][m:])
					for i := range t {
						for k := range t {
							g.du[k*t+i] = 2 * g.u[k*t+i] * float64(dout[m+i*t+k])
						}
					}
					g.backward()
					for i := range t {
						for k := range t {
							din[0][m+i*t+k] = T(g.da[k*t+i])
						}
					}
				}
				return nil
			},
			ONNX: func(b *onnx.Builder, _ []onnx.Value) onnx.Value {
				b.Fail(errors.New("a QR decomposition has no ONNX operator: want another score"))
				return onnx.Value{}
			},
		}, x...)
	}
}

// gramSchmidt makes the columns of a matrix orthonormal, in float64: a and u hold columns one after the
// other.
type gramSchmidt struct {
	t            int
	dependent    float64
	a, u, da, du []float64
	length       []float64 // of what is left of each column
	replaced     []bool    // by a basis vector
	v            []float64
}

func newGramSchmidt(t int, dependent float64) *gramSchmidt {
	n := t * t
	return &gramSchmidt{t: t, dependent: dependent, a: make([]float64, n), u: make([]float64, n),
		da: make([]float64, n), du: make([]float64, n), length: make([]float64, t), replaced: make([]bool, t),
		v: make([]float64, t)}
}

func (g *gramSchmidt) column(x []float64, k int) []float64 { return x[k*g.t : (k+1)*g.t] }

// decompose sets u of a matrix that is row-major.
func decompose[T op.Float](g *gramSchmidt, matrix []T) {
	for k := range g.t {
		a := g.column(g.a, k)
		for i := range a {
			a[i] = float64(matrix[i*g.t+k])
		}
		size := math.Sqrt(inner(a, a))
		g.replaced[k] = false
		if g.length[k] = g.rest(k); g.length[k] > g.dependent*size {
			continue
		}
		g.replaced[k] = true
		for i := range g.t { // the squares of what is left of all basis vectors sum to t−k
			clear(a)
			a[i] = 1
			if g.length[k] = g.rest(k); g.length[k]*g.length[k] > 0.5*float64(g.t-k)/float64(g.t) {
				break
			}
		}
	}
}

// rest sets column k of u to what is left of a's beside the columns before, of unit length, and returns its
// length. What is left is projected twice, so that rounding does not grow.
func (g *gramSchmidt) rest(k int) float64 {
	u := g.column(g.u, k)
	copy(u, g.column(g.a, k))
	for range 2 {
		for l := range k {
			add(u, -inner(g.column(g.u, l), u), g.column(g.u, l))
		}
	}
	length := math.Sqrt(inner(u, u))
	for i := range u {
		u[i] /= max(length, math.SmallestNonzeroFloat64)
	}
	return length
}

// backward sets da, the gradient by the columns of a, of du.
func (g *gramSchmidt) backward() {
	for k := g.t - 1; k >= 0; k-- {
		u, du, a := g.column(g.u, k), g.column(g.du, k), g.column(g.a, k)
		along := inner(u, du)
		for i := range g.v {
			g.v[i] = (du[i] - along*u[i]) / g.length[k]
		}
		da := g.column(g.da, k)
		copy(da, g.v)
		for l := range k {
			ul, dl := g.column(g.u, l), g.column(g.du, l)
			across := inner(ul, g.v)
			add(da, -across, ul)
			add(dl, -inner(ul, a), g.v)
			add(dl, -across, a)
		}
		if g.replaced[k] {
			clear(da)
		}
	}
}

// inner returns a·b.
func inner(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// add adds c·x to y.
func add(y []float64, c float64, x []float64) {
	for i, v := range x {
		y[i] += c * v
	}
}
