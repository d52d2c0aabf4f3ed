package transpile

import "math/cmplx"

// part is a step of a block of two qubits.
type part struct {
	kind  partKind
	slot  int // the qubit that controls or that the gate acts on: 0 the first of the block, 1 the second
	m     m2
	angle float64
}

type partKind uint8

const (
	onePart partKind = iota // a gate of one qubit
	cxKind                  // CX
	zzPart                  // exp(−i·angle·ZZ/2)
)

func cxPart(control int) part   { return part{kind: cxKind, slot: control} }
func gate1(slot int, m m2) part { return part{slot: slot, m: m} }

// exchanged returns the part with the qubits of the block in the other order.
func (p part) exchanged() part {
	p.slot = 1 - p.slot
	return p
}

func (p part) adjoint() part {
	p.m, p.angle = p.m.dagger(), -p.angle
	return p
}

// countTwo counts the gates of two qubits.
func countTwo(parts []part) (n int) {
	for _, p := range parts {
		if p.kind != onePart {
			n++
		}
	}
	return n
}

// unitary returns the part as a matrix on the two qubits.
func (p part) unitary() m4 {
	switch {
	case p.kind == zzPart:
		return zzUnitary(p.angle)
	case p.kind == cxKind && p.slot == 0:
		return cxFirst
	case p.kind == cxKind:
		return cxSecond
	case p.slot == 0:
		return kron(p.m, one2)
	}
	return kron(one2, p.m)
}

// zzUnitary returns exp(−iaZZ/2).
func zzUnitary(a float64) m4 {
	even, odd := cmplx.Rect(1, -a/2), cmplx.Rect(1, a/2)
	return m4{even, 0, 0, 0, 0, odd, 0, 0, 0, 0, odd, 0, 0, 0, 0, even}
}

// product returns the unitary of parts in the order in which they act.
func product(parts []part) m4 {
	u := one4
	for _, p := range parts {
		u = p.unitary().mul(u)
	}
	return u
}
