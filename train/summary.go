package train

import (
	"context"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// finish evaluates the test split with the best weights and sums the run up.
func (r *run[T]) finish(ctx context.Context) (*Report, error) {
	last := rundir.WeightsOf(r.evalStore, nil)
	if err := r.best.CopyTo(r.evalStore); err != nil {
		return nil, err
	}
	report := &Report{History: r.History, Best: r.History[r.Best], Weights: r.best}
	report.Weights.Meta = report.Best.meta(r.Meta)
	if r.test != nil {
		test, err := r.predictor.evaluate(ctx, r.test)
		if err != nil {
			if restored := last.CopyTo(r.evalStore); restored != nil {
				return nil, restored
			}
			return nil, errors.WithMessage(err, "train: test")
		}
		report.Test = test
	}
	report.Layers, report.Summary = r.predictor.Scope().Summary(), r.summary(report.Test)
	r.Log.Info("done", "best", report.Best.Epoch, "seconds", report.Seconds)
	if r.writes() {
		if err := r.saveReport(report); err != nil {
			return nil, err
		}
	}
	return report, r.best.CopyTo(r.store)
}

// saveReport writes the files of a run that has ended. One that was resumed after its last epoch may lack
// those of its last epoch too.
func (r *run[T]) saveReport(report *Report) error {
	if err := r.best.Save(r.path(rundir.WeightsFile)); err != nil {
		return err
	}
	if err := saveCurves(r.path(rundir.CurvesFile), r.title(), r.History); err != nil {
		return err
	}
	if report.Test != nil {
		if err := r.saveTest(report.Test); err != nil {
			return err
		}
	}
	return rundir.SaveJSON(r.path(rundir.SummaryFile), report.Summary)
}

func (r *run[T]) summary(test *Evaluation) Summary {
	none := metric.None()
	s := Summary{
		Model: r.Name, Data: r.DataName, Classes: r.ClassNames, Seed: r.Recipe.Seed, Parameters: r.store.Count(),
		TrainExamples: r.train.Len(), Epochs: len(r.History), Seconds: r.seconds(), PeakRSS: PeakMemory(),
		Kernels: r.Kernels, SecondsWaited: r.waited,
		ValLoss: none, ValAccuracy: none, TestLoss: none, TestAccuracy: none, TestBalancedAccuracy: none,
		TestAUC: none,
	}
	s.Groups, s.Notes = countGroups(r.predictor.Scope())
	examples, seconds := 0, 0.0
	for _, e := range r.History {
		examples, seconds = examples+r.train.Len(), seconds+e.Seconds
	}
	s.TrainExamplesPerSecond = float64(examples) / seconds
	if best := r.History[r.Best]; best.Val != nil {
		s.ValExamples, s.ValLoss, s.ValAccuracy = r.val.Len(), metric.Number(best.Val.Loss), best.Val.Accuracy
		s.ValMetrics = best.ValMetrics
	}
	if test == nil {
		return s
	}
	s.TestExamples, s.TestLoss = r.test.Len(), metric.Number(test.Loss)
	if m := test.Metrics; m != nil {
		s.TestAccuracy, s.TestBalancedAccuracy = metric.Number(m.Accuracy), metric.Number(m.BalancedAccuracy)
		s.TestAUC = m.AUC
		return s
	}
	for _, f := range test.Figures() {
		if s.TestMetrics == nil {
			s.TestMetrics = map[string]metric.Number{}
		}
		s.TestMetrics[f.Name] = f.Value
		if f.Name == byAUC {
			s.TestAUC = f.Value
		}
	}
	return s
}

// countGroups returns the trained values of each group of parameters, and the largest note of each key.
func countGroups(s *nn.Scope) (groups, notes map[string]int) {
	groups, notes = map[string]int{}, map[string]int{}
	for _, row := range s.Summary() {
		if row.Group != "" && !row.Frozen {
			groups[row.Group] += row.Count
		}
	}
	for _, n := range s.Notes() {
		notes[n.Key] = max(notes[n.Key], n.Count)
	}
	return groups, notes
}
