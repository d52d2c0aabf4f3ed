package losses_test

import (
	"math"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]struct {
		loss      losses.Loss
		canonical string
	}{
		"cross-entropy":                {losses.CrossEntropy{}, "cross-entropy"},
		"cross-entropy:smoothing=0.10": {losses.CrossEntropy{Smoothing: 0.1}, "cross-entropy:smoothing=0.1"},
		"mse":                          {losses.MSE{}, "mse"},
		"bce":                          {losses.BinaryCrossEntropy{}, "bce"},
	} {
		loss, canonical, err := losses.Parse(text, losses.Table())
		if err != nil || loss != want.loss || canonical != want.canonical {
			t.Errorf("%s: %+v, %q, error %v; want %+v, %q",
				text, loss, canonical, err, want.loss, want.canonical)
		}
	}
	for text, want := range map[string]string{
		"":                          `losses: loss "", want one of cross-entropy, bce, mse`,
		"mse:smoothing=1":           "loss mse: it has no options",
		"cross-entropy:smooth=0.1":  `no option "smooth" (did you mean smoothing?), want one of smoothing`,
		"cross-entropy:smoothing=2": "Smoothing 2, want [0,1]",
	} {
		if _, _, err := losses.Parse(text, losses.Table()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestTableRows(t *testing.T) {
	for _, row := range losses.Table() {
		if _, canonical, err := losses.Parse(row.Name+":"+row.Options(), losses.Table()); err != nil ||
			canonical != row.Name || row.Help == "" {
			t.Errorf("%s: %q, help %q, %v", row.Name, canonical, row.Help, err)
		}
		if _, ok := row.New().(losses.Targeted); !ok {
			t.Errorf("%s does not say what targets it takes", row.Name)
		}
	}
}

// What a loss says it takes, it takes, and the number that it says masks a row does.
func TestTakesWhatItSays(t *testing.T) {
	inputs := map[losses.Targets]*tensor.Dense{
		losses.ClassIndices:  array(tensor.Shape{2}, 0, 2),
		losses.Probabilities: array(tensor.Shape{2, 3}, 1, 0, 0, 0, 0, 1),
		losses.Numbers:       array(tensor.Shape{2, 3}, 7, -5, 2, 0.5, 9, -1),
	}
	for _, loss := range kinds() {
		l, taken := loss.(losses.Targeted), 0
		for form, target := range inputs {
			mask, ok := l.Takes(form)
			if !ok {
				continue
			}
			taken++
			prediction := random(1, 2, 3)
			if _, _, err := run(l.Sum, tensor.Float64, prediction, target); err != nil {
				t.Errorf("%T does not take form %v: %v", l, form, err)
				continue
			}
			masked := target.Clone().(*tensor.Dense)
			width := len(masked.Float64s()) / 2
			for i := range width {
				masked.Float64s()[i] = mask
			}
			got, grad, err := run(l.Sum, tensor.Float64, prediction, masked)
			alone, _, _ := run(l.Sum, tensor.Float64, rows(prediction, 1), rows(target, 1))
			if err != nil || math.Abs(got-alone) > 1e-12 || grad[0] != 0 {
				t.Errorf("%T, form %v: with row 0 masked by %v the loss is %v (%v), of row 1 alone %v",
					l, form, mask, got, err, alone)
			}
		}
		if taken == 0 {
			t.Errorf("%T takes nothing", l)
		}
	}
	if _, ok := any(losses.KLDivergence{}).(losses.Targeted).Takes(losses.Probabilities); ok {
		t.Error("KLDivergence takes a teacher's logits, and labels are none")
	}
}
