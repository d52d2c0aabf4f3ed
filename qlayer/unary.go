package qlayer

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Unary multiplies each row of features by the orthogonal matrix of a circuit of RBS gates, feature q being
// the amplitude of the state whose only 1 is that of qubit q. RBS never leave these D states, so it is
// computed in D numbers instead of 2^D.
//
//	x    (…, D)  2 to circuit.MaxQubits features, taken as they are: lengths are kept
//	out  (…, D)
//
// The parameter is theta, an angle in radians for each gate. The notes are those of Circuit.
//
// Source: Kerenidis, Landman, Mathur, arXiv:2106.07198; in transformers Cherrat et al., arXiv:2209.08167.
type Unary struct {
	Ansatz Ansatz  // of RBS alone, such as Butterfly(); nil: Pyramid()
	Init   nn.Init // first angles; nil: nn.Normal(InitAngle)
	Frozen bool    // the angles stay at their first values
}

// Forward returns the rotated features, differentiable once in x and theta. It returns an error if the ansatz
// has another size than D, no trained angle, or any gate but RBS with constant or trained angles.
func (l Unary) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	d, err := features(x)
	if err != nil {
		return nil, err
	}
	if l.Ansatz == nil {
		l.Ansatz = Pyramid()
	}
	c, err := l.Ansatz.build(d)
	if err != nil {
		return nil, err
	}
	for _, o := range c.Operations() {
		if o.Name() != "rbs" || len(o.Controls) > 0 || o.Angles[0].Source == circuit.Input {
			return nil, errors.Errorf("want a circuit of rbs with constant or trained angles, got %s of %s",
				o.Name(), o.Angles)
		}
	}
	theta, err := angles(s, c, tensor.Shape{c.NumTheta()}, x.Dtype(), l.Init, l.Frozen)
	if err != nil {
		return nil, err
	}
	if theta == nil {
		return nil, errors.Errorf("the ansatz has no trained angle for %d features", d)
	}
	note(s, d, len(c.Operations()), countParameterised(c))
	show(s, Figure{Circuit: c, Registers: []Register{{"features", d}}}, "theta")
	return op.ByDtype(x, rotateFeatures[float32](c), rotateFeatures[float64](c), theta)
}

// constantAngles returns angles that are turned into the numbers of a matrix; if an input of the model decides
// them, known is false and the export fails.
func constantAngles(b *onnx.Builder, theta onnx.Value) (values []float64, known bool) {
	if values, known = theta.Constant(); !known {
		b.Fail(errors.New("the angles depend on an input of the model: want parameters"))
	}
	return values, known
}

func rotateFeatures[T op.Float](c *circuit.Circuit) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		shape := operands[0].Shape()
		y, dy, ops := make([]T, shape.TotalSize()), make([]T, shape.TotalSize()), c.Operations()
		return op.Apply(op.Kernel[T]{
			Name:  "Unary",
			Shape: shape,
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				theta, known := constantAngles(b, in[1])
				if !known {
					return onnx.Value{}
				}
				d := c.Qubits()
				rotated := make([]float64, d*d) // the rows of the identity
				for q := range d {
					rotated[q*d+q] = 1
				}
				for _, o := range ops {
					cos, sin := sincos(o, theta)
					rotate(c, o, rotated, cos, sin)
				}
				return b.MatMul(in[0], b.Const(rotated, d, d))
			},
			Forward: func(out []T, in [][]T) error {
				copy(out, in[0])
				for _, o := range ops {
					cos, sin := sincos(o, in[1])
					rotate(c, o, out, cos, sin)
				}
				return nil
			},
			Backward: func(din, in [][]T, out, dout []T) error { // un-applies the gates
				copy(y, out)
				copy(dy, dout)
				if din[1] != nil {
					clear(din[1])
				}
				for _, o := range slices.Backward(ops) {
					if a := o.Angles[0]; din[1] != nil && a.Source == circuit.Trainable {
						din[1][a.Index] += T(a.Scale) * angleGrad(c, o, y, dy)
					}
					cos, sin := sincos(o, in[1])
					rotate(c, o, y, cos, -sin)
					rotate(c, o, dy, cos, -sin)
				}
				if din[0] != nil {
					copy(din[0], dy)
				}
				return nil
			},
		}, operands...)
	}
}

// sincos returns cosine and sine of the operation's angle.
func sincos[T op.Float](o circuit.Operation, theta []T) (cos, sin T) {
	s, c := math.Sincos(circuit.Value(o.Angles[0], theta, nil))
	return T(c), T(s)
}

// rotate applies RBS to the two features of every row.
func rotate[T op.Float](c *circuit.Circuit, o circuit.Operation, rows []T, cos, sin T) {
	a, b := o.Qubits[0], o.Qubits[1]
	for ; len(rows) > 0; rows = rows[c.Qubits():] {
		rows[a], rows[b] = cos*rows[a]-sin*rows[b], sin*rows[a]+cos*rows[b]
	}
}

// angleGrad returns the derivative by the operation's angle, of results y with gradient dy.
func angleGrad[T op.Float](c *circuit.Circuit, o circuit.Operation, y, dy []T) (sum T) {
	a, b := o.Qubits[0], o.Qubits[1]
	for r := 0; r < len(y); r += c.Qubits() {
		sum += dy[r+b]*y[r+a] - dy[r+a]*y[r+b]
	}
	return sum
}
