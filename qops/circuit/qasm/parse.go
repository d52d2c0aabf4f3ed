package qasm

import (
	"io"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Options say how a program is read. The zero value gives no inputs, and takes for granted what programs in
// use leave out.
type Options struct {
	// Inputs are the values of inputs, by their names, each an expression of OpenQASM: pi/4, -2, true, "0110",
	// {0.1, 0.2}. Bits may be written without quotes. An input of type float or angle needs none: without one it
	// is an angle of the circuit.
	Inputs map[string]string
	// Strict refuses every program that would be read with Notes: what they say is the error.
	Strict bool
}

// Parse reads a circuit from OpenQASM 2 or 3, as Options{}.Parse does.
func Parse(r io.Reader) (*circuit.Circuit, error) { return Options{}.Parse(r) }

// ParseDynamic reads a program in OpenQASM 2 or 3, as Options{}.ParseDynamic does.
func ParseDynamic(r io.Reader) (*circuit.Dynamic, error) { return Options{}.ParseDynamic(r) }

// Parse reads a circuit from OpenQASM 2 or 3, of a program that is a unitary with measurements at the end:
// that of ParseDynamic, by Dynamic.Unitary. The measurements are dropped.
//
// It returns the errors of ParseDynamic, and an error with the line for a program that is not a unitary, has
// no qubits, or has more than circuit.MaxQubits.
func (o Options) Parse(r io.Reader) (*circuit.Circuit, error) {
	d, err := o.ParseDynamic(r)
	if err != nil {
		return nil, err
	}
	c, _, err := d.Unitary()
	return c, errors.WithMessage(err, "qasm: Parse")
}

// ParseDynamic reads a program in OpenQASM 2 or 3 with its registers, measurements, resets and conditions on
// measured bits. A byte order mark is skipped; without an OPENQASM line, the version is that of the library
// or of the declarations. A header alone is a program of no qubits.
//
// What is known while reading is carried out: constants and variables, loops, branches, subroutines,
// definitions of gates, which leave their gates and lose their names. What depends on measured bits stays:
// if, switch and while with conditions on bits, and assignments of bits. Gates of qelib1.inc and
// stdgates.inc need no include line.
//
// An input of type float or angle without a value is an angle, which the Inputs of the result name: theta3 is
// circuit.Theta(3), x3 is circuit.Data(3); any other name takes the next free trainable angle. A quotient of
// literals is real, so 1/2 is a half; with a variable of type int or uint it is whole. Integers have 64 bits
// with their sign. A global phase is dropped, and in version 2 rotations have the phases of the gate table.
// Delays, pragmas, annotations and calibrations are left out. The Notes of the result say what was taken for
// granted.
//
// It returns an error with line and column for anything else: other files to include, externs, complex
// numbers, integers and angles that depend on measured bits, break under a condition on them. It returns an
// error for a source without a statement; for Inputs that the program does not have; for a program of over
// 64 MiB, of over 131 072 qubits or bits, of more than 4 194 304 statements and turns of loops, or of more
// than 262 144 gates, of a source of over 1 MiB one for each 4 bytes. These count before anything is stored.
//
// Source: Cross et al., arXiv:1707.03429 (version 2) and arXiv:2104.14722 (version 3).
func (o Options) ParseDynamic(r io.Reader) (*circuit.Dynamic, error) {
	if r == nil {
		return nil, errors.New("qasm: Parse: the reader is nil")
	}
	source, err := io.ReadAll(io.LimitReader(r, maxSource+1))
	if err != nil {
		return nil, errors.WithMessage(err, "qasm: Parse")
	}
	if len(source) > maxSource {
		return nil, errors.Errorf("qasm: Parse: want at most %d bytes", maxSource)
	}
	return newReader(string(source), o).run()
}
