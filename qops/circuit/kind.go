package circuit

import "slices"

// Gate is a kind of gate: one row of the gate table. Laws, simulation, drawing, OpenQASM and the reference page follow from its fields,
// so a new gate is one new row. A Kind is immutable and may be shared. One of one's own needs Name, Qubits, Angles, Matrix and Symbol; if it has an angle, also InverseAngles,
// and Parts or, for one angle, a Generator.
type Gate struct {
	Name   string
	Qubits int // controls included
	Angles int

	// Matrix is the unitary for given angles in radians, 2^Qubits square; the first qubit is the most significant bit.
	Matrix func(angles []float64) Matrix
	// Generator is the Hermitian G of a gate of one angle: the gate is exp(−i·a·G) exactly, phase included. Nil for other gates.
	Generator func() Matrix
	// Real says that every entry of Matrix is real for every angle.
	Real bool

	// Inverse is the kind of the adjoint gate; nil means the kind itself. InverseAngles gives its angles; nil means the same angles.
	Inverse       *Gate
	InverseAngles func([]Angle) []Angle

	// Base is the gate that the first Controls qubits control; nil for a gate that is not of this form.
	Base     *Gate
	Controls int

	// Decomposition is the same unitary, phase included, by simpler gates: Theta(i) stands for the i-th angle and qubits count from 0.
	// Every gate of more than one angle has it, and every gate of the table that OpenQASM 3 does not know.
	Decomposition []Operation

	QASM2, QASM3 string // name in qelib1.inc and in stdgates.inc, modifiers included; empty: exported by definition from Parts
	Symbol       string // what a drawing writes in the box
	Help         string // one line for the reference page
}

// fixed completes a row without angles.
func fixed(k Gate, m Matrix) *Gate {
	k.Matrix = func([]float64) Matrix { return slices.Clone(m) }
	k.Real = m.IsReal()
	return &k
}

// adjoints completes a pair of rows without angles that are the inverse of each other.
func adjoints(k, dagger Gate, m Matrix) (*Gate, *Gate) {
	a, b := fixed(k, m), fixed(dagger, m.Dagger())
	a.Inverse, b.Inverse = b, a
	return a, b
}

// rotation completes a row of one angle, exp(−i·a·g), for a generator with eigenvalues 0 and ±c.
func rotation(k Gate, g Matrix, c float64) *Gate {
	k.Angles = 1
	k.Matrix = func(a []float64) Matrix { return expGenerator(g, c, a[0]) }
	k.Generator = func() Matrix { return slices.Clone(g) }
	k.Real = g.Scaled(1i).IsReal()
	k.InverseAngles = negated
	return &k
}

// controlled completes the row of a gate whose first controls qubits control base.
func controlled(controls int, base *Gate, k Gate) *Gate {
	k.Qubits, k.Angles = controls+base.Qubits, base.Angles
	k.Base, k.Controls = base, controls
	k.Real = base.Real
	k.InverseAngles = base.InverseAngles
	k.Matrix = func(a []float64) Matrix { return base.Matrix(a).controlled(controls, 1) }
	if base.Generator != nil {
		k.Generator = func() Matrix { return base.Generator().controlled(controls, 0) }
	}
	return &k
}

// inverse returns the adjoint of the kind with the given angles.
func (k *Gate) inverse(angles []Angle) (*Gate, []Angle) {
	if k.InverseAngles != nil {
		angles = k.InverseAngles(angles)
	}
	if k.Inverse != nil {
		k = k.Inverse
	}
	return k, angles
}

// negated is the inverse rule of rotations.
func negated(angles []Angle) []Angle {
	out := make([]Angle, len(angles))
	for i, a := range angles {
		out[i] = a.Times(-1)
	}
	return out
}
