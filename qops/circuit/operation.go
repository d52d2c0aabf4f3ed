package circuit

import (
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// Operation is a gate at its place in a circuit. Controls and Qubits are disjoint; the gate acts on Qubits
// where every control is 1.
//
// A circuit holds controlled gates in one form only: cx is the gate x with one control.
type Operation struct {
	Gate     Gate
	Controls []int
	Qubits   []int
	Angles   []Angle
}

// gateOn returns the operation of a gate without angles, controls first.
func gateOn(k Gate, qubits ...int) Operation { return newOperation(k, nil, qubits) }

// paramGateOn returns the operation of a gate with one angle, controls first.
func paramGateOn(k Gate, a Angle, qubits ...int) Operation {
	return newOperation(k, []Angle{a}, qubits)
}

func newOperation(k Gate, angles []Angle, qubits []int) Operation {
	base, controls := k.Base()
	return Operation{base, qubits[:controls:controls], qubits[controls:], angles}
}

// Row returns the row of the table for the gate with its controls, for instance ccx for x with two controls;
// false if the table has none. A gate without controls is its own row.
func (g Operation) Row() (Gate, bool) {
	if len(g.Controls) == 0 {
		return g.Gate, true
	}
	for _, k := range table {
		if k.row.baseRow != nil && k.row.baseRow == g.Gate.row && k.row.controls == len(g.Controls) {
			return k, true
		}
	}
	return Gate{}, false
}

// Name returns the name in the table, with a prefix such as c3- if the table has no row for the controls.
func (g Operation) Name() string {
	if k, ok := g.Row(); ok {
		return k.Name()
	}
	return "c" + strconv.Itoa(len(g.Controls)) + "-" + g.Gate.Name()
}

// AllQubits returns the controls followed by the qubits.
func (g Operation) AllQubits() []int { return slices.Concat(g.Controls, g.Qubits) }

// Constant tells whether every angle is a number.
func (g Operation) Constant() bool {
	return !slices.ContainsFunc(g.Angles, func(a Angle) bool { return a.Source != Constant })
}

// Adjoint returns the inverse operation.
func (g Operation) Adjoint() Operation {
	if len(g.Angles) == g.Gate.Angles() {
		g.Gate, g.Angles = g.Gate.inverse(g.Angles)
	}
	return g
}

// adjointOps returns the inverse of a sequence of operations.
func adjointOps(ops []Operation) []Operation {
	var out []Operation
	for _, g := range slices.Backward(ops) {
		out = append(out, g.Adjoint())
	}
	return out
}

// Matrix returns the unitary on AllQubits for given theta and one row of data, with NaN where these are too
// short. It returns nil if the operation does not fit its gate, and for more than ten qubits.
func (g Operation) Matrix(theta, data []float64) Matrix {
	if len(g.Controls)+len(g.Qubits) > maxDense || len(g.Qubits) != g.Gate.Qubits() {
		return nil
	}
	values := make([]float64, len(g.Angles))
	for i, a := range g.Angles {
		values[i] = a.Value(theta, data)
	}
	m := g.Gate.Matrix(values)
	if m == nil {
		return nil
	}
	return m.controlled(len(g.Controls), 1)
}

// Map returns the operation with its qubits and angles replaced; nil leaves them as they are.
func (g Operation) Map(qubit func(int) int, angle func(Angle) Angle) Operation {
	out := g.clone()
	if qubit != nil {
		for i, q := range out.Controls {
			out.Controls[i] = qubit(q)
		}
		for i, q := range out.Qubits {
			out.Qubits[i] = qubit(q)
		}
	}
	if angle != nil {
		for i, a := range out.Angles {
			out.Angles[i] = angle(a)
		}
	}
	return out
}

func (g Operation) clone() Operation {
	return Operation{g.Gate, slices.Clone(g.Controls), slices.Clone(g.Qubits), slices.Clone(g.Angles)}
}

// Controlled returns the operation under further controls, in front of those that it has. A global phase
// becomes a phase gate.
func (g Operation) Controlled(controls ...int) Operation {
	g.Controls = slices.Concat(controls, g.Controls)
	if g.Gate == globalPhase && len(g.Controls) > 0 && len(g.Angles) == 1 {
		return phase(g.Angles[0], g.Controls...)
	}
	return g
}

// checkCounts returns what is wrong with the numbers of qubits and angles.
func (g Operation) checkCounts(name string) error {
	switch {
	case g.Gate == Gate{}:
		return errors.New("circuit: want a gate, got the zero Gate")
	case len(g.Qubits) != g.Gate.Qubits():
		return errors.Errorf("circuit: %s: want %d qubits, got %d", name, g.Gate.Qubits(), len(g.Qubits))
	case len(g.Angles) != g.Gate.Angles():
		return errors.Errorf("circuit: %s: want %d angles, got %d", name, g.Gate.Angles(), len(g.Angles))
	}
	return nil
}

// check returns what is wrong with an operation in a circuit of n qubits.
func (g Operation) check(name string, n int) error {
	if err := g.checkCounts(name); err != nil {
		return err
	}
	if len(g.Qubits) == 0 {
		return errors.Errorf("circuit: %s: a circuit holds no global phase", name)
	}
	if g.Gate.opaque() {
		return errors.Errorf("circuit: %s: want a gate with a definition, got an opaque one", name)
	}
	var seen uint64
	for _, q := range g.AllQubits() {
		if q < 0 || q >= n {
			return errors.Errorf("circuit: %s: qubit %d out of range [0,%d)", name, q, n)
		}
		if seen>>q&1 == 1 {
			return errors.Errorf("circuit: %s: qubit %d given twice", name, q)
		}
		seen |= 1 << q
	}
	for _, a := range g.Angles {
		if err := a.Err(); err != nil {
			return errors.WithMessagef(err, "circuit: %s", name)
		}
	}
	return nil
}
