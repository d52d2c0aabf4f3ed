package train

import (
	"context"
	"fmt"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// saveEvery is the longest time between checkpoints.
const saveEvery = time.Minute

// saveShare bounds the time that saving after each epoch takes: short epochs are saved together, so that it
// is a tenth.
const saveShare = 10

// run is a Loop at work.
type run[T op.Float] struct {
	*setup
	store     *nn.Store
	average   *average
	evalStore *nn.Store // of the weights that are evaluated and saved: the average's, if there is one
	opt       optimizers.Optimizer
	engine    *engine[T]
	predictor *Predictor
	progress  *progress
	start     string // what to say about the weights that the run starts from

	position
	id      map[string]string
	best    *rundir.Weights
	pending bool // whether epochs have ended whose files are not written yet
	newBest bool // whether best is not written yet
	started time.Time
	elapsed float64       // seconds before started
	saved   time.Time     // when the last checkpoint was
	saving  time.Duration // that saving the last epoch took
}

func runIn[T op.Float](ctx context.Context, s *setup) (*Report, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	dir, err := s.openDir()
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	r, err := await(ctx, func() (*run[T], error) { return newRun[T](s) }, (*run[T]).close)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := r.resume(); err != nil {
		return nil, err
	}
	if err := dir.Begin(config); err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	r.useKernels(dense.CPU())
	r.sayStart()
	r.elapsed = r.Elapsed
	r.startFeed()
	for !r.over() {
		if err := r.trainEpoch(ctx); err != nil {
			return nil, err
		}
		if err := r.endEpoch(ctx); err != nil {
			return nil, r.saveIfStopped(ctx, err)
		}
	}
	r.reportEarlyStop()
	report, err := r.finish(ctx)
	return report, r.saveIfStopped(ctx, err)
}

// over reports whether no further epoch is to be trained. One that a callback has stopped is still to be
// validated.
func (r *run[T]) over() bool {
	return r.Epoch >= r.Recipe.Epochs || r.Stopped && r.Step == 0 || r.patienceOver()
}

// newRun builds everything and trains nothing.
func newRun[T op.Float](s *setup) (*run[T], error) {
	r := &run[T]{setup: s, store: s.Store, id: s.identity(), started: time.Now(), saved: time.Now()}
	r.position = position{Best: -1, First: metric.None()}
	r.progress = newProgress(s.Progress, s.train.noun)
	if r.store == nil {
		r.store = nn.NewStore(s.Recipe.Seed)
	}
	var err error
	if r.opt, err = newOptimizer(s.optimizer, s.Recipe.LR); err != nil {
		return nil, err
	}
	r.evalStore = r.store
	if r.average = newAverage(s.Recipe.EMA, r.store); r.average != nil {
		r.evalStore = r.average.store
	}
	if r.predictor, err = s.newPredictor(r.evalStore, s.Threads, true); err != nil {
		return nil, err
	}
	p := s.plan()
	if p.teacher, err = newTeaching(s.Teacher, p, r.predictor.width()); err == nil {
		perStep := (s.Recipe.Batch + s.Recipe.Micro - 1) / s.Recipe.Micro
		r.engine, err = newEngine[T](p, r.store, min(s.Threads, perStep)) // more would have nothing to do
	}
	if err != nil {
		r.predictor.Close()
		return nil, err
	}
	if err := checkAsked(r.engine.asked, namesOf(r.predictor.Scope())); err != nil {
		r.close()
		return nil, err
	}
	if err := r.engine.form.checkRows(s.train, s.Recipe.Batch, s.Recipe.Micro, s.loss); err != nil {
		r.close()
		return nil, err
	}
	r.engine.opt, r.engine.schedule, r.engine.clip = r.opt, s.schedule, s.Recipe.Clip
	r.engine.groups = s.groups
	r.engine.steps = s.Recipe.Epochs * s.stepsPerEpoch()
	if err := r.firstWeights(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// firstWeights brings in the weights that the run starts from, if they are not those of its seed.
func (r *run[T]) firstWeights() error {
	if err := r.groups.check(r.store); err != nil {
		return err
	}
	if r.From != nil {
		var err error
		if r.start, err = startFrom(r.From, r.store); err != nil {
			return err
		}
	}
	if r.average != nil && (r.Loop.Store != nil || r.From != nil) {
		return rundir.WeightsOf(r.store, nil).CopyTo(r.evalStore)
	}
	return nil
}

// newOptimizer calls a Config that a user may have written.
func newOptimizer(c optimizers.Config, lr float64) (opt optimizers.Optimizer, err error) {
	defer foreign.Recover(&err, "optimizer's configuration", c)
	if opt, err = c.New(lr); err == nil && foreign.IsNil(opt) {
		err = errors.Errorf("train: the configuration %T makes no optimizer", c)
	}
	return opt, err
}

func (r *run[T]) close() {
	r.engine.close()
	r.predictor.Close()
}

// startFeed lets the engine go on from the position.
func (r *run[T]) startFeed() {
	batch, micro := r.Recipe.Batch, r.Recipe.Micro
	r.engine.feed = &feed{split: r.train, batch: batch, micro: micro, epoch: r.Epoch, step: r.Step}
}

// step does the next step of the position.
func (r *run[T]) step() error {
	began := time.Now()
	s, err := r.engine.do()
	if err != nil {
		return errors.WithMessage(blameWeights("", r.store, err), r.whereFailed(err))
	}
	loss := s.loss / float64(s.rows)
	if !r.First.Known() {
		r.First = metric.Number(loss)
	}
	if limit := r.Recipe.MaxLossRatio; limit > 0 && r.First > 0 && loss > limit*float64(r.First) {
		err := errors.Errorf("loss diverged: %.4g, %.4g at the first step (limit %v×)", loss, r.First, limit)
		return errors.Errorf("%s: %s: %v", r.whereFailed(err), r.train.examples(r.engine.examples), err)
	}
	r.average.add(r.opt.Steps())
	r.Step++
	r.Sums.add(s, time.Since(began))
	if r.OnStep == nil {
		return nil
	}
	return callBack("OnStep", r.OnStep, Step{
		Epoch: r.Epoch + 1, Step: r.Step, Steps: r.stepsPerEpoch(), Loss: loss, GradientNorm: s.norm,
		LearningRate: s.rate,
	})
}

// callBack calls a callback that a user gave.
func callBack[E any](name string, f func(E) error, event E) (err error) {
	defer foreign.Recover(&err, name, f)
	return f(event)
}

// whereFailed says where a step failed, what may help and what there is to resume from.
func (r *run[T]) whereFailed(err error) string {
	hint := ""
	if r.opt.Steps() > 0 && diverged(err) { // before, it is the data or the model
		hint = "a lower learning rate or a limit of the gradient's norm (clip) may help; "
	}
	return fmt.Sprintf("train: epoch %d, step %d of %d; %s%s",
		r.Epoch+1, r.Step+1, r.stepsPerEpoch(), hint, r.lastCheckpoint())
}

func (s *sums) add(d stepResult, took time.Duration) {
	s.Loss += d.loss
	s.Norm += d.norm
	s.Correct += d.correct
	s.Rows += d.rows
	s.Steps++
	s.Rate = d.rate
	s.Seconds += took.Seconds()
}

// score returns the mean loss so far and, of labelled data, the accuracy.
func (s sums) score(labelled bool) Score {
	score := Score{s.Loss / float64(s.Rows), metric.None()}
	if labelled {
		score.Accuracy = metric.Number(float64(s.Correct) / float64(s.Rows))
	}
	return score
}

// trainEpoch does the steps that remain of the epoch.
func (r *run[T]) trainEpoch(ctx context.Context) error {
	labelled := r.train.spec.Target.labelled()
	for steps := r.stepsPerEpoch(); r.Step < steps && !r.Stopped; {
		if ctx.Err() != nil {
			return r.saveIfStopped(ctx, ctx.Err())
		}
		err := r.step()
		if errors.Is(err, Stop) {
			r.Stopped = true
			return nil
		}
		if err != nil {
			return err
		}
		left := (r.Recipe.Epochs-r.Epoch)*steps - r.Step
		r.progress.step(r.Epoch+1, r.Recipe.Epochs, r.Step, steps, left, r.Sums, labelled)
		if time.Since(r.saved) > saveEvery {
			if err := r.save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// patienceOver reports whether as many epochs in a row did not improve the metric as the recipe has patience
// for.
func (r *run[T]) patienceOver() bool {
	return r.Recipe.Patience > 0 && len(r.History) > 0 &&
		len(r.History)-1-r.selection.improved(r.History) >= r.Recipe.Patience
}

// reportEarlyStop says why the run ends before its last epoch, if it does.
func (r *run[T]) reportEarlyStop() {
	switch {
	case r.Epoch >= r.Recipe.Epochs:
		return
	case r.Stopped:
		r.progress.line("stopped in epoch %d by a callback", r.Epoch)
	default:
		since, best := r.History[r.selection.improved(r.History)].Epoch, ""
		if chosen := r.History[r.Best].Epoch; chosen != since {
			best = fmt.Sprintf("; epoch %d is as good and has the lowest loss", chosen)
		}
		r.progress.line("stopped after epoch %d: no improvement of %s since epoch %d%s", r.Epoch,
			r.selection.name, since, best)
	}
	r.Log.Info("stopped early", "epoch", r.Epoch, "best", r.History[r.Best].Epoch)
}
