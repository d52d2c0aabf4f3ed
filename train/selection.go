package train

import (
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/train/metric"
)

// Metric is a figure of a validation that Recipe.Select can choose by, beside those that its target has.
type Metric struct {
	Name  string // val_NAME is its column in metrics.csv
	Lower bool   // whether lower values are better
	Value func(e *Evaluation) (float64, error)
}

// of returns the metric of an evaluation.
func (m Metric) of(e *Evaluation) (value float64, err error) {
	defer foreign.Recover(&err, "function Value", m.Value)
	return m.Value(e)
}

// The metrics that every run has, or has with classes or labels; others are those of metric.Figure.
const (
	byAccuracy = "accuracy"
	byLoss     = "loss"
	byAUC      = "auc"
)

// selection chooses the best epoch by a metric of the validation; between equals it is the one of lower loss.
// To patience only the metric counts: a lower loss at an equal metric is no improvement.
type selection struct {
	name  string
	lower bool
}

// newSelection returns the selection by the name in a recipe.
func newSelection(name string, target Target, metrics []Metric) (selection, error) {
	known, lower := []string{byLoss}, []string{byLoss, "rmse", "mae"}
	switch {
	case target.labelled():
		known = []string{byAccuracy, byLoss, byAUC}
	case target == Labels:
		known = []string{byAUC, byLoss, "ap", "f1"}
	case target == Values:
		known = []string{byLoss, "rmse", "mae", "r2"}
	}
	for _, m := range metrics {
		if m.Name == "" || m.Value == nil || slices.Contains([]string{byAccuracy, byLoss, byAUC}, m.Name) {
			return selection{}, errors.Errorf("train: metric %q: want a new name and a Value", m.Name)
		}
		if m.Name == name {
			return selection{name, m.Lower}, nil
		}
		known = append(known, m.Name)
	}
	if name == "" {
		name = known[0]
	}
	if !slices.Contains(known, name) {
		return selection{}, errors.Errorf("train: select is %q%s, want one of %s",
			name, suggest.Among(name, known), strings.Join(known, ", "))
	}
	return selection{name, slices.Contains(lower, name)}, nil
}

// better reports whether an epoch is better than another.
func (s selection) better(e, than Epoch) bool {
	a, b := s.value(e), s.value(than)
	return a > b || a == b && e.Val.Loss < than.Val.Loss
}

// improved returns the index of the last epoch whose metric was better than that of all before it.
func (s selection) improved(history []Epoch) int {
	last := 0
	for i, e := range history {
		if s.value(e) > s.value(history[last]) {
			last = i
		}
	}
	return last
}

// value is what is to be large in the best epoch.
func (s selection) value(e Epoch) float64 {
	v := e.Val.Accuracy
	switch s.name {
	case byAccuracy:
	case byLoss:
		v = metric.Number(e.Val.Loss)
	case byAUC:
		v = e.ValAUC
	default:
		v = e.ValMetrics[s.name]
	}
	switch {
	case !v.Known() && s.name == byAUC:
		return 0 // a split with one class has none: the loss decides
	case !v.Known():
		return math.Inf(-1)
	case s.lower:
		return -float64(v)
	}
	return float64(v)
}
