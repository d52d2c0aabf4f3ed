package statevec

import (
	"unsafe"
)

// phases of a class are two blocks, the real and the imaginary part in each lane, or only two numbers if all lanes have the same.

// shift multiplies each amplitude by the phase of its class and lane.
func shift[T Float](re, im []block[T], class []int32, phases []T) {
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.shift(column(re, c), column(im, c), places(class), len(class), unsafe.Add(unsafe.Pointer(&phases[0]), c))
		}
		return
	}
	for k, c := range class {
		ar, ai, p := &re[k], &im[k], (*[2 * lanes]T)(phases[2*lanes*c:])
		for l := range lanes {
			a, b := ar[l], ai[l]
			ar[l] = p[l]*a - p[lanes+l]*b
			ai[l] = p[l]*b + p[lanes+l]*a
		}
	}
}

// shiftAll multiplies each amplitude by the phase of its class.
func shiftAll[T Float](re, im []block[T], class []int32, phases []T) {
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.shiftAll(column(re, c), column(im, c), places(class), len(class), unsafe.Pointer(&phases[0]))
		}
		return
	}
	for k, c := range class {
		ar, ai, x, y := &re[k], &im[k], phases[2*c], phases[2*c+1]
		for l := range lanes {
			a, b := ar[l], ai[l]
			ar[l] = x*a - y*b
			ai[l] = x*b + y*a
		}
	}
}

// shiftReal multiplies one plane by the real parts, which are signs.
func shiftReal[T Float](x []block[T], class []int32, phases []T) {
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.shiftReal(column(x, c), places(class), len(class), unsafe.Pointer(&phases[0]))
		}
		return
	}
	for k, c := range class {
		a, p := &x[k], phases[2*c]
		for l := range lanes {
			a[l] *= p
		}
	}
}

// shiftBack does shiftAll to ψ and to λ and then what overlaps does.
func shiftBack[T Float](p, q *planes[T], class []int32, phases []T, sums []block[T]) {
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.shiftBack(column(p.re, c), column(p.im, c), column(q.re, c), column(q.im, c), places(class), len(class), unsafe.Pointer(&phases[0]), column(sums, c))
		}
		return
	}
	shiftAll(p.re, p.im, class, phases)
	shiftAll(q.re, q.im, class, phases)
	overlaps(p.re, p.im, q.re, q.im, class, sums)
}

// overlaps adds Im ψλ̄ of each amplitude to the sum of its class.
func overlaps[T Float](pr, pi, lr, li []block[T], class []int32, sums []block[T]) {
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.overlaps(column(pr, c), column(pi, c), column(lr, c), column(li, c), places(class), len(class), column(sums, c))
		}
		return
	}
	for k, c := range class {
		ar, ai, br, bi, s := &pr[k], &pi[k], &lr[k], &li[k], &sums[c]
		for l := range lanes {
			s[l] += ai[l]*br[l] - ar[l]*bi[l]
		}
	}
}

// fold adds the second half of the blocks to the first, and what it is more to the difference.
func fold[T Float](x []block[T], difference *block[T]) {
	lo, hi := x[:len(x)/2], x[len(x)/2:]
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.fold(column(lo, c), column(hi, c), len(lo), unsafe.Add(unsafe.Pointer(difference), c))
		}
		return
	}
	for k := range lo {
		for l, b := range hi[k] {
			difference[l] += b - lo[k][l]
			lo[k][l] += b
		}
	}
}
