package optimizers_test

import (
	"math"
	"strings"
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
	texts := []string{"cosine:floor=0.2"}
	for _, row := range optimizers.Schedules() {
		texts = append(texts, row.Name)
	}
	for _, text := range texts {
		plain, _, err := optimizers.ParseSchedule(text, optimizers.Schedules())
		if err != nil {
			t.Fatal(err)
		}
		separator := ":"
		if strings.Contains(text, ":") {
			separator = ","
		}
		warm, _, err := optimizers.ParseSchedule(text+separator+"warmup=4", optimizers.Schedules())
		if err != nil {
			t.Fatal(err)
		}
		start := plain.At(0, 6)
		for step := range 10 {
			want := plain.At(step-4, 6)
			if step < 4 {
				want = optimizers.Rates{Factor: start.Factor * float64(step+1) / 5, Momentum: start.Momentum}
			}
			if got := warm.At(step, 10); got != want {
				t.Errorf("%s: step %d: %v, want %v", text, step, got, want)
			}
		}
	}
}

// Whatever step is asked for, in however short a run, the rates are ones that Update takes; and past the end
// they stay.
func TestRatesAreAlwaysInRange(t *testing.T) {
	all := []optimizers.Schedule{
		optimizers.Constant{Warmup: 3}, optimizers.Cosine{Warmup: 3},
		oneCycle(func(c *optimizers.OneCycle) { c.Warmup = 3 }),
		oneCycle(func(c *optimizers.OneCycle) { c.PctStart = 1 }),
		oneCycle(func(c *optimizers.OneCycle) { c.PctStart = 0.5 }),
	}
	for _, row := range optimizers.Schedules() {
		all = append(all, row.New())
	}
	for _, s := range all {
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
