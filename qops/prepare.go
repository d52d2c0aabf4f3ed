package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Prepare returns U(θ, data)|0…0⟩ for every row of data: angle encoding, and circuits that take their data
// repeatedly.
//
//	theta  (NumTheta)    radians, shared by all rows; nil if the circuit has none
//	data   (…, NumData)  radians; nil if the circuit has none
//	out    (…, 2^n, 2)   real and imaginary part last; without data, one state (2^n, 2)
//
// Differentiable once in theta and data. It returns the circuit's own error, one for shapes that do not fit,
// for states of over 4 GiB in float32 together, and for a circuit with neither theta nor data; the run
// returns one that names an angle that is NaN or infinite.
func Prepare(c *circuit.Circuit, theta, data *G.Node) (*G.Node, error) {
	leading, err := checkPrepare(c, theta, data)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Prepare")
	}
	trained, angles := theta != nil, dropNil(theta, data)
	return op.ByDtype(angles[0], prepare[float32](c, trained, leading), prepare[float64](c, trained, leading),
		angles[1:]...)
}

// checkPrepare returns the leading axes of the states, or what is wrong with the operands.
func checkPrepare(c *circuit.Circuit, theta, data *G.Node) (leading tensor.Shape, err error) {
	if err := checkCircuit(c); err != nil {
		return nil, err
	}
	if data != nil && data.Dims() > 0 {
		leading = data.Shape()[:data.Dims()-1].Clone()
	}
	if err := checkAngles(c, theta, data, leading); err != nil {
		return nil, err
	}
	if theta == nil && data == nil {
		return nil, errors.New("want theta or data, the circuit has neither")
	}
	return leading, checkSize(leading.TotalSize(), c.Qubits())
}

func prepare[T op.Float](c *circuit.Circuit, trained bool,
	leading tensor.Shape) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := statevec.Compile[T](c)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Prepare")
		}
		exec, rows := plan.NewExecutor(1), leading.TotalSize()
		return op.Apply(op.Kernel[T]{
			Name:  "Prepare",
			Shape: append(leading.Clone(), 1<<c.Qubits(), 2),
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				theta, data := writeAngles(b, in, trained, rows)
				return b.Reshape(writeCircuit(b, c, zeroState(b, c.Qubits()), theta, data),
					append(leading.Clone(), 1<<c.Qubits(), 2)...)
			},
			Forward: func(out []T, in [][]T) error {
				clear(out)
				for r := range rows {
					out[r*plan.Width()] = 1
				}
				theta, data := splitAngles(in, trained)
				return runCircuit(exec, leading, theta, data, out, out)
			},
			Backward: func(din, in [][]T, out, dout []T) error {
				theta, data := splitAngles(in, trained)
				dtheta, ddata := splitAngles(din, trained)
				return exec.Adjoint(rows, theta, data, out, dout, nil, dtheta, ddata)
			},
		}, operands...)
	}
}
