package qops

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// dropNil returns the nodes that are not nil.
func dropNil(nodes ...*G.Node) (out G.Nodes) {
	for _, n := range nodes {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}

// shapeOf returns the shape of a node, and "none" for nil: for errors.
func shapeOf(n *G.Node) any {
	if n == nil {
		return "none"
	}
	return n.Shape()
}

// Qubits returns n for states (…, 2^n, 2), which a MeasureFunc may want to know. It returns an error for any
// other node.
func Qubits(psi *G.Node) (int, error) {
	if psi != nil {
		shape := psi.Shape()
		if k := shape.Dims(); k >= 2 && shape[k-1] == 2 {
			for n := 1; n <= circuit.MaxQubits; n++ {
				if shape[k-2] == 1<<n {
					return n, nil
				}
			}
		}
	}
	return 0, errors.Errorf("want states (…, 2^n, 2), got %v", shapeOf(psi))
}

// batchQubits returns n for a batch of states (B, …, 2^n, 2): what is read of each, a single number, needs an
// axis.
func batchQubits(psi *G.Node) (int, error) {
	n, err := Qubits(psi)
	if err != nil || psi.Dims() < 3 {
		return 0, errors.Errorf("want a batch of states (B, …, 2^n, 2), got %v", shapeOf(psi))
	}
	return n, nil
}

// leadingAxes returns the axes before those of the states (…, 2^n, 2), and how many states there are.
func leadingAxes(psi *G.Node) (tensor.Shape, int) {
	shape := psi.Shape()
	leading := shape[:shape.Dims()-2].Clone()
	return leading, leading.TotalSize()
}

// checkCircuit returns an error if there is no circuit, or the one that it holds.
func checkCircuit(c *circuit.Circuit) error {
	if c == nil {
		return errors.New("the circuit is nil")
	}
	if err := c.Err(); err != nil {
		return err
	}
	if c.Qubits() < 1 {
		return errors.New("want a circuit of at least 1 qubit, such as circuit.New(1), got one of none")
	}
	return nil
}

// checkAngles returns an error unless theta is (NumTheta) and data (leading…, NumData), each nil exactly if
// the circuit has none.
func checkAngles(c *circuit.Circuit, theta, data *G.Node, leading tensor.Shape) error {
	if err := checkAngle("theta", theta, c.NumTheta(), nil); err != nil {
		return err
	}
	return checkAngle("data", data, c.NumData(), leading)
}

func checkAngle(name string, n *G.Node, count int, leading tensor.Shape) error {
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

// splitAngles returns theta, if the circuit is trained, and data, if there is any, of a list of the two.
func splitAngles[T op.Float](list [][]T, trained bool) (theta, data []T) {
	if trained {
		theta, list = list[0], list[1:]
	}
	if len(list) > 0 {
		data = list[0]
	}
	return theta, data
}

// checkFinite returns an error that names the first angle that is NaN or infinite, which gates would spread
// over a whole state. Of data (leading…, NumData) it is an op.RowError.
func checkFinite[T op.Float](theta, data []T, leading tensor.Shape) error {
	if firstNotFinite(theta) >= 0 {
		return notFinite("theta", theta, tensor.Shape{len(theta)})
	}
	if firstNotFinite(data) >= 0 {
		return notFinite("data", data, append(leading.Clone(), len(data)/leading.TotalSize()))
	}
	return nil
}

// firstNotFinite returns the index of the first number that is NaN or infinite, −1 if there is none.
func firstNotFinite[T op.Float](x []T) int {
	for i, v := range x {
		if a := float64(v); math.IsNaN(a) || math.IsInf(a, 0) {
			return i
		}
	}
	return -1
}

// notFinite returns the error of the first number of x that is NaN or infinite. If x has a batch, an axis
// before its last, it is an op.RowError.
func notFinite[T op.Float](name string, x []T, shape tensor.Shape) error {
	i := firstNotFinite(x)
	if shape.Dims() < 2 {
		return errors.Errorf("%s %d is %v", name, i, x[i])
	}
	row := shape[1:].TotalSize()
	err := errors.Errorf("%s %v is %v", name, indexOf(i%row, shape[1:]), x[i])
	return &op.RowError{Row: i / row, Err: err}
}

// indexOf returns the index of element i of that shape, (token, feature) of two axes.
func indexOf(i int, shape tensor.Shape) any {
	if shape.Dims() == 1 {
		return i
	}
	index := shape.Clone()
	for axis := shape.Dims() - 1; axis >= 0; axis-- {
		index[axis] = i % shape[axis]
		i /= shape[axis]
	}
	return index
}
