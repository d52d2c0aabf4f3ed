package circuit

import (
	"slices"

	"github.com/pkg/errors"
)

// Add appends any gate, controls first. The builder methods are short forms of it.
func (c *Circuit) Add(k Gate, angles []Angle, qubits ...int) *Circuit {
	return c.Control(nil, k, angles, qubits...)
}

// Control appends a gate that acts only where all the given controls are 1: any gate under any number of
// controls.
func (c *Circuit) Control(controls []int, k Gate, angles []Angle, qubits ...int) *Circuit {
	c = c.orBroken()
	if len(qubits) != k.Qubits() {
		return c.refuse(errors.Errorf("circuit: %s: want %d qubits, got %d", k, k.Qubits(), len(qubits)))
	}
	g := newOperation(k, slices.Clone(angles), slices.Clone(qubits)).Controlled(controls...)
	return c.add(k.Name(), g)
}

// add appends an operation, named in errors.
func (c *Circuit) add(name string, g Operation) *Circuit {
	if err := g.check(name, c.qubits); err != nil {
		return c.refuse(err)
	}
	if len(c.ops) == MaxOperations {
		if c.full {
			return c // one mistake for all that follow
		}
		c.full = true
		return c.refuse(errors.Errorf("circuit: %s: want at most %d operations", name, MaxOperations))
	}
	c.ops = append(c.ops, g)
	return c
}

// addMade appends a gate that was just made.
func (c *Circuit) addMade(k Gate, err error, angles []Angle, qubits []int) *Circuit {
	if err != nil {
		return c.refuse(err)
	}
	return c.Add(k, angles, qubits...)
}

// MCX appends X with any number of controls.
func (c *Circuit) MCX(controls []int, q int) *Circuit { return c.Control(controls, gateX, nil, q) }

// MCZ appends Z with any number of controls.
func (c *Circuit) MCZ(controls []int, q int) *Circuit { return c.Control(controls, gateZ, nil, q) }

// PauliRotation appends exp(−iθP/2) for a Pauli string of one letter a qubit.
func (c *Circuit) PauliRotation(pauli string, theta Angle, qubits ...int) *Circuit {
	k, err := PauliRotation(pauli)
	return c.addMade(k, err, []Angle{theta}, qubits)
}

// Diagonal appends diag(d).
func (c *Circuit) Diagonal(d []complex128, qubits ...int) *Circuit {
	k, err := Diagonal(d)
	return c.addMade(k, err, nil, qubits)
}

// Unitary appends the gate of a given matrix, which must be unitary.
func (c *Circuit) Unitary(m Matrix, qubits ...int) *Circuit {
	k, err := Unitary(m)
	return c.addMade(k, err, nil, qubits)
}

// Evolution appends exp(−i·a·G) for a given matrix, which must be Hermitian.
func (c *Circuit) Evolution(g Matrix, a Angle, qubits ...int) *Circuit {
	k, err := Evolution(g)
	return c.addMade(k, err, []Angle{a}, qubits)
}
