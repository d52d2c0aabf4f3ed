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

// Apply returns U(θ, data)|ψ⟩ for every state of a batch.
//
//	ψ      (…, 2^n, 2)   real and imaginary part last, qubit 0 the most significant bit; of any norm
//	theta  (NumTheta)    radians, shared by all states; nil if the circuit has none
//	data   (…, NumData)  radians, one row for each state; nil if the circuit has none
//	out    (…, 2^n, 2)
//
// Differentiable once in ψ, theta and data, by one sweep that un-applies the gates: its memory does not grow
// with their number. It returns the circuit's own error, and one for shapes that do not fit; the run returns
// one that names an angle that is NaN or infinite.
//
// Source: Jones and Gacon, arXiv:2009.02823; docs/math.md, section 5.
func Apply(c *circuit.Circuit, psi, theta, data *G.Node) (*G.Node, error) {
	if err := checkApply(c, psi, theta, data); err != nil {
		return nil, errors.WithMessage(err, "qops: Apply")
	}
	trained, angles := theta != nil, dropNil(theta, data)
	return op.ByDtype(psi, apply[float32](c, trained), apply[float64](c, trained), angles...)
}

func checkApply(c *circuit.Circuit, psi, theta, data *G.Node) error {
	if err := checkCircuit(c); err != nil {
		return err
	}
	if n, err := Qubits(psi); err != nil || n != c.Qubits() {
		n = c.Qubits()
		return errors.Errorf("want ψ (…, %d, 2) for %d qubits, got %v", 1<<n, n, shapeOf(psi))
	}
	leading, _ := leadingAxes(psi)
	return checkAngles(c, theta, data, leading)
}

func apply[T op.Float](c *circuit.Circuit, trained bool) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := statevec.Compile[T](c)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Apply")
		}
		exec, shape := plan.NewExecutor(1), operands[0].Shape()
		leading, rows := leadingAxes(operands[0])
		return op.Apply(op.Kernel[T]{
			Name:  "Apply",
			Shape: shape,
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				theta, data := writeAngles(b, in[1:], trained, rows)
				return b.Reshape(writeCircuit(b, c, b.Reshape(in[0], rows, 1<<c.Qubits(), 2), theta, data),
					shape...)
			},
			Forward: func(out []T, in [][]T) error {
				theta, data := splitAngles(in[1:], trained)
				return runCircuit(exec, leading, theta, data, in[0], out)
			},
			Backward: func(din, in [][]T, out, dout []T) error {
				theta, data := splitAngles(in[1:], trained)
				dtheta, ddata := splitAngles(din[1:], trained)
				return exec.Adjoint(rows, theta, data, out, dout, din[0], dtheta, ddata)
			},
		}, operands...)
	}
}

// runCircuit sets the states of out, with those leading axes, to what the circuit makes of those of psi. It
// returns an error that names an angle that is NaN or infinite.
func runCircuit[T op.Float](exec *statevec.Executor[T], leading tensor.Shape,
	theta, data, psi, out []T) error {
	if err := checkFinite(theta, data, leading); err != nil {
		return err
	}
	return exec.Apply(leading.TotalSize(), theta, data, psi, out)
}
