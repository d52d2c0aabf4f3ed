package train

import (
	"context"
	"fmt"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train/metric"
)

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
	r.Step++
	if err := r.average.add(moment{r.opt.Steps(), r.Epoch, r.Step == r.stepsPerEpoch()}); err != nil {
		return err
	}
	r.Sums.add(s, time.Since(began))
	return callBack(r.team, "OnStep", r.OnStep, Step{
		Epoch: r.Epoch + 1, Step: r.Step, Steps: r.stepsPerEpoch(), Loss: loss, GradientNorm: s.norm,
		LearningRate: s.rate,
	})
}

// callBack calls a callback that a user gave, if there is one, at the leading member; all members get Stop if
// it does.
func callBack[T op.Float, E any](t team[T], name string, f func(E) error, event E) (err error) {
	if f == nil {
		return nil
	}
	if t.leads() {
		if err = callForeign(name, f, event); err != nil && !errors.Is(err, Stop) {
			return err
		}
	}
	stop, failed := follow(t, err != nil)
	switch {
	case failed != nil:
		return failed
	case err == nil && stop:
		return Stop
	}
	return err
}

func callForeign[E any](name string, f func(E) error, event E) (err error) {
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
	r.enter()
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
