package circuit

import (
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

const tolerance = 1e-10 // of unitary and Hermitian checks

// PauliRotation returns the rotation exp(−iθP/2) by a string of I, X, Y and Z, one letter a qubit.
// It returns an error for an empty string, another letter, or a string of I only.
func PauliRotation(pauli string) (Gate, error) {
	if strings.Trim(pauli, "IXYZ") != "" || strings.Trim(pauli, "I") == "" || len(pauli) > MaxQubits {
		return Gate{}, errors.Errorf(
			"circuit: Pauli string %q: want 1 to %d letters of I, X, Y, Z, not all I", pauli, MaxQubits)
	}
	generator := func() Matrix { return pauliMatrix(pauli).Scaled(0.5) }
	return Gate{&row{name: "r" + strings.ToLower(pauli), symbol: "R" + pauli, qubits: len(pauli), angles: 1,
		help:          "exp(−iθP/2) for the Pauli string P = " + pauli,
		real:          strings.Count(pauli, "Y")%2 == 1,
		matrix:        func(a []float64) Matrix { return expGenerator(generator(), 0.5, a[0]) },
		generator:     generator,
		inverseAngles: negate,
		definition:    pauliDefinition(pauli).ops}}, nil
}

// pauliDefinition turns each letter into Z, gathers the parity on the last qubit of the string, rotates it,
// and goes back.
func pauliDefinition(pauli string) *Circuit {
	if strings.Count(pauli, "Y")%2 == 1 {
		return realPauliDefinition(pauli)
	}
	there := New(len(pauli))
	last := -1
	for q, p := range pauli {
		switch p {
		case 'I':
			continue
		case 'X':
			there.H(q)
		case 'Y':
			there.Sdg(q).H(q)
		}
		if last >= 0 {
			there.CX(last, q)
		}
		last = q
	}
	return there.Compose(New(len(pauli)).RZ(last, Theta(0))).Append(there.Adjoint())
}

// realPauliDefinition uses real gates only: RY on the first Y, which CX and CZ from there spread over the
// string. Each further pair of Y changes the sign, as the letter on the first qubit goes from Y to X and back
// to −Y.
func realPauliDefinition(pauli string) *Circuit {
	pivot := strings.IndexByte(pauli, 'Y')
	angle, ys := Theta(0), 0
	there := New(len(pauli))
	for q, p := range pauli {
		if q == pivot || p == 'I' {
			continue
		}
		if p != 'Z' {
			there.CX(pivot, q)
		}
		if p != 'X' {
			there.CZ(pivot, q)
		}
		if p == 'Y' {
			ys++
		}
	}
	if ys%4 == 2 {
		angle = angle.Times(-1)
	}
	return there.Compose(New(len(pauli)).RY(pivot, angle)).Append(there.Adjoint())
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

// Diagonal returns the gate diag(d). It returns an error unless d has 2^k entries, 1 ≤ k ≤ 10, all of modulus
// 1.
func Diagonal(d []complex128) (Gate, error) {
	k := 0
	for 1<<k < len(d) {
		k++
	}
	if len(d) != 1<<k || k < 1 || k > maxDense {
		return Gate{}, errors.Errorf(
			"circuit: Diagonal: want 2 to %d entries, a power of two, got %d", 1<<maxDense, len(d))
	}
	m := make(Matrix, len(d)*len(d))
	for i, v := range d {
		if !(math.Abs(cmplx.Abs(v)-1) < tolerance) {
			return Gate{}, errors.Errorf("circuit: Diagonal: entry %d is %v, want modulus 1", i, v)
		}
		m[i*len(d)+i] = v
	}
	return pair(row{name: "diagonal", symbol: "D", help: "a diagonal unitary", fixed: m}), nil
}

// Unitary returns the gate of a given matrix. It returns an error unless m is unitary to 1e-10 and of 2^k
// rows, 1 ≤ k ≤ 10.
func Unitary(m Matrix) (Gate, error) {
	k, err := m.checkQubits()
	if err != nil {
		return Gate{}, errors.WithMessage(err, "circuit: Unitary")
	}
	if err := m.checkUnitary(k); err != nil {
		return Gate{}, errors.WithMessage(err, "circuit: Unitary")
	}
	r := row{name: "unitary", symbol: "U", help: "a unitary given by its matrix", fixed: slices.Clone(m)}
	return pair(r), nil
}

// pair completes the row of a gate without angles and gives it its inverse, with a dagger on the symbol.
func pair(r row) Gate {
	r.complete()
	r.addInverse(r.name, r.symbol+"†")
	return Gate{&r}
}

// checkUnitary returns an error unless m is a unitary of k qubits.
func (m Matrix) checkUnitary(k int) error {
	if d := m.Mul(m.Dagger()).Distance(Identity(k)); !(d < tolerance) {
		return errors.Errorf("matrix is not unitary: U·U† differs from 1 by %.3g", d)
	}
	return nil
}

// Evolution returns the rotation exp(−i·a·G) for a given Hermitian matrix. It returns an error unless G is
// Hermitian to 1e-10 and of 2^k rows, 1 ≤ k ≤ 10.
func Evolution(g Matrix) (Gate, error) {
	r := row{name: "evolution", symbol: "exp", help: "exp(−iaG) for a given Hermitian G"}
	if err := r.setGenerator(g); err != nil {
		return Gate{}, errors.WithMessage(err, "circuit: Evolution")
	}
	return Gate{&r}, nil
}

// setGenerator makes the row that of exp(−i·a·G), and unless G is diagonal defines it by the basis of
// eigenvectors.
func (r *row) setGenerator(g Matrix) error {
	k, err := g.checkQubits()
	if err != nil {
		return err
	}
	if d := g.Distance(g.Dagger()); !(d < tolerance) {
		return errors.Errorf("generator is not Hermitian: G differs from G† by %.3g", d)
	}
	g = slices.Clone(g)
	values, vectors := g.eigen()
	r.qubits, r.angles, r.real, r.inverseAngles = k, 1, g.Scaled(1i).IsReal(), negate
	r.generator = func() Matrix { return slices.Clone(g) }
	r.matrix = func(a []float64) Matrix {
		return vectors.Mul(expDiagonal(values, a[0])).Mul(vectors.Dagger())
	}
	if g.IsDiagonal() {
		return nil
	}
	spectrum := &row{name: r.name + "_core", symbol: r.symbol, help: r.help}
	if err := spectrum.setGenerator(diagonalMatrix(values)); err != nil {
		return err
	}
	there, all := pair(row{name: r.name + "_basis", fixed: vectors.Dagger()}), register(0, k)
	there.row.inverse.name += "dg"
	r.setDefinition(New(k).Add(there, nil, all...).Add(Gate{spectrum}, []Angle{Theta(0)}, all...).
		Add(Gate{there.row.inverse}, nil, all...).ops)
	return nil
}

// Examples returns one gate of each family that has no row in the table, complex and unsymmetric: for tests
// over all gates.
func Examples() []Gate {
	var out []Gate
	add := func(k Gate, err error) {
		if err == nil {
			out = append(out, k)
		}
	}
	add(PauliRotation("XYZ"))
	add(PauliRotation("YIX"))
	add(PauliRotation("ZYXYY"))
	add(Diagonal([]complex128{1, 1i, cmplx.Rect(1, 0.3), -1}))
	add(Unitary(gateU.Matrix([]float64{0.4, 1.1, -0.7}).kron(gateH.Matrix(nil)).Mul(gateISwap.Matrix(nil))))
	add(Evolution(Matrix{0.3, 1 - 2i, 1 + 2i, -0.9}))
	add(Evolution(diagonalMatrix([]float64{0.3, -1, 2, 0.5})))
	return out
}
