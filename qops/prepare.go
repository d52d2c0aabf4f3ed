package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Prepare returns U(θ, data)|0…0⟩ for every row of data: angle encoding, and circuits that take their data again and again.
//
//	theta  (NumTheta)       radians, shared by all rows; nil if the circuit has none
//	data   (…, NumData)     radians; nil if the circuit has none
//	out    (…, 2^n, 2)      real and imaginary part last; without data, one state (2^n, 2)
//
// Differentiable once in theta and data. It returns the circuit's own error, one for shapes that do not fit, for states of over
// 4 GiB in float32 together, and for a circuit with neither theta nor data; the run returns one that names an angle that is NaN or infinite.
func Prepare(c *circuit.Circuit, theta, data *G.Node) (*G.Node, error) {
	if c == nil {
		return nil, errors.New("qops: Prepare: the circuit is nil")
	}
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "qops: Prepare")
	}
	var leading tensor.Shape
	if data != nil && data.Dims() > 0 {
		leading = data.Shape()[:data.Dims()-1].Clone()
	}
	if err := angles("theta", theta, c.NumTheta(), nil); err != nil {
		return nil, errors.WithMessage(err, "qops: Prepare")
	}
	if err := angles("data", data, c.NumData(), leading); err != nil {
		return nil, errors.WithMessage(err, "qops: Prepare")
	}
	operands := present(theta, data)
	if len(operands) == 0 {
		return nil, errors.New("qops: Prepare: want theta or data, the circuit has neither")
	}
	rows := 1
	for _, n := range leading {
		rows *= n
	}
	if err := room(rows, c.Qubits()); err != nil {
		return nil, errors.WithMessage(err, "qops: Prepare")
	}
	shape := append(leading, 1<<c.Qubits(), 2)
	return op.ByDtype(operands[0], prepare[float32](c, theta != nil, rows, shape), prepare[float64](c, theta != nil, rows, shape), operands[1:]...)
}

func prepare[T op.Float](c *circuit.Circuit, trained bool, rows int, shape tensor.Shape) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := statevec.Compile[T](c)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Prepare")
		}
		exec := plan.NewExecutor(1)
		return op.Apply(op.Kernel[T]{
			Name:  "Prepare",
			Shape: shape,
			Forward: func(out []T, in [][]T) error {
				clear(out)
				for r := range rows {
					out[r*plan.Width()] = 1
				}
				return turn(exec, rows, in, trained, out, out)
			},
			Backward: func(din, in [][]T, out, dout []T) error {
				theta, data := thetaAndData(in, trained)
				dtheta, ddata := thetaAndData(din, trained)
				return exec.Adjoint(rows, theta, data, out, dout, nil, dtheta, ddata)
			},
		}, operands...)
	}
}
