package main

import (
	"testing"

	"github.com/hqvit/hqvit/nn"
)

// The task of docs/peers/recall.py, where PyTorch has: hqvit and the classical attention 100 %, uniform 38 %,
// identity 25 %.
func TestOnlyAttentionSolvesRecall(t *testing.T) {
	if testing.Short() {
		t.Skip("trains four models")
	}
	bounds := map[string]struct{ least, most float64 }{
		"hqvit":    {0.99, 1},
		"vit":      {0.99, 1},
		"uniform":  {0.30, 0.45},
		"identity": {0.20, 0.30},
	}
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			report, err := fit(m.layer, nn.NewStore(1), 1500, 1)
			if err != nil {
				t.Fatal(err)
			}
			if b, a := bounds[m.name], float64(report.TestAccuracy); !(a >= b.least && a <= b.most) {
				t.Errorf("accuracy %.4f, want it in [%v, %v]", a, b.least, b.most)
			}
		})
	}
}
