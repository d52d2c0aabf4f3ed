package train

import (
	"cmp"
	"context"
	"runtime"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Predictor evaluates a model with the weights in a Store.
//
// Its graphs have the micro-batches of training, so a result depends neither on the number of threads nor on
// the other examples. It sees changes of the Store's weights; it must not run while they change, and belongs
// to one goroutine.
type Predictor struct {
	evaluator
}

// PredictorConfig says what a Predictor is made of.
type PredictorConfig struct {
	Model   nn.Layer                                             // of one input, or
	Forward func(s *nn.Scope, inputs []*G.Node) (*G.Node, error) // of several
	Loss    losses.Loss                                          // nil: that of Target.DefaultLoss
	Spec    Spec                                                 // of the data; ImageSpec has that of images
	Micro   int                                                  // examples of a graph; 0: 32
	Threads int                                                  // 0: GOMAXPROCS
	Taps    bool                                                 // whether Evaluate gives TapValues

	// Ranks share each Evaluate, a call of all of them with the same Data, and all get the whole result; nil:
	// this process is alone.
	Ranks *Ranks
}

// evaluator is a Predictor of either dtype.
type evaluator interface {
	evaluate(ctx context.Context, s *split) (*Evaluation, error)
	judge(ctx context.Context, d Images, predictions []float64) (*Evaluation, error)
	attention(ctx context.Context, s *split, index int) (*ImageAttention, error)
	root() *nn.Scope
	width() int
	close()
}

// ImageSpec returns the Spec of labelled float32 images (channels, size, size).
func ImageSpec(channels, size int) Spec {
	return Spec{Dtype: tensor.Float32, Inputs: []tensor.Shape{{channels, size, size}}, Target: Classes}
}

// NewPredictor builds the graphs; parameters that the Store does not have yet get their first values.
// It returns an error if the model cannot be built.
func NewPredictor(st *nn.Store, c PredictorConfig) (*Predictor, error) {
	p := plan{loss: c.Loss, micro: cmp.Or(c.Micro, 32), spec: c.Spec, taps: c.Taps}
	if p.loss == nil {
		p.loss = map[Target]losses.Loss{Labels: losses.BinaryCrossEntropy{}, Values: losses.MSE{}}[c.Spec.Target]
		if p.loss == nil {
			p.loss = losses.CrossEntropy{}
		}
	}
	var err error
	if p.forward, err = chooseForward(c.Model, c.Forward); err != nil {
		return nil, err
	}
	if err := p.spec.check(); err != nil {
		return nil, errors.WithMessage(err, "train: predictor")
	}
	if st == nil || p.micro < 1 || c.Threads < 0 || c.Threads > maxThreads {
		return nil, errors.Errorf("train: predictor: want a Store, and Micro and Threads of at least 1, or "+
			"0, and at most %d Threads; got %d and %d", maxThreads, c.Micro, c.Threads)
	}
	threads := cmp.Or(c.Threads, runtime.GOMAXPROCS(0))
	var e evaluator
	if p.spec.Dtype == tensor.Float64 {
		e, err = newEvaluation(p, st, newTeam[float64](c.Ranks), threads)
	} else {
		e, err = newEvaluation(p, st, newTeam[float32](c.Ranks), threads)
	}
	if err != nil {
		return nil, err
	}
	return &Predictor{e}, nil
}

// chooseForward returns the forward of a model that is given in one of two ways.
func chooseForward(model nn.Layer, forward forward) (forward, error) {
	switch {
	case model != nil && foreign.IsNil(model):
		return nil, errors.Errorf("train: the Model is nil (%T)", model)
	case model != nil && forward != nil:
		return nil, errors.New("train: a Model and a Forward, want one of them")
	case model != nil:
		return forwardOf(model), nil
	case forward == nil:
		return nil, errors.New("train: no Model, want a Model or a Forward")
	}
	return forward, nil
}

// Evaluate returns what the model predicts for each example. It returns an error for Data without examples or
// of another Spec, for inputs or predictions that are not finite, and the context's error when that is done.
func (p *Predictor) Evaluate(ctx context.Context, d Data) (*Evaluation, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	s, err := p.given(d)
	if err != nil {
		return nil, err
	}
	return p.evaluate(ctx, s)
}

// given returns the Data to be evaluated as a split.
func (p *Predictor) given(d Data) (*split, error) {
	if p == nil || p.evaluator == nil {
		return nil, errors.New("train: the Predictor is empty; NewPredictor makes one")
	}
	return newSplit("given", d, 0)
}

// Scope returns the root Scope of a graph of the model: its Summary, Notes and Taps.
func (p *Predictor) Scope() *nn.Scope {
	if p == nil || p.evaluator == nil {
		return nil
	}
	return p.root()
}

// Close frees the graphs. It can be called more than once.
func (p *Predictor) Close() {
	if p != nil && p.evaluator != nil {
		p.close()
	}
}

// evaluation holds the graphs of a Predictor of one dtype.
type evaluation[T op.Float] struct {
	plan
	store    *nn.Store
	team     team[T]
	replicas []*replica[T]
	tapped   *replica[T] // that attention runs, in which taps last; made at its first use
}

func newEvaluation[T op.Float](p plan, st *nn.Store, team team[T], threads int) (evaluator, error) {
	replicas, err := newReplicas[T](p, st, threads)
	return &evaluation[T]{plan: p, store: st, team: team, replicas: replicas}, err
}

func (e *evaluation[T]) root() *nn.Scope { return e.replicas[0].scope }

func (e *evaluation[T]) width() int { return e.replicas[0].width }

func (e *evaluation[T]) close() {
	for _, r := range e.replicas {
		r.close()
	}
	if e.tapped != nil {
		e.tapped.close()
	}
}

func (e *evaluation[T]) evaluate(ctx context.Context, s *split) (*Evaluation, error) {
	if err := e.checkSplit(s); err != nil {
		return nil, err
	}
	j := newEvaluationJob(e, s)
	group, ctx := errgroup.WithContext(ctx)
	for _, r := range e.replicas {
		group.Go(func() error { return j.serve(ctx, r) })
	}
	if err := group.Wait(); err != nil {
		return nil, blameWeights("train: ", e.store, err)
	}
	if err := e.team.tell(j.found, j.take); err != nil {
		return nil, err
	}
	return j.result()
}

// checkSplit returns an error if the model cannot evaluate a split.
func (e *evaluation[T]) checkSplit(s *split) error {
	if err := e.spec.fits(s.spec); err != nil {
		return errors.WithMessagef(err, "train: the %s split", s.name)
	}
	if s.spec.Target != NoTarget && s.spec.Target != e.spec.Target {
		return errors.Errorf("train: the %s split has another kind of target than the predictor", s.name)
	}
	return e.replicas[0].form.checkRows(s, e.micro, e.micro, e.loss)
}
