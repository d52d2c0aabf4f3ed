package statevec

import (
	"context"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// Hessian returns ∂²E/∂θ_i∂θ_j of E = ⟨ψ|O|ψ⟩ averaged over the rows.
//
//	out  NumTheta²  symmetric, row after row
//
// It is exact: the adjoint gradient at shifted angles, by the rule of each gate, so that it takes two sweeps
// or more for each occurrence of a theta. When the context is done it stops between two sweeps and returns
// the context's error. It returns the circuit's own error, an error for a Pauli string or lengths that do not
// fit, and those of circuit.SplitParameters and its rules.
//
// Source: Mari, Bromley, Killoran, arXiv:2008.06517.
func Hessian(ctx context.Context, c *circuit.Circuit, o Observable, in Inputs[float64]) ([]float64, error) {
	h, err := newHessian(c, o, in)
	if err != nil {
		return nil, errors.WithMessage(err, "Hessian")
	}
	n := h.split.caller.numTheta
	out := make([]float64, n*n)
	for i, t := range h.split.theta {
		if err := h.addOccurrence(ctx, i, rowOf(out, t.Angle.Index, n)); err != nil {
			return nil, errors.WithMessage(err, "Hessian")
		}
	}
	symmetrise(out, n)
	return out, nil
}

// hessian is what a Hessian takes: the split circuit, at the point.
type hessian struct {
	split    splitCircuit[float64]
	rules    [][]circuit.Shift
	measured *MeasuredCircuit[float64]
	in       Inputs[float64]

	values, mean, dtheta []float64
}

func newHessian(c *circuit.Circuit, o Observable, in Inputs[float64]) (*hessian, error) {
	split, err := newSplitCircuit[float64](c, (*circuit.Circuit).SplitParameters)
	if err != nil {
		return nil, err
	}
	h := &hessian{split: split}
	if h.rules, err = rulesOf(split.theta, circuit.ParamOccurrence.ValueRule); err != nil {
		return nil, err
	}
	if err := in.check(split.caller); err != nil {
		return nil, err
	}
	expectation, err := NewExpectations[float64](c.Qubits(), []Observable{o}, 1)
	if err != nil {
		return nil, err
	}
	h.in = h.split.inputs(in)
	h.values, h.mean = make([]float64, in.Rows), make([]float64, in.Rows)
	h.dtheta = make([]float64, len(split.theta))
	for r := range h.mean {
		h.mean[r] = 1 / float64(in.Rows)
	}
	h.measured, err = NewMeasuredCircuit(split.plan, expectation, 1)
	return h, err
}

// addOccurrence adds the derivative of the gradient by one occurrence of a theta to the row of that theta.
func (h *hessian) addOccurrence(ctx context.Context, i int, dtheta []float64) error {
	value := h.in.Theta[i]
	defer func() { h.in.Theta[i] = value }()
	for _, s := range h.rules[i] {
		for _, sign := range []float64{1, -1} {
			if err := contextErr(ctx); err != nil {
				return err
			}
			h.in.Theta[i] = value + sign*s.By
			if err := h.measured.Apply(h.in, h.values); err != nil {
				return err
			}
			if err := h.measured.Adjoint(h.in, h.mean, Gradients[float64]{Theta: h.dtheta}); err != nil {
				return err
			}
			h.split.addShared(dtheta, sign*s.Weight*h.split.theta[i].Angle.Scale, h.dtheta)
		}
	}
	return nil
}

// contextErr returns the error of a context that is done; nil is never done.
func contextErr(ctx context.Context) error {
	if ctx == nil {
		return nil
	}
	return ctx.Err()
}

// symmetrise replaces an n×n matrix that is symmetric but for rounding by its symmetric part.
func symmetrise(m []float64, n int) {
	for i := range n {
		for j := range i {
			v := (m[i*n+j] + m[j*n+i]) / 2
			m[i*n+j], m[j*n+i] = v, v
		}
	}
}
