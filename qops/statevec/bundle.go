package statevec

import (
	"math"
)

// A bundle is two or three real rotations that commute, done in one pass over groups of eight amplitudes, which the assembly holds in registers; or, without groups, any one step.
type bundle struct {
	first, count int     // steps of the segment
	groups       []int32 // eight places each: the bits of an amplitude's number say on which side of each step's pairs it is
	laned        bool    // some step is
	slot         int     // its number in the plan
}

const (
	bundleSteps = 3
	groupSize   = 1 << bundleSteps
)

func (s *segment) stepsOf(b *bundle) []step { return s.steps[b.first : b.first+b.count] }

// side is, by place, the other amplitude of its pair, and whether that is the lower one.
type side struct {
	other []int32
	high  []bool
}

// sideOf returns the sides of a step, and false unless it is a real rotation of all amplitudes.
func sideOf(st *step, size int) (side, bool) {
	if st.kind != opRotate || !st.real || len(st.table) != size {
		return side{}, false
	}
	s := side{other: make([]int32, size), high: make([]bool, size)}
	for k := 0; k < size; k += 2 {
		lo, hi := st.table[k], st.table[k+1]
		s.other[lo], s.other[hi], s.high[hi] = hi, lo, true
	}
	return s, true
}

// sideOfMask pairs the places that differ by a mask.
func sideOfMask(mask, size int) side {
	s := side{other: make([]int32, size), high: make([]bool, size)}
	for x := range size {
		s.other[x] = int32(x ^ mask)
		s.high[x] = x^mask < x
	}
	return s
}

// commutes tells whether changing sides by s leaves the side by each of the others and the other way round: together they make groups.
func (s *side) commutes(others []side) bool {
	for x := range s.other {
		for i := range others {
			o := &others[i]
			if y := s.other[x]; o.high[y] != o.high[x] || s.high[o.other[x]] != s.high[x] || o.other[y] != s.other[o.other[x]] {
				return false
			}
		}
	}
	return true
}

// bundle parts the steps into bundles.
func (s *segment) bundle() {
	size := len(s.amp)
	for first := 0; first < len(s.steps); {
		b := bundle{first: first, count: 1, laned: s.steps[first].laned}
		var sides []side
		if x, ok := sideOf(&s.steps[first], size); ok && size >= groupSize {
			sides = append(sides, x)
		}
		for k := first + 1; k < len(s.steps) && len(sides) > 0 && len(sides) < bundleSteps; k++ {
			x, ok := sideOf(&s.steps[k], size)
			if !ok || !x.commutes(sides) {
				break
			}
			sides, b.count, b.laned = append(sides, x), b.count+1, b.laned || s.steps[k].laned
		}
		if b.count > 1 {
			b.groups = groupsOf(sides, size)
		}
		if b.groups == nil {
			b.count, b.laned = 1, s.steps[first].laned
		} else {
			for k := range b.count {
				s.steps[first+k].table = nil // the groups are enough
			}
		}
		s.bundles = append(s.bundles, b)
		first += b.count
	}
}

// groupsOf returns the places of the groups. Sides that are missing are made up; nil if none fits.
func groupsOf(sides []side, size int) []int32 {
	for mask := 1; mask < size && len(sides) < bundleSteps; mask++ {
		if x := sideOfMask(mask, size); x.commutes(sides) {
			sides = append(sides, x)
		}
	}
	if len(sides) < bundleSteps {
		return nil
	}
	var groups []int32
	for x := range size {
		if sides[0].high[x] || sides[1].high[x] || sides[2].high[x] {
			continue
		}
		for i := range groupSize {
			y := int32(x)
			for j := range sides {
				if i>>j&1 == 1 {
					y = sides[j].other[y]
				}
			}
			groups = append(groups, y)
		}
	}
	return groups
}

// stages are the coefficients of a bundle. A rotation is all but a factor a shear, half the work: the factors are gathered and left to one rotation, which is done in full.
type stages[T Float] struct {
	shear   [bundleSteps]block[T]
	full    [bundleSteps][4]block[T]
	moments [bundleSteps]block[T] // by step, Σ ψ₁λ₀ − ψ₀λ₁ over the pairs, after the bundle is un-applied

	kinds int            // two bits a step: what the assembly does
	_     [line - 8]byte // blocks stay at the beginnings of lines
}

const (
	tangent   = 1 // (a, b) becomes (a−tb, b+ta), t the sine over the cosine, of which a factor is missing
	cotangent = 2 // (ta−b, tb+a), t the cosine over the sine, of which a factor is missing
	full      = 3
)

// fill takes the coefficients from those of the steps. It returns the factor that the states then lack, given the one that they lacked: 1 if there is a rotation in full, as
// there is if settle is set.
func (s *stages[T]) fill(steps []step, coefs []coef[T], lacking float64, settle bool) float64 {
	s.kinds = 0
	whole := -1
	for j := range steps {
		if whole < 0 && settle && j == len(steps)-1 || !coefs[j].rotates(&steps[j]) {
			s.kinds |= full << (2 * j)
			whole = j
			continue
		}
		cos, sin := float64(coefs[j].u[0][0]), float64(coefs[j].u[4][0])
		kind, t := tangent, sin/cos
		if cos*cos < sin*sin {
			kind, t, cos = cotangent, cos/sin, sin
		}
		s.kinds |= kind << (2 * j)
		lacking *= cos
		for l := range lanes {
			s.shear[j][l] = T(t)
		}
	}
	if whole < 0 {
		return lacking
	}
	for j := range steps {
		if s.kinds>>(2*j)&3 != full {
			continue
		}
		factor := T(1)
		if j == whole {
			factor = T(lacking)
		}
		for k := range 4 {
			for l, v := range coefs[j].u[2*k] {
				s.full[j][k][l] = factor * v
			}
		}
	}
	return 1
}

// rotates tells whether the matrix is the same rotation on all lanes.
func (c *coef[T]) rotates(st *step) bool {
	return !st.laned && c.u[0][0] == c.u[6][0] && c.u[2][0] == -c.u[4][0]
}

// inOrder iterates over the bundles in the order in which they are done.
func (s *segment) inOrder(back bool) func(func(*bundle) bool) {
	return func(yield func(*bundle) bool) {
		for k := range s.bundles {
			if back {
				k = len(s.bundles) - 1 - k
			}
			if !yield(&s.bundles[k]) {
				return
			}
		}
	}
}

// smallest bounds the factor that states may lack.
const smallest = 1e-3

// bundle computes what bundles need that is the same for all tiles. The states lack a factor until the last of them.
func (w *worker[T]) bundle(s *segment, back bool) {
	last := -1
	for b := range s.inOrder(back) {
		if b.groups != nil && !b.laned {
			last = b.slot
		}
	}
	lacking := 1.0
	for b := range s.inOrder(back) {
		steps, coefs := s.stepsOf(b), w.coefsOf(s, b)
		if b.groups != nil && !b.laned {
			lacking = w.stages[b.slot].fill(steps, coefs, lacking, b.slot == last || math.Abs(lacking) < smallest)
		}
		for i := range coefs {
			coefs[i].square = lacking * lacking
		}
	}
}

func (w *worker[T]) coefsOf(s *segment, b *bundle) []coef[T] {
	slot := s.steps[b.first].slot
	return w.coefs[slot : slot+b.count]
}

// coefBundle returns the coefficients of a bundle on a tile.
func (w *worker[T]) coefBundle(s *segment, b *bundle, j *job[T], t *tile) *stages[T] {
	if b.laned {
		steps := s.stepsOf(b)
		for i := range steps {
			w.coef(&steps[i], j, t)
		}
		w.stages[b.slot].fill(steps, w.coefsOf(s, b), 1, true)
	}
	return &w.stages[b.slot]
}

// rotate does a bundle on a tile.
func (s *stages[T]) rotate(p *planes[T], b *bundle) {
	rotate(p.re, b.groups, s)
	if p.im != nil {
		rotate(p.im, b.groups, s)
	}
}

// undo un-applies a bundle from ψ and λ and adds the moments that the derivatives need.
func (s *stages[T]) undo(psi, lam *planes[T], b *bundle) {
	rotateBack(psi.re, lam.re, b.groups, s)
	if psi.im != nil {
		rotateBack(psi.im, lam.im, b.groups, s)
	}
}
