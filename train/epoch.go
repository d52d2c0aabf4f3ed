package train

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// endEpoch validates, keeps the best weights, and writes the files.
func (r *run[T]) endEpoch(ctx context.Context) error {
	s := r.Sums
	e := Epoch{
		Epoch: r.Epoch + 1, Train: s.score(r.train.spec.Target.labelled()), ValAUC: metric.None(),
		LearningRate: s.Rate, GradientNorm: s.Norm / float64(s.Steps), Seconds: s.Seconds,
	}
	if err := r.validate(ctx, &e); err != nil {
		return errors.WithMessagef(err, "train: epoch %d, validation; %s", e.Epoch, r.lastCheckpoint())
	}
	r.History = append(r.History, e)
	better := r.Best < 0 || e.Val == nil || r.selection.better(e, r.History[r.Best])
	if better {
		r.Best, r.best = len(r.History)-1, rundir.WeightsOf(r.evalStore, e.meta(r.Meta))
	}
	waited, err := r.waits(s.Seconds)
	if err != nil {
		return err
	}
	r.Log.Info("epoch", append(e.attributes(), waited...)...)
	r.Skipped += r.stepsPerEpoch() - r.Step
	r.Epoch, r.Step, r.Sums = r.Epoch+1, 0, sums{}
	r.progress.epoch(e, r.Recipe.Epochs, s)
	switch err := callBack(r.team, "OnEpoch", r.OnEpoch, e); {
	case errors.Is(err, Stop):
		r.Stopped = true
	case err != nil:
		return err
	}
	r.pending, r.newBest = true, r.newBest || better
	if err := r.keepEpoch(e); err != nil {
		return err
	}
	if !r.writes() || time.Since(r.saved) < saveShare*r.saving && !r.over() {
		return nil
	}
	return r.saveEpoch()
}

// validate evaluates the validation split, if there is one.
func (r *run[T]) validate(ctx context.Context, e *Epoch) error {
	if r.val == nil {
		return nil
	}
	v, err := r.predictor.evaluate(ctx, r.val)
	if err != nil {
		return err
	}
	e.Val, e.TapValues = &Score{v.Loss, metric.None()}, v.TapValues
	if v.Metrics != nil {
		e.Val.Accuracy, e.ValAUC = metric.Number(v.Metrics.Accuracy), v.Metrics.AUC
	} else {
		e.ValMetrics = map[string]metric.Number{}
		for _, f := range v.Figures() {
			if f.Name == byAUC {
				e.ValAUC = f.Value
			} else {
				e.ValMetrics[f.Name] = f.Value
			}
		}
	}
	for _, m := range r.Metrics {
		value, err := m.of(v)
		if err != nil {
			return errors.WithMessagef(err, "metric %s", m.Name)
		}
		if e.ValMetrics == nil {
			e.ValMetrics = map[string]metric.Number{}
		}
		e.ValMetrics[m.Name] = metric.Number(value)
	}
	return nil
}

// saveEpoch writes the files that change with an epoch, and the checkpoint last.
func (r *run[T]) saveEpoch() error {
	began := time.Now()
	if r.newBest {
		if err := r.best.Save(r.path(rundir.WeightsFile)); err != nil {
			return err
		}
		r.newBest = false
	}
	var rows []rundir.Row
	for _, e := range r.History {
		rows = append(rows, e.row())
	}
	if err := rundir.SaveMetrics(r.Dir, rows); err != nil {
		return err
	}
	if err := saveCurves(r.path(rundir.CurvesFile), r.title(), r.History); err != nil {
		return err
	}
	err := r.save()
	r.saving, r.pending = time.Since(began), err != nil
	return err
}

// keepEpoch saves the weights of an epoch and removes those of the one that is now too old.
func (r *run[T]) keepEpoch(e Epoch) error {
	n := r.Recipe.KeepEpochs
	if n == 0 || !r.writes() {
		return nil
	}
	weights := rundir.WeightsOf(r.evalStore, e.meta(r.Meta))
	if err := weights.Save(r.path(rundir.EpochFile(e.Epoch))); err != nil {
		return err
	}
	err := os.Remove(r.path(rundir.EpochFile(e.Epoch - n)))
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errors.Wrap(err, "train: weights of an old epoch")
}

// over reports whether no further epoch is to be trained. One that a callback has stopped is still to be
// validated.
func (r *run[T]) over() bool {
	return r.Epoch >= r.Recipe.Epochs || r.Stopped && r.Step == 0 || r.patienceOver()
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
