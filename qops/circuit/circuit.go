// Package circuit holds quantum circuits as data: a list of operations over angles, with no numbers and no
// graph in it.
//
//	c := circuit.New(2).RY(0, circuit.Theta(0)).CX(0, 1).RZ(1, circuit.Data(0))
//
// A gate is one row of a table (its matrix or generator, definition, OpenQASM names, symbol), and everything
// else follows from the row. An angle, in radians, is a constant, a trainable theta or an input of the row.
// Qubit 0 is the most significant bit of a state's index. Mistakes (a qubit out of range, a wrong number of
// angles) are kept in the circuit and come back from Err.
//
// Custom gates are made by NewGate, Unitary, Diagonal, Evolution and PauliRotation and appended by Add;
// Control gives any gate controls. Circuits are joined by Append and Compose, undone by Adjoint, drawn by
// Draw and WriteSVG, counted by Resources, taken apart by Decompose and given their numbers by Bind. Package
// qasm writes and reads them as OpenQASM. A Dynamic is a circuit that is more than a unitary, with registers,
// measurement and classical bits. To run one, see packages qops (in a graph) and statevec (on
// slices); Matrix is the slow reference.
package circuit

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

const (
	// MaxQubits is the largest size of a circuit: a state of 30 qubits takes 16 GiB in float64.
	MaxQubits = 30
	// MaxLargeQubits is the same of a circuit from NewLarge, whose state only many machines hold.
	MaxLargeQubits = 50
	// MaxAngles is the largest length of theta and of a row of data.
	MaxAngles = 1 << 20
	// MaxOperations is the largest number of operations of a circuit: some 200 MiB.
	MaxOperations = 1 << 20

	maxDense = 10 // qubits of a matrix
)

// Circuit is a list of operations on a fixed number of qubits, made by New. Its building methods change it
// and return it. It is safe for concurrent use once it is built.
type Circuit struct {
	qubits  int
	ops     []Operation
	errs    []error
	refused int  // operations that did not fit
	full    bool // and one was refused for that
}

// New returns the empty circuit on n qubits, 1 ≤ n ≤ MaxQubits.
func New(n int) *Circuit {
	c := &Circuit{qubits: n}
	switch {
	case n < 1:
		c.failf("circuit: New: want 1 to %d qubits, got %d", MaxQubits, n)
	case n > MaxQubits:
		c.failf("circuit: New: want 1 to %d qubits, got %d: one state would take %.3g GiB in float64",
			MaxQubits, n, math.Ldexp(1, n-26))
	}
	return c
}

// NewLarge returns the empty circuit on n qubits, 1 ≤ n ≤ MaxLargeQubits: for package statevec/split, whose
// states are shared by many machines. What holds a state by itself refuses it, if it has more than MaxQubits.
func NewLarge(n int) *Circuit {
	if n <= MaxQubits {
		return New(n)
	}
	c := &Circuit{qubits: n}
	if n > MaxLargeQubits {
		c.failf("circuit: NewLarge: want 1 to %d qubits, got %d", MaxLargeQubits, n)
	}
	return c
}

// Fail records an error, which then comes back from Err: for functions that build circuits and cannot build
// this one. A nil error changes nothing.
func (c *Circuit) Fail(err error) *Circuit {
	c = c.orBroken()
	if err != nil {
		c.errs = append(c.errs, err)
	}
	return c
}

func (c *Circuit) failf(format string, args ...any) *Circuit {
	return c.Fail(errors.Errorf(format, args...))
}

// broken returns a circuit that holds nothing but an error.
func broken(format string, args ...any) *Circuit { return New(1).failf(format, args...) }

// orBroken returns the circuit, in place of nil one with an error.
func (c *Circuit) orBroken() *Circuit {
	if c == nil {
		return broken("circuit: the circuit is nil")
	}
	return c
}

// Err returns what went wrong while the circuit was built, nil if nothing did: all mistakes in one error,
// which errors.Is and errors.As look through. An operation that does not fit is named by its place in the
// circuit, and a mistake that is made several times stands there once. Everything that takes a circuit checks
// it.
func (c *Circuit) Err() error {
	c = c.orBroken()
	switch {
	case len(c.errs) > 0:
		return mistakes(c.errs)
	case c.qubits < 1:
		return errors.New("circuit: the zero Circuit has no qubits: make one with New")
	}
	return nil
}

// Qubits returns the number of qubits.
func (c *Circuit) Qubits() int { return c.orBroken().qubits }

// Operations returns a copy of the operations, in the order in which they act.
func (c *Circuit) Operations() []Operation {
	ops := slices.Clone(c.orBroken().ops)
	for i, g := range ops {
		ops[i] = g.clone()
	}
	return ops
}

// NumTheta returns the length of theta: one more than the largest index in use.
func (c *Circuit) NumTheta() int { return c.numAngles(Trainable) }

// NumData returns the length of a row of data: one more than the largest index in use.
func (c *Circuit) NumData() int { return c.numAngles(Input) }

func (c *Circuit) numAngles(s Source) int {
	n := 0
	for _, g := range c.orBroken().ops {
		for _, a := range g.Angles {
			if a.Source == s {
				n = max(n, a.Index+1)
			}
		}
	}
	return n
}

// Real tells whether every gate has a real matrix whatever its angles, so that real states stay real.
func (c *Circuit) Real() bool {
	return !slices.ContainsFunc(c.orBroken().ops, func(g Operation) bool { return !g.Gate.Real() })
}

// Matrix returns the unitary of the whole circuit, 2^n square, for given theta and one row of data. It is the
// slow reference for tests and small circuits. It returns an error for a circuit with errors, more than ten
// qubits, or too short theta or data.
func (c *Circuit) Matrix(theta, data []float64) (Matrix, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	if c.qubits > maxDense {
		return nil, errors.Errorf("circuit: Matrix: want at most %d qubits, got %d", maxDense, c.qubits)
	}
	if len(theta) < c.NumTheta() || len(data) < c.NumData() {
		return nil, errors.Errorf("circuit: Matrix: want %d theta and %d data, got %d and %d",
			c.NumTheta(), c.NumData(), len(theta), len(data))
	}
	out := Identity(c.qubits)
	for _, g := range c.ops {
		out = g.Matrix(theta, data).actOn(out, c.qubits, g.AllQubits())
	}
	return out, nil
}
