package circuit

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/words"
)

const (
	maxGateAngles = 64
	agreement     = 1e-9 // of matrix, generator and definition of one gate

	// A gate that is undone to inverseTolerance by itself is its own inverse. No search in matrices of many
	// qubits.
	inverseTolerance = 1e-13
	maxInverseSearch = 6
)

// GateSpec describes a custom gate. A gate without angles needs a Matrix or a Definition, a gate of one angle
// a Generator or a Definition, a gate of more angles a Definition: with angles, a Matrix alone is not enough.
// Forms that are given beyond that must agree.
type GateSpec struct {
	// Name stands in counts, errors and OpenQASM. It is not a name of the table, and two gates may share it.
	// In OpenQASM every character but a-z, A-Z, 0-9 and _ becomes _, a name that does not start with a-z gets
	// a g in front, and a name that is taken a number behind: two gates "My Gate" are gMy_Gate and
	// gMy_Gate_2.
	Name   string
	Symbol string // in drawings; empty: the name
	Help   string // what the gate does, in one line

	Qubits int // 1 to 10
	Angles int // 0 to 64

	// Matrix returns the unitary at the given angles in radians, 2^Qubits square; the first qubit is the most
	// significant bit of the index. NewGate alone calls it: the gate has the matrix of its other forms, if
	// there are any.
	Matrix func(angles []float64) Matrix
	// Generator is the Hermitian G of the gate exp(−i·a·G) of one angle a, phase included.
	Generator Matrix
	// Definition is the same unitary by other gates, phase included; Theta(i) stands for the i-th angle.
	Definition *Circuit
}

// NewGate returns a custom gate. Its inverse, and whether it is real, are found from the matrix at several
// angles.
//
// It returns an error for a name that is empty or taken, for sizes out of range or that do not match, for a
// matrix that is not unitary at one of the angles tried, or another one when it is asked for again, for a
// Matrix function that panics, a generator that is not Hermitian, a definition with errors, inputs or too
// many angles, for missing forms, and for forms that do not agree.
func NewGate(s GateSpec) (Gate, error) {
	r := row{name: s.Name, symbol: s.Symbol, help: s.Help, qubits: s.Qubits, angles: s.Angles}
	if r.symbol == "" {
		r.symbol = s.Name
	}
	steps := []func(*row) error{s.checkSizes, s.setMatrix, s.checkMatrix, s.checkForms}
	for _, step := range steps {
		if err := step(&r); err != nil {
			return Gate{}, errors.WithMessagef(err, "circuit: NewGate %q", s.Name)
		}
	}
	r.findInverse()
	return Gate{&r}, nil
}

func (s GateSpec) checkSizes(*row) error {
	_, taken := Named(s.Name)
	switch {
	case s.Name == "":
		return errors.New("want a name")
	case taken || s.Name == globalPhase.Name():
		return errors.New("the name is taken by a gate of the table")
	case s.Qubits < 1 || s.Qubits > maxDense:
		return errors.Errorf("want 1 to %d qubits, got %d", maxDense, s.Qubits)
	case s.Angles < 0 || s.Angles > maxGateAngles:
		return errors.Errorf("want 0 to %d angles, got %d", maxGateAngles, s.Angles)
	case s.Generator != nil && s.Angles != 1:
		return errors.Errorf("want a generator for a gate of one angle only, got one for %d", s.Angles)
	case s.Generator != nil && len(s.Generator) != 1<<(2*s.Qubits):
		return errors.Errorf("want a generator of 2^%d rows for %d qubits, got %d entries",
			s.Qubits, s.Qubits, len(s.Generator))
	case s.Angles > 0 && s.Generator == nil && s.Definition == nil:
		return s.missingForm()
	case s.Matrix == nil && s.Generator == nil && s.Definition == nil:
		return errors.New("want a Matrix or a Definition of a gate without angles, got none")
	case s.Definition == nil:
		return nil
	}
	d := s.Definition
	if err := d.Err(); err != nil {
		return errors.WithMessage(err, "definition")
	}
	if d.Qubits() != s.Qubits || d.NumTheta() > s.Angles || d.NumData() > 0 {
		return errors.Errorf("want a definition on %d qubits by at most %d theta and no data, "+
			"got %d qubits, %d theta, %d data", s.Qubits, s.Angles, d.Qubits(), d.NumTheta(), d.NumData())
	}
	return nil
}

// missingForm returns the error of a gate with angles that has a Matrix at most.
func (s GateSpec) missingForm() error {
	want := "a Definition by other gates"
	if s.Angles == 1 {
		want = "a Generator G, for the gate exp(−i·a·G), or " + want
	}
	got := "neither"
	switch {
	case s.Matrix != nil:
		got = "a Matrix, which alone is not enough for a gate with angles"
	case s.Angles > 1:
		got = "none"
	}
	return errors.Errorf("a gate of %s: want %s, got %s", words.Count(s.Angles, "angle"), want, got)
}

// setMatrix gives the row its generator and definition, and a matrix from the first of them that is given.
func (s GateSpec) setMatrix(r *row) error {
	if s.Generator != nil {
		if err := r.setGenerator(s.Generator); err != nil {
			return err
		}
	}
	if s.Definition != nil {
		definition := New(s.Qubits).Append(s.Definition)
		r.definition = append([]Operation{}, definition.ops...)
		if r.matrix == nil {
			r.matrix = func(a []float64) Matrix {
				m, _ := definition.Matrix(a, nil) // the sizes were checked
				return m
			}
		}
	}
	return nil
}

// checkMatrix returns an error for a Matrix that is not a unitary of the right size or does not agree with
// the other forms, and finds whether the gate is real.
func (s GateSpec) checkMatrix(r *row) error {
	for _, a := range sampleAngles(s.Angles) {
		if s.Matrix == nil {
			continue // a Hermitian generator or a definition makes it unitary
		}
		m, err := s.matrixAt(a)
		if err != nil && s.Angles > 0 {
			err = errors.WithMessagef(err, "at the angles %.4g", a)
		}
		if err != nil {
			return err
		}
		if r.matrix == nil {
			r.setFixed(m)
		} else if d := m.Distance(r.matrix(a)); !(d < agreement) {
			form := "definition"
			if s.Generator != nil {
				form = "generator"
			}
			return errors.Errorf("matrix and %s differ by %.3g at the angles %.4g", form, d, a)
		}
	}
	if s.Angles == 0 {
		r.setFixed(r.matrix(nil))
	}
	if r.real = r.realMatrix(); s.Generator != nil {
		r.real = s.Generator.Scaled(1i).IsReal()
	}
	r.setDefinition(r.definition)
	return nil
}

// matrixAt returns what the Matrix function gives: the same unitary of the right size at each of two calls.
func (s GateSpec) matrixAt(a []float64) (m Matrix, err error) {
	defer foreign.Recover(&err, "Matrix function", s.Matrix)
	m = slices.Clone(s.Matrix(slices.Clone(a))) // cloned: the function may use its memory again
	if len(m) != 1<<(2*s.Qubits) {
		return nil, errors.Errorf("want a matrix of 2^%d rows for %d qubits, got %d entries",
			s.Qubits, s.Qubits, len(m))
	}
	if err := m.checkUnitary(s.Qubits); err != nil {
		return nil, err
	}
	if d := m.Distance(s.Matrix(slices.Clone(a))); d != 0 {
		return nil, errors.Errorf("the Matrix function gives another matrix when it is called again, by %.3g",
			d)
	}
	return m, nil
}

// checkForms returns an error for a generator and a definition that do not agree.
func (s GateSpec) checkForms(r *row) error {
	if s.Definition == nil || s.Generator == nil {
		return nil
	}
	definition := New(s.Qubits)
	definition.ops = r.definition
	for _, a := range sampleAngles(s.Angles) {
		defined, err := definition.Matrix(a, nil)
		if err != nil {
			return err
		}
		if d := r.matrix(a).Distance(defined); !(d < agreement) {
			return errors.Errorf("generator and definition differ by %.3g at the angles %.4g", d, a)
		}
	}
	return nil
}

// findInverse finds the inverse of a row that does not say it: the gate itself, with the same or negated
// angles, or a gate made for it.
func (r *row) findInverse() {
	if r.inverse != nil || r.inverseAngles != nil {
		return
	}
	undoes := func(sign float64) bool {
		return !slices.ContainsFunc(sampleAngles(r.angles), func(a []float64) bool {
			back := make([]float64, len(a))
			for i, v := range a {
				back[i] = sign * v
			}
			return !(r.matrix(a).Mul(r.matrix(back)).Distance(Identity(r.qubits)) < inverseTolerance)
		})
	}
	switch search := r.qubits <= maxInverseSearch; {
	case search && undoes(1):
	case search && undoes(-1):
		r.inverseAngles = negate
	default:
		r.addInverse(r.name+"dg", r.symbol+"†")
	}
}
