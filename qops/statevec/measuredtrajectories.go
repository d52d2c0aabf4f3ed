package statevec

import (
	"cmp"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/splitmix"
)

// MeasuredTrajectories is a noisy circuit and the measurement at its end as one function of a batch, by runs
// with random errors: MeasuredDensity for as many qubits as a state may have. What it gives is the average
// over the runs of what is measured exactly, or from shots, of each: unbiased, with standard errors. It holds
// two states for each run that has errors, of so many runs as are 32 MiB in float32, or of one row. It owns
// its memory: one a goroutine.
type MeasuredTrajectories[T Float] struct {
	runner      *trajectoryRunner[T]
	measurement Measurement[T]
	count       int // runs of each row
	outputs     int

	out, dout, spread []T
	mean, square      []float64 // by row and number: of the runs so far, and the sum of squares about it
	weight            []float64 // by row: how many runs these are
	shot              []float64 // by row and number: the square of the standard error that comes from shots
	sums              []float64
	ddata             []float64
	dstart            []T

	from, first, rows int  // of the last chunk
	ran               bool // its states are those behind the circuit
	differentiated    bool // so that it is worthwhile to keep what the gradient needs
}

// NewMeasuredTrajectories prepares the measurement of what a noisy circuit makes in that many runs of each
// row, on the given number of threads. It returns an error without a plan, for less than one run, and for a
// measurement that does not fit: a purity is that of the average of the runs, and not the average of theirs;
// errors of readout are those of expectations and probabilities.
func NewMeasuredTrajectories[T Float](t *Trajectories[T], m Measurement[T], runs, threads int) (
	*MeasuredTrajectories[T], error) {
	if !t.compiled() {
		return nil, errors.New("statevec: MeasuredTrajectories: want a plan from CompileTrajectories")
	}
	if err := checkMeasurement(m); err != nil {
		return nil, err
	}
	switch row, ok := m.(*RowMeasurement[T]); {
	case runs < 1 || runs > maxRuns:
		return nil, errors.Errorf("statevec: MeasuredTrajectories: want 1 to 2^30 trajectories, got %d", runs)
	case !m.Quadratic():
		return nil, errors.New("statevec: MeasuredTrajectories: a purity is that of the average of all " +
			"trajectories, and not the average of theirs: want expectations, probabilities or fidelities, " +
			"or a density matrix")
	case ok && row.width != 2<<t.qubits:
		return nil, errors.Errorf("statevec: MeasuredTrajectories: want a measurement of %d qubits, got "+
			"one of states of %d numbers", t.qubits, row.width)
	case t.readout != nil && (!ok || row.misread == nil):
		return nil, errors.New("statevec: MeasuredTrajectories: errors of readout are those of " +
			"expectations and probabilities: want one of these, or a circuit without such errors")
	case t.readout != nil:
		misread, err := row.misread(t.readout)
		if err != nil {
			return nil, err
		}
		m = misread
	}
	return &MeasuredTrajectories[T]{runner: newTrajectoryRunner(t, threads), measurement: m, count: runs,
		outputs: m.Outputs()}, nil
}

const maxRuns = 1 << 30

// chunk returns how many rows are run at once, and how many runs of each. The runs of a row are divided alike
// whatever the other rows are.
func (c *MeasuredTrajectories[T]) chunk() (rows, runs int) {
	mean := 1 + c.runner.plan.Errors() // in memory, what is kept before errors
	most := max(1, int(maxKept/(mean*float64(c.runner.width))))
	runs = min(c.count, most)
	return max(1, most/runs), runs
}

func (c *MeasuredTrajectories[T]) check(in Inputs[T], seeds []uint64, out []T) error {
	if c == nil || c.runner == nil {
		return errors.New("statevec: want a MeasuredTrajectories from NewMeasuredTrajectories")
	}
	t := c.runner.plan
	return cmp.Or(checkRows(in.Rows, 1, max(c.runner.width, c.outputs)),
		checkLength("theta", len(in.Theta), t.numTheta), checkLength("data", len(in.Data), in.Rows*t.numData),
		checkFinite("theta", in.Theta), checkFinite("data", in.Data),
		checkLength("seeds", len(seeds), in.Rows), checkLength("out", len(out), in.Rows*c.outputs))
}

// Apply sets out, Rows × Outputs, to the average over the runs of what is measured, and stderr to its
// standard error, unless it is nil; that of a single run is infinite. What is drawn for a row follows from
// its seed alone. It returns an error if a length is wrong.
func (c *MeasuredTrajectories[T]) Apply(in Inputs[T], seeds []uint64, out, stderr []T) error {
	return c.estimate(in, Shots{Seeds: seeds}, out, stderr)
}

// Sample sets out as Apply does, from shots that the runs share alike: with as many shots as runs each shot
// meets errors of its own, as on a device. It returns an error if a length is wrong, for a measurement that
// is no Sampler, and for fewer shots than each run takes.
func (c *MeasuredTrajectories[T]) Sample(in Inputs[T], shots Shots, out, stderr []T) error {
	if err := shots.check(in.Rows); err != nil {
		return err
	}
	if c == nil || c.runner == nil {
		return c.estimate(in, shots, out, stderr)
	}
	parts, what := 1, "an estimate"
	if row, ok := c.measurement.(*RowMeasurement[T]); ok {
		parts, what = row.prepare()
	}
	if shots.Count/c.count < parts {
		return errors.Errorf("statevec: want at least %d shots for %s in each of %d trajectories, got %d "+
			"in all", parts,
			what, c.count, shots.Count)
	}
	return c.estimate(in, shots, out, stderr)
}

func (c *MeasuredTrajectories[T]) estimate(in Inputs[T], shots Shots, out, stderr []T) error {
	if err := c.check(in, shots.Seeds, out); err != nil {
		return err
	}
	if err := checkOptional("stderr", stderr, len(out)); err != nil {
		return err
	}
	c.ran = false
	c.mean, c.square = zeros(c.mean, len(out)), zeros(c.square, len(out))
	c.shot, c.weight = zeros(c.shot, len(out)), zeros(c.weight, in.Rows)
	err := c.each(in.Rows, func(from, to, first, last int) error {
		if err := c.run(in, shots, from, to, first, last, c.differentiated); err != nil {
			return err
		}
		return c.measure(shots, from)
	})
	if err != nil {
		return err
	}
	c.ran, c.rows = true, in.Rows
	n := float64(c.count)
	for i, v := range c.mean {
		out[i] = T(v)
		if stderr != nil && c.count == 1 {
			stderr[i] = T(math.Inf(1))
		} else if stderr != nil {
			stderr[i] = T(math.Sqrt(max(0, c.square[i]/(n*(n-1))+c.shot[i]/(n*n))))
		}
	}
	return nil
}

// each calls f for one chunk after another: some rows, and some runs of each.
func (c *MeasuredTrajectories[T]) each(rows int, f func(from, to, first, last int) error) error {
	step, runs := c.chunk()
	for from := 0; from < rows; from += step {
		for first := 0; first < c.count; first += runs {
			if err := f(from, min(from+step, rows), first, min(first+runs, c.count)); err != nil {
				return err
			}
		}
	}
	return nil
}

// run runs a chunk.
func (c *MeasuredTrajectories[T]) run(in Inputs[T], shots Shots, from, to, first, last int, keep bool) error {
	r, n := c.runner, c.runner.plan.numData
	c.from, c.first = from, first
	r.draw(shots.Seeds[from:to], first, last, func(number int) int {
		share := shots.Count / c.count
		if number < shots.Count%c.count {
			share++
		}
		return share
	})
	r.psi = resized(r.psi, len(r.runs)*r.width)
	stems := Inputs[T]{Rows: to - from}
	if in.Start != nil {
		stems.Start = func(row int, psi []T) { in.Start(from+row, psi) }
	}
	if err := stems.beginAll(r.psi[:(to-from)*r.width], r.width); err != nil {
		return errors.WithMessage(err, "statevec")
	}
	data := resized(r.data, len(r.runs)*n)
	for i := range r.runs {
		copy(rowOf(data, i, n), rowOf(in.Data, from+r.runs[i].row, n))
	}
	return r.forward(in.Theta, data, keep)
}

// measure adds what is measured of the runs of a chunk to the means.
func (c *MeasuredTrajectories[T]) measure(shots Shots, from int) error {
	r, k := c.runner, c.outputs
	c.out = resized(c.out, len(r.runs)*k)
	c.spread = zeros(c.spread, len(c.out))
	if shots.Count == 0 {
		if err := applyTo(c.measurement, len(r.runs), r.psi, c.out); err != nil {
			return err
		}
	} else if err := c.sample(shots, from); err != nil {
		return err
	}
	for i := range r.runs {
		t := &r.runs[i]
		if t.count == 0 {
			continue
		}
		row, factor, w := from+t.row, r.plan.weight*t.sign, float64(t.count)
		c.weight[row] += w
		for j, v := range rowOf(c.out, i, k) {
			at, e := row*k+j, factor*float64(c.spread[i*k+j])
			off := factor*float64(v) - c.mean[at]
			c.mean[at] += off * (w / c.weight[row])
			c.square[at] += w * off * (factor*float64(v) - c.mean[at])
			c.shot[at] += w * (w - 1) * e * e // the runs without errors are one estimate
		}
	}
	return nil
}

// sample sets out to estimates of each run of a chunk.
func (c *MeasuredTrajectories[T]) sample(shots Shots, from int) error {
	r := c.runner
	for i := range r.runs {
		t := &r.runs[i]
		if t.count == 0 {
			continue
		}
		key := uint64(t.number)
		if t.stem {
			key += 1 << 32 // those of no run
		}
		seed := splitmix.Mix(splitmix.Mix(^shots.Seeds[from+t.row]) ^ key)
		err := sampleOf(c.measurement, 1, rowOf(r.psi, i, r.width), Shots{t.shots, []uint64{seed}},
			rowOf(c.out, i, c.outputs), rowOf(c.spread, i, c.outputs))
		if err != nil {
			return err
		}
	}
	return nil
}

// Adjoint sets the gradients, from dout = ∂L/∂out, those of the average of exact values behind estimates too:
// unbiased, and exact for the errors that the seeds draw. It is called after Apply or Sample of the same
// Inputs and seeds. It returns an error if a length is wrong.
func (c *MeasuredTrajectories[T]) Adjoint(in Inputs[T], seeds []uint64, dout []T, to Gradients[T]) error {
	if err := c.check(in, seeds, dout); err != nil {
		return err
	}
	t := c.runner.plan
	if err := to.checkAgainst(t.qubits, t.numTheta, t.numData, in.Rows); err != nil {
		return err
	}
	c.sums = zeros(c.sums, t.numTheta)
	c.ddata = zeros(c.ddata, len(to.Data))
	err := c.each(in.Rows, func(from, until, first, last int) error {
		if !c.ran || !c.differentiated || c.from != from || c.first != first || c.rows != in.Rows {
			if err := c.run(in, Shots{Seeds: seeds}, from, until, first, last, true); err != nil {
				return err
			}
		}
		c.ran = false
		return c.back(dout, from, until, first, last, to)
	})
	c.differentiated = true
	for i := range to.Theta {
		to.Theta[i] = T(c.sums[i])
	}
	for i := range to.Data {
		to.Data[i] = T(c.ddata[i])
	}
	return err
}

// back takes the gradients of a chunk, which has just run.
func (c *MeasuredTrajectories[T]) back(dout []T, from, until, first, last int, to Gradients[T]) error {
	r, k := c.runner, c.outputs
	c.dout, r.lam = resized(c.dout, len(r.runs)*k), resized(r.lam, len(r.psi))
	for i := range r.runs {
		t := &r.runs[i]
		factor := T(r.plan.weight * t.sign * float64(t.count) / float64(c.count))
		for j, g := range rowOf(dout, from+t.row, k) {
			c.dout[i*k+j] = factor * g
		}
	}
	if err := adjointTo(c.measurement, len(r.runs), r.psi, c.dout, r.lam); err != nil {
		return err
	}
	var ddata []float64
	if n := r.plan.numData; to.Data != nil {
		ddata = c.ddata[from*n : until*n]
	}
	if err := r.back(c.sums, ddata); err != nil {
		return err
	}
	if to.Start == nil {
		return nil
	}
	stems := r.lam[:(until-from)*r.width]
	if first == 0 {
		c.dstart = append(c.dstart[:0], stems...)
	} else {
		for i, v := range stems {
			c.dstart[i] += v
		}
	}
	if last < c.count {
		return nil
	}
	return to.giveStart(c.dstart, from, r.width)
}
