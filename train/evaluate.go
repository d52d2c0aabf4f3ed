package train

import (
	"cmp"
	"context"
	"runtime"
	"sync/atomic"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Predictor evaluates a model of the weights in a Store.
//
// Its graphs have the micro-batches of training, so a result does not depend on the number of threads, nor on what other images there are.
// It sees changes of the Store's weights; it must not run while they change, and belongs to one goroutine.
type Predictor struct {
	evaluator
}

// PredictorConfig says what a Predictor is made of.
type PredictorConfig struct {
	Model          nn.Layer
	Loss           losses.Loss  // nil: CrossEntropy
	Channels, Size int          // of the images (B, C, S, S)
	Micro          int          // images of a graph; 0: 32
	Threads        int          // 0: GOMAXPROCS
	Dtype          tensor.Dtype // zero: float32
	Taps           bool         // whether Evaluate gives Readings
}

// evaluator is a Predictor of either dtype.
type evaluator interface {
	evaluate(ctx context.Context, split string, planes *data.Images) (*Evaluation, error)
	look(ctx context.Context, planes *data.Images, index int) (*ImageAttention, error)
	root() *nn.Scope
	classes() int
	close()
}

// NewPredictor builds the graphs; parameters that the Store does not have yet get their first values.
// It returns an error if the model cannot be built.
func NewPredictor(st *nn.Store, c PredictorConfig) (*Predictor, error) {
	if c.Loss == nil {
		c.Loss = losses.CrossEntropy{}
	}
	p := plan{model: c.Model, loss: c.Loss, micro: cmp.Or(c.Micro, 32), channels: c.Channels, size: c.Size, taps: c.Taps}
	if p.model == nil || p.channels < 1 || p.size < 1 || p.micro < 1 || c.Threads < 0 {
		return nil, errors.Errorf("train: predictor: want a model, images of at least 1 channel and pixel, 1 image a graph; got %d channels, size %d, micro %d, threads %d", c.Channels, c.Size, c.Micro, c.Threads)
	}
	var e evaluator
	var err error
	threads := cmp.Or(c.Threads, runtime.GOMAXPROCS(0))
	if c.Dtype == tensor.Float64 {
		e, err = newEvaluation[float64](p, st, threads)
	} else {
		e, err = newEvaluation[float32](p, st, threads)
	}
	if err != nil {
		return nil, err
	}
	return &Predictor{e}, nil
}

// Evaluate returns what the model makes of a split. It returns an error for an empty split, images of another size, and pixels or results
// that are not finite, and the context's error when that is done.
func (p *Predictor) Evaluate(ctx context.Context, images *data.Images) (*Evaluation, error) {
	return p.evaluate(ctx, "given", images)
}

// Scope returns the root Scope of a graph of the model: its Summary, Notes and Taps.
func (p *Predictor) Scope() *nn.Scope { return p.root() }

// Close frees the graphs.
func (p *Predictor) Close() { p.close() }

// Evaluation is what a model makes of a split.
type Evaluation struct {
	Classes   int
	Logits    []float64  // (N, Classes)
	Labels    []int      // (N); nil for images without labels
	Metrics   *Metrics   // nil for images without labels
	TapValues []TapValue // of the taps of the model, in a fixed order; none without PredictorConfig.Taps
}

// Probabilities returns the softmax of the logits, (N, Classes), in [0,1].
func (e *Evaluation) Probabilities() []float64 {
	p := make([]float64, len(e.Logits))
	for i := 0; i < len(p); i += e.Classes {
		softmax(p[i:i+e.Classes], e.Logits[i:i+e.Classes])
	}
	return p
}

// evaluation holds the graphs of a Predictor of one dtype.
type evaluation[T op.Float] struct {
	plan
	store    *nn.Store
	replicas []*replica[T]
	tapped   *replica[T] // that Look runs, in which taps last; made at its first use
}

func newEvaluation[T op.Float](p plan, st *nn.Store, threads int) (evaluator, error) {
	e := &evaluation[T]{plan: p, store: st}
	for range threads {
		r, err := newReplica[T](p, st)
		if err != nil {
			return nil, err
		}
		e.replicas = append(e.replicas, r)
	}
	return e, nil
}

func (e *evaluation[T]) root() *nn.Scope { return e.replicas[0].scope }

func (e *evaluation[T]) classes() int { return e.replicas[0].classes }

func (e *evaluation[T]) close() {
	for _, r := range e.replicas {
		r.close()
	}
	if e.tapped != nil {
		e.tapped.close()
	}
}

func (e *evaluation[T]) evaluate(ctx context.Context, split string, planes *data.Images) (*Evaluation, error) {
	if err := e.fits(split, planes); err != nil {
		return nil, err
	}
	n := planes.Len()
	count := (n + e.micro - 1) / e.micro
	classes := e.classes()
	result := &Evaluation{Classes: classes, Logits: make([]float64, n*classes), Labels: planes.Labels}
	lossOf, readings := make([]float64, count), make([]taps, 0)
	if e.taps {
		readings = make([]taps, min(count, tapped/e.micro+1))
	}
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for _, r := range e.replicas {
		l := loader[T]{plan: e.plan, split: split, planes: planes}
		group.Go(func() error {
			m := l.newMicro(r)
			for {
				i := int(next.Add(1) - 1)
				if i >= count || ctx.Err() != nil {
					return ctx.Err()
				}
				if err := l.fill(m, 0, upTo(i*e.micro, min((i+1)*e.micro, n))); err != nil {
					return err
				}
				if err := e.one(r, m, result.Logits[i*e.micro*classes:], &lossOf[i]); err != nil {
					return err
				}
				if i < len(readings) {
					if err := readings[i].read(r.scope.Taps(), len(m.indices)); err != nil {
						return err
					}
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	result.TapValues = summarise(readings)
	return result, result.measure(lossOf)
}

// fits says why the images of a split cannot be evaluated.
func (e *evaluation[T]) fits(split string, planes *data.Images) error {
	if planes == nil || planes.Len() == 0 {
		return errors.Errorf("train: the %s split has no images", split)
	}
	if planes.Channels != e.channels || planes.Size != e.size {
		return errors.Errorf("train: the %s split has images of %d channels and size %d, the model wants %d and %d", split, planes.Channels, planes.Size, e.channels, e.size)
	}
	return nil
}

// one evaluates a micro-batch.
func (e *evaluation[T]) one(r *replica[T], m *micro[T], logits []float64, loss *float64) error {
	if err := r.run(m); err != nil {
		return err
	}
	values, err := op.Elements[T](r.logits.Value())
	if err != nil {
		return err
	}
	for i, v := range values[:len(m.indices)*r.classes] {
		logits[i] = float64(v)
		if v-v != 0 {
			return errors.Errorf("train: logit %d of image %d of the %s split is %v", i%r.classes, m.indices[i/r.classes], m.split, v)
		}
	}
	*loss, _, err = r.sumLoss(m)
	return err
}

func (e *Evaluation) measure(lossOf []float64) (err error) {
	if e.Labels == nil {
		return nil
	}
	if e.Metrics, err = Measure(e.Probabilities(), e.Labels, e.Classes); err != nil {
		return err
	}
	for _, v := range lossOf {
		e.Metrics.Loss += v
	}
	e.Metrics.Loss /= float64(len(e.Labels))
	return nil
}

// upTo returns from, from+1, …, to−1.
func upTo(from, to int) []int {
	x := make([]int, to-from)
	for i := range x {
		x[i] = from + i
	}
	return x
}
