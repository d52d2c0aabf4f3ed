package statevec

import (
	"math/cmplx"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
)

// coef is what a step's kernel needs for the angles of one call, or of one tile if they depend on the row.
type coef[T dense.Float] struct {
	u      matrix2[T]   // rotate
	phases []T          // phase: by pattern, real and imaginary part, once or by lane
	z      []complex128 // phase: by pattern, before it is rounded; memory of the worker's
	mr, mi []T          // dense
	sums   []block[T]   // rotate: the four moments; phase: by pattern, Im ψλ̄; memory of the worker's
	slopes [][4]float64 // rotate: by lane (one if all are equal) and angle, the weights of the moments in the derivative
	totals []float64    // rotate: of sums over the lanes; phase: the derivatives by the angles
	square float64      // of the factor that ψ and λ lack when the sums are taken
	shared []mat2       // rotate: the factors that are equal on all lanes, as the first of them left them
}

// newCoef makes room for the coefficients of a step. The sums of phases are lent, and z.
func newCoef[T dense.Float](st *step, sums []block[T], z []complex128) coef[T] {
	var c coef[T]
	switch st.kind {
	case opRotate:
		c.sums = make([]block[T], 4)
		c.slopes = make([][4]float64, len(st.angles))
		if st.laned {
			c.slopes = make([][4]float64, lanes*len(st.angles))
		}
		c.shared = make([]mat2, len(st.factors))
	case opPhase:
		c.z = z[:1<<len(st.qubits)]
		c.phases = make([]T, 2*len(c.z))
		if st.laned {
			c.phases = make([]T, 2*lanes*len(c.z))
		}
	case opDense:
		c.mr, c.mi = make([]T, len(st.matrix)), make([]T, len(st.matrix))
	}
	c.totals = make([]float64, max(len(c.sums), len(st.angles)))
	if st.kind == opPhase {
		c.sums = sums[:len(c.z)]
	}
	return c
}

// fill computes the coefficients of the lanes [from, to) for theta and one row of data: of the op, or of its adjoint if back is set. Lane 0 comes first.
func (c *coef[T]) fill(st *step, theta, row []T, back bool, from, to int) {
	switch st.kind {
	case opRotate:
		var slopes [][4]float64
		if back {
			slopes = c.slopes[from*len(st.angles):]
		}
		m := c.product(st, theta, row, from == 0, slopes)
		if back {
			m = m.dagger()
		}
		for k, v := range m {
			for l := from; l < to; l++ {
				c.u[2*k][l], c.u[2*k+1][l] = T(real(v)), T(imag(v))
			}
		}
	case opPhase:
		for n, a := range st.angles {
			c.totals[n] = circuit.Value(a, theta, row)
		}
		st.phase.at(c.z, c.totals)
		for k, z := range c.z {
			if back {
				z = cmplx.Conj(z)
			}
			if !st.laned {
				c.phases[2*k], c.phases[2*k+1] = T(real(z)), T(imag(z))
				continue
			}
			for l := from; l < to; l++ {
				c.phases[2*lanes*k+l], c.phases[2*lanes*k+lanes+l] = T(real(z)), T(imag(z))
			}
		}
	case opDense:
		m := st.matrix
		n := m.Dim()
		for r := range n {
			for k := range n {
				z := m[r*n+k]
				if back {
					z = cmplx.Conj(m[k*n+r])
				}
				c.mr[r*n+k], c.mi[r*n+k] = T(real(z)), T(imag(z))
			}
		}
	}
}

// product returns the product U of the factors and, unless slopes is nil, for each angle a the weights of the moments in ∂L/∂a.
//
// With U = …exp(−iaG)·P the derivative is ∂U/∂a = −i·U·H, H = P†GP Hermitian, and ∂L/∂a = Re Σ⟨λ|∂U|ψ⟩ = Im Σ λ̄ᵢHᵢⱼψⱼ over the pairs, ψ and λ taken before U.
func (c *coef[T]) product(st *step, theta, row []T, first bool, slopes [][4]float64) mat2 {
	p := identity2
	n := 0
	for i := range st.factors {
		f := &st.factors[i]
		m := f.m
		if !f.constant() {
			if slopes != nil {
				h := f.gen.g
				if i > 0 {
					h = p.dagger().mul(h).mul(p)
				}
				slopes[n] = [4]float64{real(h[0]), real(h[3]), real(h[1]), imag(h[1])}
				n++
			}
			if first || f.angle.Source == circuit.Input {
				c.shared[i] = f.gen.at(circuit.Value(f.angle, theta, row))
			}
			m = c.shared[i]
		}
		if i > 0 {
			m = m.mul(p)
		}
		p = m
	}
	return p
}

// derivative returns ∂L/∂a for the n-th angle, of one lane.
func (c *coef[T]) derivative(st *step, n, l int) (d float64) {
	if st.kind == opPhase {
		return derivative(&st.phase, n, c.sums, l)
	}
	for k := range c.sums {
		d += c.slopes[l*len(st.angles)+n][k] * float64(c.sums[k][l])
	}
	return d
}

// addLanes prepares totalDerivative.
func (c *coef[T]) addLanes(st *step) {
	if st.kind == opPhase {
		derivatives(&st.phase, c.sums, c.totals, &c.u[0])
		return
	}
	for k := range c.sums {
		if st.real && k < 3 {
			continue // 0, and so is the total
		}
		c.totals[k] = c.sums[k].total()
	}
}

// totalDerivative returns ∂L/∂a for the n-th angle, of all lanes.
func (c *coef[T]) totalDerivative(st *step, n int) (d float64) {
	if st.kind == opPhase {
		return c.totals[n]
	}
	for k := range c.sums {
		d += c.slopes[n][k] * c.totals[k]
	}
	return d
}

// total returns the sum over the lanes, by four chains of additions.
func (b *block[T]) total() float64 {
	var s [4]float64
	for l := 0; l < lanes; l += 4 {
		for i := range s {
			s[i] += float64(b[l+i])
		}
	}
	return s[0] + s[1] + (s[2] + s[3])
}
