package statevec

import "cmp"

// Adjoint is the gradient of Apply. From out = U·in and dout = ∂L/∂out of a real loss L it computes, by
// un-applying the gates one after another,
//
//	din     rows × Width     ∂L/∂in; may be the same slice as dout
//	dtheta  NumTheta         ∂L/∂theta, summed over the rows
//	ddata   rows × NumData   ∂L/∂data
//
// where a gradient by an amplitude holds ∂L/∂re and ∂L/∂im. Each of them is overwritten, or skipped if it is
// nil. At most three states live for a row, whatever the number of gates, and the sum over rows has an order
// that does not depend on the threads. out and dout are not changed. It returns an error if a length is
// wrong, or an angle is NaN or infinite.
//
// Source: the adjoint method of T. Jones and J. Gacon, arXiv:2009.02823, carried to inputs and data angles.
func (e *Executor[T]) Adjoint(rows int, theta, data, out, dout, din, dtheta, ddata []T) error {
	return e.adjoint(job[T]{rows: rows, theta: theta, data: data,
		out: out, dout: dout, din: din, ddata: ddata}, dtheta)
}

// AdjointInPlace is Adjoint that replaces dout by din and overwrites out, for states that are not needed any
// more: it holds no state of its own.
func (e *Executor[T]) AdjointInPlace(rows int, theta, data, out, dout, dtheta, ddata []T) error {
	return e.adjoint(job[T]{rows: rows, theta: theta, data: data,
		out: out, dout: dout, din: dout, ddata: ddata, overwriteOut: true}, dtheta)
}

// Unapply is AdjointInPlace that replaces out by in as well: the states before the circuit and the gradient
// by them, where another circuit may go on.
func (e *Executor[T]) Unapply(rows int, theta, data, out, dout, dtheta, ddata []T) error {
	return e.adjoint(job[T]{rows: rows, theta: theta, data: data, out: out, dout: dout, din: dout, ddata: ddata,
		overwriteOut: true, wantStart: true}, dtheta)
}

func (e *Executor[T]) adjoint(j job[T], dtheta []T) error {
	rows := j.rows
	if err := e.check(rows, j.theta, j.data); err != nil {
		return err
	}
	p := e.plan
	n := rows * p.Width()
	if err := cmp.Or(checkLength("out", len(j.out), n), checkLength("dout", len(j.dout), n),
		checkOptional("din", j.din, n), checkOptional("dtheta", dtheta, p.numTheta),
		checkOptional("ddata", j.ddata, rows*p.numData)); err != nil {
		return err
	}
	clear(j.ddata)
	e.backward(j, dtheta)
	return nil
}

// adjointAt is AdjointInPlace on some rows of out and dout, with their rows of data and ddata, and leaves the
// states before the circuit in out; the other rows stay as they are. Nothing is checked.
func (e *Executor[T]) adjointAt(at []int32, theta, data, out, dout, dtheta, ddata []T) {
	for _, i := range at {
		if ddata != nil {
			clear(rowOf(ddata, int(i), e.plan.numData))
		}
	}
	e.backward(job[T]{rows: len(at), at: at, theta: theta, data: data, out: out, dout: dout, din: dout,
		ddata: ddata, overwriteOut: true, wantStart: true}, dtheta)
}

func (e *Executor[T]) backward(j job[T], dtheta []T) {
	rows, p := j.rows, e.plan
	j.backward = true
	e.begin(j)
	e.total = zeros(e.total, e.angles())
	switch {
	case p.batched():
		e.grads = zeros(e.grads, p.chunks(rows)*e.angles())
		e.pool.each(p.chunks(rows), e.backwardChunk)
		e.addChunks(p.chunks(rows))
	case p.qubits < stateQubits:
		e.grads = zeros(e.grads, rows*e.angles())
		e.pool.each(rows, e.backwardRow)
		e.addChunks(rows)
	default:
		for i := range rows {
			e.backwardShared(i)
		}
	}
	for i := range dtheta {
		dtheta[i] = T(e.total[i])
	}
	e.job = job[T]{}
}

// angles returns the length of a list of derivatives: theta, then data.
func (e *Executor[T]) angles() int { return e.plan.numTheta + e.plan.numData }

// chunk returns the derivatives of one chunk of the work.
func (e *Executor[T]) chunk(i int) []float64 { return rowOf(e.grads, i, e.angles()) }

// addChunks adds the derivatives of the chunks in a binary tree and the sum to the total.
func (e *Executor[T]) addChunks(count int) {
	for stride := 1; stride < count; stride *= 2 {
		for i := 0; i+stride < count; i += 2 * stride {
			addTo(e.chunk(i), e.chunk(i+stride))
		}
	}
	if count > 0 {
		addTo(e.total, e.chunk(0))
	}
}

func addTo(sum, x []float64) {
	for i, v := range x {
		sum[i] += v
	}
}

func (e *Executor[T]) backwardOnChunk(worker, chunk int) {
	w := e.workers[worker]
	if w.stale {
		w.prepare(&e.job, 0)
	}
	w.grads = e.chunk(chunk)
	e.eachTile(chunk, func(t position) {
		var start []T
		if e.job.wantStart {
			start = e.job.out
		}
		w.backward(&e.plan.segments[0], &e.job, &t, e.job.out, e.job.dout, start, e.job.din)
	})
	w.deriveChunk(&e.plan.segments[0], &e.job)
}

// betweenSegments returns where ψ and λ of a row stand between two segments: λ in din if it is wanted, ψ in
// out if that may be overwritten.
func (e *Executor[T]) betweenSegments(w *worker[T], i int) (psi, lam []T) {
	if e.job.overwriteOut {
		return e.stateOf(e.job.out, i), e.stateOf(e.job.din, i)
	}
	for k := range w.states {
		if w.states[k] == nil && (k == 0 || e.job.din == nil) {
			w.states[k] = make([]T, e.plan.Width())
		}
	}
	if e.job.din != nil {
		return w.states[0], e.stateOf(e.job.din, i)
	}
	return w.states[0], w.states[1]
}

func (e *Executor[T]) backwardOnRow(worker, i int) {
	w := e.workers[worker]
	if w.stale || e.plan.numData > 0 {
		w.prepare(&e.job, i)
	}
	w.grads = e.chunk(i)
	psi, lam := e.stateOf(e.job.out, i), e.stateOf(e.job.dout, i)
	psiTo, lamTo := e.betweenSegments(w, i)
	for k := len(e.plan.segments) - 1; k >= 0; k-- {
		s := &e.plan.segments[k]
		if k == 0 && !e.job.wantStart {
			psiTo = nil // nobody reads it
		}
		for number := range s.tiles() {
			t := s.tile(number)
			w.backward(s, &e.job, &t, psi, lam, psiTo, lamTo)
		}
		psi, lam = psiTo, lamTo
	}
	e.setData(i, w.grads)
}

// setData writes the derivatives by the data of a row of a large circuit.
func (e *Executor[T]) setData(i int, grads []float64) {
	if e.job.ddata == nil {
		return
	}
	for k, v := range grads[e.plan.numTheta:] {
		e.job.ddata[e.job.row(i)*e.plan.numData+k] = T(v)
	}
}

// backwardShared runs the adjoint segments on one large state, the threads sharing the tiles of each.
func (e *Executor[T]) backwardShared(i int) {
	for _, w := range e.workers {
		w.prepare(&e.job, i)
	}
	j := &e.job
	j.psi, j.lam = e.stateOf(j.out, i), e.stateOf(j.dout, i)
	j.psiTo, j.lamTo = e.betweenSegments(e.workers[0], i)
	tiles := 0
	for k := range e.plan.segments {
		tiles = max(tiles, e.plan.segments[k].tiles())
	}
	e.grads = zeros(e.grads, tiles*e.angles())
	for k := len(e.plan.segments) - 1; k >= 0; k-- {
		j.segment = k
		if k == 0 && !j.wantStart {
			j.psiTo = nil // nobody reads it
		}
		e.pool.each(e.plan.segments[k].tiles(), e.backwardTile)
		j.psi, j.lam = j.psiTo, j.lamTo
	}
	clear(e.total[e.plan.numTheta:])
	e.addChunks(tiles)
	e.setData(i, e.total)
}

func (e *Executor[T]) backwardOnTile(worker, number int) {
	w := e.workers[worker]
	s := &e.plan.segments[e.job.segment]
	t := s.tile(number)
	w.grads = e.chunk(number)
	w.backward(s, &e.job, &t, e.job.psi, e.job.lam, e.job.psiTo, e.job.lamTo)
}
