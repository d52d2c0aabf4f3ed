package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// MeasureNoisy returns what m reads of the density matrices that a noisy circuit makes of its inputs, exactly:
// MeasureCircuit with noise. Amplitudes of X are prepared without noise.
//
//	out  (…, K)  K numbers a row, of the leading axes of X or Data; (K) without both
//
// It takes 4^n numbers a row in place of 2·2^n, and keeps them for each stage of gates that have no channel
// between them, for the gradient.
//
// Differentiable once in X, Theta and Data, by a reverse sweep through gates and channels. It returns the
// circuit's own error, those of m, one for a MeasureFunc or a custom measurement, which are of states, and
// those of MeasureCircuit for the inputs.
//
// Source: docs/math.md, section 9.
func MeasureNoisy(c *circuit.Noisy, m Measurement, in Inputs) (*G.Node, error) {
	m = m.orDefault()
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "qops: MeasureNoisy")
	}
	k, err := newCircuitShape(c.Ideal(), in)
	switch {
	case err != nil:
	case m.check() != nil:
		err = m.check()
	case m.custom != nil:
		err = errors.New("a noisy circuit makes density matrices, and a MeasureFunc is of states: want another " +
			"measurement")
	default:
		err = checkSize(k.rows, 2*c.Qubits()-1)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "qops: MeasureNoisy")
	}
	operands := dropNil(in.X, in.Theta, in.Data)
	return op.ByDtype(operands[0], measureCircuit("MeasureNoisy", k, openNoisy[float32](c, m)),
		measureCircuit("MeasureNoisy", k, openNoisy[float64](c, m)), operands[1:]...)
}

func openNoisy[T op.Float](c *circuit.Noisy, m Measurement) func(shape circuitShape) (*circuitKernel[T], error) {
	return func(shape circuitShape) (*circuitKernel[T], error) {
		read, err := open[T](m, c.Qubits())
		if err != nil {
			return nil, err
		}
		plan, err := statevec.CompileDensity[T](c)
		if err != nil {
			return nil, err
		}
		measured, err := statevec.NewMeasuredDensity(plan, read, 1)
		if err != nil {
			return nil, err
		}
		k := newCircuitKernel[T](m, read.Outputs(), shape, measured)
		k.form = exactOnly
		return k, nil
	}
}
