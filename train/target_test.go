package train_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
)

// Values that are no probabilities are refused before anything is built if the loss wants these, with what to
// do; probabilities are taken.
func TestLossWantsProbabilities(t *testing.T) {
	x := normal[float64](1, 4, 3)
	for name, c := range map[string]struct {
		values []float64
		loss   string
		want   string // empty: it trains
	}{
		"numbers": {[]float64{1, -1, 0.5, 2, 0, 1, 1, 0}, "cross-entropy",
			`train: loss cross-entropy takes classes or probabilities, the data has values: set ` +
				`Recipe.Loss to "mse"`},
		"no sum of 1": {[]float64{1, 1, 0, 0, 0, 1, 1, 0}, "cross-entropy:smoothing=0.1",
			"train: loss cross-entropy takes classes or probabilities, the data has values"},
		"sums of 1": {[]float64{1, 0, 0.25, 0.75, 0, 1, 1, 0}, "cross-entropy", ""},
		"yes or no": {[]float64{1, 1, 0, 0, 0, 1, 1, 0}, "bce", ""},
		"beyond yes": {[]float64{1, 2, 0, 0, 0, 1, 1, 0}, "bce",
			"train: loss bce takes probabilities, the data"},
	} {
		recipe := train.DefaultRecipe()
		recipe.Epochs, recipe.Loss = 1, c.loss
		l := train.Loop{Model: nn.Linear{Out: 2}, Recipe: recipe, Train: train.Arrays{
			Inputs: []*tensor.Dense{x},
			Values: tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(c.values)),
		}}
		if _, err := l.Identity(); (err == nil) != (c.want == "") ||
			err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if c.want != "" {
			continue
		}
		report, err := l.Run(context.Background())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, err := json.Marshal(report.Summary)
		if err != nil || strings.Contains(string(text), `"model"`) ||
			strings.Contains(string(text), `"data"`) {
			t.Errorf("the summary has empty names: %s (%v)", text, err)
		}
	}
}
