package statevec

import (
	"cmp"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/splitmix"
)

// MeasuredDensity is a noisy circuit and the measurement at its end as one function of a batch, with its
// exact gradient: MeasuredCircuit on density matrices. It takes 4^n numbers a row in place of 2·2^n, and
// keeps them in front of the channels of every stage, or of some of them if that is too much, from the first
// gradient on. It owns its memory: one a goroutine.
type MeasuredDensity[T Float] struct {
	runner  *densityRunner[T]
	outputs int
	read    *densityReader[T]
	prepare func() (int, string) // of the measurement

	space     *pauliSpace
	r, shown  []T // rows × 4^n: behind the circuit, and with the errors of readout
	lam       []T
	dtheta    []float64
	psi, dpsi []T       // of one row
	wide      []float64 // the same, and its coefficients
	slope     []float64 // the gradient by it
	from      int       // the first row of the last run
	rows      int       // of it
	ran       bool
}

// NewMeasuredDensity prepares the measurement of what a noisy circuit makes, on the given number of threads.
// It returns an error without a plan, and for a measurement that is not of this package: a custom one is of
// states.
func NewMeasuredDensity[T Float](d *Density[T], m Measurement[T], threads int) (*MeasuredDensity[T], error) {
	if d.Width() == 0 {
		return nil, errors.New("statevec: MeasuredDensity: want a Density from CompileDensity")
	}
	if err := checkMeasurement(m); err != nil {
		return nil, err
	}
	row, ok := m.(*RowMeasurement[T])
	if !ok || row.onDensity == nil {
		return nil, errors.Errorf("statevec: MeasuredDensity: a noisy circuit makes density matrices, and "+
			"%T is of states: want a measurement of this package, such as NewExpectations", m)
	}
	if len(d.readout.parts) > 0 && !row.outcomes {
		return nil, errors.New("statevec: MeasuredDensity: errors of readout are those of expectations and " +
			"probabilities: want one of these, or a circuit without such errors, for fidelities and purities")
	}
	if row.width != 2<<d.qubits {
		return nil, errors.Errorf("statevec: MeasuredDensity: want a measurement of %d qubits, got one of "+
			"states of %d numbers", d.qubits, row.width)
	}
	return &MeasuredDensity[T]{runner: newDensityRunner(d, 1, threads), outputs: row.outputs,
		read:    row.onDensity(),
		prepare: row.prepare, space: newPauliSpace(d.qubits), dtheta: make([]float64, d.numTheta)}, nil
}

// check returns an error unless the inputs fit.
func (c *MeasuredDensity[T]) check(in Inputs[T], out []T) error {
	if c == nil || c.runner == nil {
		return errors.New("statevec: want a MeasuredDensity from NewMeasuredDensity")
	}
	d := c.runner.plan
	return cmp.Or(checkRows(in.Rows, 1, max(d.Width(), c.outputs)),
		checkLength("theta", len(in.Theta), d.numTheta), checkLength("data", len(in.Data), in.Rows*d.numData),
		checkFinite("theta", in.Theta), checkFinite("data", in.Data),
		checkLength("out", len(out), in.Rows*c.outputs))
}

// Apply sets out, Rows × Outputs, to what is measured. It returns an error if a length is wrong.
func (c *MeasuredDensity[T]) Apply(in Inputs[T], out []T) error {
	if err := c.check(in, out); err != nil {
		return err
	}
	return c.each(in, func(row int, r []T) { c.read.measure(r, rowOf(out, row, c.outputs)) })
}

// Sample sets out to estimates of what Apply gives, and stderr to their standard errors, unless it is nil, as
// MeasuredCircuit.Sample does.
func (c *MeasuredDensity[T]) Sample(in Inputs[T], shots Shots, out, stderr []T) error {
	if err := c.check(in, out); err != nil {
		return err
	}
	if err := cmp.Or(shots.check(in.Rows), checkOptional("stderr", stderr, in.Rows*c.outputs)); err != nil {
		return err
	}
	if parts, what := c.prepare(); shots.Count < parts {
		return errors.Errorf("statevec: want at least %d shots for %s, got %d", parts, what, shots.Count)
	}
	return c.each(in, func(row int, r []T) {
		random := splitmix.Source(splitmix.Mix(shots.Seeds[row]))
		var spread []T
		if stderr != nil {
			spread = rowOf(stderr, row, c.outputs)
		}
		c.read.sample(r, shots.Count, &random, rowOf(out, row, c.outputs), spread)
	})
}

// each runs the circuit and calls f with the coefficients of each row, with the errors of readout.
func (c *MeasuredDensity[T]) each(in Inputs[T], f func(row int, r []T)) error {
	c.ran = false
	for from := 0; from < in.Rows; from += c.runner.chunk() {
		if err := c.run(in, from); err != nil {
			return err
		}
		c.shown = append(c.shown[:0], c.r...)
		c.runner.plan.readout.apply(c.shown)
		w := c.runner.plan.Width()
		for i := range len(c.r) / w {
			f(from+i, rowOf(c.shown, i, w))
		}
	}
	c.rows, c.ran = in.Rows, true
	return nil
}

// run sets r to the coefficients behind the circuit of the chunk of rows from one on.
func (c *MeasuredDensity[T]) run(in Inputs[T], from int) error {
	d := c.runner.plan
	to, w := min(from+c.runner.chunk(), in.Rows), d.Width()
	c.from, c.r = from, resized(c.r, (to-from)*w)
	for row := from; row < to; row++ {
		if err := c.begin(in, row, rowOf(c.r, row-from, w)); err != nil {
			return err
		}
	}
	return c.runner.run(to-from, in.Theta, in.Data[from*d.numData:to*d.numData], c.r)
}

// begin sets r to the coefficients of the state that a row starts from.
func (c *MeasuredDensity[T]) begin(in Inputs[T], row int, r []T) error {
	if in.Start == nil {
		clear(r)
		for z := range c.space.dim {
			r[c.space.index(0, z)] = 1
		}
		return nil
	}
	if err := c.start(in, row); err != nil {
		return err
	}
	coefficients := c.wide[len(c.psi):]
	c.space.pureCoefficients(c.wide[:len(c.psi)], coefficients)
	for i, v := range coefficients {
		r[i] = T(v)
	}
	return nil
}

// start sets the state of a row.
func (c *MeasuredDensity[T]) start(in Inputs[T], row int) error {
	c.psi = resized(c.psi, 2*c.space.dim)
	c.wide = resized(c.wide, len(c.psi)+c.runner.plan.Width())
	clear(c.psi)
	if err := c.begun(in, row); err != nil {
		return errors.WithMessage(err, "statevec")
	}
	for i, v := range c.psi {
		c.wide[i] = float64(v)
	}
	return nil
}

// begun calls Start for a row.
func (c *MeasuredDensity[T]) begun(in Inputs[T], row int) (err error) {
	defer foreign.Recover(&err, "function Start of the Inputs", in.Start)
	in.begin(row, c.psi)
	return nil
}

// Adjoint sets the gradients, from dout = ∂L/∂out, those of the exact values behind estimates too. It is
// called after Apply or Sample of the same Inputs. It returns an error if a length is wrong.
func (c *MeasuredDensity[T]) Adjoint(in Inputs[T], dout []T, to Gradients[T]) error {
	if err := c.check(in, dout); err != nil {
		return err
	}
	d := c.runner.plan
	if err := to.checkAgainst(d.qubits, d.numTheta, d.numData, in.Rows); err != nil {
		return err
	}
	c.dtheta = zeros(c.dtheta, d.numTheta)
	for from := 0; from < in.Rows; from += c.runner.chunk() {
		if !c.ran || !c.runner.keep || c.from != from || c.rows != in.Rows {
			c.runner.keep = true
			if err := c.run(in, from); err != nil {
				return err
			}
		}
		c.ran = false
		if err := c.back(in, from, dout, to); err != nil {
			return err
		}
	}
	for i := range to.Theta {
		to.Theta[i] = T(c.dtheta[i])
	}
	return nil
}

// back takes the gradients of the chunk of rows from one on, which have just run.
func (c *MeasuredDensity[T]) back(in Inputs[T], from int, dout []T, to Gradients[T]) error {
	d := c.runner.plan
	w := d.Width()
	rows := len(c.r) / w
	c.lam = zeros(c.lam, len(c.r))
	c.shown = append(c.shown[:0], c.r...)
	d.readout.apply(c.shown)
	for i := range rows {
		c.read.differentiate(rowOf(c.shown, i, w), rowOf(dout, from+i, c.outputs), rowOf(c.lam, i, w))
	}
	d.readout.back(c.lam)
	var ddata []T
	if to.Data != nil {
		ddata = to.Data[from*d.numData : (from+rows)*d.numData]
	}
	data := in.Data[from*d.numData : (from+rows)*d.numData]
	if err := c.runner.back(rows, in.Theta, data, c.lam, c.dtheta, ddata); err != nil {
		return err
	}
	for i := 0; i < rows && to.Start != nil; i++ {
		if err := c.giveStart(in, from+i, rowOf(c.lam, i, w), to); err != nil {
			return err
		}
	}
	return nil
}

// giveStart gives Start the gradient by the state that a row starts from.
func (c *MeasuredDensity[T]) giveStart(in Inputs[T], row int, lam []T, to Gradients[T]) error {
	c.dpsi = zeros(c.dpsi, 2*c.space.dim)
	if in.Start != nil {
		if err := c.start(in, row); err != nil {
			return err
		}
		coefficients, dpsi := c.wide[len(c.psi):], zeros(c.slope, len(c.psi))
		c.slope = dpsi
		for i, v := range lam {
			coefficients[i] = float64(v)
		}
		c.space.addGradient(c.wide[:len(c.psi)], coefficients, dpsi)
		for i, v := range dpsi {
			c.dpsi[i] = T(v)
		}
	}
	return to.giveStart(c.dpsi, row, len(c.dpsi))
}
