// Package circuit holds quantum circuits as data: a list of gates over angles, with no numbers and no graph in it.
//
//	c := circuit.New(2).RY(0, circuit.Theta(0)).CX(0, 1).RZ(1, circuit.Data(0))
//
// A gate is one row of a table (its matrix, generator, inverse, OpenQASM name, symbol), and everything else follows from the row.
// An angle, in radians, is a constant, a trainable theta or an input of the row. Qubit 0 is the most significant bit of a state's index.
// Mistakes (a qubit out of range, a wrong number of angles) are kept in the circuit and come back from Err.
//
// Gates without a method are made by Unitary, Diagonal, Evolution and PauliRotation, or as a Kind of one's own, and appended by Add; Control gives any of them controls.
// Circuits are joined by Append and Then, undone by Adjoint, drawn by Draw and WriteSVG, counted by Resources, written and read as OpenQASM by WriteQASM and ParseQASM,
// and given their numbers by Bind. To run one, see packages qops (in a graph) and statevec (on slices); Matrix is the slow reference.
package circuit

import (
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

const (
	// MaxQubits is the largest size of a circuit: a state of 30 qubits takes 16 GiB in float64.
	MaxQubits = 30
	maxIndex  = 1 << 20 // entries of theta and of data
)

// Circuit is a list of gates on a fixed number of qubits. Its building methods change it and return it.
// It is safe for concurrent use once it is built.
type Circuit struct {
	qubits int
	ops    []Operation
	errs   []string
}

// New returns the empty circuit on n qubits, 1 ≤ n ≤ MaxQubits.
func New(n int) *Circuit {
	c := &Circuit{qubits: n}
	switch {
	case n < 1:
		c.fail("circuit: New: want 1 to %d qubits, got %d", MaxQubits, n)
	case n > MaxQubits:
		c.fail("circuit: New: want 1 to %d qubits, got %d: one state would take %.3g GiB in float64", MaxQubits, n, math.Ldexp(1, n-26))
	}
	return c
}

func (c *Circuit) fail(format string, args ...any) { c.failed(errors.Errorf(format, args...)) }

func (c *Circuit) failed(err error) { c.errs = append(c.errs, err.Error()) }

// Err returns what went wrong while the circuit was built, nil if nothing did. Everything that takes a circuit checks it.
func (c *Circuit) Err() error {
	if len(c.errs) == 0 {
		return nil
	}
	return errors.New(strings.Join(c.errs, "; "))
}

// Qubits returns the number of qubits.
func (c *Circuit) Qubits() int { return c.qubits }

// Operations returns the operations in the order in which they act. The slice is the circuit's own: do not change it.
func (c *Circuit) Operations() []Operation { return c.ops }

// NumTheta returns the length of theta: one more than the largest index in use.
func (c *Circuit) NumTheta() int { return c.width(Trainable) }

// NumData returns the length of a row of data: one more than the largest index in use.
func (c *Circuit) NumData() int { return c.width(Input) }

func (c *Circuit) width(s Source) int {
	n := 0
	for _, g := range c.ops {
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
	return !slices.ContainsFunc(c.ops, func(g Operation) bool { return !g.Gate.Real })
}

// Matrix returns the unitary of the whole circuit, 2^n square, for given theta and one row of data. It is the slow reference for tests and small circuits.
// It returns an error for a circuit with errors, more than 10 qubits, or too short theta or data.
func (c *Circuit) Matrix(theta, data []float64) (Matrix, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	if c.qubits > maxDense {
		return nil, errors.Errorf("circuit: Matrix: want at most %d qubits, got %d", maxDense, c.qubits)
	}
	if len(theta) < c.NumTheta() || len(data) < c.NumData() {
		return nil, errors.Errorf("circuit: Matrix: want %d theta and %d data, got %d and %d", c.NumTheta(), c.NumData(), len(theta), len(data))
	}
	out := Identity(c.qubits)
	for _, g := range c.ops {
		out = g.Matrix(theta, data).embed(c.qubits, g.AllQubits()).Mul(out)
	}
	return out, nil
}

// check returns what is wrong with a gate on n qubits.
func (g Operation) check(name string, n int) error {
	seen := map[int]bool{}
	for _, q := range g.AllQubits() {
		if q < 0 || q >= n {
			return errors.Errorf("circuit: %s: qubit %d out of range [0,%d)", name, q, n)
		}
		if seen[q] {
			return errors.Errorf("circuit: %s: qubit %d given twice", name, q)
		}
		seen[q] = true
	}
	for _, a := range g.Angles {
		if !a.finite() {
			return errors.Errorf("circuit: %s: angle %v is not finite", name, a)
		}
		if a.Index < 0 || a.Index >= maxIndex {
			return errors.Errorf("circuit: %s: angle index %d out of range [0,%d)", name, a.Index, maxIndex)
		}
	}
	return nil
}
