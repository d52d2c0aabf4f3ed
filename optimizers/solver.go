package optimizers

import (
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/gorgonia"
)

// Solver makes a gorgonia.Solver of an Optimizer: it takes the place of Gorgonia's own in a loop over a
// machine with gorgonia.BindDualValues. Like those it zeroes the gradients after the step, into which a
// machine only adds; so a step after several runs is a step along the sum of their gradients.
//
// State is kept by the nodes' names, and by position for nodes without one.
type Solver struct {
	Optimizer Optimizer
	Schedule  Schedule // nil means Constant{}
	Total     int      // steps of the run, for the Schedule
	// largest norm of all gradients together, see ClipGlobalNorm; 0 means any
	Clip    float64
	NoDecay func(name string) bool // parameters that weight decay leaves alone; nil means none

	params []Param
}

// Step does one step.
//
// It returns an error, and changes nothing, where ClipGlobalNorm, CheckSchedule and Optimizer.Update do, for
// a Schedule without a Total, and for a parameter without a gradient.
func (s *Solver) Step(model []G.ValueGrad) (err error) {
	if s == nil || s.Optimizer == nil {
		return errors.New("optimizers: Solver without an Optimizer")
	}
	defer foreign.Recover(&err, "optimizer", s.Optimizer)
	rates, err := s.rates()
	if err != nil {
		return err
	}
	s.params = s.params[:0]
	for i, n := range model {
		p, err := s.param(i, n)
		if err != nil {
			return errors.WithMessage(err, "optimizers: Solver")
		}
		s.params = append(s.params, p)
	}
	if _, err := ClipGlobalNorm(s.params, s.Clip); err != nil {
		return err
	}
	if err := s.Optimizer.Update(s.params, rates); err != nil {
		return err
	}
	for _, p := range s.params {
		G.ZeroValue(p.Grad)
	}
	return nil
}

func (s *Solver) rates() (r Rates, err error) {
	if s.Schedule == nil {
		return Rates{Factor: 1}, nil
	}
	if s.Total < 1 {
		return Rates{},
			errors.Errorf("optimizers: Solver: Total is %d, want the steps of the run, for the Schedule",
				s.Total)
	}
	defer foreign.Recover(&err, "schedule", s.Schedule)
	return s.Schedule.At(s.Optimizer.Steps(), s.Total), CheckSchedule(s.Schedule, s.Total)
}

func (s *Solver) param(position int, n G.ValueGrad) (p Param, err error) {
	if foreign.IsNil(n) {
		return Param{}, errors.Errorf("parameter %d is nil", position)
	}
	p.Value = n.Value()
	if named, ok := n.(G.Namer); ok {
		p.Name = named.Name()
	}
	if p.Name == "" || p.Name == gorgonia.Unnamed {
		p.Name = "#" + strconv.Itoa(position)
	}
	defer foreign.Recover(&err, "function NoDecay", s.NoDecay)
	p.NoDecay = s.NoDecay != nil && s.NoDecay(p.Name)
	grad, err := n.Grad()
	if err != nil {
		return Param{}, errors.Wrapf(err,
			"parameter %s has no gradient; make the machine with gorgonia.BindDualValues", p.Name)
	}
	p.Grad = grad
	return p, nil
}
