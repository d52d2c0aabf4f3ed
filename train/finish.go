package train

import (
	"context"

	"github.com/pkg/errors"
)

// finish evaluates the test split with the best weights and sums the run up.
func (r *run[T]) finish(ctx context.Context) (*Report, error) {
	last := WeightsOf(r.judged, nil)
	if err := r.best.CopyTo(r.judged); err != nil {
		return nil, err
	}
	report := &Report{History: r.History, Best: r.History[r.Best], Weights: r.best}
	report.Weights.Meta = report.Best.meta(r.Meta)
	if r.Test != nil {
		test, err := r.predictor.evaluate(ctx, "test", r.Test)
		if err != nil {
			if restored := last.CopyTo(r.judged); restored != nil {
				return nil, restored
			}
			return nil, errors.WithMessage(err, "train: test")
		}
		report.Test = test
	}
	report.Summary = r.summary(report.Test)
	r.Log.Info("done", "best", report.Best.Epoch, "seconds", report.Seconds)
	if r.Dir == "" {
		return report, nil
	}
	// A run that was resumed after its last epoch may lack them.
	if err := r.best.Save(r.path(WeightsFile)); err != nil {
		return nil, err
	}
	if err := saveCurves(r.path(CurvesFile), r.title(), r.History); err != nil {
		return nil, err
	}
	if report.Test != nil {
		if err := saveConfusion(r.path(MatrixFile), r.title(), report.Test.Metrics, r.Classes); err != nil {
			return nil, err
		}
	}
	return report, report.Summary.save(r.path(SummaryFile))
}

func (r *run[T]) summary(test *Evaluation) Summary {
	s := Summary{
		Model: r.Name, Data: r.Data, Seed: r.Seed,
		Parameters: r.store.Count(), QuantumParameters: r.store.Count("quantum"),
		TrainImages: r.Train.Len(), Epochs: len(r.History), Seconds: r.seconds(), PeakRSS: peakRSS(),
	}
	for _, n := range r.predictor.Scope().Notes() {
		switch n.Key {
		case "qubits":
			s.Qubits = max(s.Qubits, n.Count)
		case "gates":
			s.Gates = max(s.Gates, n.Count)
		}
	}
	images, seconds := 0, 0.0
	for _, e := range r.History {
		images, seconds = images+r.Train.Len(), seconds+e.Seconds
	}
	s.TrainImagesPerSecond = float64(images) / seconds
	if r.Val != nil {
		s.ValImages, s.ValAccuracy = r.Val.Len(), &r.History[r.Best].Val.Accuracy
	}
	if test != nil {
		m := test.Metrics
		s.TestImages, s.TestAccuracy, s.TestBalancedAccuracy, s.TestAUC = r.Test.Len(), number(m.Accuracy), number(m.BalancedAccuracy), number(m.AUC)
	}
	return s
}
