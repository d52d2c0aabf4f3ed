package qops

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
	"github.com/hqvit/hqvit/qops/statevec"
)

// mitigated is the runner of a noisy circuit with a mitigation: a circuit for each scale of the noise, what
// is made of the numbers that each gives, and the extrapolation.
type mitigated[T op.Float] struct {
	outputs, raw int // numbers of a row, and those measured of a circuit
	scales       []runner[T]
	fit          *mitigate.Extrapolation // nil of one circuit
	limits       []float64               // of the outputs
	mend         mending

	measured, spread [][]T // by scale: rows × raw
	dmeasured        [][]T // the same, the gradient
	ready            bool  // measured are the exact values of the last run
}

// newMitigated opens the circuits of a measurement with a mitigation.
func newMitigated[T op.Float](c *circuit.Noisy, m Measurement) (*mitigated[T], error) {
	plan := m.mitigation
	if err := plan.Check(); err != nil {
		return nil, err
	}
	circuits := []*circuit.Noisy{c}
	r := &mitigated[T]{}
	var err error
	if len(plan.ZNE.Scales) > 0 {
		if circuits, r.fit, err = plan.ZNE.Simulated(c); err != nil {
			return nil, err
		}
	}
	shown, mend, err := mendingOf(m, c)
	if err != nil {
		return nil, errors.WithMessage(err, m.name)
	}
	r.mend = mend
	for _, one := range circuits {
		run, outputs, err := newMeasuredDensity[T](one, shown)
		if err != nil {
			return nil, err
		}
		r.scales, r.raw = append(r.scales, run), outputs
	}
	r.outputs = r.raw
	if mend.diagonal != nil {
		r.outputs = len(mend.diagonal)
	}
	r.limits = make([]float64, r.outputs)
	for k := range r.limits {
		if m.outcomes != nil {
			r.limits[k] = 1 / float64(r.outputs)
		}
	}
	for _, of := range []*[][]T{&r.measured, &r.spread, &r.dmeasured} {
		*of = make([][]T, len(r.scales))
	}
	return r, nil
}

// Apply sets out to the exact values.
func (r *mitigated[T]) Apply(in statevec.Inputs[T], out []T) error {
	for k, run := range r.scales {
		r.measured[k] = resize(r.measured[k], in.Rows*r.raw)
		if err := run.Apply(in, r.measured[k]); err != nil {
			return err
		}
	}
	r.ready = true
	return r.combine(in.Rows, 0, out, nil)
}

// Sample sets out to estimates, and stderr to their standard errors to first order, unless it is nil.
func (r *mitigated[T]) Sample(in statevec.Inputs[T], shots statevec.Shots, out, stderr []T) error {
	for k, run := range r.scales {
		r.measured[k] = resize(r.measured[k], in.Rows*r.raw)
		own := statevec.Shots{Count: shots.Count}
		for _, seed := range shots.Seeds {
			own.Seeds = append(own.Seeds, seedOfScale(seed, k))
		}
		var spread []T
		if stderr != nil {
			r.spread[k] = resize(r.spread[k], in.Rows*r.raw)
			spread = r.spread[k]
		}
		if err := run.Sample(in, own, r.measured[k], spread); err != nil {
			return err
		}
	}
	r.ready = false
	return r.combine(in.Rows, shots.Count, out, stderr)
}

// seedOfScale returns the seed of the shots of scale k: that of the row itself for the first.
func seedOfScale(seed uint64, k int) uint64 {
	if k == 0 {
		return seed
	}
	return splitmix.Mix(seed ^ uint64(k)<<32)
}

// combine sets out from what was measured at each scale, and stderr, unless it is nil.
func (r *mitigated[T]) combine(rows, shots int, out, stderr []T) error {
	for row := range rows {
		values := make([][]float64, len(r.scales))
		errs := make([][]float64, len(r.scales)) // variances
		for k := range r.scales {
			raw := wideOf(r.measured[k][row*r.raw : (row+1)*r.raw])
			mended, t, err := r.mend.apply(append([]float64(nil), raw...))
			if err != nil {
				return err
			}
			values[k] = mended
			if stderr == nil {
				continue
			}
			if errs[k], err = r.variances(raw, t, shots, r.spread[k][row*r.raw:(row+1)*r.raw]); err != nil {
				return err
			}
		}
		for i := range r.outputs {
			at := row*r.outputs + i
			v, slopes := r.extrapolate(values, i)
			out[at] = T(v)
			if stderr == nil {
				continue
			}
			sum := 0.0
			for k, s := range slopes {
				sum += s * s * errs[k][i]
			}
			stderr[at] = T(math.Sqrt(sum))
		}
	}
	return nil
}

// extrapolate returns number i from its values at each scale, and its derivatives by them.
func (r *mitigated[T]) extrapolate(values [][]float64, i int) (float64, []float64) {
	slopes := []float64{1}
	if r.fit == nil {
		return values[0][i], slopes
	}
	slopes = make([]float64, len(values))
	column := make([]float64, len(values))
	for k := range values {
		column[k] = values[k][i]
	}
	return r.fit.Value(column, r.limits[i], slopes), slopes
}

// variances returns those of the numbers made of what was measured: of shares of shots, to first order.
func (r *mitigated[T]) variances(raw []float64, t trace, shots int, spread []T) ([]float64, error) {
	out := make([]float64, r.outputs)
	if !r.mend.ofOutcomes() {
		for i, s := range spread {
			out[i] = float64(s) * float64(s)
		}
		return out, nil
	}
	for i := range out {
		unit := make([]float64, r.outputs)
		unit[i] = 1
		slope, err := r.mend.back(unit, t)
		if err != nil {
			return nil, err
		}
		mean, square := 0.0, 0.0
		for x, p := range raw {
			mean += slope[x] * p
			square += slope[x] * slope[x] * p
		}
		out[i] = max(0, square-mean*mean) / float64(max(1, shots-1))
	}
	return out, nil
}

// Adjoint sets the gradients, those of the exact values behind estimates too.
func (r *mitigated[T]) Adjoint(in statevec.Inputs[T], dout []T, to statevec.Gradients[T]) error {
	if !r.ready {
		if err := r.Apply(in, make([]T, len(dout))); err != nil {
			return err
		}
	}
	for k := range r.scales {
		r.dmeasured[k] = resize(r.dmeasured[k], in.Rows*r.raw)
	}
	for row := range in.Rows {
		if err := r.rowGradient(row, dout[row*r.outputs:(row+1)*r.outputs]); err != nil {
			return err
		}
	}
	sum := newGradientSum(to, in)
	for k, run := range r.scales {
		if err := run.Adjoint(in, r.dmeasured[k], sum.part()); err != nil {
			return err
		}
		sum.add()
	}
	sum.give()
	return nil
}

// rowGradient sets the gradient by what each scale measured of a row.
func (r *mitigated[T]) rowGradient(row int, dout []T) (err error) {
	values, traces := make([][]float64, len(r.scales)), make([]trace, len(r.scales))
	d := make([][]float64, len(r.scales)) // by scale: of what its measurement becomes
	for k, of := range r.measured {
		d[k] = make([]float64, r.outputs)
		if values[k], traces[k], err = r.mend.apply(wideOf(of[row*r.raw : (row+1)*r.raw])); err != nil {
			return err
		}
	}
	for i := range r.outputs {
		_, slopes := r.extrapolate(values, i)
		for k, slope := range slopes {
			d[k][i] = slope * float64(dout[i])
		}
	}
	for k := range r.scales {
		by, err := r.mend.back(d[k], traces[k])
		if err != nil {
			return err
		}
		for i, v := range by {
			r.dmeasured[k][row*r.raw+i] = T(v)
		}
	}
	return nil
}

func wideOf[T op.Float](v []T) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

func resize[T op.Float](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}
