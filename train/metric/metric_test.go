package metric_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hqvit/hqvit/train/metric"
)

// The example is small enough to be counted by hand. Class 3 is neither labelled nor predicted, class 2 is
// never predicted.
func TestClassifyCounts(t *testing.T) {
	probabilities := []float64{
		0.7, 0.2, 0.1, 0, // 0 as 0
		0.3, 0.6, 0.1, 0, // 0 as 1
		0.1, 0.8, 0.1, 0, // 1 as 1
		0.5, 0.1, 0.4, 0, // 2 as 0
		0.2, 0.5, 0.3, 0, // 1 as 1
	}
	got, err := metric.Classify(probabilities, []int{0, 0, 1, 2, 1}, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := &metric.Classification{
		Accuracy:         3. / 5,
		BalancedAccuracy: (1./2 + 1 + 0) / 3,
		MacroF1:          (2./4 + 4./5 + 0) / 3,
		AUC:              (5./6 + 5./6 + 1) / 3, // of classes 0, 1 and 2; class 3 has no image
		// each in its own interval, but the two of 0.5, of which one is right
		CalibrationError: (0.3 + 0.6 + 0.2 + 0) / 5,
		Precision:        []metric.Number{1. / 2, 2. / 3, 0, metric.None()},
		Recall:           []metric.Number{1. / 2, 1, 0, metric.None()},
		F1:               []metric.Number{2. / 4, 4. / 5, 0, metric.None()},
		Confusion:        [][]int{{1, 1, 0, 0}, {0, 2, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}},
	}
	if diff := cmp.Diff(want, got, floats, cmpopts.EquateApprox(0, 1e-15), cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
}

// Class 1 has no image and is predicted once: it has no metrics, and no share in the means, but the image
// that was taken for it counts as one of class 0 that was not found.
func TestClassifyLeavesOutClassesWithoutAnImage(t *testing.T) {
	got, err := metric.Classify([]float64{0.7, 0.2, 0.1, 0.3, 0.6, 0.1, 0.1, 0.1, 0.8}, []int{0, 0, 2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if f1 := (2./3 + 1) / 2; math.Abs(got.MacroF1-f1) > 1e-15 || got.BalancedAccuracy != 0.75 || got.AUC != 1 {
		t.Errorf("macro F1 %v, balanced accuracy %v, AUC %v, want %v, 0.75 and 1", got.MacroF1,
			got.BalancedAccuracy, got.AUC, f1)
	}
	if got.Precision[1].Known() || got.Recall[1].Known() || got.F1[1].Known() || got.Precision[0] != 1 {
		t.Errorf("precision %v, recall %v, F1 %v, want none of class 1", got.Precision, got.Recall, got.F1)
	}
}

func TestClassifyRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		probabilities []float64
		labels        []int
	}{
		"nothing":         {nil, nil},
		"another size":    {make([]float64, 5), []int{0, 1}},
		"a label too big": {make([]float64, 4), []int{0, 2}},
		"no label":        {make([]float64, 4), []int{0, -1}},
	} {
		if _, err := metric.Classify(c.probabilities, c.labels, 2); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// floats lets cmpopts compare a Number, which it takes for a type that it does not know.
var floats = cmp.Transformer("float64", func(n metric.Number) float64 { return float64(n) })

func mustAUC(t *testing.T, scores []float64, positive []bool) float64 {
	t.Helper()
	a, err := metric.AUC(scores, positive)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// byPairs is the definition of the area: positives win against negatives, ties count half.
func byPairs(scores []float64, positive []bool) float64 {
	wins, pairs := 0.0, 0.0
	for i, p := range positive {
		for j, q := range positive {
			if !p || q {
				continue
			}
			pairs++
			switch {
			case scores[i] > scores[j]:
				wins++
			case scores[i] == scores[j]:
				wins += 0.5
			}
		}
	}
	return wins / pairs
}

func TestAUCIsTheShareOfWonPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 2 + random.IntN(40)
		scores, positive := make([]float64, n), make([]bool, n)
		for i := range scores {
			scores[i], positive[i] = float64(random.IntN(6)), random.IntN(3) == 0 // many ties
		}
		got, want := mustAUC(t, scores, positive), byPairs(scores, positive)
		if !(math.Abs(got-want) < 1e-14) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("AUC of %v %v is %v, want %v", scores, positive, got, want)
		}
	}
}

// The example of scikit-learn's documentation of roc_auc_score and roc_curve.
func TestAUCOfScikitLearnsExample(t *testing.T) {
	if got := mustAUC(t, []float64{0.1, 0.4, 0.35, 0.8}, []bool{false, false, true, true}); got != 0.75 {
		t.Errorf("AUC %v, want 0.75", got)
	}
}

// By hand: intervals are (k/15, (k+1)/15]. 0.9 right and 0.91 wrong share (13/15, 14/15]: |1.81 − 1| = 0.81.
// 0.6, the edge 9/15, is right and alone: 0.4. 1.0 is right: 0. Over four images (0.81 + 0.4)/4.
func TestCalibrationError(t *testing.T) {
	m, err := metric.Classify([]float64{0.1, 0.9, 0.91, 0.09, 0.6, 0.4, 1, 0}, []int{1, 1, 0, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := (0.81 + 0.4) / 4; math.Abs(float64(m.CalibrationError)-want) > 1e-12 {
		t.Errorf("%v, want %v", m.CalibrationError, want)
	}
}

func TestAUCRefusesAnotherNumberOfAnswers(t *testing.T) {
	if _, err := metric.AUC([]float64{0.5, 0.1}, []bool{true}); err == nil {
		t.Error("no error for two scores and one answer")
	}
}

func TestNumberWithoutValueIsNull(t *testing.T) {
	for _, c := range []struct {
		number metric.Number
		json   string
		text   string
	}{{0.25, "0.25", "0.25"}, {metric.None(), "null", "none"}, {metric.Number(math.Inf(1)), "null", "none"}} {
		got, err := json.Marshal(c.number)
		if err != nil || string(got) != c.json {
			t.Errorf("%v is %s (%v), want %s", float64(c.number), got, err, c.json)
		}
		var back metric.Number
		if err := json.Unmarshal(got, &back); err != nil || back.Known() != c.number.Known() {
			t.Errorf("%s is read as %v (%v)", got, float64(back), err)
		}
		if got := c.number.Text("%.2f"); got != c.text {
			t.Errorf("%v as text is %q, want %q", float64(c.number), got, c.text)
		}
	}
	var n metric.Number
	if err := json.Unmarshal([]byte(`"x"`), &n); err == nil {
		t.Error("a text is read as a number")
	}
}
