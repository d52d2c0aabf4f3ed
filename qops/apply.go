package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Apply returns U(θ, data)|ψ⟩ for every state of a batch.
//
//	ψ      (…, 2^n, 2)      real and imaginary part last, qubit 0 the most significant bit; of any norm
//	theta  (NumTheta)       radians, shared by all states; nil if the circuit has none
//	data   (…, NumData)     radians, one row a state; nil if the circuit has none
//	out    (…, 2^n, 2)
//
// Differentiable once in ψ, theta and data, by one sweep that un-applies the gates: its memory does not grow with their number. It returns
// the circuit's own error, and one for shapes that do not fit; the run returns one that names an angle that is NaN or infinite.
//
// Source: Jones and Gacon, arXiv:2009.02823; docs/math.md, section 5.
func Apply(c *circuit.Circuit, psi, theta, data *G.Node) (*G.Node, error) {
	if c == nil || psi == nil {
		return nil, errors.New("qops: Apply: the circuit or ψ is nil")
	}
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "qops: Apply")
	}
	if n, err := qubitsOf(psi); err != nil || n != c.Qubits() {
		return nil, errors.Errorf("qops: Apply: want ψ (…, %d, 2) for %d qubits, got %v", 1<<c.Qubits(), c.Qubits(), psi.Shape())
	}
	leading := psi.Shape()[:psi.Dims()-2]
	if err := angles("theta", theta, c.NumTheta(), nil); err != nil {
		return nil, errors.WithMessage(err, "qops: Apply")
	}
	if err := angles("data", data, c.NumData(), leading); err != nil {
		return nil, errors.WithMessage(err, "qops: Apply")
	}
	return op.ByDtype(psi, apply[float32](c, theta != nil), apply[float64](c, theta != nil), present(theta, data)...)
}

// present returns the nodes that are not nil.
func present(nodes ...*G.Node) (out G.Nodes) {
	for _, n := range nodes {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}

// qubitsOf returns n for states (…, 2^n, 2).
func qubitsOf(psi *G.Node) (int, error) {
	shape := psi.Shape()
	if k := shape.Dims(); k >= 2 && shape[k-1] == 2 {
		for n := 1; n <= circuit.MaxQubits; n++ {
			if shape[k-2] == 1<<n {
				return n, nil
			}
		}
	}
	return 0, errors.Errorf("want states (…, 2^n, 2), got %v", shape)
}

// leadingOf returns the axes before those of the states (…, 2^n, 2), and how many states there are.
func leadingOf(psi *G.Node) (tensor.Shape, int) {
	shape := psi.Shape()
	leading := shape[:shape.Dims()-2].Clone()
	return leading, shape.TotalSize() / (shape[shape.Dims()-2] * 2)
}

// angles checks that a node of angles has the shape (leading…, count), and is nil exactly if count is 0.
func angles(name string, n *G.Node, count int, leading tensor.Shape) error {
	want := append(leading.Clone(), count)
	switch {
	case n == nil && count > 0:
		return errors.Errorf("the circuit needs %s %v, got none", name, want)
	case n != nil && count == 0:
		return errors.Errorf("the circuit has no %s, got %v", name, n.Shape())
	case n != nil && !n.Shape().Eq(want):
		return errors.Errorf("want %s %v, got %v", name, want, n.Shape())
	}
	return nil
}

func apply[T op.Float](c *circuit.Circuit, trained bool) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := statevec.Compile[T](c)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Apply")
		}
		exec, shape := plan.NewExecutor(1), operands[0].Shape()
		rows := shape.TotalSize() / plan.Width()
		return op.Apply(op.Kernel[T]{
			Name:  "Apply",
			Shape: shape,
			Forward: func(out []T, in [][]T) error {
				return turn(exec, rows, in[1:], trained, in[0], out)
			},
			Backward: func(din, in [][]T, out, dout []T) error {
				theta, data := thetaAndData(in[1:], trained)
				dtheta, ddata := thetaAndData(din[1:], trained)
				return exec.Adjoint(rows, theta, data, out, dout, din[0], dtheta, ddata)
			},
		}, operands...)
	}
}

// turn sets the rows of out to the plan's circuit on those of psi. It returns an error that names an angle that is NaN or infinite.
func turn[T op.Float](exec *statevec.Executor[T], rows int, angles [][]T, trained bool, psi, out []T) error {
	theta, data := thetaAndData(angles, trained)
	if err := finite("theta", len(theta), theta); err != nil {
		return err
	}
	if err := finite("data", len(data)/rows, data); err != nil {
		return err
	}
	return exec.Apply(rows, theta, data, psi, out)
}

// thetaAndData tells what is what in a list of theta, if the circuit is trained, and data, if there is any.
func thetaAndData[T op.Float](list [][]T, trained bool) (theta, data []T) {
	if trained {
		theta, list = list[0], list[1:]
	}
	if len(list) > 0 {
		data = list[0]
	}
	return theta, data
}
