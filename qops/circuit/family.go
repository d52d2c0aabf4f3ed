package circuit

import (
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

const (
	maxDense  = 10    // qubits of a user's matrix
	tolerance = 1e-10 // of unitary and Hermitian checks
)

// PauliRotation returns the rotation exp(−iθP/2) by a string of I, X, Y and Z, one letter a qubit.
// It returns an error for an empty string, another letter, or a string of I only.
func PauliRotation(pauli string) (*Gate, error) {
	if strings.Trim(pauli, "IXYZ") != "" || strings.Trim(pauli, "I") == "" || len(pauli) > MaxQubits {
		return nil, errors.Errorf("circuit: Pauli string %q: want 1 to %d letters of I, X, Y, Z, not all I", pauli, MaxQubits)
	}
	k := Gate{Name: "r" + strings.ToLower(pauli), Qubits: len(pauli), Angles: 1, Symbol: "R" + pauli, Help: "exp(−iθP/2) for the Pauli string P = " + pauli,
		Real:          strings.Count(pauli, "Y")%2 == 1,
		InverseAngles: negated,
		Generator:     func() Matrix { return pauliMatrix(pauli).Scaled(0.5) },
		Matrix:        func(a []float64) Matrix { return expGenerator(pauliMatrix(pauli).Scaled(0.5), 0.5, a[0]) },
		Decomposition: pauliParts(pauli)}
	return &k, nil
}

// pauliParts turns each letter into Z, gathers the parity on the last qubit of the string, rotates it, and goes back.
func pauliParts(pauli string) []Operation {
	if strings.Count(pauli, "Y")%2 == 1 {
		return realPauliParts(pauli)
	}
	var there []Operation
	last := -1
	for q, p := range pauli {
		switch p {
		case 'I':
			continue
		case 'X':
			there = append(there, gateOn(kindH, q))
		case 'Y':
			there = append(there, gateOn(kindSdg, q), gateOn(kindH, q))
		}
		if last >= 0 {
			there = append(there, gateOn(kindCX, last, q))
		}
		last = q
	}
	return conjugateBy(there, paramGateOn(kindRZ, Theta(0), last))
}

// realPauliParts uses real gates only: RY on the first Y, which CX and CZ from there spread over the string. Each further pair of Y turns the sign,
// as the letter on the first qubit goes from Y to X and back to −Y.
func realPauliParts(pauli string) []Operation {
	pivot := strings.IndexByte(pauli, 'Y')
	angle, ys := Theta(0), 0
	var there []Operation
	for q, p := range pauli {
		if q == pivot || p == 'I' {
			continue
		}
		if p != 'Z' {
			there = append(there, gateOn(kindCX, pivot, q))
		}
		if p != 'X' {
			there = append(there, gateOn(kindCZ, pivot, q))
		}
		if p == 'Y' {
			ys++
		}
	}
	if ys%4 == 2 {
		angle = angle.Times(-1)
	}
	return conjugateBy(there, paramGateOn(kindRY, angle, pivot))
}

// conjugateBy returns there, the gate, and the way back.
func conjugateBy(there []Operation, g Operation) []Operation {
	out := append(slices.Clone(there), g)
	for _, b := range slices.Backward(there) {
		out = append(out, b.Adjoint())
	}
	return out
}

// pauliMatrix returns the dense matrix of a Pauli string.
func pauliMatrix(pauli string) Matrix {
	factor := map[rune]Matrix{'I': {1, 0, 0, 1}, 'X': pauliX, 'Y': pauliY, 'Z': pauliZ}
	out := Matrix{1}
	for _, p := range pauli {
		out = out.kron(factor[p])
	}
	return out
}

// Diagonal returns the gate diag(d). It returns an error unless d has 2^k entries, 1 ≤ k ≤ 10, all of modulus 1.
func Diagonal(d []complex128) (*Gate, error) {
	qubits := 0
	for 1<<qubits < len(d) {
		qubits++
	}
	if len(d) != 1<<qubits || qubits < 1 || qubits > maxDense {
		return nil, errors.Errorf("circuit: Diagonal: want 2 to %d entries, a power of two, got %d", 1<<maxDense, len(d))
	}
	m := make(Matrix, len(d)*len(d))
	for i, v := range d {
		if !(math.Abs(cmplx.Abs(v)-1) < tolerance) {
			return nil, errors.Errorf("circuit: Diagonal: entry %d is %v, want modulus 1", i, v)
		}
		m[i*len(d)+i] = v
	}
	k, _ := adjoints(
		Gate{Name: "diagonal", Qubits: qubits, Symbol: "D", Help: "a diagonal unitary"},
		Gate{Name: "diagonal", Qubits: qubits, Symbol: "D†", Help: "a diagonal unitary"}, m)
	return k, nil
}

// Unitary returns the gate of a given matrix. It returns an error unless m is unitary to 1e-10 and of 2^k rows, 1 ≤ k ≤ 10.
func Unitary(m Matrix) (*Gate, error) {
	qubits, err := m.qubits()
	if err != nil {
		return nil, errors.WithMessage(err, "circuit: Unitary")
	}
	if d := m.Mul(m.Dagger()).Distance(Identity(qubits)); !(d < tolerance) {
		return nil, errors.Errorf("circuit: Unitary: matrix is not unitary: U·U† differs from 1 by %.3g", d)
	}
	k, _ := adjoints(
		Gate{Name: "unitary", Qubits: qubits, Symbol: "U", Help: "a unitary given by its matrix"},
		Gate{Name: "unitary", Qubits: qubits, Symbol: "U†", Help: "a unitary given by its matrix"}, slices.Clone(m))
	return k, nil
}

// Evolution returns the rotation exp(−i·a·G) for a given Hermitian matrix. It returns an error unless G is Hermitian to 1e-10 and of 2^k rows, 1 ≤ k ≤ 10.
func Evolution(g Matrix) (*Gate, error) {
	qubits, err := g.qubits()
	if err != nil {
		return nil, errors.WithMessage(err, "circuit: Evolution")
	}
	if d := g.Distance(g.Dagger()); !(d < tolerance) {
		return nil, errors.Errorf("circuit: Evolution: generator is not Hermitian: G differs from G† by %.3g", d)
	}
	g = slices.Clone(g)
	values, vectors := g.eigen()
	k := &Gate{Name: "evolution", Qubits: qubits, Angles: 1, Symbol: "exp", Help: "exp(−iaG) for a given Hermitian G",
		Real:          g.Scaled(1i).IsReal(),
		InverseAngles: negated,
		Generator:     func() Matrix { return slices.Clone(g) },
		Matrix: func(a []float64) Matrix {
			return vectors.Mul(expDiagonal(values, a[0])).Mul(vectors.Dagger())
		}}
	if g.IsDiagonal() {
		return k, nil
	}
	all := make([]int, qubits)
	for i := range all {
		all[i] = i
	}
	there, back := adjoints(Gate{Name: "basis", Qubits: qubits}, Gate{Name: "basis", Qubits: qubits}, vectors.Dagger())
	spectrum, err := Evolution(diagonalMatrix(values))
	k.Decomposition = []Operation{newOperation(there, nil, all), newOperation(spectrum, []Angle{Theta(0)}, all), newOperation(back, nil, all)}
	return k, err
}

// Examples returns one kind of each family that has no row in the table, complex and unsymmetric: for tests over all gates.
func Examples() []*Gate {
	var out []*Gate
	add := func(k *Gate, err error) {
		if err == nil {
			out = append(out, k)
		}
	}
	add(PauliRotation("XYZ"))
	add(PauliRotation("YIX"))
	add(PauliRotation("ZYXYY"))
	add(Diagonal([]complex128{1, 1i, cmplx.Rect(1, 0.3), -1}))
	add(Unitary(kindU.Matrix([]float64{0.4, 1.1, -0.7}).kron(kindH.Matrix(nil)).Mul(kindISwap.Matrix(nil))))
	add(Evolution(Matrix{0.3, 1 - 2i, 1 + 2i, -0.9}))
	add(Evolution(diagonalMatrix([]float64{0.3, -1, 2, 0.5})))
	return out
}
