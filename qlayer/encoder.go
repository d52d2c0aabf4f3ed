package qlayer

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Encoder turns features into states. It returns the states (…, 2^n, 2) of x (…, D), and the features as angles (…, P) for an ansatz that
// takes data of its own, or nil if they make no angles.
type Encoder interface {
	Encode(s *nn.Scope, x *G.Node) (psi, data *G.Node, err error)
}

// Amplitude encodes D features into the amplitudes of ⌈log2 D⌉ qubits, padded and scaled to unit norm (qops.EncodeAmplitude): the length of x is lost.
// It gives no data.
type Amplitude struct {
	Qubits int       // 0: as many as D needs
	Unit   qops.Unit // what is scaled together; the zero value scales each row on its own
}

// Encode returns the states (…, 2^n, 2). Differentiable once in x. It returns an error if D values do not fit.
func (a Amplitude) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	psi, err = qops.EncodeAmplitude(x, qops.EncodeOptions{Qubits: a.Qubits, Unit: a.Unit})
	return psi, nil, err
}

// Axis is what an Angle encoder turns about.
type Axis int

const (
	Y Axis = iota // real amplitudes
	X
	Z // behind a Hadamard gate, for RZ does nothing to |0⟩
)

// Angle encodes D features into the rotations of D qubits, feature q turning qubit q of |0…0⟩ by x_q radians about the axis. Features beyond ±π
// wrap around: scale them first. The features are also the data of the ansatz, should it take any.
type Angle struct{ Axis Axis }

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns an error for an unknown axis and for more qubits than a circuit can have.
func (a Angle) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	lay, known := map[Axis]func(c *circuit.Circuit, q int){
		X: func(c *circuit.Circuit, q int) { c.RX(q, circuit.Data(q)) },
		Y: func(c *circuit.Circuit, q int) { c.RY(q, circuit.Data(q)) },
		Z: func(c *circuit.Circuit, q int) { c.H(q).RZ(q, circuit.Data(q)) },
	}[a.Axis]
	if !known {
		return nil, nil, errors.Errorf("angle encoding: unknown axis %d", a.Axis)
	}
	return turnedBy(x, "angle", 1, lay)
}

// DenseAngle encodes D features into the rotations of ⌈D/2⌉ qubits, two a qubit: RY(x_2q), then RZ(x_2q+1), which are the latitude and the longitude of its
// Bloch vector, in radians. Of an odd D the last qubit has its RY alone. The features are also the data of the ansatz, should it take any.
//
// Source: LaRose and Coyle, Robust data encodings for quantum classifiers, arXiv:2003.01695.
type DenseAngle struct{}

// Encode returns the states (…, 2^⌈D/2⌉, 2) and x. Differentiable once in x. It returns an error for more qubits than a circuit can have.
func (DenseAngle) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	return turnedBy(x, "dense angle", 2, func(c *circuit.Circuit, i int) {
		if i%2 == 0 {
			c.RY(i/2, circuit.Data(i))
		} else {
			c.RZ(i/2, circuit.Data(i))
		}
	})
}

// Basis encodes D bits into the basis state of D qubits that spells them: 0, 1, 1 becomes |011⟩. It turns qubit q by RY(π·x_q), so that numbers between
// 0 and 1 give superpositions, with a gradient, and numbers beyond wrap around. The bits are also the data of the ansatz, should it take any.
type Basis struct{}

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns an error for more qubits than a circuit can have.
func (Basis) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	return turnedBy(x, "basis", 1, func(c *circuit.Circuit, q int) { c.RY(q, circuit.Data(q).Times(math.Pi)) })
}

// turnedBy returns the states of |0…0⟩ after the gates that lay appends for each feature, with so many features a qubit, and x.
func turnedBy(x *G.Node, name string, each int, lay func(c *circuit.Circuit, feature int)) (psi, data *G.Node, err error) {
	d, err := features(x, name)
	if err != nil {
		return nil, nil, err
	}
	c := circuit.New((d + each - 1) / each)
	for i := 0; i < d && c.Err() == nil; i++ {
		lay(c, i)
	}
	psi, err = qops.Prepare(c, nil, x)
	return psi, x, errors.WithMessagef(err, "%s encoding of %d features", name, d)
}

// features returns the length D of the last axis of x.
func features(x *G.Node, name string) (int, error) {
	if x == nil || x.Dims() < 1 {
		return 0, errors.Errorf("%s encoding: want x (…, D)", name)
	}
	return x.Shape()[x.Dims()-1], nil
}
