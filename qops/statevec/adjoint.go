package statevec

// Adjoint is the gradient of Apply. From out = U·in and dout = ∂L/∂out of a real loss L it computes, by un-applying the gates one after another,
//
//	din     rows × Width     ∂L/∂in; may be the same slice as dout
//	dtheta  NumTheta         ∂L/∂theta, summed over the rows
//	ddata   rows × NumData   ∂L/∂data
//
// where a gradient by an amplitude holds ∂L/∂re and ∂L/∂im. Each of them is overwritten, or skipped if it is nil. At most three states live for a row, whatever the number of gates,
// and the sum over rows has an order that does not depend on the threads. out and dout are not changed. It returns an error if a length is wrong.
//
// Source: the adjoint method of T. Jones and J. Gacon, arXiv:2009.02823, carried to inputs and data angles.
func (e *Executor[T]) Adjoint(rows int, theta, data, out, dout, din, dtheta, ddata []T) error {
	return e.adjoint(job[T]{rows: rows, theta: theta, data: data, out: out, dout: dout, din: din, ddata: ddata}, dtheta)
}

// AdjointInPlace is Adjoint that replaces dout by din and spoils out, for states that nobody needs any more: it holds no state of its own.
func (e *Executor[T]) AdjointInPlace(rows int, theta, data, out, dout, dtheta, ddata []T) error {
	return e.adjoint(job[T]{rows: rows, theta: theta, data: data, out: out, dout: dout, din: dout, ddata: ddata, spoil: true}, dtheta)
}

func (e *Executor[T]) adjoint(j job[T], dtheta []T) error {
	p, rows := e.plan, j.rows
	n := rows * p.Width()
	if err := firstError(p.check(rows, j.theta, j.data), want("out", len(j.out), n), want("dout", len(j.dout), n),
		wantOr("din", j.din, n), wantOr("dtheta", dtheta, p.numTheta), wantOr("ddata", j.ddata, rows*p.numData)); err != nil {
		return err
	}
	j.back = true
	e.begin(j)
	clear(j.ddata)
	e.total = zeroed(e.total, e.angles())
	switch {
	case p.batched():
		e.grads = zeroed(e.grads, p.chunks(rows)*e.angles())
		e.pool.each(p.chunks(rows), e.backwardChunk)
		e.gather(p.chunks(rows))
	case p.qubits < stateQubits:
		e.grads = zeroed(e.grads, rows*e.angles())
		e.pool.each(rows, e.backwardRow)
		e.gather(rows)
	default:
		for row := range rows {
			e.backwardShared(row)
		}
	}
	for i := range dtheta {
		dtheta[i] = T(e.total[i])
	}
	e.job = job[T]{}
	return nil
}

// angles returns the length of a list of derivatives: theta, then data.
func (e *Executor[T]) angles() int { return e.plan.numTheta + e.plan.numData }

func zeroed[T any](x []T, n int) []T {
	x = ofLength(x, n)
	clear(x)
	return x
}

// chunk returns the derivatives of one chunk of the work.
func (e *Executor[T]) chunk(i int) []float64 { return e.grads[i*e.angles() : (i+1)*e.angles()] }

// gather adds the derivatives of the chunks in a binary tree and the sum to the total.
func (e *Executor[T]) gather(count int) {
	for stride := 1; stride < count; stride *= 2 {
		for i := 0; i+stride < count; i += 2 * stride {
			add(e.chunk(i), e.chunk(i+stride))
		}
	}
	if count > 0 {
		add(e.total, e.chunk(0))
	}
}

func add(to, x []float64) {
	for i, v := range x {
		to[i] += v
	}
}

func (e *Executor[T]) backwardOnChunk(worker, chunk int) {
	w := e.workers[worker]
	if w.stale {
		w.prepare(&e.job, 0)
	}
	w.grads = e.chunk(chunk)
	e.eachTile(chunk, func(t tile) {
		w.backward(&e.plan.segments[0], &e.job, &t, e.job.out, e.job.dout, nil, e.job.din)
	})
	w.deriveShared(&e.plan.segments[0], &e.job)
}

// between returns where ψ and λ of a row stand between two segments: λ in din if it is wanted, ψ in out if that may be spoiled.
func (e *Executor[T]) between(w *worker[T], row int) (psi, lam []T) {
	if e.job.spoil {
		return e.rowOf(e.job.out, row), e.rowOf(e.job.din, row)
	}
	for i := range w.states {
		if w.states[i] == nil && (i == 0 || e.job.din == nil) {
			w.states[i] = make([]T, e.plan.Width())
		}
	}
	if e.job.din != nil {
		return w.states[0], e.rowOf(e.job.din, row)
	}
	return w.states[0], w.states[1]
}

func (e *Executor[T]) backwardOnRow(worker, row int) {
	w := e.workers[worker]
	if w.stale || e.plan.numData > 0 {
		w.prepare(&e.job, row)
	}
	w.grads = e.chunk(row)
	psi, lam := e.rowOf(e.job.out, row), e.rowOf(e.job.dout, row)
	psiTo, lamTo := e.between(w, row)
	for i := len(e.plan.segments) - 1; i >= 0; i-- {
		s := &e.plan.segments[i]
		if i == 0 {
			psiTo = nil // nobody reads it
		}
		for k := range s.tiles() {
			t := s.tile(k)
			w.backward(s, &e.job, &t, psi, lam, psiTo, lamTo)
		}
		psi, lam = psiTo, lamTo
	}
	e.keepData(row, w.grads)
}

// keepData writes the derivatives by the data of a row of a large circuit.
func (e *Executor[T]) keepData(row int, grads []float64) {
	if e.job.ddata == nil {
		return
	}
	for i, v := range grads[e.plan.numTheta:] {
		e.job.ddata[row*e.plan.numData+i] = T(v)
	}
}

// backwardShared runs the adjoint segments on one large state, the threads sharing the tiles of each.
func (e *Executor[T]) backwardShared(row int) {
	for _, w := range e.workers {
		w.prepare(&e.job, row)
	}
	j := &e.job
	j.psi, j.lam = e.rowOf(j.out, row), e.rowOf(j.dout, row)
	j.psiTo, j.lamTo = e.between(e.workers[0], row)
	tiles := 0
	for i := range e.plan.segments {
		tiles = max(tiles, e.plan.segments[i].tiles())
	}
	e.grads = zeroed(e.grads, tiles*e.angles())
	for i := len(e.plan.segments) - 1; i >= 0; i-- {
		j.segment = i
		if i == 0 {
			j.psiTo = nil // nobody reads it
		}
		e.pool.each(e.plan.segments[i].tiles(), e.backwardTile)
		j.psi, j.lam = j.psiTo, j.lamTo
	}
	clear(e.total[e.plan.numTheta:])
	e.gather(tiles)
	e.keepData(row, e.total)
}

func (e *Executor[T]) backwardOnTile(worker, k int) {
	w := e.workers[worker]
	s := &e.plan.segments[e.job.segment]
	t := s.tile(k)
	w.grads = e.chunk(k)
	w.backward(s, &e.job, &t, e.job.psi, e.job.lam, e.job.psiTo, e.job.lamTo)
}
