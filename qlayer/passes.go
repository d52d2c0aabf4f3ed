package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// AnglePasses encodes D features into rotations of n qubits, in as many passes as it takes: RX(x_i) on qubit
// i mod n, in radians, and a ring of CX between two passes, so that no two angles of a qubit add up. For D ≤
// n it is Angle about X. An ansatz that takes data is given the same features.
//
// Source: the encoders of quantum vision transformers, arXiv:2402.00776 and 2405.10284, with the passes of
// image forms of QSANN, arXiv:2205.05625.
type AnglePasses struct {
	Qubits   int  // n; 0: 4, or D if that is less
	Hadamard bool // H on every qubit first
}

// EncodingCircuit returns the circuit, with x as data. It returns an error for fewer than 0 qubits, and for
// more qubits or gates than a circuit can have.
func (a AnglePasses) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	d, err := features(x)
	if err != nil {
		return nil, qops.Inputs{}, err
	}
	if a.Qubits < 0 {
		return nil, qops.Inputs{}, errors.Errorf("angle passes: want at least 1 qubit, or 0 for 4, got %d",
			a.Qubits)
	}
	n := a.Qubits
	if n == 0 {
		n = min(usualQubits, d)
	}
	c := circuit.New(n)
	for q := 0; q < n && a.Hadamard && c.Err() == nil; q++ {
		c.H(q)
	}
	for i := 0; i < d && c.Err() == nil; i++ {
		if i > 0 && i%n == 0 {
			addRing(c)
		}
		c.RX(i%n, circuit.Data(i))
	}
	return c, qops.Inputs{Data: x}, c.Err()
}

// Encode returns the states (…, 2^n, 2) and x. Differentiable once in x. It returns the errors of
// EncodingCircuit.
func (a AnglePasses) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	return encode(a, x)
}

// usualQubits is how many qubits a token takes whose features are angles.
const usualQubits = 4
