package splitmix_test

import (
	"math"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/internal/splitmix"
)

// TestHistogram: for any number of outcomes, each comes as often as its weight says, and together as often as
// there are trials.
func TestHistogram(t *testing.T) {
	const draws, trials = 20000, 100
	for _, weights := range [][]float64{{3}, {1, 2}, {0.5, 0, 1.5}, {1, 2, 3, 4, 5, 6, 7}, {0, 0, 1, 0, 1e-3}} {
		s, h := splitmix.Source(9), splitmix.NewHistogram(len(weights))
		total := 0.0
		for _, w := range weights {
			total += w
		}
		mean := make([]float64, len(weights))
		for range draws {
			copy(h.Weights(), weights)
			sum := 0
			for i, n := range h.Draw(trials, &s) {
				mean[i] += float64(n) / draws
				sum += n
			}
			if sum != trials {
				t.Fatalf("%v: %d trials", weights, sum)
			}
		}
		for i, w := range weights {
			p := w / total
			if e := 4.5 * math.Sqrt(trials*p*(1-p)/draws); math.Abs(mean[i]-trials*p) > e+1e-9 {
				t.Errorf("%v: outcome %d comes %v times, want %v ± %v", weights, i, mean[i], trials*p, e)
			}
		}
	}
	s, h := splitmix.Source(9), splitmix.NewHistogram(3)
	if counts := h.Draw(5, &s); !slices.Equal(counts, []int{0, 0, 0}) {
		t.Errorf("%v from no weights", counts)
	}
}
