package statevec

import (
	"unsafe"
)

// block is one amplitude's real or imaginary part in all lanes of a tile.
type block[T Float] [lanes]T

// matrix2 holds a 2×2 matrix for each lane: re00 im00 re01 im01 re10 im10 re11 im11.
type matrix2[T Float] [8]block[T]

// moments are what the derivatives of a rotate op are made of: sums over the pairs of Im ψ₀λ̄₀, Im ψ₁λ̄₁, Im(ψ₁λ̄₀+ψ₀λ̄₁), Re(ψ₁λ̄₀−ψ₀λ̄₁).
type moments[T Float] [4]block[T]

// turn multiplies each pair of amplitudes by the matrix u of its lane.
func turn[T Float](re, im []block[T], pairs []int32, u *matrix2[T]) {
	if v := vector[T](); v != nil && len(pairs) > 0 {
		for c := range columns[T](v.width) {
			v.turn(column(re, c), column(im, c), places(pairs), len(pairs)/2, column(u[:], c))
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		ar, ai, br, bi := &re[pairs[k]], &im[pairs[k]], &re[pairs[k+1]], &im[pairs[k+1]]
		for l := range lanes {
			a, b, c, d := ar[l], ai[l], br[l], bi[l]
			ar[l] = u[0][l]*a - u[1][l]*b + u[2][l]*c - u[3][l]*d
			ai[l] = u[0][l]*b + u[1][l]*a + u[2][l]*d + u[3][l]*c
			br[l] = u[4][l]*a - u[5][l]*b + u[6][l]*c - u[7][l]*d
			bi[l] = u[4][l]*b + u[5][l]*a + u[6][l]*d + u[7][l]*c
		}
	}
}

// turnReal multiplies each pair by the real part of u: one plane of a state, real or imaginary.
func turnReal[T Float](x []block[T], pairs []int32, u *matrix2[T]) {
	if v := vector[T](); v != nil && len(pairs) > 0 {
		for c := range columns[T](v.width) {
			v.turnReal(column(x, c), places(pairs), len(pairs)/2, column(u[:], c))
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		a, b := &x[pairs[k]], &x[pairs[k+1]]
		for l := range lanes {
			p, q := a[l], b[l]
			a[l] = u[0][l]*p + u[2][l]*q
			b[l] = u[4][l]*p + u[6][l]*q
		}
	}
}

// turnBack multiplies each pair of ψ and of λ by u and adds the moments of the result to m.
func turnBack[T Float](pr, pi, lr, li []block[T], pairs []int32, u *matrix2[T], m *moments[T]) {
	if v := vector[T](); v != nil && len(pairs) > 0 {
		for c := range columns[T](v.width) {
			v.turnBack(column(pr, c), column(pi, c), column(lr, c), column(li, c), places(pairs), len(pairs)/2, column(u[:], c), column(m[:], c))
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		i, j := pairs[k], pairs[k+1]
		ar, ai, br, bi := &pr[i], &pi[i], &pr[j], &pi[j]
		cr, ci, dr, di := &lr[i], &li[i], &lr[j], &li[j]
		for l := range lanes {
			u0, u1, u2, u3, u4, u5, u6, u7 := u[0][l], u[1][l], u[2][l], u[3][l], u[4][l], u[5][l], u[6][l], u[7][l]
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

// turnBackReal does so on one plane, for a real matrix, whose derivatives need the last moment only.
func turnBackReal[T Float](p, q []block[T], pairs []int32, u *matrix2[T], m *block[T]) {
	if v := vector[T](); v != nil && len(pairs) > 0 {
		for c := range columns[T](v.width) {
			v.turnBackReal(column(p, c), column(q, c), places(pairs), len(pairs)/2, column(u[:], c), unsafe.Add(unsafe.Pointer(m), c))
		}
		return
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		i, j := pairs[k], pairs[k+1]
		a, b, c, d := &p[i], &p[j], &q[i], &q[j]
		for l := range lanes {
			u0, u2, u4, u6 := u[0][l], u[2][l], u[4][l], u[6][l]
			x, y := u0*a[l]+u2*b[l], u4*a[l]+u6*b[l]
			z, w := u0*c[l]+u2*d[l], u4*c[l]+u6*d[l]
			a[l], b[l], c[l], d[l] = x, y, z, w
			m[l] += y*z - x*w
		}
	}
}

// multiply multiplies each group of dim amplitudes by a constant matrix given by its parts mr and mi; im and mi are nil for real states.
// It uses 2·dim blocks of scratch.
func multiply[T Float](re, im []block[T], groups []int32, dim int, mr, mi []T, scratch []block[T]) {
	for ; len(groups) >= dim; groups = groups[dim:] {
		for r := range dim {
			sr, si := &scratch[r], &scratch[dim+r]
			*sr, *si = block[T]{}, block[T]{}
			for c := range dim {
				ar, x := &re[groups[c]], mr[r*dim+c]
				for l := range lanes {
					sr[l] += x * ar[l]
				}
				if im == nil {
					continue
				}
				ai, y := &im[groups[c]], mi[r*dim+c]
				for l := range lanes {
					sr[l] -= y * ai[l]
					si[l] += x*ai[l] + y*ar[l]
				}
			}
		}
		for r := range dim {
			re[groups[r]] = scratch[r]
			if im != nil {
				im[groups[r]] = scratch[dim+r]
			}
		}
	}
}
