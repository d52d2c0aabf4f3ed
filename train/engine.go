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

// engine does steps: its workers, each with a replica, take the micro-batches of a step that the feed gives;
// then the optimizer moves the weights.
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
	sum     tree[T]         // of the gradients, one after the other

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
func newEngine[T op.Float](p plan, st *nn.Store, threads int) (*engine[T], error) {
	replicas, err := newReplicas[T](p, st, threads)
	if err != nil {
		return nil, err
	}
	e := &engine[T]{jobs: make(chan job, 64), asked: namesOf(replicas[0].scope)}
	e.form, e.trained = replicas[0].form, replicas[0].grads
	for _, param := range e.trained {
		e.sum.size += param.Value.Shape().TotalSize()
	}
	for _, r := range replicas {
		e.workers.Go(func() { e.serve(r) })
	}
	return e, nil
}

// serve does the jobs of one worker until there are no more.
func (e *engine[T]) serve(r *replica[T]) {
	defer r.close()
	var m *microbatch[T]
	for j := range e.jobs {
		err := error(nil)
		if m == nil {
			m, err = newMicrobatch(e.feed.split, r)
		}
		if err == nil {
			err = e.work(r, m, j)
		}
		e.record(j, err)
		e.step.Done()
	}
}

// work adds one micro-batch to the step's gradient.
func (e *engine[T]) work(r *replica[T], m *microbatch[T], j job) (err error) {
	defer foreign.Recover(&err, "micro-batch", m)
	if err := m.fill(r, j.epoch, j.examples); err != nil {
		return err
	}
	if err := r.run(m); err != nil {
		return err
	}
	p := e.sum.leaf()
	p.rows = len(m.Rows)
	if p.loss, p.correct, err = r.sumLoss(m); err != nil {
		return err
	}
	if err := r.copyGrads(p.grad); err != nil {
		return err
	}
	e.sum.add(j.index, p)
	return nil
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
		if sum, err = e.sharpen(sum, examples, epoch); err != nil {
			return stepResult{}, err
		}
	}
	if err := e.update(sum.params, &s); err != nil {
		return s, errors.WithMessage(err, e.feed.examples(e.examples))
	}
	return s, nil
}

// gradient returns that of the mean loss over some examples.
func (e *engine[T]) gradient(examples []int, epoch int) (*partial[T], error) {
	micros := e.feed.microbatches(len(examples))
	e.sum.reset(micros)
	e.step.Add(micros)
	for i := range micros {
		e.jobs <- job{i, epoch, examples[i*e.feed.micro : min((i+1)*e.feed.micro, len(examples))]}
	}
	e.step.Wait()
	if e.err != nil {
		return nil, e.err
	}
	sum := e.sum.root
	dense.Scale(1/T(sum.rows), sum.grad)
	if sum.params == nil {
		sum.params = e.params(sum.grad)
	}
	return sum, nil
}

// params returns the trained parameters with their gradients, which lie one after the other.
func (e *engine[T]) params(grads []T) []optimizers.Param {
	var params []optimizers.Param
	for _, param := range e.trained {
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
