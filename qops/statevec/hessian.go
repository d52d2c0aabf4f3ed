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
// It is exact: the adjoint gradient at shifted angles, by the rule of each gate, so that it takes two sweeps or more for each place of a theta. A context that is done stops it between them. It returns the circuit's own error, an
// error for a Pauli string or lengths that do not fit, and those of circuit.SplitParameters and its rules.
//
// Source: Mari, Bromley, Killoran, arXiv:2008.06517.
func Hessian(ctx context.Context, c *circuit.Circuit, o Observable, in Inputs[float64]) ([]float64, error) {
	h, err := newCurvature(c, o, in)
	if err != nil {
		return nil, errors.WithMessage(err, "statevec: Hessian")
	}
	n := h.unshared.caller.numTheta
	out := make([]float64, n*n)
	for i, t := range h.unshared.theta {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithMessage(err, "statevec: Hessian")
		}
		if err := h.addPlace(i, t, part(out, t.Angle.Index, n)); err != nil {
			return nil, errors.WithMessage(err, "statevec: Hessian")
		}
	}
	symmetrise(out, n)
	return out, nil
}

// curvature is what a Hessian takes: the circuit with every angle in a place of its own, at the point.
type curvature struct {
	unshared unshared[float64]
	rules    [][]circuit.Shift
	e        *MeasuredCircuit[float64]
	at       Inputs[float64]

	values, mean, slopes []float64
}

func newCurvature(c *circuit.Circuit, o Observable, in Inputs[float64]) (*curvature, error) {
	u, err := newUnshared[float64](c, (*circuit.Circuit).SplitParameters)
	if err != nil {
		return nil, err
	}
	h := &curvature{unshared: u}
	if h.rules, err = rules(u.theta, circuit.ParamOccurrence.ValueRule); err != nil {
		return nil, err
	}
	if err := in.check(u.caller); err != nil {
		return nil, err
	}
	read, err := NewExpectations[float64](c.Qubits(), []Observable{o}, 1)
	if err != nil {
		return nil, err
	}
	h.at = h.unshared.at(in)
	h.values, h.mean, h.slopes = make([]float64, in.Rows), make([]float64, in.Rows), make([]float64, len(u.theta))
	for r := range h.mean {
		h.mean[r] = 1 / float64(in.Rows)
	}
	h.e, err = NewMeasuredCircuit(u.plan, read, 1)
	return h, err
}

// addPlace adds the derivative of the gradient by the angle in a place to the row of that angle.
func (h *curvature) addPlace(i int, t circuit.ParamOccurrence, row []float64) error {
	from := h.at.Theta[i]
	defer func() { h.at.Theta[i] = from }()
	for _, s := range h.rules[i] {
		for _, sign := range []float64{1, -1} {
			h.at.Theta[i] = from + sign*s.By
			if err := h.e.Apply(h.at, h.values); err != nil {
				return err
			}
			if err := h.e.Adjoint(h.at, h.mean, Gradients[float64]{Theta: h.slopes}); err != nil {
				return err
			}
			h.unshared.whole(row, sign*s.Weight*t.Angle.Scale, h.slopes)
		}
	}
	return nil
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
