package circuit

import "slices"

// Add appends a gate of any kind, controls first. The methods below are short forms of it.
func (c *Circuit) Add(k *Gate, angles []Angle, qubits ...int) *Circuit {
	return c.Control(nil, k, angles, qubits...)
}

// Control appends a gate of any kind that acts only where all the given controls are 1: a gate of any number of controls.
func (c *Circuit) Control(controls []int, k *Gate, angles []Angle, qubits ...int) *Circuit {
	if k == nil {
		c.fail("circuit: gate kind is nil")
		return c
	}
	if len(qubits) != k.Qubits {
		c.fail("circuit: %s: want %d qubits, got %d", k.Name, k.Qubits, len(qubits))
		return c
	}
	if len(angles) != k.Angles {
		c.fail("circuit: %s: want %d angles, got %d", k.Name, k.Angles, len(angles))
		return c
	}
	g := newOperation(k, slices.Clone(angles), slices.Clone(qubits))
	g.Controls = slices.Concat(controls, g.Controls)
	if err := g.check(k.Name, c.qubits); err != nil {
		c.failed(err)
		return c
	}
	c.ops = append(c.ops, g)
	return c
}

// made appends a gate of a kind that was just made.
func (c *Circuit) made(k *Gate, err error, angles []Angle, qubits []int) *Circuit {
	if err != nil {
		c.failed(err)
		return c
	}
	return c.Add(k, angles, qubits...)
}

func (c *Circuit) turn(k *Gate, a Angle, qubits ...int) *Circuit {
	return c.Add(k, []Angle{a}, qubits...)
}

// I appends the identity.
func (c *Circuit) I(q int) *Circuit { return c.Add(kindI, nil, q) }

// X appends the bit flip.
func (c *Circuit) X(q int) *Circuit { return c.Add(kindX, nil, q) }

// Y appends the Pauli Y.
func (c *Circuit) Y(q int) *Circuit { return c.Add(kindY, nil, q) }

// Z appends the phase flip.
func (c *Circuit) Z(q int) *Circuit { return c.Add(kindZ, nil, q) }

// H appends the Hadamard gate.
func (c *Circuit) H(q int) *Circuit { return c.Add(kindH, nil, q) }

// S appends diag(1, i).
func (c *Circuit) S(q int) *Circuit { return c.Add(kindS, nil, q) }

// Sdg appends diag(1, −i).
func (c *Circuit) Sdg(q int) *Circuit { return c.Add(kindSdg, nil, q) }

// T appends diag(1, exp(iπ/4)).
func (c *Circuit) T(q int) *Circuit { return c.Add(kindT, nil, q) }

// Tdg appends diag(1, exp(−iπ/4)).
func (c *Circuit) Tdg(q int) *Circuit { return c.Add(kindTdg, nil, q) }

// SX appends the square root of X.
func (c *Circuit) SX(q int) *Circuit { return c.Add(kindSX, nil, q) }

// SXdg appends the adjoint of the square root of X.
func (c *Circuit) SXdg(q int) *Circuit { return c.Add(kindSXdg, nil, q) }

// P appends the phase diag(1, exp(iλ)).
func (c *Circuit) P(q int, lambda Angle) *Circuit { return c.turn(kindP, lambda, q) }

// RX appends exp(−iθX/2).
func (c *Circuit) RX(q int, theta Angle) *Circuit { return c.turn(kindRX, theta, q) }

// RY appends exp(−iθY/2).
func (c *Circuit) RY(q int, theta Angle) *Circuit { return c.turn(kindRY, theta, q) }

// RZ appends exp(−iθZ/2).
func (c *Circuit) RZ(q int, theta Angle) *Circuit { return c.turn(kindRZ, theta, q) }

// U appends P(φ)·RY(θ)·P(λ), which is any gate of one qubit up to phase.
func (c *Circuit) U(q int, theta, phi, lambda Angle) *Circuit {
	return c.Add(kindU, []Angle{theta, phi, lambda}, q)
}

// U2 appends P(φ)·RY(π/2)·P(λ).
func (c *Circuit) U2(q int, phi, lambda Angle) *Circuit {
	return c.Add(kindU2, []Angle{phi, lambda}, q)
}

// CX appends the controlled X.
func (c *Circuit) CX(control, q int) *Circuit { return c.Add(kindCX, nil, control, q) }

// CY appends the controlled Y.
func (c *Circuit) CY(control, q int) *Circuit { return c.Add(kindCY, nil, control, q) }

// CZ appends the controlled Z.
func (c *Circuit) CZ(control, q int) *Circuit { return c.Add(kindCZ, nil, control, q) }

// CH appends the controlled Hadamard gate.
func (c *Circuit) CH(control, q int) *Circuit { return c.Add(kindCH, nil, control, q) }

// CP appends the controlled phase.
func (c *Circuit) CP(control, q int, lambda Angle) *Circuit {
	return c.turn(kindCP, lambda, control, q)
}

// CRX appends the controlled RX.
func (c *Circuit) CRX(control, q int, theta Angle) *Circuit {
	return c.turn(kindCRX, theta, control, q)
}

// CRY appends the controlled RY.
func (c *Circuit) CRY(control, q int, theta Angle) *Circuit {
	return c.turn(kindCRY, theta, control, q)
}

// CRZ appends the controlled RZ.
func (c *Circuit) CRZ(control, q int, theta Angle) *Circuit {
	return c.turn(kindCRZ, theta, control, q)
}

// CU appends the controlled exp(iγ)·U(θ, φ, λ).
func (c *Circuit) CU(control, q int, theta, phi, lambda, gamma Angle) *Circuit {
	return c.Add(kindCU, []Angle{theta, phi, lambda, gamma}, control, q)
}

// Swap exchanges two qubits.
func (c *Circuit) Swap(a, b int) *Circuit { return c.Add(kindSwap, nil, a, b) }

// ISwap exchanges two qubits with a phase i on |01⟩ and |10⟩.
func (c *Circuit) ISwap(a, b int) *Circuit { return c.Add(kindISwap, nil, a, b) }

// CCX appends the Toffoli gate.
func (c *Circuit) CCX(a, b, q int) *Circuit { return c.Add(kindCCX, nil, a, b, q) }

// CCZ appends Z with two controls.
func (c *Circuit) CCZ(a, b, q int) *Circuit { return c.Add(kindCCZ, nil, a, b, q) }

// CSwap appends the Fredkin gate.
func (c *Circuit) CSwap(control, a, b int) *Circuit { return c.Add(kindCSwap, nil, control, a, b) }

// MCX appends X with any number of controls.
func (c *Circuit) MCX(controls []int, q int) *Circuit { return c.Control(controls, kindX, nil, q) }

// MCZ appends Z with any number of controls.
func (c *Circuit) MCZ(controls []int, q int) *Circuit { return c.Control(controls, kindZ, nil, q) }

// RXX appends exp(−iθXX/2).
func (c *Circuit) RXX(a, b int, theta Angle) *Circuit { return c.turn(kindRXX, theta, a, b) }

// RYY appends exp(−iθYY/2).
func (c *Circuit) RYY(a, b int, theta Angle) *Circuit { return c.turn(kindRYY, theta, a, b) }

// RZZ appends exp(−iθZZ/2).
func (c *Circuit) RZZ(a, b int, theta Angle) *Circuit { return c.turn(kindRZZ, theta, a, b) }

// RZX appends exp(−iθZX/2) with Z on a and X on b.
func (c *Circuit) RZX(a, b int, theta Angle) *Circuit { return c.turn(kindRZX, theta, a, b) }

// RBS appends the real rotation |01⟩ → cos θ|01⟩ − sin θ|10⟩ that keeps the number of ones.
func (c *Circuit) RBS(a, b int, theta Angle) *Circuit { return c.turn(kindRBS, theta, a, b) }

// Givens appends the real rotation |01⟩ → cos θ/2|01⟩ + sin θ/2|10⟩ that keeps the number of ones.
func (c *Circuit) Givens(a, b int, theta Angle) *Circuit { return c.turn(kindGivens, theta, a, b) }

// PauliRotation appends exp(−iθP/2) for a Pauli string of one letter a qubit.
func (c *Circuit) PauliRotation(pauli string, theta Angle, qubits ...int) *Circuit {
	k, err := PauliRotation(pauli)
	return c.made(k, err, []Angle{theta}, qubits)
}

// Diagonal appends diag(d).
func (c *Circuit) Diagonal(d []complex128, qubits ...int) *Circuit {
	k, err := Diagonal(d)
	return c.made(k, err, nil, qubits)
}

// Unitary appends the gate of a given matrix, which must be unitary.
func (c *Circuit) Unitary(m Matrix, qubits ...int) *Circuit {
	k, err := Unitary(m)
	return c.made(k, err, nil, qubits)
}

// Evolution appends exp(−i·a·G) for a given matrix, which must be Hermitian.
func (c *Circuit) Evolution(g Matrix, a Angle, qubits ...int) *Circuit {
	k, err := Evolution(g)
	return c.made(k, err, []Angle{a}, qubits)
}
