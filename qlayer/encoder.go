package qlayer

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Encoder turns features into states. It returns the states (…, 2^n, 2) of x (…, D), and the features as
// angles (…, P) for an ansatz that takes data, or nil if they make no angles. A custom one may have
// parameters, in s.
type Encoder interface {
	Encode(s *nn.Scope, x *G.Node) (psi, data *G.Node, err error)
}

// CircuitEncoder is an Encoder whose states are what a circuit makes of |0…0⟩ or of amplitudes. The layer
// Circuit runs it, the ansatz and the measurement as one node, in less than half the memory, and with the
// choice of a Gradient. All encoders of this package are such ones.
type CircuitEncoder interface {
	Encoder
	// EncodingCircuit returns the circuit for x (…, D), and what it takes: Data (…, P), angles of which the
	// first D are those of an ansatz that takes data, and perhaps X, the amplitudes to start from. It has no
	// trained angles.
	EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error)
}

// statesOf returns what an encoder that a user gave makes of x, and the number of qubits.
func statesOf(e Encoder, s *nn.Scope, x *G.Node) (psi, data *G.Node, qubits int, err error) {
	defer foreign.Recover(&err, "encoder", e)
	if psi, data, err = e.Encode(s, x); err != nil {
		return nil, nil, 0, err
	}
	if qubits, err = qops.Qubits(psi); err == nil {
		err = checkLeading("states", psi, 2, x)
	}
	if err == nil {
		err = checkLeading("data", data, 1, x)
	}
	return psi, data, qubits, errors.WithMessagef(err, "encoder %T", e)
}

// encodingOf returns the circuit of an encoder that a user gave, and what it takes.
func encodingOf(e CircuitEncoder, x *G.Node) (c *circuit.Circuit, in qops.Inputs, err error) {
	defer foreign.Recover(&err, "encoder", e)
	if c, in, err = e.EncodingCircuit(x); err != nil {
		return nil, in, err
	}
	switch {
	case c == nil:
		err = errors.New("want a circuit, got nil")
	case c.Err() != nil:
		err = c.Err()
	case in.Theta != nil || c.NumTheta() > 0:
		err = errors.New("want a circuit without trained angles and no Theta")
	default:
		err = checkOperations(c)
	}
	if err == nil {
		err = checkLeading("X", in.X, 1, x)
	}
	if err == nil {
		err = checkLeading("data", in.Data, 1, x)
	}
	return c, in, errors.WithMessagef(err, "encoder %T", e)
}

// checkLeading returns an error if a node that an encoder makes of x (…, D) has other axes than (…) before
// its own last ones.
func checkLeading(what string, n *G.Node, own int, x *G.Node) error {
	if n == nil {
		return nil
	}
	leading := x.Shape()[:x.Dims()-1]
	if k := n.Dims() - own; k < 0 || !slices.Equal(n.Shape()[:k], leading) {
		return errors.Errorf("%s of shape %v, want the leading axes %v of x", what, n.Shape(), leading)
	}
	return nil
}

// Amplitude encodes D features into the amplitudes of ⌈log2 D⌉ qubits, padded and scaled to unit norm
// (qops.EncodeAmplitude): the length of x is lost. It gives no data.
type Amplitude struct {
	Qubits    int            // 0: as many as D needs
	Normalize qops.Normalize // what is scaled together; the zero value scales each row on its own
}

// EncodingCircuit returns a circuit without gates, and x as amplitudes.
func (a Amplitude) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	d, err := features(x)
	if a.Qubits == 0 {
		a.Qubits = max(1, log2(d))
	}
	return circuit.New(a.Qubits), qops.Inputs{X: x, Normalize: a.Normalize}, err
}

// Encode returns the states (…, 2^n, 2). Differentiable once in x. It returns an error if D values do not
// fit.
func (a Amplitude) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	psi, err = qops.EncodeAmplitude(x, qops.EncodeOptions{Qubits: a.Qubits, Normalize: a.Normalize})
	return psi, nil, err
}

// Axis is the axis of an Angle encoder's rotations.
type Axis int

// The axes of rotation.
const (
	AxisY Axis = iota // real amplitudes
	AxisX
	AxisZ // behind a Hadamard gate, for RZ does nothing to |0⟩
)

// Angle encodes D features into the rotations of D qubits: qubit q of |0…0⟩ is rotated by x_q radians about
// the axis. Features beyond ±π wrap around: scale them first. An ansatz that takes data is given the same
// features.
type Angle struct{ Axis Axis }

// EncodingCircuit returns the circuit on D qubits, with x as data. It returns an error for an unknown axis
// and for more qubits than a circuit can have.
func (a Angle) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	rotate, known := map[Axis]func(c *circuit.Circuit, q int){
		AxisX: func(c *circuit.Circuit, q int) { c.RX(q, circuit.Data(q)) },
		AxisY: func(c *circuit.Circuit, q int) { c.RY(q, circuit.Data(q)) },
		AxisZ: func(c *circuit.Circuit, q int) { c.H(q).RZ(q, circuit.Data(q)) },
	}[a.Axis]
	if !known {
		return nil, qops.Inputs{}, errors.Errorf("angle encoding: unknown axis %d", a.Axis)
	}
	return buildEncoding("angle", x, 1, rotate)
}

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns the errors of
// EncodingCircuit.
func (a Angle) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) { return encode(a, x) }

// DenseAngle encodes D features into the rotations of ⌈D/2⌉ qubits, two for each qubit: RY(x_2q), then
// RZ(x_2q+1), which are the latitude and the longitude of its Bloch vector, in radians. For an odd D the last
// qubit has its RY alone. An ansatz that takes data is given the same features.
//
// Source: LaRose and Coyle, Robust data encodings for quantum classifiers, arXiv:2003.01695.
type DenseAngle struct{}

// EncodingCircuit returns the circuit on ⌈D/2⌉ qubits, with x as data. It returns an error for more qubits
// than a circuit can have.
func (DenseAngle) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	return buildEncoding("dense angle", x, 2, func(c *circuit.Circuit, i int) {
		if i%2 == 0 {
			c.RY(i/2, circuit.Data(i))
		} else {
			c.RZ(i/2, circuit.Data(i))
		}
	})
}

// Encode returns the states (…, 2^⌈D/2⌉, 2) and x. Differentiable once in x. It returns the errors of
// EncodingCircuit.
func (e DenseAngle) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	return encode(e, x)
}

// Basis encodes D bits into the basis state of D qubits that spells them: 0, 1, 1 becomes |011⟩. It rotates
// qubit q by RY(π·x_q), so that numbers between 0 and 1 give superpositions, with a gradient, and numbers
// beyond wrap around. An ansatz that takes data is given the same bits.
type Basis struct{}

// EncodingCircuit returns the circuit on D qubits, with x as data. It returns an error for more qubits than a
// circuit can have.
func (Basis) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	return buildEncoding("basis", x, 1, func(c *circuit.Circuit, q int) {
		c.RY(q, circuit.Data(q).Times(math.Pi))
	})
}

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns the errors of
// EncodingCircuit.
func (e Basis) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) { return encode(e, x) }

// buildEncoding returns the circuit of the gates that place appends for each feature of x, with so many
// features a qubit.
func buildEncoding(name string, x *G.Node, perQubit int,
	place func(c *circuit.Circuit, feature int)) (*circuit.Circuit, qops.Inputs, error) {
	d, err := features(x)
	if err != nil {
		return nil, qops.Inputs{}, err
	}
	c := circuit.New((d + perQubit - 1) / perQubit)
	for i := 0; i < d && c.Err() == nil; i++ {
		place(c, i)
	}
	return c, qops.Inputs{Data: x}, errors.WithMessagef(c.Err(), "%s encoding of %d features", name, d)
}

// encode returns the states that the encoder's circuit makes of x as data, and x.
func encode(e CircuitEncoder, x *G.Node) (psi, data *G.Node, err error) {
	c, in, err := e.EncodingCircuit(x)
	if err != nil {
		return nil, nil, err
	}
	psi, err = qops.Prepare(c, nil, in.Data)
	return psi, x, err
}

// features returns the length D of the last axis of x.
func features(x *G.Node) (int, error) {
	if x == nil || x.Dims() < 1 {
		return 0, errors.New("want x (…, D)")
	}
	return x.Shape()[x.Dims()-1], nil
}
