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

// CircuitEncoder is an Encoder whose states are what a circuit makes of |0…0⟩. The layer Circuit runs it and the ansatz as one, which takes half the memory.
type CircuitEncoder interface {
	Encoder
	// Circuit returns the circuit for that many features, which are its first data.
	Circuit(features int) (*circuit.Circuit, error)
	// Angles returns its data (…, P): the features x (…, D), and behind them what else is made of them.
	Angles(x *G.Node) (*G.Node, error)
}

// Amplitude encodes D features into the amplitudes of ⌈log2 D⌉ qubits, padded and scaled to unit norm (qops.EncodeAmplitude): the length of x is lost.
// It gives no data.
type Amplitude struct {
	Qubits    int            // 0: as many as D needs
	Normalize qops.Normalize // what is scaled together; the zero value scales each row on its own
}

// Encode returns the states (…, 2^n, 2). Differentiable once in x. It returns an error if D values do not fit.
func (a Amplitude) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	psi, err = qops.EncodeAmplitude(x, qops.EncodeOptions{Qubits: a.Qubits, Normalize: a.Normalize})
	return psi, nil, err
}

// Axis is what an Angle encoder turns about.
type Axis int

const (
	AxisY Axis = iota // real amplitudes
	AxisX
	AxisZ // behind a Hadamard gate, for RZ does nothing to |0⟩
)

// Angle encodes D features into the rotations of D qubits, feature q turning qubit q of |0…0⟩ by x_q radians about the axis. Features beyond ±π
// wrap around: scale them first. The features are also the data of the ansatz, should it take any.
type Angle struct{ Axis Axis }

// Circuit returns the circuit on that many qubits. It returns an error for an unknown axis and for more qubits than a circuit can have.
func (a Angle) Circuit(features int) (*circuit.Circuit, error) {
	lay, known := map[Axis]func(c *circuit.Circuit, q int){
		AxisX: func(c *circuit.Circuit, q int) { c.RX(q, circuit.Data(q)) },
		AxisY: func(c *circuit.Circuit, q int) { c.RY(q, circuit.Data(q)) },
		AxisZ: func(c *circuit.Circuit, q int) { c.H(q).RZ(q, circuit.Data(q)) },
	}[a.Axis]
	if !known {
		return nil, errors.Errorf("angle encoding: unknown axis %d", a.Axis)
	}
	return laid("angle", features, 1, lay)
}

// Angles returns x.
func (Angle) Angles(x *G.Node) (*G.Node, error) { return x, nil }

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns the errors of Circuit.
func (a Angle) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) { return encoded(a, x) }

// DenseAngle encodes D features into the rotations of ⌈D/2⌉ qubits, two a qubit: RY(x_2q), then RZ(x_2q+1), which are the latitude and the longitude of its
// Bloch vector, in radians. Of an odd D the last qubit has its RY alone. The features are also the data of the ansatz, should it take any.
//
// Source: LaRose and Coyle, Robust data encodings for quantum classifiers, arXiv:2003.01695.
type DenseAngle struct{}

// Circuit returns the circuit on ⌈features/2⌉ qubits. It returns an error for more qubits than a circuit can have.
func (DenseAngle) Circuit(features int) (*circuit.Circuit, error) {
	return laid("dense angle", features, 2, func(c *circuit.Circuit, i int) {
		if i%2 == 0 {
			c.RY(i/2, circuit.Data(i))
		} else {
			c.RZ(i/2, circuit.Data(i))
		}
	})
}

// Angles returns x.
func (DenseAngle) Angles(x *G.Node) (*G.Node, error) { return x, nil }

// Encode returns the states (…, 2^⌈D/2⌉, 2) and x. Differentiable once in x. It returns the errors of Circuit.
func (e DenseAngle) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	return encoded(e, x)
}

// Basis encodes D bits into the basis state of D qubits that spells them: 0, 1, 1 becomes |011⟩. It turns qubit q by RY(π·x_q), so that numbers between
// 0 and 1 give superpositions, with a gradient, and numbers beyond wrap around. The bits are also the data of the ansatz, should it take any.
type Basis struct{}

// Circuit returns the circuit on that many qubits. It returns an error for more qubits than a circuit can have.
func (Basis) Circuit(features int) (*circuit.Circuit, error) {
	return laid("basis", features, 1, func(c *circuit.Circuit, q int) { c.RY(q, circuit.Data(q).Times(math.Pi)) })
}

// Angles returns x.
func (Basis) Angles(x *G.Node) (*G.Node, error) { return x, nil }

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns the errors of Circuit.
func (e Basis) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) { return encoded(e, x) }

// laid returns the circuit of the gates that lay appends for each feature, with so many features a qubit.
func laid(name string, features, each int, lay func(c *circuit.Circuit, feature int)) (*circuit.Circuit, error) {
	c := circuit.New((features + each - 1) / each)
	for i := 0; i < features && c.Err() == nil; i++ {
		lay(c, i)
	}
	return c, errors.WithMessagef(c.Err(), "%s encoding of %d features", name, features)
}

// encoded returns the states that the encoder's circuit makes of x, and x.
func encoded(e CircuitEncoder, x *G.Node) (psi, data *G.Node, err error) {
	d, err := features(x)
	if err != nil {
		return nil, nil, err
	}
	c, err := e.Circuit(d)
	if err != nil {
		return nil, nil, err
	}
	angles, err := e.Angles(x)
	if err != nil {
		return nil, nil, err
	}
	psi, err = qops.Prepare(c, nil, angles)
	return psi, x, err
}

// features returns the length D of the last axis of x.
func features(x *G.Node) (int, error) {
	if x == nil || x.Dims() < 1 {
		return 0, errors.New("want x (…, D)")
	}
	return x.Shape()[x.Dims()-1], nil
}
