package statevec

import (
	"github.com/hqvit/hqvit/qops/circuit"
)

// planes are the real and imaginary parts of the states in a tile; im is nil for real states.
type planes[T Float] struct {
	re, im []block[T]
	all    []block[T] // both
}

func newPlanes[T Float](size int, real bool) planes[T] {
	if real {
		x := make([]block[T], size)
		return planes[T]{re: x, all: x}
	}
	x := make([]block[T], 2*size)
	return planes[T]{re: x[:size], im: x[size:], all: x}
}

// width returns how many numbers an amplitude has.
func (p *planes[T]) width() int { return len(p.all) / len(p.re) }

// apply multiplies the states of a tile by the step.
func (p *planes[T]) apply(st *step, c *coef[T], scratch []block[T]) {
	switch {
	case st.kind == opDense:
		multiply(p.re, p.im, st.table, st.matrix.Dim(), c.mr, c.mi, scratch)
	case st.kind == opRotate && !st.real:
		turn(p.re, p.im, st.table, &c.u)
	case st.kind == opRotate:
		turnReal(p.re, st.table, &c.u)
		if p.im != nil {
			turnReal(p.im, st.table, &c.u)
		}
	case st.laned:
		shift(p.re, p.im, st.table, c.phases)
	case !st.real:
		shiftAll(p.re, p.im, st.table, c.phases)
	default:
		shiftReal(p.re, st.table, c.phases)
		if p.im != nil {
			shiftReal(p.im, st.table, c.phases)
		}
	}
}

// worker is the memory of one thread.
type worker[T Float] struct {
	plan     *Plan[T]
	psi, lam planes[T]
	coefs    []coef[T]   // by step of the plan
	stages   []stages[T] // by bundle of the plan
	scratch  []block[T]
	stale    bool      // the coefficients are of an earlier call
	grads    []float64 // theta, then data: where derivatives are added
	states   [2][]T    // of large circuits: ψ and λ between segments
}

func newWorker[T Float](p *Plan[T]) *worker[T] {
	w := &worker[T]{plan: p}
	size, groups := p.size(), 0
	sums, z := make([]block[T], size), make([]complex128, size)
	for i := range p.segments {
		s := &p.segments[i]
		for j := range s.steps {
			if p.small() {
				sums = make([]block[T], size) // they last for a chunk
			}
			w.coefs = append(w.coefs, newCoef(&s.steps[j], sums, z))
			groups = max(groups, 2*s.steps[j].matrix.Dim())
		}
	}
	w.psi, w.lam = newPlanes[T](size, p.real), newPlanes[T](size, p.real)
	w.stages = make([]stages[T], p.bundles)
	w.scratch = make([]block[T], groups)
	return w
}

// prepare computes the coefficients that are the same for all tiles of a call, or of a row in a large circuit.
func (w *worker[T]) prepare(j *job[T], row int) {
	for i := range w.plan.segments {
		s := &w.plan.segments[i]
		for k := range s.steps {
			if st := &s.steps[k]; !st.laned {
				w.coefs[st.slot].fill(st, j.theta, j.dataRow(w.plan, row), j.back, 0, lanes)
			}
		}
		w.bundle(s, j.back)
	}
	w.stale = false
}

// coef returns the coefficients of a step on a tile.
func (w *worker[T]) coef(st *step, j *job[T], t *tile) *coef[T] {
	c := &w.coefs[st.slot]
	if st.laned {
		for l := range t.count {
			c.fill(st, j.theta, j.dataRow(w.plan, t.row+l), j.back, l, l+1)
		}
	}
	return c
}

// forward runs a segment on one tile.
func (w *worker[T]) forward(s *segment, j *job[T], t *tile, src, dst []T) {
	w.psi.load(src, &s.start, t)
	for b := range s.inOrder(false) {
		if b.groups != nil {
			w.coefBundle(s, b, j, t).rotate(&w.psi, b)
			continue
		}
		st := &s.steps[b.first]
		w.psi.apply(st, w.coef(st, j, t), w.scratch)
	}
	w.psi.store(dst, &s.end, t)
}

// backward runs the adjoint of a segment on one tile of ψ and λ = ∂L/∂ψ and adds the derivatives of the angles. A nil destination is skipped.
func (w *worker[T]) backward(s *segment, j *job[T], t *tile, psi, lam, psiTo, lamTo []T) {
	w.psi.load(psi, &s.end, t)
	w.lam.load(lam, &s.end, t)
	for b := range s.inOrder(true) {
		w.undo(s, b, j, t)
		if b.laned || !w.plan.small() {
			w.derive(s, b, j, t)
		}
	}
	if psiTo != nil {
		w.psi.store(psiTo, &s.start, t)
	}
	if lamTo != nil {
		w.lam.store(lamTo, &s.start, t)
	}
}

// undo un-applies a bundle from ψ and λ and adds to the sums that its derivatives need.
func (w *worker[T]) undo(s *segment, b *bundle, j *job[T], t *tile) {
	if b.groups != nil {
		w.coefBundle(s, b, j, t).undo(&w.psi, &w.lam, b)
		return
	}
	st := &s.steps[b.first]
	c := w.coef(st, j, t)
	if len(st.angles) == 0 {
		w.psi.apply(st, c, w.scratch)
		w.lam.apply(st, c, w.scratch)
	} else {
		c.undo(st, &w.psi, &w.lam)
	}
}

// undo un-applies a step with angles.
func (c *coef[T]) undo(st *step, p, q *planes[T]) {
	switch {
	case st.kind == opPhase && !st.laned:
		shiftBack(p, q, st.table, c.phases, c.sums)
	case st.kind == opPhase:
		shift(p.re, p.im, st.table, c.phases)
		shift(q.re, q.im, st.table, c.phases)
		overlaps(p.re, p.im, q.re, q.im, st.table, c.sums)
	case st.real:
		turnBackReal(p.re, q.re, st.table, &c.u, &c.sums[3])
		if p.im != nil {
			turnBackReal(p.im, q.im, st.table, &c.u, &c.sums[3])
		}
	default:
		turnBack(p.re, p.im, q.re, q.im, st.table, &c.u, (*moments[T])(c.sums))
	}
}

// deriveShared adds the derivatives that backward has left in the sums: those of the steps of a small circuit that are the same for all rows, of a whole chunk.
func (w *worker[T]) deriveShared(s *segment, j *job[T]) {
	for i := range s.bundles {
		if b := &s.bundles[i]; !b.laned && w.plan.small() {
			w.derive(s, b, j, nil)
		}
	}
}

// derive adds the derivatives by the angles of a bundle and clears its sums.
func (w *worker[T]) derive(s *segment, b *bundle, j *job[T], t *tile) {
	steps := s.stepsOf(b)
	for i := range steps {
		st := &steps[i]
		if len(st.angles) == 0 {
			continue
		}
		c := &w.coefs[st.slot]
		if b.groups != nil {
			c.sums[3] = w.stages[b.slot].moments[i]
		}
		if st.laned {
			w.deriveLanes(st, c, j, t)
		} else {
			c.addLanes(st)
			for n, a := range st.angles {
				w.grads[w.plan.entry(a)] += a.Scale * c.square * c.totalDerivative(st, n)
			}
		}
		clear(c.sums)
	}
	if b.groups != nil {
		clear(w.stages[b.slot].moments[:])
	}
}

func (w *worker[T]) deriveLanes(st *step, c *coef[T], j *job[T], t *tile) {
	for n, a := range st.angles {
		for l := range t.count {
			d := a.Scale * c.square * c.derivative(st, n, l)
			if a.Source == circuit.Trainable {
				w.grads[a.Index] += d
			} else if j.ddata != nil {
				j.ddata[(t.row+l)*w.plan.numData+a.Index] += T(d)
			}
		}
	}
}

// entry returns the place of an angle in a list of all derivatives: theta, then data.
func (p *Plan[T]) entry(a circuit.Angle) int {
	if a.Source == circuit.Input {
		return p.numTheta + a.Index
	}
	return a.Index
}
