package split

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// gate is an operation of at most one angle, with what splitting a state needs to know of it.
type gate struct {
	circuit.Operation
	// on its qubits, controls apart: the unitary, or the generator if the angle is no number
	matrix circuit.Matrix
	// qubits that it mixes the values of; on the others it is block diagonal, as on controls
	needs []int
	moves bool // a constant that takes every basis state to one, times a number: X, Y, CX, SWAP
}

func (g *gate) constant() bool { return len(g.Angles) == 0 || g.Angles[0].Source == circuit.Constant }

// gatesOf returns the operations of a circuit as gates of at most one angle.
func gatesOf(c *circuit.Circuit) ([]gate, error) {
	if c == nil {
		return nil, errors.New("split: circuit is nil")
	}
	var out []gate
	_, err := c.Decompose(func(g circuit.Operation, n int) ([]circuit.Operation, bool, error) {
		if parts, replaced, err := circuit.IntoGenerators(g, n); replaced || err != nil {
			return parts, replaced, err
		}
		s, err := newGate(g)
		out = append(out, s)
		return nil, true, err // by nothing: the list is all that is wanted
	})
	return out, errors.WithMessage(err, "split")
}

func newGate(op circuit.Operation) (gate, error) {
	g := gate{Operation: op}
	switch {
	case len(op.Angles) == 0:
		g.matrix = op.Gate.Matrix(nil)
	case g.constant():
		g.matrix = op.Gate.Matrix([]float64{op.Angles[0].Shift})
	default:
		g.matrix = op.Gate.Generator()
	}
	if g.matrix == nil {
		return g, errors.Errorf("%s: want a gate with a matrix or a definition", op.Name())
	}
	g.moves = g.constant()
	n, k := g.matrix.Dim(), len(op.Qubits)
	mixed := 0
	for r := range n {
		entries := 0
		for c := range n {
			if g.matrix[r*n+c] != 0 {
				mixed |= r ^ c
				entries++
			}
		}
		g.moves = g.moves && entries == 1
	}
	for i, q := range op.Qubits {
		if mixed>>(k-1-i)&1 == 1 {
			g.needs = append(g.needs, q)
		}
	}
	return g, nil
}

// isSwap tells whether the gate exchanges two qubits and does nothing else.
func (g *gate) isSwap() bool {
	swap := circuit.Matrix{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}
	return g.constant() && len(g.Controls) == 0 && slices.Equal(g.matrix, swap)
}

// relabels tells whether the gate only says which rank has which block, if all its qubits are global.
func (g *gate) relabels() bool { return g.moves && len(g.needs) > 0 }

// image returns the basis state of its qubits that the gate makes of one, and the number that it multiplies.
func (g *gate) image(pattern int) (to int, factor complex128) {
	n := g.matrix.Dim()
	for r := range n {
		if v := g.matrix[r*n+pattern]; v != 0 {
			return r, v
		}
	}
	return pattern, 1
}

// rules make the gates of one rank: what is left of a gate where some of its qubits are known.
type rules struct {
	layout *Layout
	rank   int
	made   map[rule]circuit.Gate
}

// rule is a gate with some of its qubits known.
type rule struct {
	gate         circuit.Gate
	constant     bool
	angle        float64 // of a constant
	known, value int     // of its qubits, as masks
	controlled   bool    // in place of a control, if all are known
}

// add appends to c, a circuit on the local qubits, what is left of a gate on the rank.
func (r *rules) add(c *circuit.Circuit, g *gate) error {
	l := r.layout
	position := func(q int) int { return l.place[q] - l.global() }
	var controls []int
	for _, q := range g.Controls {
		if l.isLocal(q) {
			controls = append(controls, position(q))
		} else if l.bitOn(r.rank, q) == 0 {
			return nil
		}
	}
	key, k := rule{gate: g.Gate, constant: g.constant()}, len(g.Qubits)
	if len(g.Angles) > 0 && g.constant() {
		key.angle = g.Angles[0].Shift
	}
	var qubits []int
	for i, q := range g.Qubits {
		if l.isLocal(q) {
			qubits = append(qubits, position(q))
			continue
		}
		bit := 1 << (k - 1 - i)
		key.known |= bit
		key.value |= bit * l.bitOn(r.rank, q)
	}
	if key.known == 0 {
		return c.Control(controls, g.Gate, g.Angles, qubits...).Err()
	}
	if len(qubits) == 0 { // a number: a phase of the last control, or of all amplitudes
		if n := len(controls); n > 0 {
			key.controlled = true
			controls, qubits = controls[:n-1], controls[n-1:]
		} else {
			qubits = []int{0}
		}
	}
	left, err := r.of(g, key)
	if err != nil || (left == circuit.Gate{}) {
		return err
	}
	angles := g.Angles
	if g.constant() {
		angles = nil
	}
	return c.Control(controls, left, angles, qubits...).Err()
}

// of returns the gate that is left, the zero Gate if it does nothing.
func (r *rules) of(g *gate, key rule) (circuit.Gate, error) {
	if left, ok := r.made[key]; ok {
		return left, nil
	}
	m := blockOf(g.matrix, key.known, key.value)
	if len(m) == 1 {
		rest := m[0]
		if key.controlled { // where the control is 0
			rest = 0
			if g.constant() {
				rest = 1
			}
		}
		m = circuit.Matrix{rest, 0, 0, m[0]}
	}
	left, err := circuit.Gate{}, error(nil)
	switch {
	case !g.constant() && slices.ContainsFunc(m, func(v complex128) bool { return v != 0 }):
		left, err = circuit.Evolution(m)
	case g.constant() && m.Distance(circuit.Identity(log2(m.Dim()))) > 0:
		left, err = circuit.Unitary(m)
	}
	if r.made == nil {
		r.made = map[rule]circuit.Gate{}
	}
	r.made[key] = left
	return left, errors.WithMessage(err, "split")
}

// blockOf returns the rows and columns of m where the known bits have a value.
func blockOf(m circuit.Matrix, known, value int) (out circuit.Matrix) {
	n := m.Dim()
	for i := range n {
		for j := range n {
			if i&known == value && j&known == value {
				out = append(out, m[i*n+j])
			}
		}
	}
	return out
}

func log2(n int) (k int) {
	for 1<<k < n {
		k++
	}
	return k
}
