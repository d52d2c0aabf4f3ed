package statevec

import (
	"github.com/pkg/errors"
)

// Executor runs a plan and owns all memory for it. It is not safe for concurrent use: one Executor a goroutine, any number to a plan.
type Executor[T Float] struct {
	plan    *Plan[T]
	workers []*worker[T]
	job     job[T]

	pool *pool

	forwardChunk, forwardRow, forwardTile    func(worker, item int)
	backwardChunk, backwardRow, backwardTile func(worker, item int)

	grads []float64 // by chunk: the derivatives by theta and data
	total []float64
}

// job holds the arguments of a call.
type job[T Float] struct {
	rows             int
	theta, data      []T
	in, out          []T
	dout, din, ddata []T
	back             bool
	spoil            bool // out may be overwritten

	// Of a state shared by the threads: the segment they are in, where ψ and λ come from and where they go.
	segment      int
	psi, lam     []T
	psiTo, lamTo []T
}

func (j *job[T]) dataRow(p *Plan[T], row int) []T {
	return j.data[row*p.numData : (row+1)*p.numData]
}

// NewExecutor returns an Executor that uses the given number of threads, at least one.
func (p *Plan[T]) NewExecutor(threads int) *Executor[T] {
	e := &Executor[T]{plan: p, pool: newPool(threads)}
	for range e.pool.starts {
		e.workers = append(e.workers, newWorker(p))
	}
	e.forwardChunk, e.forwardRow, e.forwardTile = e.forwardOnChunk, e.forwardOnRow, e.forwardOnTile
	e.backwardChunk, e.backwardRow, e.backwardTile = e.backwardOnChunk, e.backwardOnRow, e.backwardOnTile
	return e
}

func (p *Plan[T]) check(rows int, theta, data []T) error {
	if rows < 0 {
		return errors.Errorf("statevec: want 0 or more rows, got %d", rows)
	}
	return firstError(want("theta", len(theta), p.numTheta), want("data", len(data), rows*p.numData))
}

// Apply sets each row of out to U(theta, data row) times the row of in.
//
//	theta  NumTheta         radians
//	data   rows × NumData   radians
//	in     rows × Width     states; out may be the same slice
//
// It returns an error if a length is wrong.
func (e *Executor[T]) Apply(rows int, theta, data, in, out []T) error {
	n := rows * e.plan.Width()
	if err := firstError(e.plan.check(rows, theta, data), want("in", len(in), n), want("out", len(out), n)); err != nil {
		return err
	}
	e.begin(job[T]{rows: rows, theta: theta, data: data, in: in, out: out})
	switch {
	case e.plan.batched():
		e.pool.each(e.plan.chunks(rows), e.forwardChunk)
	case e.plan.qubits < stateQubits:
		e.pool.each(rows, e.forwardRow)
	default:
		for row := range rows {
			e.forwardShared(row)
		}
	}
	e.job = job[T]{}
	return nil
}

func (e *Executor[T]) begin(j job[T]) {
	e.job = j
	for _, w := range e.workers {
		w.stale = true
	}
}

const maxChunks = 256

// chunkTiles returns how many tiles of rows make a chunk, whose derivatives are added in order before the chunks are added in a tree: so many that a chunk is some work.
// It does not depend on the number of threads.
func (p *Plan[T]) chunkTiles(rows int) int {
	return max(1<<max(0, smallQubits+1-p.qubits), (rows+lanes*maxChunks-1)/(lanes*maxChunks))
}

func (p *Plan[T]) chunks(rows int) int {
	size := lanes * p.chunkTiles(rows)
	return (rows + size - 1) / size
}

// eachTile calls f for every tile of a chunk of rows.
func (e *Executor[T]) eachTile(chunk int, f func(t tile)) {
	size := lanes * e.plan.chunkTiles(e.job.rows)
	last := min((chunk+1)*size, e.job.rows)
	for row := chunk * size; row < last; row += lanes {
		t := tile{row: row, count: min(lanes, last-row)}
		for l := range t.count {
			t.base[l] = (row + l) << e.plan.qubits
		}
		f(t)
	}
}

func (e *Executor[T]) forwardOnChunk(worker, chunk int) {
	w := e.workers[worker]
	if w.stale {
		w.prepare(&e.job, 0)
	}
	e.eachTile(chunk, func(t tile) {
		w.forward(&e.plan.segments[0], &e.job, &t, e.job.in, e.job.out)
	})
}

// tile returns the tile of a given number in a large state.
func (s *segment) tile(number int) tile {
	t := tile{count: len(s.lane)}
	from := deposit(number, s.rest, s.qubits)
	for l, offset := range s.lane {
		t.base[l] = from + int(offset)
	}
	return t
}

func (e *Executor[T]) rowOf(x []T, row int) []T {
	n := e.plan.Width()
	return x[row*n : (row+1)*n]
}

func (e *Executor[T]) forwardOnRow(worker, row int) {
	w := e.workers[worker]
	if w.stale || e.plan.numData > 0 {
		w.prepare(&e.job, row)
	}
	from, to := e.rowOf(e.job.in, row), e.rowOf(e.job.out, row)
	for i := range e.plan.segments {
		s := &e.plan.segments[i]
		for k := range s.tiles() {
			t := s.tile(k)
			w.forward(s, &e.job, &t, from, to)
		}
		from = to
	}
}

// forwardShared runs the segments on one large state, the threads sharing the tiles of each.
func (e *Executor[T]) forwardShared(row int) {
	for _, w := range e.workers {
		w.prepare(&e.job, row)
	}
	j := &e.job
	j.psi, j.psiTo = e.rowOf(j.in, row), e.rowOf(j.out, row)
	for i := range e.plan.segments {
		j.segment = i
		e.pool.each(e.plan.segments[i].tiles(), e.forwardTile)
		j.psi = j.psiTo
	}
}

func (e *Executor[T]) forwardOnTile(worker, k int) {
	w := e.workers[worker]
	s := &e.plan.segments[e.job.segment]
	t := s.tile(k)
	w.forward(s, &e.job, &t, e.job.psi, e.job.psiTo)
}
