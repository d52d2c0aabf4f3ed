package circuit

// Gate is a row of the gate table, or a gate made by NewGate, Unitary, Diagonal, Evolution or PauliRotation.
// Laws, simulation, drawings, OpenQASM, the builder methods and the reference page follow from the row, so a
// new gate is one new row.
//
// A Gate never changes. Two Gates are equal if they are the same row. The zero Gate is no gate: it has no
// qubits and no matrix, and circuits refuse it.
type Gate struct{ row *row }

var noGate row

func (g Gate) data() *row {
	if g.row == nil {
		return &noGate
	}
	return g.row
}

// Name returns the name, in the table that of OpenQASM where it has one.
func (g Gate) Name() string { return g.data().name }

// String returns the name.
func (g Gate) String() string { return g.Name() }

// Symbol returns what a drawing writes in the box.
func (g Gate) Symbol() string { return g.data().symbol }

// Help returns what the gate does, in one line.
func (g Gate) Help() string { return g.data().help }

// Qubits returns the number of qubits, controls included.
func (g Gate) Qubits() int { return g.data().qubits }

// Angles returns the number of angles.
func (g Gate) Angles() int { return g.data().angles }

// Real tells whether real states stay real: the matrix is real for all angles, and so are the matrices of the
// gates in the definition.
func (g Gate) Real() bool { return g.data().real }

// QASM returns the name in the library of OpenQASM version 2 or 3 (qelib1.inc, stdgates.inc), modifiers
// included; "" if the library has no such gate.
func (g Gate) QASM(version int) string {
	switch version {
	case 2:
		return g.data().qasm2
	case 3:
		return g.data().qasm3
	}
	return ""
}

// Base returns the gate that the first qubits control and the number of these controls: X and 2 for ccx. A
// gate that is not written so in the table returns itself and 0.
func (g Gate) Base() (base Gate, controls int) {
	if b := g.data().baseRow; b != nil {
		return Gate{b}, g.row.controls
	}
	return g, 0
}

// Matrix returns the unitary at the given angles in radians, 2^Qubits square. The first qubit is the most
// significant bit of the index. It returns nil for another number of angles than Angles, and for a gate of
// more than ten qubits.
func (g Gate) Matrix(angles []float64) Matrix {
	r := g.data()
	if r.matrix == nil || len(angles) != r.angles || r.qubits > maxDense {
		return nil
	}
	return r.matrix(angles)
}

// Generator returns the Hermitian G of a gate of one angle a that is exp(−i·a·G), phase included. It returns
// nil for any other gate, and for a gate of more than ten qubits.
func (g Gate) Generator() Matrix {
	r := g.data()
	if r.generator == nil || r.qubits > maxDense {
		return nil
	}
	return r.generator()
}

// Defined tells whether the gate comes with a definition by simpler gates. Definition makes one for most of
// the others.
func (g Gate) Defined() bool { return g.data().definition != nil }

// primitive tells whether the gate is used as it stands, by its matrix or its generator, where those of other
// gates use their definition: of a large gate with a definition the matrix would be a large one.
func (g Gate) primitive() bool {
	r := g.data()
	return (r.angles == 0 || r.generator != nil) && (r.qubits <= 2 || r.definition == nil)
}

// inverse returns the adjoint of the gate with the given angles.
func (g Gate) inverse(angles []Angle) (Gate, []Angle) {
	r := g.data()
	if r.inverseAngles != nil {
		angles = r.inverseAngles(angles)
	}
	if r.inverse != nil {
		g = Gate{r.inverse}
	}
	return g, angles
}
