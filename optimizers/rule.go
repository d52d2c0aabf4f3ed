package optimizers

import (
	"math"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// Rule is an optimizer told by what one step does to one parameter. It is how an optimizer is written:
//
//	optimizers.Rule{
//		Name: "Sign",
//		F32:  sign[float32],
//		F64:  sign[float64],
//	}.New(1e-3)
//
//	func sign[T op.Float](s optimizers.Step[T]) {
//		for i, g := range s.Grad {
//			s.Value[i] -= T(math.Copysign(s.LR, float64(g)))
//		}
//	}
type Rule struct {
	Name    string   // in errors
	Moments []string // names of the slices kept for each parameter, without a dot, e.g. "exp_avg"
	F32     func(Step[float32])
	F64     func(Step[float64])
}

// Step is one step of one parameter.
type Step[T op.Float] struct {
	Value, Grad []T
	// as many as the Rule names, as long as Value, zero before the first step; the function changes them
	Moments  [][]T
	Count    int     // 1 at the first step
	LR       float64 // learning rate of this step
	Momentum float64 // see Rates
	NoDecay  bool
	Name     string       // of the parameter
	Shape    tensor.Shape // of Value, which is row-major
}

// New returns an optimizer that does what the rule says. It returns an error if the learning rate is not
// positive or a function is missing.
func (r Rule) New(lr float64) (Optimizer, error) {
	if r.F32 == nil || r.F64 == nil {
		return nil, errors.Errorf("optimizers: %s: a Rule needs F32 and F64", r.Name)
	}
	if !(lr > 0) || math.IsInf(lr, 1) {
		return nil, errors.Errorf("optimizers: %s: learning rate %v, want a finite number above 0",
			r.Name, lr)
	}
	for _, m := range r.Moments {
		if m == "" || strings.Contains(m, ".") {
			return nil, errors.Errorf("optimizers: %s: moment name %q, want one without a dot", r.Name, m)
		}
	}
	return r.fresh(lr), nil
}

func (r Rule) fresh(lr float64) *ruled {
	return &ruled{
		rule: r,
		lr:   lr,
		f32:  bank[float32]{apply: r.F32, names: r.Moments},
		f64:  bank[float64]{apply: r.F64, names: r.Moments},
	}
}

// ruled is the Optimizer of a Rule.
type ruled struct {
	rule     Rule
	lr       float64
	steps    int
	attempts int // calls of Update, those that failed too
	f32      bank[float32]
	f64      bank[float64]
}

func (o *ruled) Steps() int  { return o.steps }
func (o *ruled) LR() float64 { return o.lr }

func (o *ruled) Update(params []Param, r Rates) error {
	err := o.prepare(params, r)
	if err == nil {
		o.steps++
		err = o.apply(params, r)
	}
	if err != nil {
		return errors.WithMessage(err, "optimizers: "+o.rule.Name)
	}
	return nil
}

// apply does a step that was prepared.
func (o *ruled) apply(params []Param, r Rates) (err error) {
	defer foreign.Recover(&err, "function of the Rule", o.rule.F64)
	for _, p := range params {
		lr := o.lr * r.Factor
		if p.LRFactor != 0 {
			lr *= p.LRFactor
		}
		if p.Value.Dtype() == tensor.Float32 {
			o.f32.update(p, Step[float32]{Count: o.steps, LR: lr, Momentum: r.Momentum})
		} else {
			o.f64.update(p, Step[float64]{Count: o.steps, LR: lr, Momentum: r.Momentum})
		}
	}
	return nil
}

// prepare refuses whatever Update must not start with.
func (o *ruled) prepare(params []Param, r Rates) error {
	o.attempts++
	if err := r.check(); err != nil {
		return err
	}
	if len(params) == 0 {
		return errors.New("no parameters")
	}
	if _, err := globalNorm(params); err != nil {
		return err
	}
	if o.f32.slots == nil && o.f64.slots == nil {
		return o.open(params)
	}
	if known := len(o.f32.slots) + len(o.f64.slots); len(params) != known {
		return errors.Errorf("%d parameters, %d before; a new set needs a new optimizer", len(params), known)
	}
	for _, p := range params {
		var err error
		if p.Value.Dtype() == tensor.Float32 {
			err = o.f32.check(p, o.attempts)
		} else {
			err = o.f64.check(p, o.attempts)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// open makes the moments of a first step.
func (o *ruled) open(params []Param) error {
	seen := make(map[string]bool, len(params))
	for _, p := range params {
		if seen[p.Name] {
			return errors.Errorf("two parameters are named %s", p.Name)
		}
		seen[p.Name] = true
	}
	o.f32.slots, o.f64.slots = map[string]*slot[float32]{}, map[string]*slot[float64]{}
	for _, p := range params {
		if p.Value.Dtype() == tensor.Float32 {
			o.f32.open(p)
		} else {
			o.f64.open(p)
		}
	}
	return nil
}

func (o *ruled) State() State {
	s := State{Steps: o.steps, Moments: map[string]*tensor.Dense{}}
	o.f32.save(s.Moments)
	o.f64.save(s.Moments)
	return s
}

func (o *ruled) SetState(s State) error {
	fresh := o.rule.fresh(o.lr)
	if err := fresh.load(s); err != nil {
		return errors.WithMessagef(err, "optimizers: %s: state", o.rule.Name)
	}
	*o = *fresh
	return nil
}

func (o *ruled) load(s State) error {
	if s.Steps < 0 {
		return errors.Errorf("%d steps", s.Steps)
	}
	o.steps = s.Steps
	if len(s.Moments) == 0 {
		if s.Steps > 0 && len(o.rule.Moments) > 0 {
			return errors.Errorf("%d steps without %s", s.Steps, strings.Join(o.rule.Moments, " and "))
		}
		return nil
	}
	o.f32.slots, o.f64.slots = map[string]*slot[float32]{}, map[string]*slot[float64]{}
	for name, t := range s.Moments {
		var err error
		switch {
		case t == nil:
			err = errors.New("no tensor")
		case t.Dtype() == tensor.Float32:
			err = o.f32.load(name, t)
		case t.Dtype() == tensor.Float64:
			err = o.f64.load(name, t)
		default:
			err = errors.Errorf("%v, want float32 or float64", t.Dtype())
		}
		if err != nil {
			return errors.WithMessage(err, name)
		}
	}
	if err := o.f32.complete(); err != nil {
		return err
	}
	return o.f64.complete()
}
