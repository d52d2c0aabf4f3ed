package metric

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Answers that know something of a label are told from those that do not, whatever the share of the label.
func TestLabelsChance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	const n, labels = 400, 4 // known, by lot, all of one sort, always the same
	probabilities, targets := make([]float64, n*labels), make([]float64, n*labels)
	for i := range n {
		yes := float64(i % 20 / 19) // a twentieth has it: no probability passes 0.5
		for k := range labels {
			targets[i*labels+k] = yes
		}
		targets[i*labels+2] = 1
		probabilities[i*labels] = 0.1 + 0.2*yes + 0.1*random.Float64()
		probabilities[i*labels+1] = random.Float64()
		probabilities[i*labels+2] = random.Float64()
		probabilities[i*labels+3] = 0.05
	}
	got := LabelsChance(probabilities, targets, labels, []string{"known", "lot", "all", "same"})
	if !strings.HasPrefix(got, "2 of 3 labels may be answered by chance: lot (AUC 0.") ||
		!strings.Contains(got, "same (AUC 0.500)") {
		t.Errorf("%q", got)
	}
	one := func(n int, k int) (p, y []float64) {
		for i := range n {
			p, y = append(p, probabilities[i*labels+k]), append(y, targets[i*labels+k])
		}
		return p, y
	}
	if p, y := one(n, 0); LabelsChance(p, y, 1, nil) != "" {
		t.Error("a label that is known is called chance")
	}
	if p, y := one(20, 0); !strings.HasPrefix(LabelsChance(p, y, 1, nil), "the label may be answered by "+
		"chance: 0 (AUC 1.000)") {
		t.Error("one of 20 examples with a label is enough to tell")
	}
	if LabelsChance(nil, nil, 1, nil) != "" || LabelsChance([]float64{1}, nil, 0, nil) != "" {
		t.Error("nothing is chance")
	}
}

// How often chance is taken for more is what the level says: 1 in 100.
func TestLabelsChanceLevel(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	const n, trials = 100, 4000
	found := 0
	for range trials {
		p, y := make([]float64, n), make([]float64, n)
		for i := range p {
			p[i], y[i] = random.Float64(), float64(i%4/3)
		}
		if LabelsChance(p, y, 1, nil) == "" {
			found++
		}
	}
	if found < trials/200 || found > trials/50 {
		t.Errorf("%d of %d answers by lot are called better than chance, want about %d", found, trials,
			trials/100)
	}
}

// The mean, one with a little noise, and worse than the mean are no better than it; what follows the value
// is.
func TestValuesChance(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	const n, values = 200, 5
	predictions, targets := make([]float64, n*values), make([]float64, n*values)
	middle := 0.0
	for i := range n {
		v := random.NormFloat64()
		middle += v / n
		for k := range values {
			targets[i*values+k] = v
		}
		targets[i*values+4] = 7 // which does not vary
	}
	for i := range n {
		v := targets[i*values]
		copy(predictions[i*values:], []float64{0.3 * v, middle, middle + 0.2*random.NormFloat64(), v + 3, 7})
	}
	got := ValuesChance(predictions, targets, values, []string{"weak", "mean", "noise", "shifted", "fixed"})
	if !strings.HasPrefix(got, "3 of 4 values may be predicted no better than by the mean") ||
		!strings.Contains(got, "mean (R² 0.000), noise (R² -0.") || !strings.Contains(got, "shifted (R² -") {
		t.Errorf("%q", got)
	}
	if ValuesChance(nil, nil, 1, nil) != "" || ValuesChance([]float64{1}, []float64{2}, 1, nil) != "" {
		t.Error("nothing, or one example, is called chance")
	}
	many := ValuesChance(make([]float64, 14), []float64{0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7}, 7, nil)
	if !strings.HasSuffix(many, " and 2 more") {
		t.Errorf("%q", many)
	}
}
