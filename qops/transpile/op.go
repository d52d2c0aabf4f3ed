package transpile

import (
	"math"

	"github.com/hqvit/hqvit/qops/circuit"
)

// op is a step of a circuit inside this package. There are four kinds, whatever the gates were: a constant
// gate of one qubit, a constant block of two, and rotations by an angle that is not a number yet, of one
// qubit about Z or X, of two about ZZ.
type op struct {
	kind   kind
	a, b   int // qubits; b is −1 for one qubit
	colour [2]colour

	m     m2            // one
	u     *m4           // block: a is the more significant bit; never written
	parts []part        // block: how it is made
	least bool          // block: with as few CX as it needs
	angle circuit.Angle // turn, zz: exp(−i·angle·P/2)
}

type kind uint8

const (
	one kind = iota
	turn
	block
	zz
)

// colour is the Pauli matrix of which an operation is a function on one of its qubits. Two operations commute
// if they have the same colour on each qubit that they share.
type colour uint8

const (
	none colour = iota
	xs
	ys
	zs
)

func oneOp(q int, m m2) op {
	o := op{kind: one, a: q, b: -1, m: m}
	switch {
	case null(m[1]) && null(m[2]):
		o.colour[0] = zs
	case null(m[0]-m[3]) && null(m[1]-m[2]):
		o.colour[0] = xs
	case null(m[0]-m[3]) && null(m[1]+m[2]):
		o.colour[0] = ys
	}
	return o
}

func turnOp(q int, axis colour, a circuit.Angle) op {
	return op{kind: turn, a: q, b: -1, colour: [2]colour{axis}, angle: a}
}

func zzOp(a, b int, angle circuit.Angle) op {
	return op{kind: zz, a: a, b: b, colour: [2]colour{zs, zs}, angle: angle}
}

func blockOp(a, b int, u m4, parts []part) op {
	return op{kind: block, a: a, b: b, u: &u, parts: parts, least: len(parts) == 1,
		colour: [2]colour{u.colour(0), u.colour(1)}}
}

var cxOp = blockOp(0, 1, cxFirst, []part{cxPart(0)})

// cx returns CX as a block.
func cx(control, target int) op {
	o := cxOp
	o.a, o.b = control, target
	return o
}

// two tells whether the operation acts on two qubits.
func (o *op) two() bool { return o.b >= 0 }

// on returns the colour on a qubit, and whether the operation acts on it.
func (o *op) on(q int) (colour, bool) {
	switch q {
	case o.a:
		return o.colour[0], true
	case o.b:
		return o.colour[1], true
	}
	return none, false
}

// commutes tells whether two operations commute, as far as their colours say.
func (o *op) commutes(p *op) bool {
	for _, q := range []int{o.a, o.b} {
		if q < 0 {
			continue
		}
		c, _ := o.on(q)
		if d, shared := p.on(q); shared && (c == none || c != d) {
			return false
		}
	}
	return true
}

// adjoint returns the inverse.
func (o op) adjoint() op {
	o.m, o.angle = o.m.dagger(), o.angle.Times(-1)
	if o.kind != block || len(o.parts) == 1 && o.parts[0].kind == cxKind {
		return o // CX is its own
	}
	u := o.u.dagger()
	o.u = &u
	parts := make([]part, len(o.parts))
	for i, p := range o.parts {
		parts[len(parts)-1-i] = p.adjoint()
	}
	o.parts = parts
	return o
}

// mirror returns the inverse of a circuit.
func mirror(ops []op) []op {
	out := make([]op, len(ops))
	for i, o := range ops {
		out[len(ops)-1-i] = o.adjoint()
	}
	return out
}

// exchanged returns a block with its qubits in the other order.
func (o op) exchanged() op {
	u := o.u.exchanged()
	o.a, o.b, o.u = o.b, o.a, &u
	o.colour[0], o.colour[1] = o.colour[1], o.colour[0]
	parts := make([]part, len(o.parts))
	for i, p := range o.parts {
		parts[i] = p.exchanged()
	}
	o.parts = parts
	return o
}

// number tells whether an angle is one: a constant, or no part of its source.
func number(a circuit.Angle) bool { return a.Source == circuit.Constant || a.Scale == 0 }

// sum returns the sum of two angles if it is an angle: one is a number, or they have one source.
func sum(a, b circuit.Angle) (circuit.Angle, bool) {
	switch {
	case number(b):
		return a.Plus(b.Shift), true
	case number(a):
		return b.Plus(a.Shift), true
	case a.Source != b.Source || a.Index != b.Index:
		return a, false
	}
	a.Scale += b.Scale
	a.Shift += b.Shift
	if math.Abs(a.Scale) < 1e-15 {
		return circuit.Const(a.Shift), true
	}
	return a, true
}

// wrap returns an angle in (−π, π] that differs by whole turns, exactly 0 if it is negligible.
func wrap(x float64) float64 {
	x = math.Remainder(x, 2*math.Pi)
	if x <= -math.Pi+negligible {
		x += 2 * math.Pi
	}
	if math.Abs(x) < negligible {
		return 0
	}
	return x
}
