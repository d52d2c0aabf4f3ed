package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Reflections returns the product W = H_1 H_2 ⋯ H_R of reflections H_r = 1 − 2 u_r u_rᵀ, u_r = v_r/‖v_r‖, for
// each of H heads: a trained orthogonal matrix without a circuit, to compare quantum attention with.
//
//	v    (H, R, d)  of any length but 0; a v of zeros reflects nothing and gets no gradient
//	out  (H, d, d)  orthogonal; every orthogonal matrix is such a product with R ≤ d
//
// Differentiable once in v: a reflection is its own inverse, so the gradient un-applies them one by one, at
// O(d²) each. It returns an error if v does not have three axes; the run returns one that names the head for
// NaN and infinity.
//
// Source: Mhammedi, Hellicar, Rahman, Bailey, arXiv:1612.00188; docs/math.md, section 6.
func Reflections(v *G.Node) (*G.Node, error) {
	if v == nil || v.Dims() != 3 {
		return nil, errors.Errorf("qops: Reflections: want v (H, R, d), got %v", shapeOf(v))
	}
	return op.ByDtype(v, reflections[float32], reflections[float64])
}

func reflections[T op.Float](v ...*G.Node) (*G.Node, error) {
	shape := v[0].Shape()
	heads, count, d := shape[0], shape[1], shape[2]
	m := &mirrors[T]{count: count, d: d, unit: make([]T, heads*count*d), norms: make([]T, heads*count),
		w: make([]T, d*d), dw: make([]T, d*d), left: make([]T, d), right: make([]T, d), du: make([]T, d)}
	return op.Apply(op.Kernel[T]{
		Name:     "Reflections",
		Shape:    tensor.Shape{heads, d, d},
		Forward:  m.forward,
		Backward: m.backward,
	}, v...)
}

// mirrors is the kernel of Reflections.
type mirrors[T op.Float] struct {
	count, d        int
	unit, norms     []T // u_r and ‖v_r‖
	w, dw           []T // of one head, while its reflections are un-applied
	left, right, du []T
}

// row returns one v, u or their gradient as the matrix of one row that normalize takes.
func (m *mirrors[T]) row(x []T, r int) submatrix[T] {
	return submatrix[T]{x[r*m.d : (r+1)*m.d], 1, m.d, m.d}
}

func (m *mirrors[T]) forward(out []T, in [][]T) error {
	clear(out)
	for h := 0; h*m.d*m.d < len(out); h++ {
		w := out[h*m.d*m.d : (h+1)*m.d*m.d]
		for i := range m.d {
			w[i*m.d+i] = 1
		}
		for r := h * m.count; r < (h+1)*m.count; r++ {
			norm, ok := normalize(m.row(m.unit, r), m.row(in[0], r))
			if !ok {
				err := notFinite("element", m.row(in[0], r).data, tensor.Shape{m.d})
				return errors.WithMessagef(err, "head %d, reflection %d", h, r%m.count)
			}
			m.norms[r] = norm
			m.reflect(w, m.row(m.unit, r).data)
		}
	}
	return nil
}

// reflect replaces w by w·H and leaves w·u, of the old w, in left.
func (m *mirrors[T]) reflect(w, u []T) {
	m.multiply(m.left, w, u)
	for i, a := range m.left {
		dense.Axpy(-2*a, u, w[i*m.d:(i+1)*m.d])
	}
}

// multiply writes w·u.
func (m *mirrors[T]) multiply(y, w, u []T) {
	for i := range y {
		y[i] = dense.Dot(w[i*m.d:(i+1)*m.d], u)
	}
}

// backward un-applies: with M before the reflection and D the gradient after it, du = −2(Mᵀ(Du) + Dᵀ(Mu)),
// then D ← D·H.
func (m *mirrors[T]) backward(din, _ [][]T, out, dout []T) error {
	size := m.d * m.d
	for h := 0; h*size < len(out); h++ {
		copy(m.w, out[h*size:])
		copy(m.dw, dout[h*size:])
		for r := (h+1)*m.count - 1; r >= h*m.count; r-- {
			u := m.row(m.unit, r)
			m.reflect(m.w, u.data)
			m.multiply(m.left, m.w, u.data)
			m.multiply(m.right, m.dw, u.data)
			clear(m.du)
			for i := range m.d {
				dense.Axpy(-2*m.right[i], m.w[i*m.d:(i+1)*m.d], m.du)
				dense.Axpy(-2*m.left[i], m.dw[i*m.d:(i+1)*m.d], m.du)
			}
			normalizeGrad(m.row(din[0], r), m.row(m.du, 0), u, m.norms[r])
			m.reflect(m.dw, u.data)
		}
	}
	return nil
}
