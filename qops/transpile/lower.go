package transpile

import (
	"math"

	"github.com/hqvit/hqvit/qops/circuit"
)

// lower writes a circuit as operations of this package. If exchanges may be left out, a swap only renames
// qubits: at the end, the state of qubit q is on place[q].
func lower(c *circuit.Circuit, b *basis, leaveOut bool) (ops []op, place []int, err error) {
	whole, err := c.Decompose(circuit.IntoParts(ready))
	if err != nil {
		return nil, nil, err
	}
	n := whole.Qubits()
	place = make([]int, n)
	for q := range place {
		place[q] = q
	}
	for _, g := range whole.Operations() {
		g = g.Map(func(q int) int { return place[q] }, nil)
		if leaveOut && g.Gate.Name() == "swap" && len(g.Controls) == 0 {
			for q, p := range place {
				switch p {
				case g.Qubits[0]:
					place[q] = g.Qubits[1]
				case g.Qubits[1]:
					place[q] = g.Qubits[0]
				}
			}
			continue
		}
		ops = append(ops, b.lowerOp(g)...)
	}
	return ops, place, nil
}

// ready tells whether lowerOp takes an operation.
func ready(g circuit.Operation) bool {
	n := len(g.Controls) + len(g.Qubits)
	switch {
	case n > 2 || n == 0:
		return false
	case constant(g):
		return true
	case n == 1:
		_, ok := turnAxis(g)
		return ok
	}
	_, ok := singleTerm(g)
	return ok
}

// constant tells whether all angles are numbers.
func constant(g circuit.Operation) bool {
	for _, a := range g.Angles {
		if !number(a) {
			return false
		}
	}
	return true
}

// turnAxis returns the axis of a rotation of one qubit.
func turnAxis(g circuit.Operation) (colour, bool) {
	switch g.Gate.Name() {
	case "rz", "p":
		return zs, true
	case "rx":
		return xs, true
	case "ry":
		return ys, true
	}
	return none, false
}

func (b *basis) lowerOp(g circuit.Operation) []op {
	q := g.AllQubits()
	switch {
	case len(q) == 1 && constant(g):
		return []op{oneOp(q[0], toM2(g.Matrix(nil, nil)))}
	case len(q) == 1:
		axis, _ := turnAxis(g)
		return turnAbout(q[0], axis, g.Angles[0])
	case constant(g):
		u := toM4(g.Matrix(nil, nil))
		return []op{blockOp(q[0], q[1], u, b.partsOf(g, u))}
	}
	t, _ := singleTerm(g)
	return t.ops(q[0], q[1], g.Angles[0])
}

// turnAbout returns a rotation by turns about Z and X.
func turnAbout(q int, axis colour, a circuit.Angle) []op {
	if axis != ys {
		return []op{turnOp(q, axis, a)}
	}
	return []op{oneOp(q, rz(-math.Pi/2)), turnOp(q, xs, a), oneOp(q, rz(math.Pi/2))}
}

// partsOf returns a constant gate of two qubits by CX and gates of one, by its definition if this takes no
// more CX than the matrix needs.
func (b *basis) partsOf(g circuit.Operation, u m4) []part {
	if row, ok := g.Row(); ok {
		if parts, ok := b.native(row, g.Angles); ok {
			return parts
		}
		if named, ok := circuit.Named(row.Name()); ok && named == row {
			parts, err := definition(row, g.Angles)
			if err == nil && countTwo(parts) <= max(1, decompose(u).cost(b.rotations())) {
				return parts
			}
		}
	}
	return decompose(u).parts(b.rotations())
}

// definition returns a gate of the table by CX and gates of one qubit, as the table defines it.
func definition(row circuit.Gate, angles []circuit.Angle) ([]part, error) {
	c, err := circuit.New(2).Add(row, angles, 0, 1).Decompose(circuit.IntoCX)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, g := range c.Operations() {
		if len(g.Controls) == 1 {
			parts = append(parts, cxPart(g.Controls[0]))
		} else {
			parts = append(parts, gate1(g.Qubits[0], toM2(g.Matrix(nil, nil))))
		}
	}
	return parts, nil
}

// term is a generator that is a Pauli matrix on each of two qubits, and their product:
// both·P⊗Q + first·P⊗1 + second·1⊗Q.
type term struct {
	p, q                colour
	both, first, second float64
}

// singleTerm returns the generator of a rotation of two qubits by one angle, such as those of RZZ and CRX, as
// a term; false if it is none.
func singleTerm(g circuit.Operation) (term, bool) {
	row, ok := g.Row()
	if !ok || len(g.Angles) != 1 || row.Generator() == nil || row.Qubits() != 2 {
		return term{}, false
	}
	generator := toM4(row.Generator())
	paulis := [4]m2{none: one2, xs: pauliX, ys: pauliY, zs: pauliZ}
	var c [4][4]float64
	var t term
	count := 0
	for i, p := range paulis {
		for j, q := range paulis {
			product := generator.mul(kron(p, q))
			c[i][j] = real(product[0]+product[5]+product[10]+product[15]) / 4
			if i > 0 && j > 0 && math.Abs(c[i][j]) > 1e-14 {
				count++
				t = term{p: colour(i), q: colour(j), both: c[i][j]}
			}
		}
	}
	if count != 1 {
		return term{}, false
	}
	t.first, t.second = c[t.p][none], c[none][t.q]
	for k := 1; k < 4; k++ {
		if colour(k) != t.p && math.Abs(c[k][0]) > 1e-14 || colour(k) != t.q && math.Abs(c[0][k]) > 1e-14 {
			return term{}, false
		}
	}
	return t, true
}

// fromZ are the gates v with v·Z·v† the Pauli matrix of a colour.
var fromZ = [4]m2{xs: hadam, ys: rx(-math.Pi / 2), zs: one2}

// ops returns exp(−i·angle·term) on two qubits.
func (t term) ops(a, b int, angle circuit.Angle) []op {
	v, w := fromZ[t.p], fromZ[t.q]
	ops := []op{oneOp(a, v.dagger()), oneOp(b, w.dagger()), zzOp(a, b, angle.Times(2*t.both))}
	if t.first != 0 {
		ops = append(ops, turnOp(a, zs, angle.Times(2*t.first)))
	}
	if t.second != 0 {
		ops = append(ops, turnOp(b, zs, angle.Times(2*t.second)))
	}
	return append(ops, oneOp(a, v), oneOp(b, w))
}
