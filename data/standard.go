package data

import (
	"math"

	"github.com/pkg/errors"
)

// Standard is how values are brought to mean 0 and deviation 1; the zero value leaves them as they are.
type Standard struct {
	Mean []float32 `json:"mean"`
	Std  []float32 `json:"std"`
}

// Known reports whether values are changed.
func (s Standard) Known() bool { return len(s.Mean) > 0 }

// Undo makes values (N, K) of what a model predicts for them, in place.
func (s Standard) Undo(values []float64) {
	k := min(len(s.Mean), len(s.Std))
	for i := range values[:len(values)*min(1, k)] {
		values[i] = values[i]*float64(s.Std[i%k]) + float64(s.Mean[i%k])
	}
}

// check returns an error unless there is one finite mean and one positive deviation for each of k values.
func (s Standard) check(k int) error {
	if !s.Known() && len(s.Std) == 0 {
		return nil
	}
	if len(s.Mean) != k || len(s.Std) != k {
		return errors.Errorf("%d means and %d deviations for %d values", len(s.Mean), len(s.Std), k)
	}
	for i := range k {
		if !(s.Std[i] > 0) || math.IsInf(float64(s.Std[i]), 0) || s.Mean[i]-s.Mean[i] != 0 {
			return errors.Errorf("mean %v and deviation %v of value %d, want a finite mean and a positive "+
				"deviation", s.Mean[i], s.Std[i], i)
		}
	}
	return nil
}

// apply returns the values (N, K) as a model predicts them.
func (s Standard) apply(values []float32) []float32 {
	if !s.Known() || values == nil {
		return values
	}
	out, k := make([]float32, len(values)), len(s.Mean)
	for i, v := range values {
		out[i] = (v - s.Mean[i%k]) / s.Std[i%k]
	}
	return out
}

// StandardOf returns the mean and the standard deviation of each column of
// numbers (N, k), in two passes, so that large numbers which vary little keep
// their digits. A column that does not vary gets the deviation 1.
func StandardOf(numbers []float32, k int) Standard {
	k = max(k, 0)
	s := Standard{make([]float32, k), ones(k)}
	n := float64(len(numbers) / max(k, 1))
	for c := range k {
		sum, square := 0.0, 0.0
		for i := c; i < len(numbers); i += k {
			sum += float64(numbers[i])
		}
		mean := sum / max(n, 1)
		for i := c; i < len(numbers); i += k {
			d := float64(numbers[i]) - mean
			square += d * d
		}
		s.Mean[c] = float32(mean)
		if sd := math.Sqrt(square / max(n, 1)); sd > 1e-6*math.Abs(mean) && float32(sd) > 0 {
			s.Std[c] = float32(sd)
		}
	}
	return s
}
