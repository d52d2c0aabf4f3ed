package optimizers_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/optimizers"
)

// oneCycle is OneCycle with something changed.
func oneCycle(change func(c *optimizers.OneCycle)) optimizers.OneCycle {
	c := optimizers.DefaultOneCycle()
	change(&c)
	return c
}

func TestWarmUpRisesToTheStart(t *testing.T) {
	for _, c := range []struct {
		name        string
		warm, plain optimizers.Schedule
	}{
		{"Constant", optimizers.Constant{Warmup: 4}, optimizers.Constant{}},
		{"Cosine", optimizers.Cosine{Warmup: 4, Floor: 0.2}, optimizers.Cosine{Floor: 0.2}},
		{"OneCycle", oneCycle(func(c *optimizers.OneCycle) { c.Warmup = 4 }), optimizers.DefaultOneCycle()},
	} {
		start := c.plain.At(0, 6)
		for step := range 10 {
			want := c.plain.At(step-4, 6)
			if step < 4 {
				want = optimizers.Rates{Factor: start.Factor * float64(step+1) / 5, Momentum: start.Momentum}
			}
			if got := c.warm.At(step, 10); got != want {
				t.Errorf("%s: step %d: %v, want %v", c.name, step, got, want)
			}
		}
	}
}

// Whatever step is asked for, in however short a run, the rates are ones that Update takes; and past the end
// they stay.
func TestRatesAreAlwaysInRange(t *testing.T) {
	for _, s := range []optimizers.Schedule{
		optimizers.Constant{Warmup: 3}, optimizers.Cosine{Warmup: 3}, optimizers.Cosine{},
		optimizers.DefaultOneCycle(), oneCycle(func(c *optimizers.OneCycle) { c.Warmup = 3 }),
		oneCycle(func(c *optimizers.OneCycle) { c.PctStart = 1 }),
		oneCycle(func(c *optimizers.OneCycle) { c.PctStart = 0.5 }),
	} {
		for total := range 8 {
			for step := range 12 {
				r := s.At(step, total)
				if !(r.Factor >= 0 && r.Factor <= 1 && r.Momentum >= 0 && r.Momentum <= 0.95) ||
					math.IsNaN(r.Momentum) {
					t.Errorf("%+v: step %d of %d: %v", s, step, total, r)
				}
				if step > max(total, 3) && r != s.At(100, total) {
					t.Errorf("%+v: step %d of %d: %v, later %v", s, step, total, r, s.At(100, total))
				}
			}
		}
	}
}
