package statevec

import (
	"context"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// FubiniStudy returns the metric of a circuit's states by its angles, how far they move apart, up to a phase, where the angles change: the real part of the
// quantum geometric tensor, a quarter of the quantum Fisher information, averaged over the rows.
//
//	g_kl = Re⟨∂_kψ|∂_lψ⟩ − Re(⟨∂_kψ|ψ⟩⟨ψ|∂_lψ⟩),   ψ = U(θ, data)|start⟩
//
//	out  NumTheta²  symmetric, row after row; no eigenvalue is below 0
//
// Starts of another norm count as if they were of unit norm; one of zeros has metric 0.
//
// It is exact: |∂_kψ⟩ by the shift rule of its gates, then one sweep that gives its products with all others. So it holds five states, whatever the number of angles,
// and takes about five times the circuit for each. A context that is done stops it between two angles. It returns the circuit's own error, one for lengths that do not fit, and those of circuit.SplitParameters and its rules.
//
// Source: Stokes, Izaac, Killoran, Carleo, arXiv:1909.02108.
func FubiniStudy(ctx context.Context, c *circuit.Circuit, in Inputs[float64]) ([]float64, error) {
	t, err := newTangents(c)
	if err == nil {
		err = in.check(t.unshared.caller)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "statevec: FubiniStudy")
	}
	n := t.unshared.caller.numTheta
	out := make([]float64, n*n)
	if err := t.e.each(t.unshared.at(in), func(some Inputs[float64], _, _ int) error { return t.addRows(ctx, some, out) }); err != nil {
		return nil, errors.WithMessage(err, "statevec: FubiniStudy")
	}
	for i := range out {
		out[i] /= float64(in.Rows)
	}
	symmetrise(out, n)
	return out, nil
}

// tangents computes the derivatives of states.
type tangents struct {
	unshared          unshared[float64]
	rules             [][]circuit.Shift // by place of theta
	e                 *MeasuredCircuit[float64]
	psi, slope, moved []float64
	norms             []float64
}

func newTangents(c *circuit.Circuit) (*tangents, error) {
	u, err := newUnshared[float64](c, (*circuit.Circuit).SplitParameters)
	if err != nil {
		return nil, err
	}
	t := &tangents{unshared: u}
	if t.rules, err = rules(u.theta, circuit.ParamOccurrence.StateRule); err != nil {
		return nil, err
	}
	states, err := newRowwise[float64](c.Qubits(), 0, 1)
	if err != nil {
		return nil, err
	}
	states.read = func(int, []float64, []float64) {} // the states are all that is wanted
	t.e, err = NewMeasuredCircuit(u.plan, Measurement[float64](states), 1)
	return t, err
}

// addRows adds the metric of each of some rows to out.
func (t *tangents) addRows(ctx context.Context, in Inputs[float64], out []float64) error {
	n, width := t.unshared.caller.numTheta, t.unshared.plan.Width()
	t.psi, t.slope, t.moved = ofLength(t.psi, in.Rows*width), ofLength(t.slope, in.Rows*width), ofLength(t.moved, in.Rows*width)
	t.norms = ofLength(t.norms, in.Rows)
	if err := t.e.run(in, t.psi, nil); err != nil {
		return err
	}
	if err := SquaredNorms(t.psi, t.norms); err != nil {
		return err
	}
	phases, places := make([]float64, n*in.Rows), make([]float64, len(t.unshared.theta)) // Im⟨ψ|∂_kψ⟩/⟨ψ|ψ⟩ of each row
	for k := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.differentiate(in, k); err != nil {
			return err
		}
		for r, norm := range t.norms {
			if norm > 0 {
				d := part(t.slope, r, width)
				phases[k*in.Rows+r] = imag(inner(part(t.psi, r, width), d)) / norm
				for i := range d {
					d[i] /= norm
				}
			}
		}
		if err := t.e.exec.Adjoint(in.Rows, in.Theta, in.Data, t.psi, t.slope, nil, places, nil); err != nil {
			return err
		}
		t.unshared.whole(part(out, k, n), 1, places)
	}
	for k := range n {
		for l := range n {
			for r := range in.Rows {
				out[k*n+l] -= phases[k*in.Rows+r] * phases[l*in.Rows+r]
			}
		}
	}
	return nil
}

// differentiate sets slope to |∂_kψ⟩ of every row.
func (t *tangents) differentiate(in Inputs[float64], k int) error {
	clear(t.slope)
	for i, turn := range t.unshared.theta {
		if turn.Angle.Index != k {
			continue
		}
		at := in.Theta[i]
		for _, s := range t.rules[i] {
			for _, sign := range []float64{1, -1} {
				in.Theta[i] = at + sign*s.By
				if err := t.e.run(in, t.moved, nil); err != nil {
					return err
				}
				addTurned(t.slope, t.moved, complex(sign*s.Weight*turn.Angle.Scale, 0))
			}
		}
		in.Theta[i] = at
	}
	return nil
}
