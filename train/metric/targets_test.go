package metric_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/train/metric"
)

// The values are those that the definitions of scikit-learn give, worked out by hand. Label 0: scores 0.9,
// 0.6, 0.6, 0.2 for yes, no, yes, no. AUC: of 4 pairs 3 are won and one is a tie: 3.5/4. Average precision:
// ½·1 at 0.9, ½·2/3 at 0.6. Given are 3, 2 of them right. Label 1 has no example, so neither AUC nor average
// precision.
func TestLabels(t *testing.T) {
	m, err := metric.CompareLabels([]float64{0.9, 0.1, 0.6, 0.6, 0.6, 0, 0.2, 0},
		[]float64{1, 0, 0, 0, 1, 0, 0, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	first, second := m.Each[0], m.Each[1]
	near(t, "AUC", float64(first.AUC), 3.5/4)
	near(t, "average precision", float64(first.AP), 0.5+0.5*2/3)
	near(t, "precision", first.Precision, 2.0/3)
	near(t, "recall", first.Recall, 1)
	near(t, "F1", first.F1, 0.8)
	near(t, "accuracy", m.Accuracy, 6.0/8)
	near(t, "mean AUC", float64(m.AUC), 3.5/4)
	near(t, "mean F1", m.F1, 0.4)
	if second.AUC.Known() || second.AP.Known() || second.Positives != 0 || second.ROC != nil ||
		first.Positives != 2 {
		t.Errorf("a label that nothing has: %+v", second)
	}
	if n := len(first.ROC); n < 3 || first.ROC[0] != [2]float64{} || first.ROC[n-1] != [2]float64{1, 1} {
		t.Errorf("ROC %v", first.ROC)
	}
}

// Predictions 2, 3, 7 of 1, 3, 5: errors 1, 0, 2, squares 5 in all, and the true values are 8 from their
// mean. The other value is always 4 and has no R².
func TestValues(t *testing.T) {
	m, err := metric.CompareValues([]float64{2, 4, 3, 5, 7, 4}, []float64{1, 4, 3, 4, 5, 4}, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "RMSE", m.Each[0].RMSE, math.Sqrt(5.0/3))
	near(t, "MAE", m.Each[0].MAE, 1)
	near(t, "R²", float64(m.Each[0].R2), 1-5.0/8)
	near(t, "RMSE of the other", m.Each[1].RMSE, math.Sqrt(1.0/3))
	near(t, "mean RMSE", m.RMSE, (math.Sqrt(5.0/3)+math.Sqrt(1.0/3))/2)
	near(t, "mean MAE", m.MAE, (1+1.0/3)/2)
	near(t, "mean R²", float64(m.R2), 1-5.0/8)
	if m.Each[1].R2.Known() || len(m.Each[0].Sample) != 3 || m.Each[0].Sample[2] != [2]float64{5, 7} {
		t.Errorf("%+v", m.Each)
	}
	many := make([]float64, 1000)
	if m, err = metric.CompareValues(many, many, 1); err != nil || len(m.Each[0].Sample) != 200 {
		t.Errorf("%d points of 1000, %v", len(m.Each[0].Sample), err)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) < 1e-12) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestWrongTargets(t *testing.T) {
	for what, f := range map[string]func() error{
		"no example": func() error { _, err := metric.CompareLabels(nil, nil, 2); return err },
		"no label":   func() error { _, err := metric.CompareLabels([]float64{1}, []float64{1}, 0); return err },
		"other lengths": func() error {
			_, err := metric.CompareLabels([]float64{1}, []float64{1, 0},
				2)
			return err
		},
		"no value":   func() error { _, err := metric.CompareValues(nil, nil, 1); return err },
		"half a row": func() error { _, err := metric.CompareValues([]float64{1}, []float64{1}, 2); return err },
	} {
		if f() == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
