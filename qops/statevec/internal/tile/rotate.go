package tile

import "github.com/hqvit/hqvit/internal/dense"

// Matrix2 holds a 2×2 matrix for each lane: re00 im00 re01 im01 re10 im10 re11 im11.
type Matrix2[T dense.Float] [8]Block[T]

// Moments are what the derivatives of a rotation are made of: sums over the pairs of amplitudes, after the
// rotation is undone, of Im ψ₀λ̄₀, Im ψ₁λ̄₁, Im(ψ₁λ̄₀+ψ₀λ̄₁) and Re(ψ₁λ̄₀−ψ₀λ̄₁). The last is all that a real
// rotation needs.
type Moments[T dense.Float] [4]Block[T]

// Rotate multiplies each pair of amplitudes by the matrix of its lane.
func (s *States[T]) Rotate(pairs []int32, u *Matrix2[T]) {
	re, im := s.Re, s.Im
	if v := active[T](); v != nil && len(pairs) > 0 {
		for c := 0; c < Lanes; c += v.width {
			v.rotate(&re[0][c], &im[0][c], &pairs[0], len(pairs)/2, &u[0][c])
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		ar, ai, br, bi := &re[pairs[k]], &im[pairs[k]], &re[pairs[k+1]], &im[pairs[k+1]]
		for l := range Lanes {
			a, b, c, d := ar[l], ai[l], br[l], bi[l]
			ar[l] = u[0][l]*a - u[1][l]*b + u[2][l]*c - u[3][l]*d
			ai[l] = u[0][l]*b + u[1][l]*a + u[2][l]*d + u[3][l]*c
			br[l] = u[4][l]*a - u[5][l]*b + u[6][l]*c - u[7][l]*d
			bi[l] = u[4][l]*b + u[5][l]*a + u[6][l]*d + u[7][l]*c
		}
	}
}

// RotateReal is Rotate by a real matrix, which acts on real and imaginary parts alike.
func (s *States[T]) RotateReal(pairs []int32, u *Matrix2[T]) {
	rotateReal(s.Re, pairs, u)
	if s.Im != nil {
		rotateReal(s.Im, pairs, u)
	}
}

func rotateReal[T dense.Float](x []Block[T], pairs []int32, u *Matrix2[T]) {
	if v := active[T](); v != nil && len(pairs) > 0 {
		for c := 0; c < Lanes; c += v.width {
			v.rotateReal(&x[0][c], &pairs[0], len(pairs)/2, &u[0][c])
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		a, b := &x[pairs[k]], &x[pairs[k+1]]
		for l := range Lanes {
			p, q := a[l], b[l]
			a[l] = u[0][l]*p + u[2][l]*q
			b[l] = u[4][l]*p + u[6][l]*q
		}
	}
}

// RotateBackward is Rotate of ψ and of λ by the adjoint of a rotation. It adds to its moments.
func RotateBackward[T dense.Float](psi, lam *States[T], pairs []int32, u *Matrix2[T], m *Moments[T]) {
	pr, pi, lr, li := psi.Re, psi.Im, lam.Re, lam.Im
	if v := active[T](); v != nil && len(pairs) > 0 {
		for c := 0; c < Lanes; c += v.width {
			v.rotateBackward(&pr[0][c], &pi[0][c], &lr[0][c], &li[0][c],
				&pairs[0], len(pairs)/2, &u[0][c], &m[0][c])
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		i, j := pairs[k], pairs[k+1]
		ar, ai, br, bi := &pr[i], &pi[i], &pr[j], &pi[j]
		cr, ci, dr, di := &lr[i], &li[i], &lr[j], &li[j]
		for l := range Lanes {
			u0, u1, u2, u3 := u[0][l], u[1][l], u[2][l], u[3][l]
			u4, u5, u6, u7 := u[4][l], u[5][l], u[6][l], u[7][l]
			w, x, y, z := ar[l], ai[l], br[l], bi[l]
			a, b := u0*w-u1*x+u2*y-u3*z, u0*x+u1*w+u2*z+u3*y
			c, d := u4*w-u5*x+u6*y-u7*z, u4*x+u5*w+u6*z+u7*y
			ar[l], ai[l], br[l], bi[l] = a, b, c, d
			w, x, y, z = cr[l], ci[l], dr[l], di[l]
			e, f := u0*w-u1*x+u2*y-u3*z, u0*x+u1*w+u2*z+u3*y
			g, h := u4*w-u5*x+u6*y-u7*z, u4*x+u5*w+u6*z+u7*y
			cr[l], ci[l], dr[l], di[l] = e, f, g, h
			m[0][l] += b*e - a*f
			m[1][l] += d*g - c*h
			m[2][l] += d*e - c*f + b*g - a*h
			m[3][l] += c*e + d*f - a*g - b*h
		}
	}
}

// RotateRealBackward is RotateBackward by a real matrix, which adds to the last moment only.
func RotateRealBackward[T dense.Float](psi, lam *States[T], pairs []int32, u *Matrix2[T], m *Moments[T]) {
	rotateRealBackward(psi.Re, lam.Re, pairs, u, &m[3])
	if psi.Im != nil {
		rotateRealBackward(psi.Im, lam.Im, pairs, u, &m[3])
	}
}

func rotateRealBackward[T dense.Float](psi, lam []Block[T], pairs []int32, u *Matrix2[T], m *Block[T]) {
	if v := active[T](); v != nil && len(pairs) > 0 {
		for c := 0; c < Lanes; c += v.width {
			v.rotateRealBackward(&psi[0][c], &lam[0][c], &pairs[0], len(pairs)/2, &u[0][c], &m[c])
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		i, j := pairs[k], pairs[k+1]
		a, b, c, d := &psi[i], &psi[j], &lam[i], &lam[j]
		for l := range Lanes {
			u0, u2, u4, u6 := u[0][l], u[2][l], u[4][l], u[6][l]
			x, y := u0*a[l]+u2*b[l], u4*a[l]+u6*b[l]
			z, w := u0*c[l]+u2*d[l], u4*c[l]+u6*d[l]
			a[l], b[l], c[l], d[l] = x, y, z, w
			m[l] += y*z - x*w
		}
	}
}
