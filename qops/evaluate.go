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

// Inputs are what Evaluate takes of a graph. What the circuit does not need is nil.
type Inputs struct {
	X         *G.Node   // (…, D)        features, the amplitudes to start from, as EncodeAmplitude makes them; nil: every row starts from |0…0⟩
	Normalize Normalize //               what of X is scaled to unit norm
	Theta     *G.Node   // (NumTheta)    radians, shared by all rows
	Data      *G.Node   // (…, NumData)  radians, one row a row
}

// Gradient says how a node computes its gradient. All methods give the same numbers; two are there to check the third, and to see what a device would have to do.
type Gradient int

// The methods of a gradient.
const (
	Adjoint        Gradient = iota // one sweep that un-applies the gates, some three times the work of the values, whatever the number of angles
	ParameterShift                 // values at shifted angles, by the rule of each gate: exact, of what is an expectation; two values or more for each place of an angle
	Differences                    // central differences of fourth order: four values for each angle, good to 1e-12 in float64 and 1e-5 in float32
)

// String returns the method's name.
func (g Gradient) String() string {
	names := [...]string{"Adjoint", "ParameterShift", "Differences"}
	if g < 0 || int(g) >= len(names) {
		return "Gradient " + strconv.Itoa(int(g))
	}
	return names[g]
}

// Evaluate returns what is read of the states that a circuit makes, encoding, circuit and reading being one node.
//
//	out  (…, K)  K numbers a row, of the axes of X or Data; (K) without both
//
// It computes what EncodeAmplitude or Prepare, Apply and Expect (or another reading) compute together, and holds with its gradient a state a row and one more, or one for a few
// rows if they are small, where those hold five to seven. Zeros in X give a state of zeros, without a gradient.
//
// Differentiable once in X, Theta and Data, by any Gradient. By ParameterShift and Differences an amplitude of X costs two values or four: put op.StopGradient in front of features that
// need no gradient. It returns the circuit's own error, one for shapes that do not fit, for states of over 4 GiB in float32 together, for inputs that are all nil, and, for ParameterShift, for
// a gate without a rule and for a purity, which is no expectation; the run returns one that names an angle that is NaN or infinite, or, but for Unit Keep, a feature.
//
// Source: Jones and Gacon, arXiv:2009.02823; Wierichs, Izaac, Wang, Lin, arXiv:2107.12390; docs/math.md, sections 5 and 7.
func Evaluate(c *circuit.Circuit, r Readout, in Inputs, g Gradient) (*G.Node, error) {
	k, err := newEvaluation(c, r, in, g)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Evaluate")
	}
	operands := present(in.X, in.Theta, in.Data)
	return op.ByDtype(operands[0], evaluate[float32](k), evaluate[float64](k), operands[1:]...)
}

// evaluation is the geometry of Evaluate.
type evaluation struct {
	circuit  *circuit.Circuit
	readout  Readout
	gradient Gradient

	leading            tensor.Shape
	rows, width, group int // width of a row of X, 0 without one, and the rows of it that are scaled together
	unit               Normalize
	theta, data        bool // is there one
}

func newEvaluation(c *circuit.Circuit, r Readout, in Inputs, g Gradient) (k evaluation, err error) {
	if c == nil {
		return k, errors.New("the circuit is nil")
	}
	if err := c.Err(); err != nil {
		return k, err
	}
	if g < Adjoint || g > Differences {
		return k, errors.Errorf("unknown %v", g)
	}
	k = evaluation{circuit: c, readout: r, gradient: g, unit: in.Normalize, rows: 1, group: 1, theta: in.Theta != nil, data: in.Data != nil}
	switch {
	case in.X != nil:
		if err := k.amplitudes(in.X.Shape()); err != nil {
			return k, err
		}
	case in.Data != nil && in.Data.Dims() > 0:
		k.leading = in.Data.Shape()[:in.Data.Dims()-1].Clone()
	case in.Theta == nil:
		return k, errors.New("want X, Theta or Data, got none")
	}
	for _, n := range k.leading {
		k.rows *= n
	}
	if err := angles("theta", in.Theta, c.NumTheta(), nil); err != nil {
		return k, err
	}
	if err := angles("data", in.Data, c.NumData(), k.leading); err != nil {
		return k, err
	}
	return k, room(k.rows, c.Qubits())
}

// amplitudes takes the shape of X.
func (k *evaluation) amplitudes(x tensor.Shape) error {
	if x.Dims() < 1 || k.unit == NormalizeImage && x.Dims() < 2 {
		return errors.Errorf("want X (…, D), or (…, T, D) to scale whole images, got %v", x)
	}
	k.leading, k.width = x[:x.Dims()-1].Clone(), x[x.Dims()-1]
	if k.unit == NormalizeImage {
		k.group = x[x.Dims()-2]
	}
	_, err := qubitsFor(k.width, k.circuit.Qubits())
	return err
}

func evaluate[T op.Float](k evaluation) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		e, err := newEvaluator[T](k)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Evaluate")
		}
		return op.Apply(op.Kernel[T]{
			Name:     "Evaluate",
			Shape:    append(k.leading, e.outputs),
			Forward:  e.forward,
			Backward: e.backward,
		}, operands...)
	}
}

// evaluator is the kernel of Evaluate.
type evaluator[T op.Float] struct {
	evaluation
	outputs int
	e       *statevec.MeasuredCircuit[T]
	shifts  *statevec.ShiftGradient[T] // nil for Adjoint
	norms   []float64                  // of the groups of X
	x, dx   []T                        // of the call at work
	start   func(row int, psi []T)
	finish  func(row int, dpsi []T)
}

func newEvaluator[T op.Float](k evaluation) (*evaluator[T], error) {
	read, err := on[T](k.readout, k.circuit.Qubits())
	if err != nil {
		return nil, err
	}
	plan, err := statevec.Compile[T](k.circuit)
	if err != nil {
		return nil, err
	}
	v := &evaluator[T]{evaluation: k, outputs: read.Outputs(), norms: make([]float64, k.rows/k.group)}
	if v.e, err = statevec.NewMeasuredCircuit(plan, read, 1); err != nil {
		return nil, err
	}
	switch k.gradient {
	case ParameterShift:
		v.shifts, err = statevec.NewParameterShift(k.circuit, read, 1)
	case Differences:
		v.shifts, err = statevec.NewFiniteDifferences(k.circuit, read, 1)
	}
	if k.width > 0 {
		v.start, v.finish = v.encode, v.collect
	}
	return v, err
}

// split returns X, theta and data of operands or their gradients, nil where there is none.
func (v *evaluator[T]) split(list [][]T) (x, theta, data []T) {
	if v.width > 0 {
		x, list = list[0], list[1:]
	}
	theta, data = thetaAndData(list, v.theta)
	return x, theta, data
}

func (v *evaluator[T]) forward(out []T, in [][]T) error {
	x, theta, data := v.split(in)
	if err := finite("theta", len(theta), theta); err != nil {
		return err
	}
	if err := finite("data", len(data)/v.rows, data); err != nil {
		return err
	}
	if err := v.measure(x); err != nil {
		return err
	}
	v.x = x
	defer func() { v.x = nil }()
	return v.e.Apply(statevec.Inputs[T]{Rows: v.rows, Theta: theta, Data: data, Start: v.start}, out)
}

func (v *evaluator[T]) backward(din, in [][]T, _, dout []T) error {
	x, theta, data := v.split(in)
	dx, dtheta, ddata := v.split(din)
	v.x, v.dx = x, dx
	defer func() { v.x, v.dx = nil, nil }()
	at, to := statevec.Inputs[T]{Rows: v.rows, Theta: theta, Data: data, Start: v.start}, statevec.Gradients[T]{Theta: dtheta, Data: ddata}
	if dx != nil {
		to.Start, to.Amplitudes = v.finish, v.width
	}
	gradient := v.e.Adjoint
	if v.shifts != nil {
		gradient = v.shifts.Gradient
	}
	if err := gradient(at, dout, to); err != nil {
		return err
	}
	for g := 0; g < len(v.norms) && dx != nil && v.unit != NormalizeNone; g++ {
		size := v.group * v.width
		unitGrad(dx[g*size:(g+1)*size], x[g*size:(g+1)*size], v.norms[g])
	}
	return nil
}

// measure sets the norms of what is scaled together.
func (v *evaluator[T]) measure(x []T) error {
	size := v.group * v.width
	for g := 0; g < len(v.norms) && size > 0; g++ {
		norm, err := length(strided[T]{x[g*size : (g+1)*size], v.group, v.width, v.width})
		if err != nil && v.unit != NormalizeNone {
			return errors.WithMessagef(err, "%s %d", v.unit, g)
		}
		v.norms[g] = norm
	}
	return nil
}

// encode writes the state that a row of X stands for.
func (v *evaluator[T]) encode(row int, psi []T) {
	x, norm := v.x[row*v.width:(row+1)*v.width], v.norms[row/v.group]
	for j, a := range x {
		switch {
		case v.unit == NormalizeNone:
			psi[2*j] = a
		case norm > 0:
			psi[2*j] = T(float64(a) / norm)
		}
	}
}

// collect takes the gradient by the amplitudes of a row.
func (v *evaluator[T]) collect(row int, dpsi []T) {
	dx := v.dx[row*v.width : (row+1)*v.width]
	for j := range dx {
		dx[j] = dpsi[2*j]
	}
}
