package statevec

import (
	"cmp"

	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

// Executor runs a plan and owns all memory for it. It is not safe for concurrent use: one Executor a
// goroutine, any number to a plan.
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
	backward         bool
	overwriteOut     bool // out may be overwritten
	wantStart        bool // and is by the states before the circuit

	at []int32 // which rows of the slices they are; nil: all, in order

	// Of a state shared by the threads: the segment they are in, where ψ and λ come from and where they go.
	segment      int
	psi, lam     []T
	psiTo, lamTo []T
}

// row returns which row of the slices the i-th one is.
func (j *job[T]) row(i int) int {
	if j.at == nil {
		return i
	}
	return int(j.at[i])
}

func (j *job[T]) dataRow(p *Plan[T], i int) []T { return rowOf(j.data, j.row(i), p.numData) }

// NewExecutor returns an Executor that uses the given number of threads, at least one. Results do not depend
// on it. If the plan does not come from Compile, every call of the Executor returns an error.
func (p *Plan[T]) NewExecutor(threads int) *Executor[T] {
	return p.newExecutor(newTileMemory[T](threads))
}

// NewExecutors returns an Executor for each plan, for plans that run one after the other: they work in one
// memory, so that only one of them may run at a time.
func NewExecutors[T Float](plans []*Plan[T], threads int) []*Executor[T] {
	memory, out := newTileMemory[T](threads), make([]*Executor[T], len(plans))
	for i, p := range plans {
		out[i] = p.newExecutor(memory)
	}
	return out
}

// newExecutor returns an Executor that works in memory that others may share, which run at other times.
func (p *Plan[T]) newExecutor(memory []tileMemory[T]) *Executor[T] {
	if !p.compiled() {
		return &Executor[T]{}
	}
	e := &Executor[T]{plan: p, pool: newPool(len(memory))}
	for _, m := range memory {
		e.workers = append(e.workers, newWorker(p, m))
	}
	e.forwardChunk, e.forwardRow, e.forwardTile = e.forwardOnChunk, e.forwardOnRow, e.forwardOnTile
	e.backwardChunk, e.backwardRow, e.backwardTile = e.backwardOnChunk, e.backwardOnRow, e.backwardOnTile
	return e
}

// check returns an error unless the plan comes from Compile and theta and data fit it.
func (p *Plan[T]) check(rows, least int, theta, data []T) error {
	if !p.compiled() {
		return errors.New("statevec: want a Plan from Compile")
	}
	if err := cmp.Or(checkRows(rows, least, max(p.Width(), p.numData)),
		checkLength("theta", len(theta), p.numTheta),
		checkLength("data", len(data), rows*p.numData)); err != nil {
		return err
	}
	return cmp.Or(checkFinite("theta", theta), checkFinite("data", data))
}

// Apply sets each row of out to U(theta, data row) times the row of in.
//
//	theta  NumTheta         radians
//	data   rows × NumData   radians
//	in     rows × Width     states; out may be the same slice
//
// It returns an error if a length is wrong, or an angle is NaN or infinite.
func (e *Executor[T]) Apply(rows int, theta, data, in, out []T) error {
	if err := e.check(rows, theta, data); err != nil {
		return err
	}
	n := rows * e.plan.Width()
	if err := cmp.Or(checkLength("in", len(in), n), checkLength("out", len(out), n)); err != nil {
		return err
	}
	e.forward(job[T]{rows: rows, theta: theta, data: data, in: in, out: out})
	return nil
}

// applyAt is Apply in place on some rows of x, with their rows of data. Nothing is checked.
func (e *Executor[T]) applyAt(at []int32, theta, data, x []T) {
	e.forward(job[T]{rows: len(at), at: at, theta: theta, data: data, in: x, out: x})
}

func (e *Executor[T]) forward(j job[T]) {
	e.begin(j)
	switch {
	case e.plan.batched():
		e.pool.each(e.plan.chunks(j.rows), e.forwardChunk)
	case e.plan.qubits < stateQubits:
		e.pool.each(j.rows, e.forwardRow)
	default:
		for i := range j.rows {
			e.forwardShared(i)
		}
	}
	e.job = job[T]{}
}

func (e *Executor[T]) check(rows int, theta, data []T) error {
	if e == nil {
		return errors.New("statevec: want an Executor from NewExecutor, got nil")
	}
	return e.plan.check(rows, 0, theta, data)
}

func (e *Executor[T]) begin(j job[T]) {
	e.job = j
	for _, w := range e.workers {
		w.stale = true
	}
}

const maxChunks = 256

// chunkTiles returns how many tiles of rows make a chunk, whose derivatives are added in order before the
// chunks are added in a tree: so many that a chunk is some work. It does not depend on the number of threads.
func (p *Plan[T]) chunkTiles(rows int) int {
	return max(1<<max(0, smallQubits+1-p.qubits), (rows+tile.Lanes*maxChunks-1)/(tile.Lanes*maxChunks))
}

func (p *Plan[T]) chunks(rows int) int {
	size := tile.Lanes * p.chunkTiles(rows)
	return (rows + size - 1) / size
}

// eachTile calls f for every tile of a chunk of rows.
func (e *Executor[T]) eachTile(chunk int, f func(t position)) {
	size := tile.Lanes * e.plan.chunkTiles(e.job.rows)
	last := min((chunk+1)*size, e.job.rows)
	for first := chunk * size; first < last; first += tile.Lanes {
		t := position{row: first}
		t.Count = min(tile.Lanes, last-first)
		for l := range t.Count {
			t.Base[l] = e.job.row(first+l) << e.plan.qubits
		}
		f(t)
	}
}

func (e *Executor[T]) forwardOnChunk(worker, chunk int) {
	w := e.workers[worker]
	if w.stale {
		w.prepare(&e.job, 0)
	}
	e.eachTile(chunk, func(t position) {
		w.forward(&e.plan.segments[0], &e.job, &t, e.job.in, e.job.out)
	})
}

// tile returns the position of a tile with a given number in a large state.
func (s *segment) tile(number int) position {
	var t position
	t.Count = len(s.lane)
	from := tile.Deposit(number, s.rest, s.qubits)
	for l, offset := range s.lane {
		t.Base[l] = from + int(offset)
	}
	return t
}

func (e *Executor[T]) stateOf(x []T, i int) []T { return rowOf(x, e.job.row(i), e.plan.Width()) }

func (e *Executor[T]) forwardOnRow(worker, i int) {
	w := e.workers[worker]
	if w.stale || e.plan.numData > 0 {
		w.prepare(&e.job, i)
	}
	from, to := e.stateOf(e.job.in, i), e.stateOf(e.job.out, i)
	for k := range e.plan.segments {
		s := &e.plan.segments[k]
		for number := range s.tiles() {
			t := s.tile(number)
			w.forward(s, &e.job, &t, from, to)
		}
		from = to
	}
}

// forwardShared runs the segments on one large state, the threads sharing the tiles of each.
func (e *Executor[T]) forwardShared(i int) {
	for _, w := range e.workers {
		w.prepare(&e.job, i)
	}
	j := &e.job
	j.psi, j.psiTo = e.stateOf(j.in, i), e.stateOf(j.out, i)
	for k := range e.plan.segments {
		j.segment = k
		e.pool.each(e.plan.segments[k].tiles(), e.forwardTile)
		j.psi = j.psiTo
	}
}

func (e *Executor[T]) forwardOnTile(worker, number int) {
	w := e.workers[worker]
	s := &e.plan.segments[e.job.segment]
	t := s.tile(number)
	w.forward(s, &e.job, &t, e.job.psi, e.job.psiTo)
}
