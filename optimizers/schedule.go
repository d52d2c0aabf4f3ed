package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
)

// Schedule gives the rates of step, counted from 0, of total steps. A step at or after total gets those of
// the end.
//
// A Schedule may have a method Check(total int) error, which a trainer calls with the number of steps before
// it starts: those of this package do.
type Schedule interface {
	At(step, total int) Rates
}

// CheckSchedule returns an error if a schedule is nil or does not fit a run of that many steps, as far as it
// says so by a method Check(total int) error.
func CheckSchedule(s Schedule, total int) error {
	return errors.WithMessage(checkSchedule(s, total), "optimizers")
}

func checkSchedule(s Schedule, total int) (err error) {
	if s == nil {
		return errors.New("the schedule is nil")
	}
	c, ok := s.(interface{ Check(total int) error })
	if !ok {
		return nil
	}
	defer foreign.Recover(&err, "schedule", s)
	return c.Check(total)
}

// Constant keeps the learning rate as configured, after Warmup steps that rise to it.
type Constant struct {
	Warmup int `yaml:"warmup"` // steps s < Warmup have the factor (s+1)/(Warmup+1)
}

// At returns the rates of a step.
func (c Constant) At(step, total int) Rates {
	return warmUp(c.Warmup, step, total, func(int, int) Rates { return Rates{Factor: 1} })
}

// Check returns an error if the warm-up is negative or not shorter than a run of total steps.
func (c Constant) Check(total int) error { return checkWarmup("Constant", c.Warmup, total) }

// Cosine lets the factor fall from 1 to Floor along half a cosine, after Warmup steps that rise to 1. It
// would be Floor at step total, the first that is not done.
//
// Source: Loshchilov, Hutter, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR with T_max = total
// − Warmup.
type Cosine struct {
	Warmup int     `yaml:"warmup"` // steps s < Warmup have the factor (s+1)/(Warmup+1)
	Floor  float64 `yaml:"floor"`  // the last factor, in [0,1]
}

// At returns the rates of a step.
func (c Cosine) At(step, total int) Rates {
	return warmUp(c.Warmup, step, total, func(step, total int) Rates {
		return Rates{Factor: cosine(1, c.Floor, fraction(float64(step), 0, float64(total)))}
	})
}

// Check returns an error if Floor is out of its range, or as Constant's.
func (c Cosine) Check(total int) error {
	if !(c.Floor >= 0 && c.Floor <= 1) {
		return errors.Errorf("Cosine: Floor %v, want [0,1]", c.Floor)
	}
	return checkWarmup("Cosine", c.Warmup, total)
}

// OneCycle lets the learning rate rise from 1/DivFactor to 1 and fall to 1/(DivFactor·FinalDivFactor), both
// along half a cosine, while the momentum falls from MaxMomentum to BaseMomentum and rises again. The
// learning rate of the optimizer is thus the largest of the run. The end is reached at step total−1. Each
// field is used as it stands; DefaultOneCycle has the usual values.
//
// Source: Smith, Topin, arXiv:1708.07120; torch.optim.lr_scheduler.OneCycleLR with anneal_strategy "cos".
type OneCycle struct {
	// steps of linear rise before the cycle; 0: the cycle's own rise does
	Warmup         int     `yaml:"warmup"`
	PctStart       float64 `yaml:"pct_start"`        // share of the steps that rise, in (0,1]
	DivFactor      float64 `yaml:"div_factor"`       // at least 1
	FinalDivFactor float64 `yaml:"final_div_factor"` // at least 1
	BaseMomentum   float64 `yaml:"base_momentum"`    // of AdamW's Beta1 and SGD's Momentum, in [0,1)
	MaxMomentum    float64 `yaml:"max_momentum"`     // in [0,1); with both 0, the optimizer keeps its own
}

// DefaultOneCycle returns PyTorch's defaults: 30 % of the steps rise, from 1/25, to fall to 1/25e4, with a
// momentum between 0.85 and 0.95.
func DefaultOneCycle() OneCycle {
	return OneCycle{PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4, BaseMomentum: 0.85, MaxMomentum: 0.95}
}

// At returns the rates of a step.
func (c OneCycle) At(step, total int) Rates { return warmUp(c.Warmup, step, total, c.cycle) }

// Check returns an error if a number is out of its range, if one momentum is 0 and the other is not, or as
// Constant's.
func (c OneCycle) Check(total int) error {
	const usual = ", such as that of DefaultOneCycle"
	switch {
	case !(c.PctStart > 0 && c.PctStart <= 1):
		return errors.Errorf("OneCycle: PctStart %v, want (0,1]%s", c.PctStart, usual)
	case !(c.DivFactor >= 1 && c.FinalDivFactor >= 1) || math.IsInf(c.DivFactor*c.FinalDivFactor, 1):
		return errors.Errorf("OneCycle: DivFactor %v and FinalDivFactor %v, want at least 1%s",
			c.DivFactor, c.FinalDivFactor, usual)
	case !(c.BaseMomentum >= 0 && c.BaseMomentum < 1 && c.MaxMomentum >= 0 && c.MaxMomentum < 1):
		return errors.Errorf("OneCycle: BaseMomentum %v and MaxMomentum %v, want [0,1)",
			c.BaseMomentum, c.MaxMomentum)
	case (c.BaseMomentum == 0) != (c.MaxMomentum == 0):
		return errors.Errorf("OneCycle: BaseMomentum %v and MaxMomentum %v, want both above 0, or both 0",
			c.BaseMomentum, c.MaxMomentum)
	}
	return checkWarmup("OneCycle", c.Warmup, total)
}

func (c OneCycle) cycle(step, total int) Rates {
	peak, end := c.PctStart*float64(total)-1, float64(total-1)
	first, last := 1/c.DivFactor, 1/(c.DivFactor*c.FinalDivFactor)
	if s := float64(step); s <= peak {
		t := fraction(s, 0, peak)
		return Rates{cosine(first, 1, t), cosine(c.MaxMomentum, c.BaseMomentum, t)}
	}
	t := fraction(float64(step), peak, end)
	return Rates{cosine(1, last, t), cosine(c.BaseMomentum, c.MaxMomentum, t)}
}

func checkWarmup(name string, warmup, total int) error {
	if warmup < 0 {
		return errors.Errorf("%s: Warmup %d, want at least 0", name, warmup)
	}
	if warmup > 0 && warmup >= total {
		return errors.Errorf("%s: Warmup %d, want fewer than the %d steps of the run",
			name, warmup, total)
	}
	return nil
}

// warmUp puts a linear rise before a schedule, to where it starts.
func warmUp(warmup, step, total int, rates func(step, total int) Rates) Rates {
	if step >= warmup {
		return rates(step-warmup, total-warmup)
	}
	r := rates(0, total-warmup)
	r.Factor *= float64(step+1) / float64(warmup+1)
	return r
}

// cosine goes from one value to another along half a cosine while t goes from 0 to 1.
func cosine(from, to, t float64) float64 {
	return to + (from-to)/2*(1+math.Cos(math.Pi*t))
}

// fraction is how far x is on the way from a to b, in [0,1].
func fraction(x, a, b float64) float64 {
	if x >= b {
		return 1
	}
	return math.Max(0, (x-a)/(b-a))
}
