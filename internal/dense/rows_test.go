package dense

import (
	"math"
	"testing"
)

func TestRowKernelsEqualThePlainOnes(t *testing.T) {
	everySet(t, testRows[float32], testRows[float64])
}

// testRows compares with the plain kernels in float64, and looks for writes outside the results.
func testRows[T Float](t *testing.T) {
	r := seeded()
	plain := generic.f64
	for _, cols := range lengths[1:] {
		const rows = 5
		n := rows * cols
		x, dy, gamma, beta := random[T](r, n), random[T](r, n), random[T](r, cols), random[T](r, cols)
		out := newOutputs[T](t, n, n, n, n, n, rows, cols, cols, n)
		y, dx, norm, xhat, dnorm := out.x[0], out.x[1], out.x[2], out.x[3], out.x[4]
		rstd, dgamma, dbeta, same := out.x[5], out.x[6], out.x[7], out.x[8]
		Softmax(rows, cols, x, y)
		SoftmaxGrad(rows, cols, y, dy, dx)
		LayerNorm(rows, cols, x, gamma, beta, 1e-5, norm, xhat, rstd)
		LayerNormGrad(rows, cols, dy, xhat, rstd, gamma, dnorm, dgamma, dbeta)
		copy(same, dy)
		LayerNormGrad(rows, cols, same, xhat, rstd, gamma, same, make([]T, cols), make([]T, cols))
		out.check()

		want := func() []float64 { return make([]float64, n) }
		wy, wdx, wnorm, wxhat, wdnorm := want(), want(), want(), want(), want()
		wrstd, wdgamma, wdbeta := make([]float64, rows), make([]float64, cols), make([]float64, cols)
		plain.softmax(rows, cols, wide(x), wy)
		plain.softmaxGrad(rows, cols, wide(y), wide(dy), wdx)
		plain.layerNorm(rows, cols, wide(x), wide(gamma), wide(beta), float64(T(1e-5)), wnorm, wxhat, wrstd)
		plain.layerNormGrad(rows, cols, wide(dy), wide(xhat), wide(rstd), wide(gamma), wdnorm, wdgamma,
			wdbeta)
		nearAll(t, "Softmax", y, wy, 0.1, 16)
		nearAll(t, "SoftmaxGrad", dx, wdx, 1, 16)
		if cols > 1 { // a single column has no variance: everything is rounding times 1/√eps
			nearAll(t, "LayerNorm", norm, wnorm, 4, 64)
			nearAll(t, "LayerNorm xhat", xhat, wxhat, 4, 64)
			nearAll(t, "LayerNorm rstd", rstd, wrstd, 1+wrstd[0], 64)
		}
		nearAll(t, "LayerNormGrad", dnorm, wdnorm, 1+float64(rstd[0]), 256)
		nearAll(t, "LayerNormGrad in place", same, wdnorm, 1+float64(rstd[0]), 256)
		nearAll(t, "LayerNormGrad dgamma", dgamma, wdgamma, 8, 16)
		nearAll(t, "LayerNormGrad dbeta", dbeta, wdbeta, 8, 16)
		LayerNormGrad(rows, cols, dy, xhat, rstd, gamma, nil, dbeta, dgamma)
		nearAll(t, "LayerNormGrad without dx", dbeta, wdgamma, 8, 16)
	}
}

// outputs are guarded slices.
type outputs[T Float] struct {
	t      *testing.T
	x      [][]T
	intact []func() bool
}

func newOutputs[T Float](t *testing.T, lengths ...int) outputs[T] {
	o := outputs[T]{t: t}
	for _, n := range lengths {
		x, intact := guarded[T](n)
		o.x, o.intact = append(o.x, x), append(o.intact, intact)
	}
	return o
}

func (o outputs[T]) check() {
	o.t.Helper()
	for i, intact := range o.intact {
		if !intact() {
			o.t.Fatalf("wrote outside output %d of %d elements", i, len(o.x[i]))
		}
	}
}

func wide[T Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func nearAll[T Float](t *testing.T, what string, got []T, want []float64, scale, ulps float64) {
	t.Helper()
	for i := range got {
		near(t, what, got[i], want[i], scale+math.Abs(want[i]), ulps)
	}
}

func TestSoftmaxOfMaskedRows(t *testing.T) { everySet(t, testMasked[float32], testMasked[float64]) }

func testMasked[T Float](t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ x, want []float64 }{
		{[]float64{-inf, -inf, -inf}, []float64{0, 0, 0}},
		{[]float64{-inf, 3, -inf}, []float64{0, 1, 0}},
		{[]float64{1000, 1000, -inf}, []float64{0.5, 0.5, 0}},
		{[]float64{0, math.NaN(), 1}, []float64{math.NaN(), math.NaN(), math.NaN()}},
		{[]float64{0, inf, 1}, []float64{math.NaN(), math.NaN(), math.NaN()}},
	} {
		y := make([]T, 3)
		for i, v := range c.x {
			y[i] = T(v)
		}
		Softmax(1, 3, y, y)
		nearAll(t, "Softmax", y, c.want, 0, 0)
	}
}

func TestAdamWIsItsFormula(t *testing.T) { everySet(t, testAdamW[float32], testAdamW[float64]) }

func testAdamW[T Float](t *testing.T) {
	r := seeded()
	p := AdamWStep{
		LR:       0.01,
		Beta1:    0.9,
		Beta2:    0.999,
		Eps:      1e-8,
		Decay:    0.1,
		Correct1: 1 - math.Pow(0.9, 3),
		Correct2: 1 - math.Pow(0.999, 3),
	}
	for _, n := range lengths {
		out := newOutputs[T](t, n, n, n)
		w, m, v, g := out.x[0], out.x[1], out.x[2], random[T](r, n)
		for i := range n {
			w[i], m[i], v[i] = T(r.NormFloat64()), T(r.NormFloat64()), T(r.Float64())
		}
		w0, m0, v0 := wide(w), wide(m), wide(v)
		AdamW(w, g, m, v, p)
		out.check()
		for i, gi := range wide(g) {
			mi := p.Beta1*m0[i] + (1-p.Beta1)*gi
			vi := p.Beta2*v0[i] + (1-p.Beta2)*gi*gi
			near(t, "m", m[i], mi, 1, 4)
			near(t, "v", v[i], vi, 1, 4)
			near(t, "w", w[i], w0[i]-p.LR*(mi/p.Correct1/(math.Sqrt(vi/p.Correct2)+p.Eps)+p.Decay*w0[i]), 8,
				16)
		}
	}
}
