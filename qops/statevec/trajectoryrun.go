package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/internal/splitmix"
)

// trajectoryRunner runs a batch of trajectories and owns the memory for it.
//
// The runs of one row of inputs are one run up to their first errors: the first of them has none, and the
// others branch off from it. Backward they join it again, so that what comes before is differentiated once
// for all.
type trajectoryRunner[T Float] struct {
	plan   *Trajectories[T]
	memory []tileMemory[T]
	paulis []pauliWork[T] // by worker
	execs  []*Executor[T] // by part
	pool   *pool
	width  int

	runs        []trajectory
	theta, data []T // that of a run
	psi, lam    []T // by run
	keep        bool
	kept        [][]T // states in front of errors that have no inverse
	calm, busy  [][]int32

	dtheta []float64
	ddata  []float64 // by row
	grads  []T
	part   []T
}

// trajectory is one run, or the runs without an error of a row, from which the others branch off.
type trajectory struct {
	row    int // of the batch
	number int // among those of the row; of a stem, the number behind the last
	count  int // how many runs it stands for
	shots  int
	sign   float64
	stem   bool
	events []event // of a stem: where others branch off
	next   int     // of events: the first that has not happened
	random splitmix.Source
}

func newTrajectoryRunner[T Float](t *Trajectories[T], threads int) *trajectoryRunner[T] {
	r := &trajectoryRunner[T]{plan: t, memory: newTileMemory[T](threads), pool: newPool(threads),
		execs: make([]*Executor[T], t.parts()), width: 2 << t.qubits, grads: make([]T, t.numTheta)}
	r.paulis = make([]pauliWork[T], len(r.memory))
	depth := 0
	for p := t.root; p != nil; p = p.right { // no part is deeper than the last by more than one
		depth = p.depth
	}
	r.calm, r.busy = make([][]int32, depth+3), make([][]int32, depth+3)
	return r
}

// draw draws the runs from one number on to another, of rows with those seeds, with the shots that share
// gives a run. The stems come first, by row.
func (r *trajectoryRunner[T]) draw(seeds []uint64, from, to int, share func(number int) int) {
	r.runs = r.runs[:0]
	for row := range seeds {
		r.runs = append(r.runs, trajectory{row: row, number: to, stem: true, sign: 1, events: r.spare()})
	}
	kept := int32(0)
	for row, seed := range seeds {
		for i := from; i < to; i++ {
			random := splitmix.Source(splitmix.Mix(splitmix.Mix(seed) ^ uint64(i)))
			events, sign := r.plan.draw(&random, r.spare())
			stem := &r.runs[row]
			if len(events) == 0 {
				stem.count++
				stem.shots += share(i)
				continue
			}
			for k := 1; k < len(events); k++ {
				if e := &events[k]; len(r.branch(e).operators) > 1 {
					e.kept = kept
					kept++
				}
			}
			stem.events = append(stem.events, event{place: events[0].place})
			r.runs = append(r.runs, trajectory{row: row, number: i, count: 1, sign: sign, shots: share(i),
				events: events, random: random})
		}
		slices.SortFunc(r.runs[row].events, func(a, b event) int { return int(a.place - b.place) })
	}
	for len(r.kept) < int(kept) {
		r.kept = append(r.kept, nil)
	}
}

// spare returns the memory for events that the run which comes next had.
func (r *trajectoryRunner[T]) spare() []event {
	if n := len(r.runs); n < cap(r.runs) {
		return r.runs[:n+1][n].events[:0]
	}
	return nil
}

func (r *trajectoryRunner[T]) branch(e *event) *branch {
	return &r.plan.places[e.place].errors[e.branch]
}

// exec returns what runs a part, nil if it has no gates.
func (r *trajectoryRunner[T]) exec(p *part[T]) (*Executor[T], error) {
	if r.execs[p.number] == nil {
		plan, err := p.compiled(r.plan)
		if plan == nil || err != nil {
			return nil, err
		}
		r.execs[p.number] = plan.newExecutor(r.memory)
	}
	return r.execs[p.number], nil
}

// begun tells whether a run has branched off, and a stem whether it is still needed.
func (t *trajectory) begun() bool {
	if t.stem {
		return t.count > 0 || t.next < len(t.events)
	}
	return t.next > 0
}

// eventIn tells whether the event that comes next, or back the last that happened, lies in a part.
func eventIn[T Float](t *trajectory, p *part[T], back bool) bool {
	if back {
		return t.next > 0 && int(t.events[t.next-1].place) >= p.first
	}
	return t.next < len(t.events) && int(t.events[t.next].place) < p.last
}

// divide sets calm to the runs to which nothing happens in a part, and busy to the others.
func (r *trajectoryRunner[T]) divide(p *part[T], back bool) (calm, busy []int32) {
	calm, busy = r.calm[p.depth][:0], r.busy[p.depth+1][:0]
	for _, i := range r.busy[p.depth] {
		switch t := &r.runs[i]; {
		case eventIn(t, p, back):
			busy = append(busy, i)
		case t.begun():
			calm = append(calm, i)
		}
	}
	r.calm[p.depth], r.busy[p.depth+1] = calm, busy
	return calm, busy
}

// all makes all runs those of the root.
func (r *trajectoryRunner[T]) all() {
	r.busy[0] = r.busy[0][:0]
	for i := range r.runs {
		r.busy[0] = append(r.busy[0], int32(i))
	}
}

// forward runs all runs. The stems begin where psi has them.
func (r *trajectoryRunner[T]) forward(theta, data []T, keep bool) error {
	r.theta, r.data, r.keep = theta, data, keep
	r.all()
	return r.forwardOn(r.plan.root)
}

func (r *trajectoryRunner[T]) forwardOn(p *part[T]) error {
	calm, busy := r.divide(p, false)
	if p.left == nil {
		for _, i := range busy {
			if r.runs[i].begun() {
				calm = append(calm, i)
			}
		}
	}
	if len(calm) > 0 {
		e, err := r.exec(p)
		if err != nil {
			return err
		}
		if e != nil {
			e.applyAt(calm, r.theta, r.data, r.psi)
		}
	}
	r.calm[p.depth] = calm
	if len(busy) == 0 {
		return nil
	}
	if p.left != nil {
		if err := r.forwardOn(p.left); err != nil {
			return err
		}
		return r.forwardOn(p.right)
	}
	r.pool.each(len(busy), func(worker, i int) {
		t := &r.runs[busy[i]]
		if t.stem {
			return
		}
		for ; eventIn(t, p, false); t.next++ {
			r.happen(&r.paulis[worker], t, int(busy[i]))
		}
	})
	for _, i := range busy {
		for t := &r.runs[i]; t.stem && eventIn(t, p, false); {
			t.next++
		}
	}
	return nil
}

// back carries the gradients lam of all runs back to the beginning of the stems, after forward that has kept
// what it needs. It adds that by theta to dtheta, and that by data to ddata.
func (r *trajectoryRunner[T]) back(dtheta, ddata []float64) error {
	r.dtheta, r.ddata = dtheta, ddata
	r.part = resized(r.part, len(r.data))
	r.all()
	return r.backOn(r.plan.root)
}

func (r *trajectoryRunner[T]) backOn(p *part[T]) error {
	calm, busy := r.divide(p, true)
	if p.left != nil && len(busy) > 0 {
		if err := r.backOn(p.right); err != nil {
			return err
		}
		if err := r.backOn(p.left); err != nil {
			return err
		}
		busy = nil
	}
	for _, i := range busy {
		t := &r.runs[i]
		for ; eventIn(t, p, true); t.next-- {
			if !t.stem {
				r.undo(t, int(i))
			}
		}
	}
	for _, i := range busy {
		if r.runs[i].begun() {
			calm = append(calm, i)
		}
	}
	r.calm[p.depth] = calm
	e, err := r.exec(p)
	if err != nil || e == nil || len(calm) == 0 {
		return err
	}
	var ddata []T
	if r.ddata != nil {
		ddata = r.part
	}
	e.adjointAt(calm, r.theta, r.data, r.psi, r.lam, r.grads, ddata)
	for i, v := range r.grads {
		r.dtheta[i] += float64(v)
	}
	for _, i := range calm {
		row, n := r.runs[i].row, r.plan.numData
		for k := 0; k < n && ddata != nil; k++ {
			r.ddata[row*n+k] += float64(ddata[int(i)*n+k])
		}
	}
	return nil
}
