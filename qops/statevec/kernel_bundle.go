package statevec

import (
	"unsafe"
)

// rotate turns the pairs of each group, stage by stage.
func rotate[T Float](x []block[T], groups []int32, s *stages[T]) {
	if v := vector[T](); v != nil {
		for c := range columns[T](v.width) {
			v.rotate((*byte)(column(x, c)), (*byte)(places(groups)), len(groups)/groupSize, s.kinds, (*byte)(unsafe.Add(unsafe.Pointer(s), c)))
		}
		return
	}
	for ; len(groups) >= groupSize; groups = groups[groupSize:] {
		for j := range bundleSteps {
			for i := range groupSize {
				if i>>j&1 == 0 {
					s.turn(j, &x[groups[i]], &x[groups[i|1<<j]])
				}
			}
		}
	}
}

// turn does what one stage does to a pair.
func (s *stages[T]) turn(stage int, lo, hi *block[T]) {
	t, u := &s.shear[stage], &s.full[stage]
	switch s.kinds >> (2 * stage) & 3 {
	case tangent:
		for l := range lanes {
			lo[l], hi[l] = lo[l]-t[l]*hi[l], hi[l]+t[l]*lo[l]
		}
	case cotangent:
		for l := range lanes {
			lo[l], hi[l] = t[l]*lo[l]-hi[l], t[l]*hi[l]+lo[l]
		}
	case full:
		for l := range lanes {
			lo[l], hi[l] = u[0][l]*lo[l]+u[1][l]*hi[l], u[2][l]*lo[l]+u[3][l]*hi[l]
		}
	}
}

// rotateBack does so to ψ and to λ and adds the moments.
func rotateBack[T Float](psi, lam []block[T], all []int32, s *stages[T]) {
	v := vector[T]()
	if v != nil && v.rotateBack != nil {
		for c := range columns[T](v.width) {
			v.rotateBack((*byte)(column(psi, c)), (*byte)(column(lam, c)), (*byte)(places(all)), len(all)/groupSize, s.kinds,
				(*byte)(unsafe.Add(unsafe.Pointer(s), c)), (*byte)(column(s.moments[:], c)))
		}
		return
	}
	rotate(psi, all, s)
	rotate(lam, all, s)
	if v != nil {
		for c := range columns[T](v.width) {
			v.moments((*byte)(column(psi, c)), (*byte)(column(lam, c)), (*byte)(places(all)), len(all)/groupSize, (*byte)(column(s.moments[:], c)))
		}
		return
	}
	for ; len(all) >= groupSize; all = all[groupSize:] {
		for j := range bundleSteps {
			m := &s.moments[j]
			for i := range groupSize {
				if i>>j&1 == 1 {
					continue
				}
				a, b, c, d := &psi[all[i]], &psi[all[i|1<<j]], &lam[all[i]], &lam[all[i|1<<j]]
				for l := range lanes {
					m[l] += b[l]*c[l] - a[l]*d[l]
				}
			}
		}
	}
}
