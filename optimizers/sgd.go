package optimizers

import (
	"cmp"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/op"
)

// SGD is gradient descent with optional momentum. Its weight decay is PyTorch's, coupled: it is added to the gradient and enters the
// momentum. With Nesterov, the step looks ahead by one momentum.
//
// Source: Sutskever et al., ICML 2013; torch.optim.SGD.
type SGD struct {
	LR       float64 // learning rate; 0 means 1e-3
	Momentum float64 // in [0,1); 0 means none, and then Rates.Momentum is ignored
	Nesterov bool    // wants a Momentum
	Decay    float64 // weight decay; 0 means none
}

// New returns the optimizer. It returns an error if LR or Decay is negative, if Momentum is not in [0,1), or for Nesterov without Momentum.
func (c SGD) New() (Optimizer, error) {
	if !(c.Momentum >= 0 && c.Momentum < 1) {
		return nil, errors.Errorf("optimizers: SGD: Momentum %v, want [0,1)", c.Momentum)
	}
	if c.Nesterov && c.Momentum == 0 {
		return nil, errors.New("optimizers: SGD: Nesterov wants a Momentum above 0")
	}
	if !(c.Decay >= 0) || math.IsInf(c.Decay, 1) {
		return nil, errors.Errorf("optimizers: SGD: Decay %v, want a finite number of at least 0", c.Decay)
	}
	rule := Rule{
		Name: "SGD",
		LR:   cmp.Or(c.LR, 1e-3),
		F32:  func(s Step[float32]) { sgd(c, s) },
		F64:  func(s Step[float64]) { sgd(c, s) },
	}
	if c.Momentum > 0 {
		rule.Moments = []string{"momentum_buffer"}
	}
	return rule.New()
}

func sgd[T op.Float](c SGD, s Step[T]) {
	lr, decay := T(s.LR), T(c.Decay)
	if s.NoDecay {
		decay = 0
	}
	if c.Momentum == 0 {
		for i, g := range s.Grad {
			s.Value[i] -= lr * (g + decay*s.Value[i])
		}
		return
	}
	momentum := T(c.Momentum)
	if s.Momentum > 0 {
		momentum = T(s.Momentum)
	}
	buffer := s.Moments[0]
	for i, g := range s.Grad {
		g += decay * s.Value[i]
		buffer[i] = momentum*buffer[i] + g
		if c.Nesterov {
			g += momentum * buffer[i]
		} else {
			g = buffer[i]
		}
		s.Value[i] -= lr * g
	}
}
