// Package optimizers moves parameters against their gradients: AdamW and SGD as PyTorch defines them, natural
// gradient, clipping by the global norm, and schedules of the learning rate.
//
// An optimizer is written as configuration and made by New, with its learning rate:
//
//	opt, err := optimizers.DefaultAdamW().New(2e-3)
//
// A training loop with gradient buffers of its own calls Update once a step:
//
//	norm, err := optimizers.ClipGlobalNorm(params, 1)
//	err = opt.Update(params, optimizers.Cosine{Warmup: 100}.At(opt.Steps(), total))
//
// A plain Gorgonia program uses the same optimizer as a gorgonia.Solver, next to gorgonia.BindDualValues:
//
//	solver := &optimizers.Solver{Optimizer: opt, Schedule: optimizers.Cosine{}, Total: total, Clip: 1}
//	err = solver.Step(gorgonia.NodesToValueGrads(learnables))
//
// A new optimizer is a Rule: what one step does to the elements of one parameter. Whatever it keeps from step
// to step is stored by parameter name, so a resumed run is bit-identical to an uninterrupted one, whatever
// the order of the parameters. A steady Update allocates nothing.
package optimizers

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Param is a parameter with its gradient.
type Param struct {
	Name    string  // what its state is stored by; no two parameters share one
	Value   G.Value // row-major, float32 or float64; Update writes its elements in place
	Grad    G.Value // row-major, of the same dtype and size; Update only reads it
	NoDecay bool    // weight decay leaves it alone (biases, norms, scales, angles)
	// LRFactor multiplies the learning rate of this parameter, and with it AdamW's weight decay; 0: 1.
	LRFactor float64
}

// Config is an optimizer written down: AdamW, SGD, NaturalGradient, or a custom Rule.
type Config interface {
	// New returns the optimizer with that learning rate, no steps done. It returns an error if a number is
	// out of its range.
	New(lr float64) (Optimizer, error)
}

// Optimizer is a Config at work, with what it keeps from step to step. It belongs to one goroutine.
type Optimizer interface {
	// Update does one step. The parameters are the same ones each time, in any order.
	//
	// It returns an error, and changes nothing, if they are not, if there are none, if a gradient is NaN or
	// infinite, if a value and its gradient differ in dtype or size or are not row-major, or if the rates are
	// out of range. The error names the parameter.
	Update(params []Param, r Rates) error

	// Steps returns the number of Updates done.
	Steps() int

	// LR returns the learning rate of New, which Update multiplies by Rates.Factor.
	LR() float64

	// State returns a copy of all that a later SetState needs to go on exactly.
	State() State

	// SetState goes on from there: the next Update must bring the parameters of that state. It returns an
	// error, and changes nothing, if the state is not one of this optimizer.
	SetState(State) error
}

// State is what an optimizer keeps from step to step.
type State struct {
	Steps   int                      // Updates done
	Moments map[string]*tensor.Dense // shape (n), by "moment.parameter", e.g. "exp_avg.0.qkv.weight"
}

// Rates is what a Schedule sets for one step.
type Rates struct {
	Factor   float64 // multiplies the learning rate of New; at least 0
	Momentum float64 // in (0,1): replaces AdamW's Beta1 and SGD's Momentum; 0 leaves them as configured
}

func (r Rates) check() error {
	if !(r.Factor >= 0) || math.IsInf(r.Factor, 1) {
		return errors.Errorf("factor %v of the learning rate, want a finite number of at least 0", r.Factor)
	}
	if !(r.Momentum >= 0 && r.Momentum < 1) {
		return errors.Errorf("momentum %v, want [0,1)", r.Momentum)
	}
	return nil
}
