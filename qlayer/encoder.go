package qlayer

import (
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
	if x == nil || x.Dims() < 1 {
		return nil, nil, errors.New("angle encoding: want x (…, D)")
	}
	n := x.Shape()[x.Dims()-1]
	c := circuit.New(n)
	for q := 0; q < n && c.Err() == nil; q++ {
		switch a.Axis {
		case X:
			c.RX(q, circuit.Data(q))
		case Y:
			c.RY(q, circuit.Data(q))
		case Z:
			c.H(q).RZ(q, circuit.Data(q))
		default:
			return nil, nil, errors.Errorf("angle encoding: unknown axis %d", a.Axis)
		}
	}
	psi, err = qops.Prepare(c, nil, x)
	return psi, x, errors.WithMessagef(err, "angle encoding of %d features", n)
}
