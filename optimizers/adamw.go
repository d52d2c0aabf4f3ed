package optimizers

import (
	"cmp"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// AdamW is Adam with decoupled weight decay: the decay shrinks the weights by LR·Decay and does not enter the moments.
//
// A zero field means PyTorch's default; a negative Decay means none.
//
// Source: Loshchilov, Hutter, arXiv:1711.05101; torch.optim.AdamW.
type AdamW struct {
	LR    float64 // learning rate; 0 means 1e-3
	Beta1 float64 // decay rate of the mean of the gradients, below 1; 0 means 0.9
	Beta2 float64 // decay rate of the mean of their squares, below 1; 0 means 0.999
	Eps   float64 // added to the root of that mean; 0 means 1e-8
	Decay float64 // weight decay; 0 means 0.01, negative means none
}

// New returns the optimizer. It returns an error if LR or Eps is negative, or a Beta is not in [0,1).
func (c AdamW) New() (Optimizer, error) {
	c = c.withDefaults()
	if !(c.Beta1 >= 0 && c.Beta1 < 1 && c.Beta2 >= 0 && c.Beta2 < 1) {
		return nil, errors.Errorf("optimizers: AdamW: Beta1 %v and Beta2 %v, want [0,1)", c.Beta1, c.Beta2)
	}
	if !(c.Eps > 0) || math.IsInf(c.Eps, 1) {
		return nil, errors.Errorf("optimizers: AdamW: Eps %v, want a finite number above 0", c.Eps)
	}
	if math.IsNaN(c.Decay) || math.IsInf(c.Decay, 0) {
		return nil, errors.Errorf("optimizers: AdamW: Decay %v, want a finite number", c.Decay)
	}
	return Rule{
		Name:    "AdamW",
		LR:      c.LR,
		Moments: []string{"exp_avg", "exp_avg_sq"},
		F32:     func(s Step[float32]) { adamW(c, s) },
		F64:     func(s Step[float64]) { adamW(c, s) },
	}.New()
}

func (c AdamW) withDefaults() AdamW {
	c.LR = cmp.Or(c.LR, 1e-3)
	c.Beta1 = cmp.Or(c.Beta1, 0.9)
	c.Beta2 = cmp.Or(c.Beta2, 0.999)
	c.Eps = cmp.Or(c.Eps, 1e-8)
	c.Decay = max(cmp.Or(c.Decay, 0.01), 0)
	return c
}

func adamW[T op.Float](c AdamW, s Step[T]) {
	step := dense.AdamWStep{LR: s.LR, Beta1: c.Beta1, Beta2: c.Beta2, Eps: c.Eps, Decay: c.Decay}
	if s.Momentum > 0 {
		step.Beta1 = s.Momentum
	}
	if s.NoDecay {
		step.Decay = 0
	}
	step.Correct1 = 1 - math.Pow(step.Beta1, float64(s.Count))
	step.Correct2 = 1 - math.Pow(step.Beta2, float64(s.Count))
	dense.AdamW(s.Value, s.Grad, s.Moments[0], s.Moments[1], step)
}
