package metric_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hqvit/hqvit/train/metric"
)

// The numbers are scikit-learn's, from docs/peers/metrics_golden.py.
func TestClassifyAgreesWithScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/metrics_golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Name             string
			Classes          int
			Probabilities    []float64
			Labels           []int
			Accuracy         float64
			BalancedAccuracy float64 `json:"balanced_accuracy"`
			MacroF1          float64 `json:"macro_f1"`
			AUC              metric.Number
			Calibration      float64 `json:"calibration_error"`
			Precision        []metric.Number
			Recall           []metric.Number
			F1               []metric.Number
			Confusion        [][]int
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) != 5 {
		t.Fatalf("%d cases, want 5", len(golden.Cases))
	}
	for _, c := range golden.Cases {
		got, err := metric.Classify(c.Probabilities, c.Labels, c.Classes)
		if err != nil {
			t.Fatal(err)
		}
		want := &metric.Classification{
			Accuracy: c.Accuracy, BalancedAccuracy: c.BalancedAccuracy, MacroF1: c.MacroF1, AUC: c.AUC,
			CalibrationError: metric.Number(c.Calibration),
			Precision:        c.Precision, Recall: c.Recall, F1: c.F1, Confusion: c.Confusion,
		}
		if diff := cmp.Diff(want, got, floats, cmpopts.EquateApprox(0, 1e-12), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", c.Name, diff)
		}
	}
}
