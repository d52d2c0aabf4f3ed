package statevec

import (
	"cmp"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

// Inputs are what a circuit runs on.
type Inputs[T Float] struct {
	Rows  int
	Theta []T // NumTheta, radians, shared by all rows
	Data  []T // Rows × NumData, radians

	// Start writes the state that a row starts from to psi, 2·2^n zeros. Nil: every row starts from |0…0⟩.
	Start func(row int, psi []T)
}

// begin writes the state that a row starts from to psi, which is all zeros.
func (in Inputs[T]) begin(row int, psi []T) {
	if in.Start == nil {
		psi[0] = 1
	} else {
		in.Start(row, psi)
	}
}

// beginAll writes the states that all rows start from, of that width.
func (in Inputs[T]) beginAll(psi []T, width int) (err error) {
	defer foreign.Recover(&err, "function Start of the Inputs", in.Start)
	clear(psi)
	for r := range in.Rows {
		in.begin(r, rowOf(psi, r, width))
	}
	return nil
}

func (in Inputs[T]) check(p *Plan[T]) error { return p.check(in.Rows, 1, in.Theta, in.Data) }

// Gradients are where the gradients by Inputs go; what is nil is skipped.
type Gradients[T Float] struct {
	Theta []T // NumTheta, summed over the rows
	Data  []T // Rows × NumData

	// Start is given the gradient by the state that a row starts from, in the form of a state, which it may
	// overwrite. The real parts of the first Amplitudes, at most 2^n, are right by every method, all of it by
	// the adjoint alone.
	Start      func(row int, dpsi []T)
	Amplitudes int
}

func (g Gradients[T]) check(p *Plan[T], rows int) error {
	return g.checkAgainst(p.qubits, p.numTheta, p.numData, rows)
}

func (g Gradients[T]) checkAgainst(qubits, numTheta, numData, rows int) error {
	if g.Amplitudes < 0 || g.Amplitudes > 1<<qubits {
		return errors.Errorf("statevec: want Amplitudes of 0 to %d, got %d", 1<<qubits, g.Amplitudes)
	}
	return cmp.Or(checkOptional("dtheta", g.Theta, numTheta), checkOptional("ddata", g.Data, rows*numData))
}

// giveStart gives Start the gradients by the states of some rows, from one on, of that width.
func (g Gradients[T]) giveStart(dpsi []T, from, width int) (err error) {
	if g.Start == nil {
		return nil
	}
	defer foreign.Recover(&err, "function Start of the Gradients", g.Start)
	for r := 0; r*width < len(dpsi); r++ {
		g.Start(from+r, rowOf(dpsi, r, width))
	}
	return nil
}

// MeasuredCircuit is a circuit and the measurement at its end as one function of a batch, with its gradient:
// it holds a state a row and one more, or one for a few rows if these are small, whatever the number of
// gates. It owns its memory: one a goroutine.
type MeasuredCircuit[T Float] struct {
	exec        *Executor[T]
	measurement Measurement[T]
	psi, lam    []T
	dtheta      []T // of some rows
	sums        []float64
	ran         bool // psi holds the final states
}

// NewMeasuredCircuit prepares the measurement of what a plan makes, on the given number of threads. It
// returns an error for a plan on real states, and without a plan or a measurement of at least one number.
func NewMeasuredCircuit[T Float](p *Plan[T], m Measurement[T], threads int) (*MeasuredCircuit[T], error) {
	if !p.compiled() {
		return nil, errors.New("statevec: MeasuredCircuit: want a Plan from Compile")
	}
	if p.real {
		return nil, errors.New("statevec: MeasuredCircuit: want a plan on complex states, got a real one")
	}
	if err := checkMeasurement(m); err != nil {
		return nil, err
	}
	exec, dtheta := p.NewExecutor(threads), make([]T, p.numTheta)
	return &MeasuredCircuit[T]{exec: exec, measurement: m, dtheta: dtheta}, nil
}

// check returns how many numbers are measured of a row, and an error unless the inputs fit.
func (c *MeasuredCircuit[T]) check(in Inputs[T]) (outputs int, err error) {
	if c == nil || c.exec == nil {
		return 0, errors.New("statevec: want a MeasuredCircuit from NewMeasuredCircuit")
	}
	outputs = c.measurement.Outputs()
	return outputs, cmp.Or(in.check(c.exec.plan), checkRows(in.Rows, 1, outputs))
}

// Apply sets out, Rows × Outputs, to what is measured. It returns an error if a length is wrong.
func (c *MeasuredCircuit[T]) Apply(in Inputs[T], out []T) error {
	return c.each(in, out, func(rows, _, _ int, psi, out []T) error {
		return applyTo(c.measurement, rows, psi, out)
	})
}

// Sample sets out, Rows × Outputs, to estimates of what Apply gives, and stderr to their standard errors,
// unless it is nil. Adjoint may follow it as it follows Apply, and gives the gradient of the exact values. It
// returns an error if a length is wrong, and for a measurement that is no Sampler.
func (c *MeasuredCircuit[T]) Sample(in Inputs[T], shots Shots, out, stderr []T) error {
	if k, err := c.check(in); err != nil {
		return err
	} else if err := cmp.Or(shots.check(in.Rows), checkOptional("stderr", stderr, in.Rows*k)); err != nil {
		return err
	}
	return c.each(in, out, func(rows, from, to int, psi, out []T) error {
		var spread []T
		if stderr != nil {
			spread = stderr[from*len(out)/rows : to*len(out)/rows]
		}
		return sampleOf(c.measurement, rows, psi, shots.of(from, to), out, spread)
	})
}

// each runs the circuit, and read on the states of some rows after others.
func (c *MeasuredCircuit[T]) each(in Inputs[T], out []T,
	read func(rows, from, to int, psi, out []T) error) error {
	k, err := c.check(in)
	if err := cmp.Or(err, checkLength("out", len(out), in.Rows*k)); err != nil {
		return err
	}
	c.ran = false
	c.psi = resized(c.psi, in.Rows*c.exec.plan.Width())
	err = c.exec.eachChunk(in, func(chunk Inputs[T], from, to int) error {
		psi := c.states(from, to)
		if err := c.exec.run(chunk, psi); err != nil {
			return err
		}
		return read(chunk.Rows, from, to, psi, out[from*k:to*k])
	})
	c.ran = err == nil
	return err
}

// Adjoint sets the gradients, from dout = ∂L/∂out, after Apply of the same Inputs. It un-applies the circuit
// from the final states where they stand, so that a second call runs the circuit again. It returns an error
// if a length is wrong.
func (c *MeasuredCircuit[T]) Adjoint(in Inputs[T], dout []T, to Gradients[T]) error {
	k, err := c.check(in)
	if err != nil {
		return err
	}
	p := c.exec.plan
	if err := cmp.Or(checkLength("dout", len(dout), in.Rows*k), to.check(p, in.Rows)); err != nil {
		return err
	}
	if !c.ran || len(c.psi) != in.Rows*p.Width() {
		if err := c.Apply(in, make([]T, in.Rows*k)); err != nil {
			return err
		}
	}
	c.ran = false
	c.sums = zeros(c.sums, p.numTheta)
	err = c.exec.eachChunk(in, func(chunk Inputs[T], from, until int) error {
		return c.backward(chunk, from, dout[from*k:until*k], to)
	})
	for i := range to.Theta {
		to.Theta[i] = T(c.sums[i])
	}
	return err
}

// backward takes the gradients of the chunk of rows that begins at one: it adds that by theta to sums and
// sets the others.
func (c *MeasuredCircuit[T]) backward(chunk Inputs[T], from int, dout []T, to Gradients[T]) error {
	p := c.exec.plan
	psi := c.states(from, from+chunk.Rows)
	c.lam = resized(c.lam, len(psi))
	if err := adjointTo(c.measurement, chunk.Rows, psi, dout, c.lam); err != nil {
		return err
	}
	var ddata []T
	if to.Data != nil {
		ddata = to.Data[from*p.numData : (from+chunk.Rows)*p.numData]
	}
	err := c.exec.AdjointInPlace(chunk.Rows, chunk.Theta, chunk.Data, psi, c.lam, c.dtheta, ddata)
	if err != nil {
		return err
	}
	for i, v := range c.dtheta {
		c.sums[i] += float64(v)
	}
	return to.giveStart(c.lam, from, p.Width())
}

func (c *MeasuredCircuit[T]) states(from, to int) []T {
	w := c.exec.plan.Width()
	return c.psi[from*w : to*w]
}

// run sets psi to the final states of some rows.
func (e *Executor[T]) run(in Inputs[T], psi []T) error {
	if err := in.beginAll(psi, e.plan.Width()); err != nil {
		return errors.WithMessage(err, "statevec")
	}
	return e.Apply(in.Rows, in.Theta, in.Data, psi, psi)
}

// chunkNumbers is the length of the states that are run at once, unless one row has more: a quarter of the
// second cache, in float32.
const chunkNumbers = 1 << 16

// eachChunk calls f for one chunk of neighbouring rows of the inputs after another.
func (e *Executor[T]) eachChunk(in Inputs[T], f func(chunk Inputs[T], from, to int) error) error {
	p := e.plan
	step := max(1, chunkNumbers/p.Width())
	if p.batched() {
		step = max(tile.Lanes, step/tile.Lanes*tile.Lanes)
	}
	for from := 0; from < in.Rows; from += step {
		to := min(from+step, in.Rows)
		chunk := Inputs[T]{Rows: to - from, Theta: in.Theta, Data: in.Data[from*p.numData : to*p.numData]}
		if in.Start != nil {
			chunk.Start = func(row int, psi []T) { in.Start(from+row, psi) }
		}
		if err := f(chunk, from, to); err != nil {
			return err
		}
	}
	return nil
}
