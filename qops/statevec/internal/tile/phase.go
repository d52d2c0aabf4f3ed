package tile

import "github.com/hqvit/hqvit/internal/dense"

// A class is a set of amplitudes with one phase, and class lists that of every amplitude of a tile. Its phase
// is two numbers, the real and the imaginary part, or two blocks if it differs from lane to lane.

// Phase multiplies each amplitude by the phase of its class, the same in all lanes.
func (s *States[T]) Phase(class []int32, phases []T) {
	re, im := s.Re, s.Im
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.phase(&re[0][c], &im[0][c], &class[0], len(class), &phases[0])
		}
		return
	}
	for k, c := range class {
		ar, ai, x, y := &re[k], &im[k], phases[2*c], phases[2*c+1]
		for l := range Lanes {
			a, b := ar[l], ai[l]
			ar[l] = x*a - y*b
			ai[l] = x*b + y*a
		}
	}
}

// PhaseByLane multiplies each amplitude by the phase of its class and lane.
func (s *States[T]) PhaseByLane(class []int32, phases []T) {
	re, im := s.Re, s.Im
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.phaseByLane(&re[0][c], &im[0][c], &class[0], len(class), &phases[c])
		}
		return
	}
	for k, c := range class {
		ar, ai, p := &re[k], &im[k], (*[2 * Lanes]T)(phases[2*Lanes*c:])
		for l := range Lanes {
			a, b := ar[l], ai[l]
			ar[l] = p[l]*a - p[Lanes+l]*b
			ai[l] = p[l]*b + p[Lanes+l]*a
		}
	}
}

// Signs is Phase by real phases, which are signs.
func (s *States[T]) Signs(class []int32, phases []T) {
	signs(s.Re, class, phases)
	if s.Im != nil {
		signs(s.Im, class, phases)
	}
}

func signs[T dense.Float](x []Block[T], class []int32, phases []T) {
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.signs(&x[0][c], &class[0], len(class), &phases[0])
		}
		return
	}
	for k, c := range class {
		a, p := &x[k], phases[2*c]
		for l := range Lanes {
			a[l] *= p
		}
	}
}

// PhaseBackward is Phase of ψ and of λ by the adjoint phases. It adds Im ψλ̄ of each amplitude to the sum of
// its class.
func PhaseBackward[T dense.Float](psi, lam *States[T], class []int32, phases []T, sums []Block[T]) {
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.phaseBackward(&psi.Re[0][c], &psi.Im[0][c], &lam.Re[0][c], &lam.Im[0][c],
				&class[0], len(class), &phases[0], &sums[0][c])
		}
		return
	}
	psi.Phase(class, phases)
	lam.Phase(class, phases)
	addOverlaps(psi, lam, class, sums)
}

// PhaseByLaneBackward is PhaseBackward by phases that differ from lane to lane.
func PhaseByLaneBackward[T dense.Float](psi, lam *States[T], class []int32, phases []T, sums []Block[T]) {
	psi.PhaseByLane(class, phases)
	lam.PhaseByLane(class, phases)
	addOverlaps(psi, lam, class, sums)
}

// addOverlaps adds Im ψλ̄ of each amplitude to the sum of its class.
func addOverlaps[T dense.Float](psi, lam *States[T], class []int32, sums []Block[T]) {
	pr, pi, lr, li := psi.Re, psi.Im, lam.Re, lam.Im
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.overlaps(&pr[0][c], &pi[0][c], &lr[0][c], &li[0][c], &class[0], len(class), &sums[0][c])
		}
		return
	}
	for k, c := range class {
		ar, ai, br, bi, s := &pr[k], &pi[k], &lr[k], &li[k], &sums[c]
		for l := range Lanes {
			s[l] += ai[l]*br[l] - ar[l]*bi[l]
		}
	}
}
