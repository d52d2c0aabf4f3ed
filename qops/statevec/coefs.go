package statevec

import (
	"math/cmplx"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// coefs is what a step needs for the angles of one call, or of one tile if they depend on the row.
type coefs[T Float] struct {
	u      tile.Matrix2[T] // rotate
	phases []T             // phase: by pattern, real and imaginary part, once or by lane
	exact  []complex128    // phase: by pattern, before it is rounded; the worker's memory
	matrix *tile.Dense[T]  // dense

	sums    []tile.Block[T] // rotate: the four moments; phase: by pattern, Im ψλ̄; may be the worker's memory
	weights [][4]float64    // rotate: those of the moments in a derivative, by lane (or for all) and angle
	totals  []float64       // rotate: of sums over the lanes; phase: the derivatives by the angles
	lacking float64         // square of the factor that ψ and λ lack when the sums are taken
	shared  []matrix2       // rotate: the factors that are equal in all lanes, as the first of them left them
	lanes   *laneRotation   // rotate: all that, for a step that is so simple; else nil
}

// newCoefs makes room for the coefficients of a step. exact is lent, and so are sums unless they are nil.
func newCoefs[T Float](st *step, sums []tile.Block[T], exact []complex128) coefs[T] {
	var c coefs[T]
	lanes := 1
	if st.byLane {
		lanes = tile.Lanes
	}
	switch st.kind {
	case opRotate:
		c.sums = make([]tile.Block[T], 4)
		if c.lanes = newLaneRotation(st); c.lanes != nil {
			break
		}
		c.weights = make([][4]float64, lanes*len(st.angles))
		c.shared = make([]matrix2, len(st.factors))
	case opPhase:
		c.exact = exact[:1<<len(st.qubits)]
		c.phases = make([]T, 2*lanes*len(c.exact))
		if sums == nil && len(st.angles) > 0 {
			sums = make([]tile.Block[T], len(c.exact))
		}
		c.sums = sums[:min(len(sums), len(c.exact))]
	case opDense:
		c.matrix = tile.NewDense[T](st.matrix.Dim())
	}
	c.totals = make([]float64, max(4, len(st.angles)))
	return c
}

// fill computes the coefficients of the lanes [from, to) for theta and one row of data: of the op, or of its
// adjoint if backward is set. Lane 0 comes first.
func (c *coefs[T]) fill(st *step, theta, row []T, backward bool, from, to int) {
	switch st.kind {
	case opRotate:
		c.fillRotation(st, theta, row, backward, from, to)
	case opPhase:
		c.fillPhases(st, theta, row, backward, from, to)
	case opDense:
		c.fillMatrix(st.matrix, backward)
	}
}

func (c *coefs[T]) fillRotation(st *step, theta, row []T, backward bool, from, to int) {
	var weights [][4]float64
	if backward {
		weights = c.weights[from*len(st.angles):]
	}
	m := c.product(st, theta, row, from == 0, weights)
	if backward {
		m = m.dagger()
	}
	for k, v := range m {
		for l := from; l < to; l++ {
			c.u[2*k][l], c.u[2*k+1][l] = T(real(v)), T(imag(v))
		}
	}
}

func (c *coefs[T]) fillPhases(st *step, theta, row []T, backward bool, from, to int) {
	for n, a := range st.angles {
		c.totals[n] = circuit.Value(a, theta, row)
	}
	st.diagonal.Phases(c.exact, c.totals)
	for k, z := range c.exact {
		if backward {
			z = cmplx.Conj(z)
		}
		if !st.byLane {
			c.phases[2*k], c.phases[2*k+1] = T(real(z)), T(imag(z))
			continue
		}
		at := 2 * tile.Lanes * k
		for l := from; l < to; l++ {
			c.phases[at+l], c.phases[at+tile.Lanes+l] = T(real(z)), T(imag(z))
		}
	}
}

func (c *coefs[T]) fillMatrix(m circuit.Matrix, backward bool) {
	n := m.Dim()
	for r := range n {
		for k := range n {
			z := m[r*n+k]
			if backward {
				z = cmplx.Conj(m[k*n+r])
			}
			c.matrix.Set(r, k, z)
		}
	}
}

// product returns the product U of the factors and, unless weights is nil, for each angle a the weights of
// the moments in ∂L/∂a.
//
// With U = …exp(−iaG)·P the derivative is ∂U/∂a = −i·U·H, H = P†GP Hermitian, and ∂L/∂a = Re Σ⟨λ|∂U|ψ⟩ = Im Σ
// λ̄ᵢHᵢⱼψⱼ over the pairs, ψ and λ taken before U.
func (c *coefs[T]) product(st *step, theta, row []T, first bool, weights [][4]float64) matrix2 {
	p := identity2
	n := 0
	for i := range st.factors {
		f := &st.factors[i]
		m := f.m
		if !f.constant() {
			if weights != nil {
				h := f.exp.g
				if i > 0 {
					h = p.dagger().mul(h).mul(p)
				}
				weights[n] = [4]float64{real(h[0]), real(h[3]), real(h[1]), imag(h[1])}
				n++
			}
			if first || f.angle.Source == circuit.Input {
				c.shared[i] = f.exp.value(circuit.Value(f.angle, theta, row))
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

// laneDerivative returns ∂L/∂a for the n-th angle, of one lane.
func (c *coefs[T]) laneDerivative(st *step, n, l int) (d float64) {
	if st.kind == opPhase {
		return tile.LaneDerivative(&st.diagonal, n, c.sums, l)
	}
	for k := range c.sums {
		d += c.weights[l*len(st.angles)+n][k] * float64(c.sums[k][l])
	}
	return d
}

// addLanes prepares derivative.
func (c *coefs[T]) addLanes(st *step) {
	if st.kind == opPhase {
		tile.Derivatives(&st.diagonal, c.sums, c.totals, &c.u[0])
		return
	}
	for k := range c.sums {
		if st.real && k < 3 {
			continue // 0, and so is the total
		}
		c.totals[k] = c.sums[k].Sum()
	}
}

// derivative returns ∂L/∂a for the n-th angle, over all lanes.
func (c *coefs[T]) derivative(st *step, n int) (d float64) {
	if st.kind == opPhase {
		return c.totals[n]
	}
	for k := range c.sums {
		d += c.weights[n][k] * c.totals[k]
	}
	return d
}
