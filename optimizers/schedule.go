package optimizers

import (
	"cmp"
	"math"
)

// Schedule gives the rates of step, counted from 0, of total steps. A step at or after total gets those of the end.
type Schedule interface {
	At(step, total int) Rates
}

// Constant keeps the learning rate as configured, after Warmup steps that rise to it.
type Constant struct {
	Warmup int // steps s < Warmup have the factor (s+1)/(Warmup+1)
}

// At returns the rates of a step.
func (c Constant) At(step, total int) Rates {
	return warmUp(c.Warmup, step, total, func(int, int) Rates { return Rates{Factor: 1} })
}

// Cosine lets the factor fall from 1 to Floor along half a cosine, after Warmup steps that rise to 1. It would be Floor at step total, the
// first that is not done.
//
// Source: Loshchilov, Hutter, arXiv:1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR with T_max = total − Warmup.
type Cosine struct {
	Warmup int     // steps s < Warmup have the factor (s+1)/(Warmup+1)
	Floor  float64 // the last factor, in [0,1]
}

// At returns the rates of a step.
func (c Cosine) At(step, total int) Rates {
	return warmUp(c.Warmup, step, total, func(step, total int) Rates {
		return Rates{Factor: cosine(1, c.Floor, fraction(float64(step), 0, float64(total)))}
	})
}

// OneCycle lets the learning rate rise from 1/DivFactor to 1 and fall to 1/(DivFactor·FinalDivFactor), both along half a cosine, while the
// momentum falls from MaxMomentum to BaseMomentum and rises again. The learning rate of the optimizer is thus the largest of the run. The
// end is reached at step total−1. A zero field means PyTorch's default.
//
// Source: Smith, Topin, arXiv:1708.07120; torch.optim.lr_scheduler.OneCycleLR with anneal_strategy "cos".
type OneCycle struct {
	Warmup         int     // steps of linear rise before the cycle; with 0 the cycle's own rise is the warm-up
	PctStart       float64 // share of the steps that rise, in (0,1]; 0 means 0.3
	DivFactor      float64 // 0 means 25
	FinalDivFactor float64 // 0 means 1e4
	BaseMomentum   float64 // of AdamW's Beta1 and SGD's Momentum; 0 means 0.85
	MaxMomentum    float64 // 0 means 0.95
	KeepMomentum   bool    // leaves the momentum as the optimizer has it (cycle_momentum=False)
}

// At returns the rates of a step.
func (c OneCycle) At(step, total int) Rates {
	return warmUp(c.Warmup, step, total, c.withDefaults().at)
}

func (c OneCycle) at(step, total int) Rates {
	peak, end := c.PctStart*float64(total)-1, float64(total-1)
	first, last := 1/c.DivFactor, 1/(c.DivFactor*c.FinalDivFactor)
	var r Rates
	if s := float64(step); s <= peak {
		t := fraction(s, 0, peak)
		r = Rates{cosine(first, 1, t), cosine(c.MaxMomentum, c.BaseMomentum, t)}
	} else {
		t := fraction(s, peak, end)
		r = Rates{cosine(1, last, t), cosine(c.BaseMomentum, c.MaxMomentum, t)}
	}
	if c.KeepMomentum {
		r.Momentum = 0
	}
	return r
}

func (c OneCycle) withDefaults() OneCycle {
	c.PctStart = cmp.Or(c.PctStart, 0.3)
	c.DivFactor = cmp.Or(c.DivFactor, 25)
	c.FinalDivFactor = cmp.Or(c.FinalDivFactor, 1e4)
	c.BaseMomentum = cmp.Or(c.BaseMomentum, 0.85)
	c.MaxMomentum = cmp.Or(c.MaxMomentum, 0.95)
	return c
}

// warmUp puts a linear rise before a schedule, to where it starts.
func warmUp(warmup, step, total int, at func(step, total int) Rates) Rates {
	if step >= warmup {
		return at(step-warmup, total-warmup)
	}
	r := at(0, total-warmup)
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
