package statevec

import "github.com/hqvit/hqvit/qops/statevec/internal/tile"

// happen lets the next error of a run happen.
func (r *trajectoryRunner[T]) happen(w *pauliWork[T], t *trajectory, run int) {
	psi, e := rowOf(r.psi, run, r.width), &t.events[t.next]
	from := psi
	if t.next == 0 {
		from = rowOf(r.psi, t.row, r.width)
	}
	if e.kept >= 0 && r.keep {
		r.kept[e.kept] = append(r.kept[e.kept][:0], from...)
	}
	b, p := r.branch(e), &r.plan.places[e.place]
	if p.moved == nil {
		copy(psi, from)
		e.operator = b.operators[0]
		if len(b.operators) > 1 {
			e.operator = b.choose(reduced(p.target, psi), &t.random)
		}
		apply(p.target, e.operator, psi)
		return
	}
	m := &p.moved[e.branch]
	e.scale = 1
	if m.look.trivial() {
		w.move(m.move, psi, from)
		return
	}
	norm, z := w.expect(m.look, from)
	e.value, e.scale = chooseValue(norm, z, &t.random)
	if e.value != m.when {
		w.project(m.look, e.value == 1, e.scale, psi, from)
		return
	}
	part := w.room(r.width)
	w.project(m.look, e.value == 1, e.scale, part, from)
	w.move(m.move, psi, part)
}

// undo carries a run back over the last of its errors that happened, the first of all into its stem.
func (r *trajectoryRunner[T]) undo(t *trajectory, run int) {
	e, psi, lam := &t.events[t.next-1], rowOf(r.psi, run, r.width), rowOf(r.lam, run, r.width)
	r.daggered(e, lam)
	switch {
	case t.next == 1:
		r.paulis[0].scratch.Add(tile.Pauli{}, 1, lam, rowOf(r.lam, t.row, r.width))
	case e.kept >= 0:
		copy(psi, r.kept[e.kept])
	default:
		r.daggered(e, psi)
	}
}

// daggered multiplies a state by the adjoint of the operator that acted as an error.
func (r *trajectoryRunner[T]) daggered(e *event, x []T) {
	w, p := &r.paulis[0], &r.plan.places[e.place]
	if p.moved == nil {
		apply(p.target, e.operator.Dagger(), x)
		return
	}
	m := &p.moved[e.branch]
	switch {
	case m.look.trivial():
		w.move(m.move, x, x)
	case e.value != m.when:
		w.project(m.look, e.value == 1, e.scale, x, x)
	default:
		part := w.room(r.width)
		w.move(m.move, part, x)
		w.project(m.look, e.value == 1, e.scale, x, part)
	}
}
