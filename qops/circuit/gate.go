package circuit

import (
	"slices"
	"strconv"
)

// Operation is a gate at its place in a circuit. Controls and Qubits are disjoint; the gate acts on Qubits where every control is 1.
//
// A circuit holds controlled gates in one form only: Kind is what is controlled and has itself no Base, so cx is x with one control.
type Operation struct {
	Gate     *Gate
	Controls []int
	Qubits   []int
	Angles   []Angle
}

// gateOn returns the gate of a kind without angles, controls first.
func gateOn(k *Gate, qubits ...int) Operation { return newOperation(k, nil, qubits) }

// paramGateOn returns the gate of a kind with one angle, controls first.
func paramGateOn(k *Gate, a Angle, qubits ...int) Operation {
	return newOperation(k, []Angle{a}, qubits)
}

func newOperation(k *Gate, angles []Angle, qubits []int) Operation {
	g := Operation{Gate: k, Qubits: qubits, Angles: angles}
	if k.Base != nil {
		g.Gate, g.Controls, g.Qubits = k.Base, qubits[:k.Controls:k.Controls], qubits[k.Controls:]
	}
	return g
}

// Row returns the row of the table for the gate with its controls, for instance ccx for x with two controls; false if the table has none.
func (g Operation) Row() (*Gate, bool) {
	if len(g.Controls) == 0 {
		return g.Gate, true
	}
	for _, k := range Table() {
		if k.Base == g.Gate && k.Controls == len(g.Controls) {
			return k, true
		}
	}
	return nil, false
}

// Name returns the name in the table, with c3- and so on in front for controls that have no row of their own.
func (g Operation) Name() string {
	if k, ok := g.Row(); ok {
		return k.Name
	}
	return "c" + strconv.Itoa(len(g.Controls)) + "-" + g.Gate.Name
}

// AllQubits returns the controls followed by the qubits.
func (g Operation) AllQubits() []int { return slices.Concat(g.Controls, g.Qubits) }

// Adjoint returns the inverse gate.
func (g Operation) Adjoint() Operation {
	g.Gate, g.Angles = g.Gate.inverse(g.Angles)
	return g
}

// Matrix returns the unitary on AllQubits() for given theta and one row of data.
func (g Operation) Matrix(theta, data []float64) Matrix {
	values := make([]float64, len(g.Angles))
	for i, a := range g.Angles {
		values[i] = a.Value(theta, data)
	}
	return g.Gate.Matrix(values).controlled(len(g.Controls), 1)
}

// Decompose returns the gate as the parts of its kind, or nil if the kind has none. Controls pass on to every part.
func (g Operation) Decompose() []Operation {
	out := make([]Operation, len(g.Gate.Decomposition))
	for i, p := range g.Gate.Decomposition {
		q := Operation{Gate: p.Gate, Controls: slices.Concat(g.Controls, at(g.Qubits, p.Controls)), Qubits: at(g.Qubits, p.Qubits)}
		for _, a := range p.Angles {
			if a.Source == Trainable {
				a = a.of(g.Angles[a.Index])
			}
			q.Angles = append(q.Angles, a)
		}
		out[i] = q
	}
	return out
}

// at returns the qubits of a given place list: out[i] = qubits[index[i]].
func at(qubits, index []int) []int {
	out := make([]int, len(index))
	for i, j := range index {
		out[i] = qubits[j]
	}
	return out
}

// mapped returns the gate with its qubits and angles replaced.
func (g Operation) mapped(qubit func(int) int, angle func(Angle) Angle) Operation {
	out := Operation{Gate: g.Gate, Controls: slices.Clone(g.Controls), Qubits: slices.Clone(g.Qubits), Angles: slices.Clone(g.Angles)}
	for i, q := range out.Controls {
		out.Controls[i] = qubit(q)
	}
	for i, q := range out.Qubits {
		out.Qubits[i] = qubit(q)
	}
	for i, a := range out.Angles {
		out.Angles[i] = angle(a)
	}
	return out
}
