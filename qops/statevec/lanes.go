package statevec

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// laneRotation is a product of 2×2 matrices of which just one, exp(−i·a·G), has an angle a of the row. With
// G² = r² it is U = cos(ra)·C + sin(ra)·S, where C and S are the same for all rows; so a lane costs a sine, a
// cosine and eight sums, whatever the number of matrices.
type laneRotation struct {
	factor   int     // which one it is
	cos, sin matrix2 // C and S, or their adjoints

	// forms are, by angle of the step, the weights of the four moments in the derivative by it: a quadratic
	// form in cosine and sine, of cos², cos·sin and sin².
	forms [][3][4]float64

	angles, c, s [tile.Lanes]float64 // of a tile, the angles times r
	derivatives  []float64           // by angle of the step, and for one of the row by lane
}

// newLaneRotation returns nil for a step that is no such product.
func newLaneRotation(st *step) *laneRotation {
	if st.kind != opRotate || !st.byLane {
		return nil
	}
	r := &laneRotation{factor: -1, forms: make([][3][4]float64, len(st.angles)),
		derivatives: make([]float64, len(st.angles)*tile.Lanes)}
	for i := range st.factors {
		f := &st.factors[i]
		if f.constant() || f.angle.Source != circuit.Input {
			continue
		}
		if r.factor >= 0 || f.exp.center != 0 {
			return nil
		}
		r.factor = i
	}
	return r
}

// prepareLanes sets what is the same for all rows of a call.
func prepareLanes[T Float](r *laneRotation, st *step, theta []T, backward bool) {
	p, q := identity2, matrix2{} // the product so far is cos·p + sin·q
	n := 0
	for i := range st.factors {
		f := &st.factors[i]
		m := f.m
		if !f.constant() {
			if backward {
				r.forms[n] = quadratic(f.exp.g, p, q, i <= r.factor)
				n++
			}
			if i == r.factor {
				for k, v := range f.exp.axis {
					m[k] = -1i * v
				}
				q = m.mul(p)
				continue
			}
			m = f.exp.value(circuit.Value(f.angle, theta, nil))
		}
		p, q = m.mul(p), m.mul(q)
	}
	if backward {
		p, q = p.dagger(), q.dagger()
	}
	r.cos, r.sin = p, q
}

// quadratic returns the weights of the moments for the generator g behind P = cos·p + sin·q, which are linear
// in P†gP; behind p alone, whatever the angle, if it is constant.
func quadratic(g, p, q matrix2, constant bool) [3][4]float64 {
	weights := func(m matrix2) [4]float64 { return [4]float64{real(m[0]), real(m[3]), real(m[1]), imag(m[1])} }
	cc := p.dagger().mul(g).mul(p)
	if constant {
		return [3][4]float64{weights(cc), {}, weights(cc)}
	}
	cross, ss := p.dagger().mul(g).mul(q), q.dagger().mul(g).mul(q)
	adjoint := cross.dagger()
	for k := range cross {
		cross[k] += adjoint[k]
	}
	return [3][4]float64{weights(cc), weights(cross), weights(ss)}
}

// fillLanes sets u for the lanes of a tile, whose angles are set.
func fillLanes[T Float](r *laneRotation, u *tile.Matrix2[T], count int) {
	dense.Sincos(r.angles[:count], r.s[:], r.c[:])
	for k := range r.cos {
		linear(&u[2*k], r, real(r.cos[k]), real(r.sin[k]))
		linear(&u[2*k+1], r, imag(r.cos[k]), imag(r.sin[k]))
	}
}

// linear sets a block to x times the cosines plus y times the sines.
func linear[T Float](to *tile.Block[T], r *laneRotation, x, y float64) {
	if x == 0 && y == 0 {
		*to = tile.Block[T]{}
		return
	}
	for l := range to {
		to[l] = T(x*r.c[l] + y*r.s[l])
	}
}

// deriveRotation sets the derivatives from the moments of a tile, of which real rotations have the last
// alone.
func deriveRotation[T Float](r *laneRotation, st *step, sums []tile.Block[T], count int) {
	first := 0
	if st.real {
		first = 3
	}
	var totals [3][4]float64
	for k := first; k < 4; k++ {
		for l, v := range sums[k][:count] {
			m, c, s := float64(v), r.c[l], r.s[l]
			totals[0][k] += c * c * m
			totals[1][k] += c * s * m
			totals[2][k] += s * s * m
		}
	}
	clear(r.derivatives)
	for n, a := range st.angles {
		f, out := &r.forms[n], rowOf(r.derivatives, n, tile.Lanes)
		for k := first; k < 4; k++ {
			if a.Source != circuit.Input {
				out[0] += f[0][k]*totals[0][k] + f[1][k]*totals[1][k] + f[2][k]*totals[2][k]
				continue
			}
			for l := range count {
				out[l] += f[0][k] * float64(sums[k][l])
			}
		}
	}
}
