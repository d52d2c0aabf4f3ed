package circuit

import "github.com/pkg/errors"

// OpaqueGate returns a gate that has a name and no definition, as OpenQASM 2 declares them: for the Opaque
// instructions of a Dynamic. Circuits refuse it. It returns an error for an empty name, less than one qubit
// or a negative number of angles.
func OpaqueGate(name string, qubits, angles int) (Gate, error) {
	if name == "" || qubits < 1 || angles < 0 {
		return Gate{}, errors.Errorf("circuit: OpaqueGate %q: want a name, qubits and no negative number of "+
			"angles, got %d and %d", name, qubits, angles)
	}
	return Gate{&row{name: name, symbol: name, help: "a gate without a definition", qubits: qubits,
		angles: angles}}, nil
}

// opaque tells whether the gate has no definition.
func (g Gate) opaque() bool { return g.row != nil && g.row.matrix == nil }
