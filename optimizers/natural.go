package optimizers

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// NaturalGradient is gradient descent in a metric: a parameter with metric F moves by −LR·(F +
// Damping)⁻¹·gradient, so that a step of one size changes what the parameter does by the same amount
// everywhere. For the angles of a circuit, F is the Fubini-Study metric (statevec.FubiniStudy).
//
//	optimizers.NaturalGradient{Damping: 1e-3, Metric: func(p optimizers.Param) (mat.Symmetric, error) {
//		theta := p.Value.Data().([]float64)
//		g, err := statevec.FubiniStudy(ctx, c, statevec.Inputs[float64]{Rows: 1, Theta: theta})
//		return mat.NewSymDense(len(theta), g), err
//	}}
//
// Source: Amari, Neural Computation 10 (1998); Stokes, Izaac, Killoran, Carleo, arXiv:1909.02108.
type NaturalGradient struct {
	// Damping is added to the diagonal of a metric, which may be singular: a number of at least 0, such as
	// 1e-3.
	Damping float64 `yaml:"damping"`

	// Metric returns the metric at a parameter's value, as wide as it has elements, no eigenvalue below 0;
	// nil for a parameter that moves along its gradient as it is.
	Metric func(p Param) (mat.Symmetric, error)
}

// New returns the optimizer with that learning rate. It returns an error if there is no Metric, or a number
// is out of its range.
//
// Its Update returns an error, and changes nothing, if a Metric does, is not as wide as its parameter, or is
// not positive with the damping.
func (c NaturalGradient) New(lr float64) (Optimizer, error) {
	if err := c.Check(); err != nil {
		return nil, errors.WithMessage(err, "optimizers")
	}
	descent, err := SGD{}.New(lr)
	return &natural{Optimizer: descent, config: c}, errors.WithMessage(err, "optimizers: NaturalGradient")
}

// Check returns an error if there is no Metric, or Damping is out of its range.
func (c NaturalGradient) Check() error {
	if c.Metric == nil {
		return errors.New("NaturalGradient: want a Metric")
	}
	if !(c.Damping >= 0) || math.IsInf(c.Damping, 1) {
		return errors.Errorf("NaturalGradient: Damping %v, want a finite number of at least 0", c.Damping)
	}
	return nil
}

// natural is plain descent along preconditioned gradients.
type natural struct {
	Optimizer
	config NaturalGradient
}

func (o *natural) Update(params []Param, r Rates) error {
	conditioned := make([]Param, len(params))
	for i, p := range params {
		if isNil(p.Value) || isNil(p.Grad) {
			return errors.Errorf("optimizers: NaturalGradient: parameter %s: no value or no gradient", p.Name)
		}
		var err error
		if conditioned[i], err = o.config.condition(p); err != nil {
			return errors.WithMessagef(err, "optimizers: NaturalGradient: %s", p.Name)
		}
	}
	return o.Optimizer.Update(conditioned, r)
}

// condition returns the parameter with the gradient in its metric.
func (c NaturalGradient) condition(p Param) (_ Param, err error) {
	defer foreign.Recover(&err, "Metric", c.Metric)
	metric, err := c.Metric(p)
	if err == nil && metric != nil {
		p.Grad, err = precondition(p, metric, c.Damping)
	}
	return p, err
}

// precondition returns (metric + damping)⁻¹·gradient.
func precondition(p Param, metric mat.Symmetric, damping float64) (*tensor.Dense, error) {
	if p.Grad.Dtype() == tensor.Float32 {
		return preconditionIn[float32](p, metric, damping)
	}
	return preconditionIn[float64](p, metric, damping)
}

func preconditionIn[T op.Float](p Param, metric mat.Symmetric, damping float64) (*tensor.Dense, error) {
	grad, err := op.Elements[T](p.Grad)
	if err != nil {
		return nil, err
	}
	n := len(grad)
	if metric.SymmetricDim() != n {
		return nil, errors.Errorf("a metric of width %d for %d elements", metric.SymmetricDim(), n)
	}
	damped, right := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	damped.CopySym(metric)
	for i, g := range grad {
		damped.SetSym(i, i, damped.At(i, i)+damping)
		right.SetVec(i, float64(g))
	}
	var factor mat.Cholesky
	if !factor.Factorize(damped) {
		return nil, errors.Errorf("the metric with damping %v is not positive definite", damping)
	}
	if err := factor.SolveVecTo(right, right); err != nil {
		return nil, errors.Wrap(err, "metric")
	}
	out := make([]T, n)
	for i := range out {
		out[i] = T(right.AtVec(i))
	}
	return tensor.New(tensor.WithShape(p.Grad.Shape()...), tensor.WithBacking(out)), nil
}
