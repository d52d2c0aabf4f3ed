package qops

import (
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Inputs are what a circuit takes of a graph. What it does not need is nil.
type Inputs struct {
	X         *G.Node   // (…, D)       amplitudes to start from, as EncodeAmplitude has them; nil: |0…0⟩
	Normalize Normalize //              what of X is scaled to unit norm
	Theta     *G.Node   // (NumTheta)   radians, shared by all rows
	Data      *G.Node   // (…, NumData) radians, a row of angles for each row
}

// Gradient is the method by which a node computes its gradient. All give the same numbers; two are there to
// check the third, and to see what a device would have to do.
type Gradient int

// The methods of a gradient.
const (
	// Adjoint is one sweep that un-applies the gates: about three times the work of the values, for any
	// number of angles.
	Adjoint Gradient = iota
	// ParameterShift takes values at shifted angles, by the exact rule of each gate: two or more for each
	// occurrence of an angle. What is measured has to be an expectation.
	ParameterShift
	// FiniteDifferences takes four values for each angle, central differences of fourth order: good to 1e-12
	// in float64 and 1e-5 in float32.
	FiniteDifferences
)

// String returns the method's name.
func (g Gradient) String() string {
	names := [...]string{"Adjoint", "ParameterShift", "FiniteDifferences"}
	if g < 0 || int(g) >= len(names) {
		return "Gradient " + strconv.Itoa(int(g))
	}
	return names[g]
}

// MeasureCircuit returns what m reads of the states that a circuit makes of its inputs: encoding, circuit and
// measurement as one node.
//
//	out  (…, K)  K numbers a row, of the leading axes of X or Data; (K) without both
//
// It computes what EncodeAmplitude or Prepare, Apply and Measure compute together, and holds with its
// gradient one state a row and one more, or one for a few rows if they are small, where those hold five to
// seven. For a MeasureFunc it makes those nodes. Zeros in X give a state of zeros, without a gradient.
//
// Differentiable once in X, Theta and Data, by any Gradient; with a MeasureFunc, by Adjoint only. By
// ParameterShift and FiniteDifferences an amplitude of X costs two values or four: put op.StopGradient in
// front of features that need no gradient. It returns the circuit's own error, those of m, one for shapes
// that do not fit, for states of over 4 GiB in float32 together, for inputs that are all nil, and, for
// ParameterShift, for a gate without a rule and for a purity, which is no expectation; the run returns one
// that names an angle that is NaN or infinite, or, unless it is taken as it is (NormalizeNone), a feature.
//
// Source: Jones and Gacon, arXiv:2009.02823; Wierichs, Izaac, Wang, Lin, arXiv:2107.12390; docs/math.md,
// sections 5 and 7.
func MeasureCircuit(c *circuit.Circuit, m Measurement, in Inputs, g Gradient) (*G.Node, error) {
	m = m.orDefault()
	k, err := newCircuitShape(c, in)
	switch {
	case err != nil:
	case g < Adjoint || g > FiniteDifferences:
		err = errors.Errorf("unknown %v", g)
	case m.checkPlain() != nil:
		err = m.checkPlain()
	case !m.shots.exact() && g == FiniteDifferences:
		err = errors.New("want Gradient Adjoint or ParameterShift with shots: differences over a small " +
			"step are lost in their noise")
	case m.custom != nil && g != Adjoint:
		err = errors.Errorf("want a measurement other than a MeasureFunc for Gradient %v", g)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "qops: MeasureCircuit")
	}
	if m.custom != nil {
		psi, err := finalStates(c, in)
		if err != nil {
			return nil, err
		}
		out, err := m.measureNodes(psi)
		return out, errors.WithMessage(err, "qops: MeasureCircuit")
	}
	operands := dropNil(in.X, in.Theta, in.Data)
	return op.ByDtype(operands[0], measureCircuit("MeasureCircuit", k, openCircuit[float32](c, m, g)),
		measureCircuit("MeasureCircuit", k, openCircuit[float64](c, m, g)), operands[1:]...)
}

// finalStates returns the states that the circuit makes of its inputs, node by node.
func finalStates(c *circuit.Circuit, in Inputs) (*G.Node, error) {
	if in.X == nil {
		return Prepare(c, in.Theta, in.Data)
	}
	psi, err := EncodeAmplitude(in.X, EncodeOptions{Normalize: in.Normalize, Qubits: c.Qubits()})
	if err != nil {
		return nil, err
	}
	return Apply(c, psi, in.Theta, in.Data)
}

// circuitShape is the geometry of MeasureCircuit.
type circuitShape struct {
	leading   tensor.Shape
	rows      int // of leading
	width     int // of a row of X, 0 without X
	group     int // rows of X that are scaled together
	normalize Normalize
	trained   bool
}

func newCircuitShape(c *circuit.Circuit, in Inputs) (k circuitShape, err error) {
	if err := checkCircuit(c); err != nil {
		return k, err
	}
	k = circuitShape{group: 1, normalize: in.Normalize, trained: in.Theta != nil}
	switch {
	case in.X != nil:
		e, err := newEncoding(in.X.Shape(), EncodeOptions{Normalize: in.Normalize, Qubits: c.Qubits()})
		if err != nil {
			return k, err
		}
		k.leading, k.width, k.group = e.leading, e.width, e.rows
	case in.Data != nil && in.Data.Dims() > 0:
		k.leading = in.Data.Shape()[:in.Data.Dims()-1].Clone()
	case in.Theta == nil:
		return k, errors.New("want X, Theta or Data, got none")
	}
	k.rows = k.leading.TotalSize()
	if err := checkAngles(c, in.Theta, in.Data, k.leading); err != nil {
		return k, err
	}
	return k, checkSize(k.rows, c.Qubits())
}

// measureCircuit returns the node of a circuit that open opens.
func measureCircuit[T op.Float](name string, k circuitShape,
	open func(k circuitShape) (*circuitKernel[T], error)) op.NodeFunc {
	return func(operands ...*G.Node) (*G.Node, error) {
		kernel, err := open(k)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: "+name)
		}
		n, err := op.Apply(op.Kernel[T]{
			Name:     name,
			Shape:    append(k.leading.Clone(), kernel.outputs),
			ONNX:     kernel.form,
			Forward:  kernel.forward,
			Backward: kernel.backward,
		}, operands...)
		if err != nil {
			return nil, err
		}
		return n, kernel.draws.offer(n)
	}
}

// circuitKernel is the kernel of MeasureCircuit.
type circuitKernel[T op.Float] struct {
	circuitShape
	outputs int
	circuit runner[T]
	shifts  *statevec.ShiftGradient[T] // nil for Adjoint
	draws   *draws[T]                  // nil: exact values
	norms   []float64                  // of the groups of X
	x, dx   []T                        // of the current call
	start   func(row int, psi []T)     // nil: |0…0⟩
	finish  func(row int, dpsi []T)
	form    form
}

// runner is a circuit and what is measured of it: a statevec.MeasuredCircuit or a statevec.MeasuredDensity.
type runner[T op.Float] interface {
	Apply(in statevec.Inputs[T], out []T) error
	Sample(in statevec.Inputs[T], shots statevec.Shots, out, stderr []T) error
	Adjoint(in statevec.Inputs[T], dout []T, to statevec.Gradients[T]) error
}

func newCircuitKernel[T op.Float](m Measurement, outputs int, shape circuitShape,
	r runner[T]) *circuitKernel[T] {
	k := &circuitKernel[T]{circuitShape: shape, outputs: outputs, circuit: r}
	k.draws = newDraws[T](m.shots, k.rows, k.rows*k.outputs)
	k.norms = make([]float64, k.rows/k.group)
	if k.width > 0 {
		k.start, k.finish = k.encodeRow, k.collectRow
	}
	return k
}

func openCircuit[T op.Float](c *circuit.Circuit, m Measurement,
	g Gradient) func(shape circuitShape) (*circuitKernel[T], error) {
	return func(shape circuitShape) (*circuitKernel[T], error) {
		read, err := open[T](m, c.Qubits())
		if err != nil {
			return nil, err
		}
		plan, err := statevec.Compile[T](c)
		if err != nil {
			return nil, err
		}
		measured, err := statevec.NewMeasuredCircuit(plan, read, 1)
		if err != nil {
			return nil, err
		}
		k := newCircuitKernel[T](m, read.Outputs(), shape, measured)
		k.form = unlessShots(m.shots, shape.form(c, m, read.Outputs()))
		switch g {
		case ParameterShift:
			k.shifts, err = statevec.NewParameterShift(c, read, 1)
		case FiniteDifferences:
			k.shifts, err = statevec.NewFiniteDifferences(c, read, 1)
		}
		return k, err
	}
}

// split returns X, theta and data of operands or their gradients, nil where there is none.
func (k *circuitKernel[T]) split(list [][]T) (x, theta, data []T) {
	if k.width > 0 {
		x, list = list[0], list[1:]
	}
	theta, data = splitAngles(list, k.trained)
	return x, theta, data
}

func (k *circuitKernel[T]) forward(out []T, in [][]T) error {
	x, theta, data := k.split(in)
	if err := checkFinite(theta, data, k.leading); err != nil {
		return err
	}
	if err := k.setNorms(x); err != nil {
		return err
	}
	k.x = x
	defer func() { k.x = nil }()
	inputs := statevec.Inputs[T]{Rows: k.rows, Theta: theta, Data: data, Start: k.start}
	if k.draws == nil {
		return k.circuit.Apply(inputs, out)
	}
	if err := k.draws.next(); err != nil {
		return err
	}
	return k.circuit.Sample(inputs, k.draws.shots(), out, k.draws.stderr)
}

func (k *circuitKernel[T]) backward(din, in [][]T, _, dout []T) error {
	x, theta, data := k.split(in)
	dx, dtheta, ddata := k.split(din)
	k.x, k.dx = x, dx
	defer func() { k.x, k.dx = nil, nil }()
	inputs := statevec.Inputs[T]{Rows: k.rows, Theta: theta, Data: data, Start: k.start}
	gradients := statevec.Gradients[T]{Theta: dtheta, Data: ddata}
	if dx != nil {
		gradients.Start, gradients.Amplitudes = k.finish, k.width
	}
	differentiate := k.circuit.Adjoint
	switch {
	case k.shifts != nil && k.draws != nil:
		differentiate = func(in statevec.Inputs[T], dout []T, to statevec.Gradients[T]) error {
			return k.shifts.GradientFromShots(in, k.draws.shots(), dout, to)
		}
	case k.shifts != nil:
		differentiate = k.shifts.Gradient
	}
	if err := differentiate(inputs, dout, gradients); err != nil {
		return err
	}
	for g := 0; g < len(k.norms) && dx != nil && k.normalize != NormalizeNone; g++ {
		size := k.group * k.width
		unitGrad(dx[g*size:(g+1)*size], x[g*size:(g+1)*size], k.norms[g])
	}
	return nil
}

// setNorms sets the norms of the rows that are scaled together.
func (k *circuitKernel[T]) setNorms(x []T) error {
	size := k.group * k.width
	for g := 0; g < len(k.norms) && size > 0; g++ {
		length, ok := norm(submatrix[T]{x[g*size : (g+1)*size], k.group, k.width, k.width})
		if !ok && k.normalize != NormalizeNone {
			return notFinite("x", x, append(k.leading.Clone(), k.width))
		}
		k.norms[g] = length
	}
	return nil
}

// encodeRow writes the state that a row of X stands for.
func (k *circuitKernel[T]) encodeRow(row int, psi []T) {
	x, norm := k.x[row*k.width:(row+1)*k.width], k.norms[row/k.group]
	switch {
	case k.normalize == NormalizeNone:
		_ = statevec.SetReal(psi, x, 1) // which fits, by newCircuitShape
	case norm > 0:
		setUnit(psi, x, norm)
	}
}

// collectRow takes the gradient by the amplitudes of a row.
func (k *circuitKernel[T]) collectRow(row int, dpsi []T) {
	_ = statevec.RealParts(k.dx[row*k.width:(row+1)*k.width], dpsi)
}
