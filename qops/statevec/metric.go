package statevec

import (
	"context"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

// FubiniStudy returns the metric of a circuit's states by its angles: how far the states move apart, up to a
// phase, when the angles change. It is the real part of the quantum geometric tensor, a quarter of the
// quantum Fisher information, averaged over the rows.
//
//	g_kl = Re⟨∂_kψ|∂_lψ⟩ − Re(⟨∂_kψ|ψ⟩⟨ψ|∂_lψ⟩),   ψ = U(θ, data)|start⟩
//
//	out  NumTheta²  symmetric, row after row; no eigenvalue is below 0
//
// Starts of another norm count as if they were of unit norm; one of zeros has metric 0.
//
// It is exact: |∂_kψ⟩ by the shift rule of its gates, then one sweep that gives its products with all others.
// So it holds five states, whatever the number of angles, and takes about five times the circuit for each.
// When the context is done it stops between two angles and returns the context's error. It returns the
// circuit's own error, one for lengths that do not fit, and those of circuit.SplitParameters and its rules.
//
// Source: Stokes, Izaac, Killoran, Carleo, arXiv:1909.02108.
func FubiniStudy(ctx context.Context, c *circuit.Circuit, in Inputs[float64]) ([]float64, error) {
	m, err := newMetric(c)
	if err == nil {
		err = in.check(m.split.caller)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "FubiniStudy")
	}
	n := m.split.caller.numTheta
	out := make([]float64, n*n)
	err = m.exec.eachChunk(m.split.inputs(in), func(chunk Inputs[float64], _, _ int) error {
		return m.addRows(ctx, chunk, out)
	})
	if err != nil {
		return nil, errors.WithMessage(err, "FubiniStudy")
	}
	for i := range out {
		out[i] /= float64(in.Rows)
	}
	symmetrise(out, n)
	return out, nil
}

// metric is what the Fubini-Study metric takes: the split circuit, states and their derivatives by one angle.
type metric struct {
	split              splitCircuit[float64]
	rules              [][]circuit.Shift // by theta of split
	exec               *Executor[float64]
	psi, dpsi, shifted []float64
	work               tile.Scratch[float64]
}

func newMetric(c *circuit.Circuit) (*metric, error) {
	split, err := newSplitCircuit[float64](c, (*circuit.Circuit).SplitParameters)
	if err != nil {
		return nil, err
	}
	rules, err := rulesOf(split.theta, circuit.ParamOccurrence.StateRule)
	if err != nil {
		return nil, err
	}
	return &metric{split: split, rules: rules, exec: split.plan.NewExecutor(1)}, nil
}

// addRows adds the metric of each of some rows to out.
func (m *metric) addRows(ctx context.Context, in Inputs[float64], out []float64) error {
	n, width := m.split.caller.numTheta, m.split.plan.Width()
	size := in.Rows * width
	m.psi, m.dpsi, m.shifted = resized(m.psi, size), resized(m.dpsi, size), resized(m.shifted, size)
	if err := m.exec.run(in, m.psi); err != nil {
		return err
	}
	phases := make([]float64, n*in.Rows) // by angle and row: Im⟨ψ|∂_kψ⟩/⟨ψ|ψ⟩
	products := make([]float64, len(m.split.theta))
	for k := range n {
		if err := contextErr(ctx); err != nil {
			return err
		}
		if err := m.differentiate(in, k); err != nil {
			return err
		}
		for r := range in.Rows {
			psi, d := rowOf(m.psi, r, width), rowOf(m.dpsi, r, width)
			if norm := dense.SumSquares(psi); norm > 0 {
				phases[k*in.Rows+r] = imag(m.work.Inner(psi, d)) / norm
				for i := range d {
					d[i] /= norm
				}
			}
		}
		if err := m.exec.Adjoint(in.Rows, in.Theta, in.Data, m.psi, m.dpsi, nil, products, nil); err != nil {
			return err
		}
		m.split.addShared(rowOf(out, k, n), 1, products)
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

// differentiate sets dpsi to |∂_kψ⟩ of every row.
func (m *metric) differentiate(in Inputs[float64], k int) error {
	clear(m.dpsi)
	for i, t := range m.split.theta {
		if t.Angle.Index != k {
			continue
		}
		value := in.Theta[i]
		for _, s := range m.rules[i] {
			for _, sign := range []float64{1, -1} {
				in.Theta[i] = value + sign*s.By
				if err := m.exec.run(in, m.shifted); err != nil {
					return err
				}
				m.work.AddScaled(m.dpsi, m.shifted, complex(sign*s.Weight*t.Angle.Scale, 0))
			}
		}
		in.Theta[i] = value
	}
	return nil
}
