package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// MeasureNoisy returns what m reads of the density matrices that a noisy circuit makes of its inputs,
// exactly: MeasureCircuit with noise. Amplitudes of X are prepared without noise.
//
//	out  (…, K)  K numbers a row, of the leading axes of X or Data; (K) without both
//
// It takes 4^n numbers a row in place of 2·2^n, and keeps them for each stage of gates that have no channel
// between them, for the gradient. With m.Mitigated it does so for each circuit of the plan.
//
// Differentiable once in X, Theta and Data, by a reverse sweep through gates and channels. It returns the
// circuit's own error, those of m, one for a MeasureFunc or a custom measurement, which are of states, and
// those of MeasureCircuit for the inputs. For more than 13 qubits see MeasureTrajectories.
//
// Source: docs/math.md, section 9.
func MeasureNoisy(c *circuit.Noisy, m Measurement, in Inputs) (*G.Node, error) {
	return measureNoisy("MeasureNoisy", c, m, in, 2*c.Qubits()-1, func(m Measurement) noisyOpener {
		return noisyOpener{openNoisy[float32](c, m), openNoisy[float64](c, m)}
	})
}

// MeasureTrajectories returns estimates of what MeasureNoisy returns, from that many runs of the circuit of
// each row, with errors drawn at random, for as many qubits as a circuit may have.
//
//	out  (…, K)  K numbers a row, of the leading axes of X or Data; (K) without both
//
// Each run is measured exactly, or with the shots of m, which the runs share: as many shots as runs are what
// a device does. The seeds and the standard errors are those of the runs, not of m. It holds two states for
// each run that has errors, of so many runs as are 32 MiB in float32, or of one row.
//
// Differentiable once in X, Theta and Data, unbiased: by a reverse sweep through each run. It returns the
// errors of MeasureNoisy, but for the number of qubits, and one without runs, with a mitigation, and for a
// purity, which is not the average of those of the runs. The run returns one for fewer shots than the runs
// take.
//
// Source: docs/math.md, section 9.
func MeasureTrajectories(c *circuit.Noisy, m Measurement, in Inputs, runs Shots) (*G.Node, error) {
	if err := runs.check(); err != nil || runs.exact() {
		if err == nil {
			err = errors.New("want at least 1 trajectory, got 0")
		}
		return nil, errors.WithMessage(err, "qops: MeasureTrajectories: trajectories")
	}
	if !m.mitigation.None() {
		return nil, errors.Errorf("qops: MeasureTrajectories: mitigation %v is for density matrices: want "+
			"MeasureNoisy, or no mitigation", m.mitigation)
	}
	shots := m.shots.Count
	if m.shots.Seeds == nil {
		m.shots.Seeds = runs.Seeds // those of the runs are taken anyway
	}
	return measureNoisy("MeasureTrajectories", c, m, in, c.Qubits(), func(m Measurement) noisyOpener {
		m = m.WithShots(runs)
		return noisyOpener{openTrajectories[float32](c, m, shots), openTrajectories[float64](c, m, shots)}
	})
}

// noisyOpener opens the kernel of a node for each dtype.
type noisyOpener struct {
	f32 func(shape circuitShape) (*circuitKernel[float32], error)
	f64 func(shape circuitShape) (*circuitKernel[float64], error)
}

// measureNoisy returns the node of a noisy circuit of which a row takes as much as a state of so many qubits.
func measureNoisy(name string, c *circuit.Noisy, m Measurement, in Inputs, qubits int,
	open func(m Measurement) noisyOpener) (*G.Node, error) {
	m = m.orDefault()
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "qops: "+name)
	}
	k, err := newCircuitShape(c.Ideal(), in)
	switch {
	case err != nil:
	case m.check() != nil:
		err = m.check()
	case m.custom != nil:
		err = errors.New("a noisy circuit makes density matrices, and a MeasureFunc is of states: want " +
			"another measurement")
	case qubits > c.Qubits() && c.Qubits() > statevec.MaxDensityQubits:
		err = errors.Errorf("want up to %d qubits, got %d, for a density matrix has 4^%d numbers: use "+
			"trajectories, see MeasureTrajectories", statevec.MaxDensityQubits, c.Qubits(), c.Qubits())
	default:
		err = checkSize(k.rows, qubits)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "qops: "+name)
	}
	operands, o := dropNil(in.X, in.Theta, in.Data), open(m)
	return op.ByDtype(operands[0], measureCircuit(name, k, o.f32), measureCircuit(name, k, o.f64),
		operands[1:]...)
}

func openTrajectories[T op.Float](c *circuit.Noisy, m Measurement,
	shots int) func(shape circuitShape) (*circuitKernel[T], error) {
	return func(shape circuitShape) (*circuitKernel[T], error) {
		read, err := open[T](m, c.Qubits())
		if err != nil {
			return nil, err
		}
		plan, err := statevec.CompileTrajectories[T](c)
		if err != nil {
			return nil, err
		}
		measured, err := statevec.NewMeasuredTrajectories(plan, read, m.shots.Count, 1)
		if err != nil {
			return nil, err
		}
		return newCircuitKernel[T](m, read.Outputs(), shape,
			&trajectories[T]{measured: measured, shots: shots}), nil
	}
}

// trajectories is a runner that draws the errors of its runs, with the seeds of the shots that it is given.
type trajectories[T op.Float] struct {
	measured *statevec.MeasuredTrajectories[T]
	shots    int // 0: exact values of each run
	seeds    []uint64
}

func (r *trajectories[T]) Apply(statevec.Inputs[T], []T) error {
	return errors.New("trajectories have seeds")
}

func (r *trajectories[T]) Sample(in statevec.Inputs[T], runs statevec.Shots, out, stderr []T) error {
	r.seeds = runs.Seeds
	if r.shots == 0 {
		return r.measured.Apply(in, r.seeds, out, stderr)
	}
	return r.measured.Sample(in, statevec.Shots{Count: r.shots, Seeds: r.seeds}, out, stderr)
}

func (r *trajectories[T]) Adjoint(in statevec.Inputs[T], dout []T, to statevec.Gradients[T]) error {
	return r.measured.Adjoint(in, r.seeds, dout, to)
}

func openNoisy[T op.Float](c *circuit.Noisy, m Measurement) func(shape circuitShape) (*circuitKernel[T],
	error) {
	return func(shape circuitShape) (*circuitKernel[T], error) {
		if !m.mitigation.None() {
			r, err := newMitigated[T](c, m)
			if err != nil {
				return nil, err
			}
			return newCircuitKernel[T](m, r.outputs, shape, r), nil
		}
		measured, outputs, err := newMeasuredDensity[T](c, m)
		if err != nil {
			return nil, err
		}
		k := newCircuitKernel[T](m, outputs, shape, measured)
		k.form = exactOnly
		return k, nil
	}
}

// newMeasuredDensity returns what measures the density matrices of a circuit, and how many numbers of each.
func newMeasuredDensity[T op.Float](c *circuit.Noisy, m Measurement) (*statevec.MeasuredDensity[T], int,
	error) {
	read, err := open[T](m, c.Qubits())
	if err != nil {
		return nil, 0, err
	}
	plan, err := statevec.CompileDensity[T](c)
	if err != nil {
		return nil, 0, err
	}
	measured, err := statevec.NewMeasuredDensity(plan, read, 1)
	return measured, read.Outputs(), err
}
