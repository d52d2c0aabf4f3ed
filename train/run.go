package train

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// saveEvery is the longest time between checkpoints, besides that after each epoch.
const saveEvery = time.Minute

// run is a Task at work.
type run[T op.Float] struct {
	Task
	store     *nn.Store
	average   *average
	judged    *nn.Store // whose weights are validated, chosen and tested: those of the average, if there is one
	opt       optimizers.Optimizer
	engine    *engine[T]
	predictor *Predictor
	progress  *progress

	position
	best    *Weights
	started time.Time
	elapsed float64   // seconds before started
	saved   time.Time // when the last checkpoint was
}

func runIn[T op.Float](ctx context.Context, t Task) (*Report, error) {
	if err := t.openDir(); err != nil {
		return nil, err
	}
	r, err := newRun[T](t)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := r.resume(); err != nil {
		return nil, err
	}
	if err := t.saveConfig(); err != nil {
		return nil, err
	}
	r.elapsed = r.Elapsed
	r.startFeed()
	for r.Epoch < t.Epochs && !r.exhausted() {
		if err := r.trainEpoch(ctx); err != nil {
			return nil, err
		}
		if err := r.endEpoch(ctx); err != nil {
			return nil, r.stopped(ctx, err)
		}
	}
	report, err := r.finish(ctx)
	return report, r.stopped(ctx, err)
}

// newRun builds everything and trains nothing.
func newRun[T op.Float](t Task) (*run[T], error) {
	r := &run[T]{Task: t, store: nn.NewStore(t.Seed), progress: newProgress(t.Progress), position: position{Best: -1, Identity: t.Identity()}, started: time.Now(), saved: time.Now()}
	var err error
	if r.opt, err = t.Opt.New(t.LR); err != nil {
		return nil, err
	}
	r.judged = r.store
	if r.average = newAverage(t.EMA, r.store, t.Seed); r.average != nil {
		r.judged = r.average.store
	}
	if r.predictor, err = t.predictor(r.judged, true); err != nil {
		return nil, err
	}
	p := t.plan(r.predictor.classes())
	if p.teacher, err = t.teaching(r.predictor.classes()); err != nil {
		return nil, err
	}
	perStep := (t.Batch + t.Micro - 1) / t.Micro // more threads than that would have nothing to do
	if r.engine, err = newEngine[T](p, r.store, min(t.Threads, perStep)); err != nil {
		return nil, err
	}
	r.engine.opt, r.engine.schedule, r.engine.clip, r.engine.steps = r.opt, t.Schedule, t.Clip, t.Epochs*t.stepsPerEpoch()
	return r, nil
}

func (r *run[T]) close() {
	r.engine.close()
	r.predictor.Close()
}

// startFeed lets the engine go on from the position.
func (r *run[T]) startFeed() {
	l := loader[T]{plan: r.plan(r.predictor.classes()), split: "train", planes: r.Train, augment: r.Augment, seed: r.Seed}
	r.engine.feed = newFeed(l, r.Batch, r.Epoch, r.Step)
}

// resume goes to the checkpoint's position, if there is one and it is wanted.
func (r *run[T]) resume() error {
	if !r.Resume || r.Dir == "" {
		return nil
	}
	c, err := readCheckpoint(r.path(CheckFile), r.position.Identity)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.restore(r.store, r.opt, r.average); err != nil {
		return errors.WithMessage(err, r.path(CheckFile))
	}
	r.position, r.best = c.position, c.best
	r.Log.Info("resumed", "epoch", r.Epoch, "step", r.Step, "checkpoint", r.path(CheckFile))
	r.progress.line("going on at epoch %d, step %d, from %s", min(r.Epoch+1, r.Epochs), r.Step+1, r.path(CheckFile))
	return nil
}

// step does the next step of the position.
func (r *run[T]) step() error {
	began := time.Now()
	s, err := r.engine.do()
	if err != nil {
		return errors.WithMessagef(err, "train: epoch %d, step %d of %d; %s%s", r.Epoch+1, r.Step+1, r.stepsPerEpoch(), r.cure(), r.lastGood())
	}
	loss := s.loss / float64(s.rows)
	if r.First == 0 {
		r.First = loss
	}
	if r.MaxLossRatio > 0 && loss > r.MaxLossRatio*r.First {
		return errors.Errorf("train: epoch %d, step %d of %d; %s%s: images %s of the train split: the loss explodes, it is %.4g and was %.4g in the first step",
			r.Epoch+1, r.Step+1, r.stepsPerEpoch(), r.cure(), r.lastGood(), some(r.engine.images), loss, r.First)
	}
	r.average.add(r.opt.Steps())
	r.Step++
	r.Sums.add(s, time.Since(began))
	return nil
}

func (s *sums) add(d stepped, took time.Duration) {
	s.Loss += d.loss
	s.Norm += d.norm
	s.Correct += d.correct
	s.Rows += d.rows
	s.Steps++
	s.Rate = d.rate
	s.Seconds += took.Seconds()
}

// trainEpoch does the steps that remain of the epoch.
func (r *run[T]) trainEpoch(ctx context.Context) error {
	for steps := r.stepsPerEpoch(); r.Step < steps; {
		if ctx.Err() != nil {
			return r.stopped(ctx, ctx.Err())
		}
		if err := r.step(); err != nil {
			return err
		}
		r.progress.step(r.Epoch+1, r.Epochs, r.Step, steps, (r.Epochs-r.Epoch)*steps-r.Step, r.Sums)
		if time.Since(r.saved) > saveEvery {
			if err := r.save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// endEpoch validates, keeps the best weights, and writes the files.
func (r *run[T]) endEpoch(ctx context.Context) error {
	s := r.Sums
	e := Epoch{
		Epoch:        r.Epoch + 1,
		Train:        Score{s.Loss / float64(s.Rows), ratio(s.Correct, s.Rows)},
		LearningRate: s.Rate, GradientNorm: s.Norm / float64(s.Steps), Seconds: s.Seconds,
	}
	if r.Val != nil {
		v, err := r.predictor.evaluate(ctx, "validation", r.Val)
		if err != nil {
			return errors.WithMessagef(err, "train: epoch %d, validation; %s", e.Epoch, r.lastGood())
		}
		e.Val, e.ValAUC, e.TapValues = &Score{v.Metrics.Loss, v.Metrics.Accuracy}, number(v.Metrics.AUC), v.TapValues
	}
	r.History = append(r.History, e)
	better := r.Best < 0 || e.Val == nil || r.Select.better(e, r.History[r.Best])
	if better {
		r.Best, r.best = len(r.History)-1, WeightsOf(r.judged, e.meta(r.Meta))
	}
	r.Log.Info("epoch", e.attributes()...)
	r.Epoch, r.Step, r.Sums = r.Epoch+1, 0, sums{}
	r.progress.epoch(e, r.Epochs, s)
	if r.Dir == "" {
		return nil
	}
	if better {
		if err := r.best.Save(r.path(WeightsFile)); err != nil {
			return err
		}
	}
	for name, save := range map[string]func(string, []Epoch) error{MetricsFile: saveMetrics, LinesFile: saveLines, EventsFile: saveEvents} {
		if err := save(r.path(name), r.History); err != nil {
			return err
		}
	}
	if err := r.keep(e); err != nil {
		return err
	}
	if err := saveCurves(r.path(CurvesFile), r.title(), r.History); err != nil {
		return err
	}
	return r.save()
}

// attributes are the epoch's figures for a log.
func (e Epoch) attributes() []any {
	var a []any
	for _, c := range e.cells() {
		a = append(a, c.name, c.value)
	}
	return a
}

// exhausted reports whether so many epochs in a row were no better than the best that the run ends.
func (r *run[T]) exhausted() bool {
	since := len(r.History) - 1 - r.Best
	if r.Patience == 0 || r.Best < 0 || since < r.Patience {
		return false
	}
	r.Log.Info("stopped early", "epoch", r.Epoch, "best", r.History[r.Best].Epoch)
	r.progress.line("stopped after epoch %d: epoch %d was the last to be better by %s", r.Epoch, r.History[r.Best].Epoch, r.Select)
	return true
}

// keep saves the weights of an epoch and removes those of the one that is now too old.
func (r *run[T]) keep(e Epoch) error {
	if r.KeepEpochs == 0 {
		return nil
	}
	if err := WeightsOf(r.judged, e.meta(r.Meta)).Save(r.path(epochFile(e.Epoch))); err != nil {
		return err
	}
	if err := os.Remove(r.path(epochFile(e.Epoch - r.KeepEpochs))); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Wrap(err, "train: weights of an old epoch")
	}
	return nil
}

// save writes the checkpoint.
func (r *run[T]) save() error {
	if r.Dir == "" {
		return nil
	}
	state := r.opt.State()
	r.Updates, r.Elapsed = state.Steps, r.seconds()
	r.saved = time.Now()
	c := checkpoint{position: r.position, model: WeightsOf(r.store, nil), best: r.best, moments: state.Moments}
	if r.average != nil {
		c.average = WeightsOf(r.average.store, nil)
	}
	if err := c.save(r.path(CheckFile)); err != nil {
		return err
	}
	r.Log.Debug("checkpoint", "epoch", r.Epoch, "step", r.Step, "file", r.path(CheckFile))
	return nil
}

func (r *run[T]) seconds() float64 { return r.elapsed + time.Since(r.started).Seconds() }

// cure says what may help against a loss or a gradient that is not finite once the weights have moved; before, it is the images or the model.
func (r *run[T]) cure() string {
	if r.opt.Steps() == 0 {
		return ""
	}
	return "a lower learning rate or a limit of the gradient's norm may help; "
}

// lastGood says what an error leaves to go on from.
func (r *run[T]) lastGood() string {
	if r.Dir != "" {
		if _, err := os.Stat(r.path(CheckFile)); err == nil {
			return "the last good checkpoint is " + r.path(CheckFile)
		}
	}
	return "there is no checkpoint yet"
}

// stopped saves the run if it is the context that ended it, and says how to go on.
func (r *run[T]) stopped(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	at := fmt.Sprintf("train: stopped at epoch %d of %d, step %d of %d", min(r.Epoch+1, r.Epochs), r.Epochs, r.Step, r.stepsPerEpoch())
	if r.Dir == "" {
		return errors.WithMessage(ctx.Err(), at)
	}
	if err := r.save(); err != nil {
		return err
	}
	return errors.WithMessagef(ctx.Err(), "%s, saved in %s to be resumed", at, r.Dir)
}
