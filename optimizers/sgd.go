package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/op"
)

// SGD is gradient descent with optional momentum. Its weight decay is PyTorch's, coupled: it is added to the
// gradient and enters the momentum. With Nesterov, the step looks ahead by one momentum. The zero value is
// plain descent.
//
// Source: Sutskever et al., ICML 2013; torch.optim.SGD.
type SGD struct {
	Momentum float64 `yaml:"momentum"` // in [0,1); 0 means none, and then Rates.Momentum is ignored
	Nesterov bool    `yaml:"nesterov"` // wants a Momentum
	Decay    float64 `yaml:"decay"`    // weight decay; 0 for none
}

// New returns the optimizer with that learning rate. It returns an error if a number is out of its range, or
// for Nesterov without Momentum.
func (c SGD) New(lr float64) (Optimizer, error) {
	if err := c.Check(); err != nil {
		return nil, errors.WithMessage(err, "optimizers")
	}
	rule := Rule{
		Name: "SGD",
		F32:  func(s Step[float32]) { sgd(c, s) },
		F64:  func(s Step[float64]) { sgd(c, s) },
	}
	if c.Momentum > 0 {
		rule.Moments = []string{"momentum_buffer"}
	}
	return rule.New(lr)
}

// Check returns an error if a field is out of its range, or for Nesterov without Momentum.
func (c SGD) Check() error {
	switch {
	case !(c.Momentum >= 0 && c.Momentum < 1):
		return errors.Errorf("SGD: Momentum %v, want [0,1)", c.Momentum)
	case c.Nesterov && c.Momentum == 0:
		return errors.New("SGD: Nesterov wants a Momentum above 0")
	case !(c.Decay >= 0) || math.IsInf(c.Decay, 1):
		return errors.Errorf("SGD: Decay %v, want a finite number of at least 0", c.Decay)
	}
	return nil
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
