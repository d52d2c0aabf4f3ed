package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// AdamW is Adam with decoupled weight decay: the decay shrinks the weights by the learning rate times Decay
// and does not enter the moments. Each field is used as it stands; DefaultAdamW has the usual values.
//
// Source: Loshchilov, Hutter, arXiv:1711.05101; torch.optim.AdamW.
type AdamW struct {
	Beta1 float64 `yaml:"beta1"` // decay rate of the mean of the gradients, in [0,1)
	Beta2 float64 `yaml:"beta2"` // decay rate of the mean of their squares, in [0,1)
	Eps   float64 `yaml:"eps"`   // added to the root of that mean, above 0
	Decay float64 `yaml:"decay"` // weight decay; 0 for none
}

// DefaultAdamW returns PyTorch's defaults: Beta1 0.9, Beta2 0.999, Eps 1e-8, Decay 0.01.
func DefaultAdamW() AdamW { return AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.01} }

// New returns the optimizer with that learning rate. It returns an error if a number is out of its range.
func (c AdamW) New(lr float64) (Optimizer, error) {
	if err := c.Check(); err != nil {
		return nil, errors.WithMessage(err, "optimizers")
	}
	return Rule{
		Name:    "AdamW",
		Moments: []string{"exp_avg", "exp_avg_sq"},
		F32:     func(s Step[float32]) { adamW(c, s) },
		F64:     func(s Step[float64]) { adamW(c, s) },
	}.New(lr)
}

// Check returns an error if a field is out of its range.
func (c AdamW) Check() error {
	switch {
	case !(c.Beta1 >= 0 && c.Beta1 < 1 && c.Beta2 >= 0 && c.Beta2 < 1):
		return errors.Errorf("AdamW: Beta1 %v and Beta2 %v, want [0,1)", c.Beta1, c.Beta2)
	case !(c.Eps > 0) || math.IsInf(c.Eps, 1):
		return errors.Errorf("AdamW: Eps %v, want a finite number above 0, such as that of DefaultAdamW",
			c.Eps)
	case !(c.Decay >= 0) || math.IsInf(c.Decay, 1):
		return errors.Errorf("AdamW: Decay %v, want a finite number of at least 0", c.Decay)
	}
	return nil
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
