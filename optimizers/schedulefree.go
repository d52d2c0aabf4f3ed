package optimizers

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Averaging is an Optimizer that trains parameters at other values than those to be evaluated.
type Averaging interface {
	Optimizer

	// Average writes the value to be evaluated of a parameter to dst, a tensor like its Value, and reports
	// whether there is one: before the first Update, and of a parameter that it does not know, there is none.
	Average(p Param, dst G.Value) (bool, error)
}

// ScheduleFree is AdamW that averages instead of following a schedule: use it with the schedule constant and
// a warm-up. Of each parameter there are three values: z moves by AdamW's rule without momentum, x is the
// mean of all z so far, weighted by the squares of their learning rates, and y = Beta1·x + (1−Beta1)·z is
// where gradients are taken. A parameter's Value is y; x is to be evaluated (Averaging).
//
// Source: Defazio et al., arXiv:2405.15682; its AdamWScheduleFree, with r = 0 and weights of the present
// rate.
type ScheduleFree struct {
	Beta1 float64 `yaml:"beta1"` // in (0,1): how far y is on the way to x
	Beta2 float64 `yaml:"beta2"` // decay rate of the mean of the squared gradients, in [0,1)
	Eps   float64 `yaml:"eps"`   // above 0
	Decay float64 `yaml:"decay"` // weight decay, taken at y
}

// DefaultScheduleFree returns Beta1 0.9, Beta2 0.999, Eps 1e-8, Decay 0.01.
func DefaultScheduleFree() ScheduleFree { return ScheduleFree(DefaultAdamW()) }

// Check returns an error if a field is out of its range.
func (c ScheduleFree) Check() error {
	if !(c.Beta1 > 0) {
		return errors.Errorf("ScheduleFree: Beta1 %v, want (0,1)", c.Beta1)
	}
	return errors.WithMessage(AdamW(c).Check(), "ScheduleFree")
}

// New returns the optimizer with that learning rate. It returns an error if a number is out of its range.
func (c ScheduleFree) New(lr float64) (Optimizer, error) {
	if err := c.Check(); err != nil {
		return nil, errors.WithMessage(err, "optimizers")
	}
	o, err := Rule{
		Name: "ScheduleFree",
		// the first element of the last is the sum of the weights so far
		Moments: []string{"z", "exp_avg_sq", "weight_sum"},
		F32:     func(s Step[float32]) { scheduleFreeStep(c, s) },
		F64:     func(s Step[float64]) { scheduleFreeStep(c, s) },
	}.New(lr)
	if err != nil {
		return nil, err
	}
	return scheduleFree{o.(*ruled), c}, nil
}

// scheduleFree is ScheduleFree at work.
type scheduleFree struct {
	*ruled
	config ScheduleFree
}

func (o scheduleFree) Average(p Param, dst G.Value) (bool, error) {
	if isNil(p.Value) || isNil(dst) {
		return false, errors.Errorf("optimizers: ScheduleFree: parameter %s: no value or no place for it", p.Name)
	}
	if p.Value.Dtype() == tensor.Float32 {
		return average(&o.f32, o.config, p, dst)
	}
	return average(&o.f64, o.config, p, dst)
}

// average writes x = z + (y − z)/Beta1.
func average[T op.Float](b *bank[T], c ScheduleFree, p Param, dst G.Value) (bool, error) {
	s := b.slots[p.Name]
	if s == nil {
		return false, nil
	}
	y, err := op.Elements[T](p.Value)
	if err != nil {
		return false, err
	}
	x, err := op.Elements[T](dst)
	if err != nil {
		return false, err
	}
	if len(x) != s.size || len(y) != s.size {
		return false, errors.Errorf("optimizers: ScheduleFree: parameter %s has %d elements, its place %d, want %d",
			p.Name, len(y), len(x), s.size)
	}
	for i, z := range s.moments[0] {
		x[i] = z + (y[i]-z)/T(c.Beta1)
	}
	return true, nil
}

func scheduleFreeStep[T op.Float](c ScheduleFree, s Step[T]) {
	z, squares, sum := s.Moments[0], s.Moments[1], s.Moments[2]
	if s.Count == 1 {
		copy(z, s.Value)
	}
	decay := c.Decay
	if s.NoDecay {
		decay = 0
	}
	weight := s.LR * s.LR
	sum[0] += T(weight)
	share := 0.0 // of z in the mean
	if sum[0] > 0 {
		share = weight / float64(sum[0])
	}
	correct := math.Sqrt(1 - math.Pow(c.Beta2, float64(s.Count)))
	forward := s.LR * (c.Beta1*(1-share) - 1)
	for i, g := range s.Grad {
		squares[i] = T(c.Beta2)*squares[i] + T(1-c.Beta2)*g*g
		step := float64(g)/(math.Sqrt(float64(squares[i]))/correct+c.Eps) + decay*float64(s.Value[i])
		s.Value[i] += T(share*float64(z[i]-s.Value[i]) + forward*step)
		z[i] -= T(s.LR * step)
	}
}
