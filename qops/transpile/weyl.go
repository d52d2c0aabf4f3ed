package transpile

import (
	"math"
	"math/cmplx"
	"slices"
)

// weyl is a unitary of two qubits up to a phase: (left[0]⊗left[1])·exp(i(aXX + bYY +
// cZZ))·(right[0]⊗right[1]) with π/4 ≥ a ≥ b ≥ |c|, and c ≥ 0 if a = π/4. Two unitaries that differ by gates
// of one qubit have the same a, b and c.
//
// Source: Kraus, Cirac, arXiv:quant-ph/0011050; Zhang, Vala, Sastry, Whaley, arXiv:quant-ph/0209120.
type weyl struct {
	abc         [3]float64
	left, right [2]m2
}

// magic has Bell states as columns. In this basis gates of one qubit are real, and XX, YY and ZZ diagonal.
var magic = func() m4 {
	h, i := complex(math.Sqrt2/2, 0), complex(0, math.Sqrt2/2)
	return m4{h, 0, 0, i, 0, i, h, 0, 0, i, -h, 0, h, 0, 0, -i}
}()

// bellSigns are the diagonals of XX, YY and ZZ in the magic basis.
var bellSigns = func() (signs [3][4]float64) {
	for k, p := range []m2{pauliX, pauliY, pauliZ} {
		d := magic.dagger().mul(kron(p, p)).mul(magic)
		for i := range 4 {
			signs[k][i] = math.Round(real(d[i*5]))
		}
	}
	return signs
}()

// decompose returns the Weyl form of a unitary.
func decompose(u m4) weyl {
	u = u.unimodular()
	up := magic.dagger().mul(u).mul(magic)
	var re, im [16]float64 // of upᵀ·up, two symmetric matrices that commute
	for i := range 4 {
		for j := range 4 {
			var sum complex128
			for k := range 4 {
				sum += up[k*4+i] * up[k*4+j]
			}
			re[i*4+j], im[i*4+j] = real(sum), imag(sum)
		}
	}
	p := diagonalise(&re, &im) // upᵀ·up = p·exp(2id)·pᵀ
	var d [4]float64
	for i := range d {
		d[i] = math.Atan2(im[i*5], re[i*5]) / 2
	}
	// up = k·exp(id)·pᵀ with k and p real rotations.
	if det4(p) < 0 {
		for i := range 4 {
			p[i*4] = -p[i*4]
		}
	}
	var k [16]float64
	columns := func() {
		for i := range 4 {
			for j := range 4 {
				var sum complex128
				for l := range 4 {
					sum += up[i*4+l] * complex(p[l*4+j], 0)
				}
				k[i*4+j] = real(sum * cmplx.Rect(1, -d[j]))
			}
		}
	}
	if columns(); det4(k) < 0 {
		d[0] += math.Pi
		columns()
	}
	var w weyl
	for i := range 3 {
		for j := range 4 {
			w.abc[i] += d[j] * bellSigns[i][j] / 4
		}
	}
	var left, right m4
	for i := range 4 {
		for j := range 4 {
			left[i*4+j], right[i*4+j] = complex(k[i*4+j], 0), complex(p[j*4+i], 0)
		}
	}
	w.left[0], w.left[1] = magic.mul(left).mul(magic.dagger()).factors()
	w.right[0], w.right[1] = magic.mul(right).mul(magic.dagger()).factors()
	w.toChamber()
	return w
}

// unimodular returns the unitary divided by a fourth root of its determinant.
func (u m4) unimodular() m4 {
	var a [16]complex128 = u
	det := complex128(1)
	for c := range 4 {
		pivot := c
		for r := c + 1; r < 4; r++ {
			if cmplx.Abs(a[r*4+c]) > cmplx.Abs(a[pivot*4+c]) {
				pivot = r
			}
		}
		if pivot != c {
			det = -det
			for j := range 4 {
				a[c*4+j], a[pivot*4+j] = a[pivot*4+j], a[c*4+j]
			}
		}
		det *= a[c*4+c]
		for r := c + 1; r < 4; r++ {
			f := a[r*4+c] / a[c*4+c]
			for j := c; j < 4; j++ {
				a[r*4+j] -= f * a[c*4+j]
			}
		}
	}
	root := cmplx.Rect(1, cmplx.Phase(det)/4)
	for i := range u {
		u[i] /= root
	}
	return u
}

// diagonalise makes two symmetric matrices that commute diagonal by one rotation p, a ← pᵀ·a·p, with Jacobi
// rotations that make the two as diagonal as they can in each plane. Equal eigenvalues of one or both need no
// care.
//
// Source: Cardoso, Souloumiac, SIAM J. Matrix Anal. Appl. 17 (1996) 161.
func diagonalise(a, b *[16]float64) (p [16]float64) {
	for i := range 4 {
		p[i*5] = 1
	}
	for range 50 { // converges quadratically
		turned := false
		for i := range 4 {
			for j := i + 1; j < 4; j++ {
				// The angle minimises Σ of squares off the diagonal: h = (a_ii − a_jj, 2a_ij) of both.
				var on, off float64
				for _, m := range []*[16]float64{a, b} {
					x, y := m[i*5]-m[j*5], 2*m[i*4+j]
					on += x*x - y*y
					off += 2 * x * y
				}
				angle := math.Atan2(off, on) / 4
				if math.Abs(angle) < 1e-17 || math.Hypot(on, off) < 1e-32 {
					continue
				}
				sin, cos := math.Sincos(angle)
				turned = turned || math.Abs(sin) > 1e-15
				for _, m := range []*[16]float64{a, b} {
					rotateColumns(m, i, j, cos, sin)
					for k := range 4 {
						x, y := m[i*4+k], m[j*4+k]
						m[i*4+k], m[j*4+k] = cos*x+sin*y, cos*y-sin*x
					}
				}
				rotateColumns(&p, i, j, cos, sin)
			}
		}
		if !turned {
			break
		}
	}
	return p
}

func rotateColumns(m *[16]float64, i, j int, cos, sin float64) {
	for k := range 4 {
		x, y := m[k*4+i], m[k*4+j]
		m[k*4+i], m[k*4+j] = cos*x+sin*y, cos*y-sin*x
	}
}

// det4 returns the determinant of a real matrix, by minors of two rows.
func det4(m [16]float64) float64 {
	minor := func(row, i, j int) float64 { return m[row*4+i]*m[row*4+4+j] - m[row*4+j]*m[row*4+4+i] }
	return minor(0, 0, 1)*minor(2, 2, 3) - minor(0, 0, 2)*minor(2, 1, 3) + minor(0, 0, 3)*minor(2, 1, 2) +
		minor(0, 1, 2)*minor(2, 0, 3) - minor(0, 1, 3)*minor(2, 0, 2) + minor(0, 2, 3)*minor(2, 0, 1)
}

// quarter is the matrix that exchanges two of the Paulis by conjugation, up to signs: by k, the one it keeps.
var quarter = [3]m2{rx(math.Pi / 2), ry(math.Pi / 2), rz(math.Pi / 2)}

// toChamber moves the coordinates to π/4 ≥ a ≥ b ≥ |c| by gates of one qubit.
func (w *weyl) toChamber() {
	paulis := [3]m2{pauliX, pauliY, pauliZ}
	for k := range 3 { // exp(iπ/2·PP) = i·P⊗P
		turns := math.Round(w.abc[k] / (math.Pi / 2))
		w.abc[k] -= turns * math.Pi / 2
		if math.Mod(turns, 2) != 0 {
			w.left[0], w.left[1] = w.left[0].mul(paulis[k]), w.left[1].mul(paulis[k])
		}
	}
	w.order(0, 1)
	w.order(1, 2)
	w.order(0, 1)
	if w.abc[0] < 0 {
		w.flip(0, 2)
	}
	if w.abc[1] < 0 {
		w.flip(1, 2)
	}
	if w.abc[0] > math.Pi/4-negligible && w.abc[2] < 0 {
		w.abc[0] -= math.Pi / 2
		w.left[0], w.left[1] = w.left[0].mul(pauliX), w.left[1].mul(pauliX)
		w.flip(0, 2)
	}
}

// order exchanges two coordinates unless the first is the larger one.
func (w *weyl) order(i, j int) {
	if math.Abs(w.abc[i]) >= math.Abs(w.abc[j]) {
		return
	}
	v := quarter[3-i-j]
	w.abc[i], w.abc[j] = w.abc[j], w.abc[i]
	w.conjugate(v, v)
}

// flip changes the signs of two coordinates.
func (w *weyl) flip(i, j int) {
	w.abc[i], w.abc[j] = -w.abc[i], -w.abc[j]
	w.conjugate([3]m2{pauliX, pauliY, pauliZ}[3-i-j], one2)
}

// conjugate puts v⊗u and its inverse around the middle, whose coordinates were changed to match.
func (w *weyl) conjugate(v, u m2) {
	w.left[0], w.left[1] = w.left[0].mul(v), w.left[1].mul(u)
	w.right[0], w.right[1] = v.dagger().mul(w.right[0]), u.dagger().mul(w.right[1])
}

// cost returns the least number of CX that make the unitary, or of rotations by ZZ if there are any.
//
// Source: Shende, Bullock, Markov, arXiv:quant-ph/0308045.
func (w weyl) cost(rotations bool) int {
	a, b, c := w.abc[0], w.abc[1], math.Abs(w.abc[2])
	switch {
	case a < negligible:
		return 0
	case b < negligible && c < negligible && (rotations || a > math.Pi/4-negligible):
		return 1
	case c < negligible:
		return 2
	}
	return 3
}

// parts returns the unitary as CX and gates of one qubit on the first and the second qubit; if there are
// rotations by ZZ, as those where one of them is enough.
//
// Source: Vatan, Williams, arXiv:quant-ph/0308006.
func (w weyl) parts(rotations bool) []part {
	a, b, c := w.abc[0], w.abc[1], w.abc[2]
	half := math.Pi / 2
	var middle []part
	switch cost := w.cost(rotations); {
	case cost == 1 && rotations: // exp(iaXX)
		middle = []part{gate1(0, hadam), gate1(1, hadam), {kind: zzPart, angle: -2 * a},
			gate1(0, hadam), gate1(1, hadam)}
	case cost == 1: // exp(iπ/4·XX), of CX = exp(iπ/4·(1−Z)⊗(1−X))
		middle = []part{gate1(0, rz(-half).mul(hadam)), gate1(1, rx(-half)), cxPart(0), gate1(0, hadam)}
	case cost == 2: // CX takes XI to XX and IZ to ZZ; RX(π/2) takes ZZ to YY
		v := quarter[0]
		middle = []part{gate1(0, v.dagger()), gate1(1, v.dagger()), cxPart(0), gate1(0, rx(-2*a)),
			gate1(1, rz(-2*b)), cxPart(0), gate1(0, v), gate1(1, v)}
	case cost == 3:
		middle = []part{gate1(1, rz(-half)), cxPart(1), gate1(0, rz(half-2*c)), gate1(1, ry(2*a-half)),
			cxPart(0), gate1(1, ry(half-2*b)), cxPart(1), gate1(0, rz(half))}
	}
	return slices.Concat([]part{gate1(0, w.right[0]), gate1(1, w.right[1])}, middle,
		[]part{gate1(0, w.left[0]), gate1(1, w.left[1])})
}
