package train

import (
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// engine does steps: its workers, each with a replica, take this process's share of the micro-batches of a
// step that the feed gives; the team adds up, and the optimizer moves the weights.
type engine[T op.Float] struct {
	feed     *feed
	opt      optimizers.Optimizer
	schedule optimizers.Schedule
	steps    int // of the run, for the schedule
	clip     float64
	groups   groups
	// sharpness is Recipe.SAM
	sharpness float64

	form    targetForm
	trained []gradient      // of the first replica: those of all have one order
	asked   map[string]bool // names of the parameters of a graph
	sum     *stepSum[T]
	params  []optimizers.Param // of the last step

	jobs    chan job
	step    sync.WaitGroup // micro-batches at work
	workers sync.WaitGroup

	mu       sync.Mutex
	err      error // of the failed micro-batch with the least index
	failed   int
	examples []int // of the step, in its order, for errors
}

// job is a micro-batch to be done: which of its step, and of which examples.
type job struct {
	index, epoch int
	examples     []int
}

// stepResult is what a step did.
type stepResult struct {
	loss          float64 // summed over the rows
	correct, rows int
	norm          float64 // of the gradient of the mean loss, before it is clipped
	rate          float64 // learning rate
}

// newEngine builds a replica for each thread; the feed, the optimizer and its schedule are set before the
// first step.
func newEngine[T op.Float](p plan, st *nn.Store, team team[T], threads int) (*engine[T], error) {
	replicas, err := newReplicas[T](p, st, threads)
	if err != nil {
		return nil, err
	}
	e := &engine[T]{jobs: make(chan job, 64), asked: namesOf(replicas[0].scope)}
	e.form, e.trained = replicas[0].form, replicas[0].grads
	e.sum = newStepSum(team, replicas[0].buckets, e.trained)
	for _, r := range replicas {
		e.workers.Go(func() { e.serve(r) })
	}
	return e, nil
}

// serve does the jobs of one worker until there are no more.
func (e *engine[T]) serve(r *replica[T]) {
	defer r.close()
	w := &worker[T]{engine: e, replica: r, added: make([]bool, len(e.sum.buckets))}
	r.ready = w.addEarly
	for j := range e.jobs {
		err := error(nil)
		if w.micro == nil {
			w.micro, err = newMicrobatch(e.feed.split, r)
		}
		clear(w.added)
		if err == nil {
			err = w.work(j)
		}
		for bucket, added := range w.added {
			if !added {
				e.sum.lack(bucket)
			}
		}
		e.record(j, err)
		e.step.Done()
	}
}

// worker does micro-batches, one after the other.
type worker[T op.Float] struct {
	*engine[T]
	replica *replica[T]
	micro   *microbatch[T]

	index int    // of the micro-batch at work
	added []bool // which of its buckets have been added
	early error  // of one that has been added while the graph runs
}

// addEarly adds the gradients of a bucket while the graph still runs; the first waits for what else is in it.
func (w *worker[T]) addEarly(bucket int) {
	if bucket == 0 || w.early != nil {
		return
	}
	p := w.sum.trees[bucket].leaf()
	p.loss, p.correct, p.rows, p.stop = 0, 0, 0, false
	w.early = w.add(bucket, p)
}

// add fills in the gradients of a bucket, and adds it.
func (w *worker[T]) add(bucket int, p *partial[T]) error {
	if err := w.replica.copyGrads(w.sum.buckets[bucket], p.grad); err != nil {
		return err
	}
	w.added[bucket] = true
	w.sum.add(bucket, w.index, p)
	return nil
}

// work adds one micro-batch to the step's gradient.
func (w *worker[T]) work(j job) (err error) {
	r, m := w.replica, w.micro
	defer foreign.Recover(&err, "micro-batch", m)
	w.index, w.early = j.index, nil
	if err := m.fill(r, j.epoch, j.examples); err != nil {
		return err
	}
	if err := r.run(m); err != nil {
		return err
	}
	if w.early != nil {
		return w.early
	}
	p := w.sum.trees[0].leaf()
	p.rows, p.stop = len(m.Rows), false
	if p.loss, p.correct, err = r.sumLoss(m); err != nil {
		return err
	}
	return w.add(0, p)
}

func (e *engine[T]) record(j job, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil && (e.err == nil || j.index < e.failed) {
		e.err, e.failed = err, j.index
	}
}

// do does the next step. After an error the weights are those of before.
func (e *engine[T]) do() (stepResult, error) {
	examples, epoch := e.feed.next()
	e.examples = examples
	sum, err := e.gradient(examples, epoch)
	if err != nil {
		return stepResult{}, err
	}
	s := stepResult{loss: sum.loss, correct: sum.correct, rows: sum.rows}
	if e.sharpness > 0 {
		if err := e.sharpen(examples, epoch); err != nil {
			return stepResult{}, err
		}
	}
	if err := e.update(e.params, &s); err != nil {
		return s, errors.WithMessage(err, e.feed.examples(e.examples))
	}
	return s, nil
}

// gradient makes params those of the mean loss over some examples, and returns the part of the sum with what
// is no gradient.
func (e *engine[T]) gradient(examples []int, epoch int) (*partial[T], error) {
	own := e.sum.begin(e.feed.microbatches(len(examples)))
	e.step.Add(own.len())
	for i := own.from; i < own.to; i++ {
		e.jobs <- job{i, epoch, examples[i*e.feed.micro : min((i+1)*e.feed.micro, len(examples))]}
	}
	e.step.Wait()
	if e.err != nil {
		return nil, e.err
	}
	sum, err := e.sum.end()
	if err != nil {
		return nil, err
	}
	e.params = e.params[:0]
	for i, b := range e.sum.buckets {
		part := e.sum.trees[i].root
		dense.Scale(1/T(sum.rows), part.grad)
		if part.params == nil {
			part.params = e.paramsOf(b, part.grad)
		}
		e.params = append(e.params, part.params...)
	}
	return sum, nil
}

// paramsOf returns the trained parameters of a bucket with their gradients, which lie one after the other.
func (e *engine[T]) paramsOf(bucket span, grads []T) []optimizers.Param {
	var params []optimizers.Param
	for _, param := range e.trained[bucket.from:bucket.to] {
		n := param.Value.Shape().TotalSize()
		grad := tensor.New(tensor.WithShape(param.Value.Shape()...), tensor.WithBacking(grads[:n:n]))
		params = append(params, optimizers.Param{Name: param.Name, Value: param.Value, Grad: grad,
			NoDecay: param.NoDecay, LRFactor: e.groups.factor(param.Name)})
		grads = grads[n:]
	}
	return params
}

func (e *engine[T]) update(params []optimizers.Param, s *stepResult) (err error) {
	if s.norm, err = optimizers.ClipGlobalNorm(params, e.clip); err != nil {
		return err
	}
	rates, err := e.rates()
	if err != nil {
		return err
	}
	defer foreign.Recover(&err, "optimizer", e.opt)
	s.rate = e.opt.LR() * rates.Factor
	return e.opt.Update(params, rates)
}

// rates returns what the schedule says of the next step.
func (e *engine[T]) rates() (r optimizers.Rates, err error) {
	defer foreign.Recover(&err, "schedule", e.schedule)
	return e.schedule.At(e.opt.Steps(), e.steps), nil
}

// close ends the workers.
func (e *engine[T]) close() {
	close(e.jobs)
	e.workers.Wait()
}
