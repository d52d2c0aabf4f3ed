package statevec

import (
	"math"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// worker is the memory of one thread.
type worker[T Float] struct {
	plan     *Plan[T]
	psi, lam tile.States[T]
	coefs    []coefs[T]      // by step of the plan
	fused    []tile.Fused[T] // by pass of the plan
	stale    bool            // the coefficients are of an earlier call
	grads    []float64       // theta, then data: where derivatives are added
	states   [2][]T          // of large circuits: ψ and λ between segments
}

// position is where the lanes of a tile begin.
type position struct {
	tile.Position
	row int // of lane 0, if lanes are rows
}

// tileMemory is the memory of one thread for tiles, by their size.
type tileMemory[T Float] map[int]*tileBuffers[T]

type tileBuffers[T Float] struct {
	psi, lam tile.States[T]
	exact    []complex128
	sums     []tile.Block[T]
}

func newTileMemory[T Float](threads int) (out []tileMemory[T]) {
	for range min(max(1, threads), maxThreads) {
		out = append(out, tileMemory[T]{})
	}
	return out
}

// of returns the buffers for the tiles of a plan.
func (m tileMemory[T]) of(p *Plan[T]) *tileBuffers[T] {
	if m[p.size] == nil {
		m[p.size] = &tileBuffers[T]{psi: tile.NewStates[T](p.size, p.real), lam: tile.NewStates[T](p.size, p.real),
			exact: make([]complex128, p.size), sums: make([]tile.Block[T], p.size)}
	}
	return m[p.size]
}

func newWorker[T Float](p *Plan[T], memory tileMemory[T]) *worker[T] {
	buffers := memory.of(p)
	w := &worker[T]{plan: p, psi: buffers.psi, lam: buffers.lam, coefs: make([]coefs[T], 0, p.steps)}
	exact, sums := buffers.exact, buffers.sums
	if p.small() {
		sums = nil // those of a step last for a chunk
	}
	for i := range p.segments {
		s := &p.segments[i]
		for j := range s.steps {
			w.coefs = append(w.coefs, newCoefs(&s.steps[j], sums, exact))
		}
	}
	w.fused = make([]tile.Fused[T], p.passes)
	return w
}

// prepare computes the coefficients that are the same for all tiles of a call, or of a row in a large
// circuit.
func (w *worker[T]) prepare(j *job[T], row int) {
	for i := range w.plan.segments {
		s := &w.plan.segments[i]
		for k := range s.steps {
			st := &s.steps[k]
			c := &w.coefs[st.index]
			if !st.byLane {
				c.fill(st, j.theta, j.dataRow(w.plan, row), j.backward, 0, tile.Lanes)
			} else if c.lanes != nil {
				prepareLanes(c.lanes, st, j.theta, j.backward)
			}
		}
		w.prepareFused(s, j.backward)
	}
	w.stale = false
}

// minFactor bounds the factor that states may lack.
const minFactor = 1e-3

// prepareFused computes the fused rotations that are the same for all tiles. The states lack a factor until
// the last of them.
func (w *worker[T]) prepareFused(s *segment, backward bool) {
	last := -1
	for p := range s.inOrder(backward) {
		if p.groups != nil && !p.byLane {
			last = p.index
		}
	}
	lacking := 1.0
	for p := range s.inOrder(backward) {
		if p.groups != nil && !p.byLane {
			lacking = w.setFused(s, p, lacking, p.index == last || math.Abs(lacking) < minFactor)
		}
		for i := range s.stepsOf(p) {
			w.coefs[s.steps[p.first+i].index].lacking = lacking * lacking
		}
	}
}

// setFused makes the fused rotations of a pass from the coefficients of its steps, and returns what they
// lack.
func (w *worker[T]) setFused(s *segment, p *pass, lacking float64, settle bool) float64 {
	var rotations [tile.MaxFused]tile.Rotation[T]
	for i := range s.stepsOf(p) {
		st := &s.steps[p.first+i]
		rotations[i] = tile.Rotation[T]{Matrix: &w.coefs[st.index].u, ByLane: st.byLane}
	}
	return w.fused[p.index].Set(rotations[:p.count], lacking, settle)
}

// coefsOf returns the coefficients of a step on a tile.
func (w *worker[T]) coefsOf(st *step, j *job[T], t *position) *coefs[T] {
	c := &w.coefs[st.index]
	if c.lanes != nil {
		f := &st.factors[c.lanes.factor]
		for l := range t.Count {
			c.lanes.angles[l] = f.exp.radius * circuit.Value(f.angle, j.theta, j.dataRow(w.plan, t.row+l))
		}
		fillLanes(c.lanes, &c.u, t.Count)
	} else if st.byLane {
		for l := range t.Count {
			c.fill(st, j.theta, j.dataRow(w.plan, t.row+l), j.backward, l, l+1)
		}
	}
	return c
}

// fusedOf returns the fused rotations of a pass on a tile.
func (w *worker[T]) fusedOf(s *segment, p *pass, j *job[T], t *position) *tile.Fused[T] {
	if p.byLane {
		for i := range s.stepsOf(p) {
			w.coefsOf(&s.steps[p.first+i], j, t)
		}
		w.setFused(s, p, 1, true)
	}
	return &w.fused[p.index]
}

// forward runs a segment on one tile.
func (w *worker[T]) forward(s *segment, j *job[T], t *position, src, dst []T) {
	w.psi.Load(src, &s.start, &t.Position)
	for p := range s.inOrder(false) {
		if p.groups != nil {
			w.psi.RotateFused(p.groups, w.fusedOf(s, p, j, t))
			continue
		}
		st := &s.steps[p.first]
		w.apply(&w.psi, st, w.coefsOf(st, j, t))
	}
	w.psi.Store(dst, &s.end, &t.Position)
}

// apply multiplies the states of a tile by a step.
func (w *worker[T]) apply(x *tile.States[T], st *step, c *coefs[T]) {
	switch {
	case st.kind == opDense:
		x.Multiply(st.table, c.matrix)
	case st.kind == opRotate && st.real:
		x.RotateReal(st.table, &c.u)
	case st.kind == opRotate:
		x.Rotate(st.table, &c.u)
	case st.byLane:
		x.PhaseByLane(st.table, c.phases)
	case st.real:
		x.Signs(st.table, c.phases)
	default:
		x.Phase(st.table, c.phases)
	}
}

// backward runs the adjoint of a segment on one tile of ψ and λ = ∂L/∂ψ and adds the derivatives by the
// angles. A nil destination is skipped.
func (w *worker[T]) backward(s *segment, j *job[T], t *position, psi, lam, psiTo, lamTo []T) {
	w.psi.Load(psi, &s.end, &t.Position)
	w.lam.Load(lam, &s.end, &t.Position)
	for p := range s.inOrder(true) {
		w.unapply(s, p, j, t)
		if p.byLane || !w.plan.small() {
			w.derive(s, p, j, t)
		}
	}
	if psiTo != nil {
		w.psi.Store(psiTo, &s.start, &t.Position)
	}
	if lamTo != nil {
		w.lam.Store(lamTo, &s.start, &t.Position)
	}
}

// unapply un-applies a pass from ψ and λ and adds to the sums that its derivatives need.
func (w *worker[T]) unapply(s *segment, p *pass, j *job[T], t *position) {
	if p.groups != nil {
		tile.RotateFusedBackward(&w.psi, &w.lam, p.groups, w.fusedOf(s, p, j, t))
		return
	}
	st := &s.steps[p.first]
	c := w.coefsOf(st, j, t)
	switch {
	case len(st.angles) == 0:
		w.apply(&w.psi, st, c)
		w.apply(&w.lam, st, c)
	case st.kind == opPhase && st.byLane:
		tile.PhaseByLaneBackward(&w.psi, &w.lam, st.table, c.phases, c.sums)
	case st.kind == opPhase:
		tile.PhaseBackward(&w.psi, &w.lam, st.table, c.phases, c.sums)
	case st.real:
		tile.RotateRealBackward(&w.psi, &w.lam, st.table, &c.u, (*tile.Moments[T])(c.sums))
	default:
		tile.RotateBackward(&w.psi, &w.lam, st.table, &c.u, (*tile.Moments[T])(c.sums))
	}
}

// deriveChunk adds the derivatives that backward has left in the sums: those of the steps of a small circuit
// that are the same for all rows, of a whole chunk.
func (w *worker[T]) deriveChunk(s *segment, j *job[T]) {
	for i := range s.passes {
		if p := &s.passes[i]; !p.byLane && w.plan.small() {
			w.derive(s, p, j, nil)
		}
	}
}

// derive adds the derivatives by the angles of a pass and clears its sums.
func (w *worker[T]) derive(s *segment, p *pass, j *job[T], t *position) {
	for i := range s.stepsOf(p) {
		st := &s.steps[p.first+i]
		if len(st.angles) == 0 {
			continue
		}
		c := &w.coefs[st.index]
		if p.groups != nil {
			c.sums[3] = w.fused[p.index].Moments[i]
		}
		if st.byLane {
			w.deriveLanes(st, c, j, t)
		} else {
			c.addLanes(st)
			for n, a := range st.angles {
				w.grads[w.plan.angleEntry(a)] += a.Scale * c.lacking * c.derivative(st, n)
			}
		}
		clear(c.sums)
	}
	if p.groups != nil {
		clear(w.fused[p.index].Moments[:])
	}
}

func (w *worker[T]) deriveLanes(st *step, c *coefs[T], j *job[T], t *position) {
	if c.lanes != nil {
		deriveRotation(c.lanes, st, c.sums, t.Count)
	}
	for n, a := range st.angles {
		for l := range t.Count {
			d := a.Scale * c.lacking
			if c.lanes != nil {
				d *= c.lanes.derivatives[n*tile.Lanes+l]
			} else {
				d *= c.laneDerivative(st, n, l)
			}
			if a.Source == circuit.Trainable {
				w.grads[a.Index] += d
			} else if j.ddata != nil {
				j.ddata[j.row(t.row+l)*w.plan.numData+a.Index] += T(d)
			}
		}
	}
}
