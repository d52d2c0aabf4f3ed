package transpile

import (
	"math/cmplx"

	"github.com/hqvit/hqvit/qops/circuit"
)

// merge returns met followed by o as one operation, if it is one.
func (l *line) merge(met, o *op) (op, bool) {
	samePair := met.two() && o.two() && min(met.a, met.b) == min(o.a, o.b) && max(met.a, met.b) == max(o.a,
		o.b)
	switch {
	case met.kind == one && o.kind == one:
		return oneOp(o.a, o.m.mul(met.m)), true
	case met.kind == turn && o.kind == turn && met.colour == o.colour,
		l.blocks && met.kind == zz && o.kind == zz && samePair:
		return addAngle(*met, o.angle)
	case met.kind == turn && o.kind == one && met.colour[0] == o.colour[0]:
		return addAngle(*met, circuit.Const(o.m.angleAbout(o.colour[0])))
	case met.kind == one && o.kind == turn && met.colour[0] == o.colour[0]:
		return addAngle(*o, circuit.Const(met.m.angleAbout(o.colour[0])))
	case !l.blocks:
		return op{}, false
	case met.kind == block && o.kind == block && samePair:
		return join(*met, *o), true
	case met.kind == block && o.kind == one:
		slot := 0
		if met.b == o.a {
			slot = 1
		}
		p := gate1(slot, o.m)
		return grown(met.a, met.b, p.unitary().mul(*met.u), met.parts, []part{p}), true
	}
	return op{}, false
}

// addAngle returns a rotation by more; where its angle becomes a number, as a constant operation.
func addAngle(o op, more circuit.Angle) (op, bool) {
	a, ok := sum(o.angle, more)
	if !ok {
		return op{}, false
	}
	o.angle = a
	switch {
	case !number(a):
	case o.kind == zz:
		x := a.Shift
		return blockOp(o.a, o.b, zzUnitary(x), []part{cxPart(0), gate1(1, rz(x)), cxPart(0)}), true
	case o.colour[0] == zs:
		return oneOp(o.a, rz(a.Shift)), true
	default:
		return oneOp(o.a, rx(a.Shift)), true
	}
	return o, true
}

// angleAbout returns the angle of a rotation about Z or X.
func (a m2) angleAbout(axis colour) float64 {
	if axis == xs {
		a = hadam.mul(a).mul(hadam)
	}
	return cmplx.Phase(a[3]) - cmplx.Phase(a[0])
}

// join returns a block followed by one on the same qubits.
func join(first, second op) op {
	if first.a != second.a {
		second = second.exchanged()
	}
	return grown(first.a, first.b, second.u.mul(*first.u), first.parts, second.parts)
}

// grown returns a block of the parts of two, made anew if they are many.
func grown(a, b int, u m4, first, second []part) op {
	if len(first)+len(second) > maxParts {
		return blockOp(a, b, u, decompose(u).parts(false))
	}
	return blockOp(a, b, u, append(first[:len(first):len(first)], second...))
}

// after returns the block after a gate on one of its qubits.
func after(o op, m m2, slot int) op {
	p := gate1(slot, m)
	return grown(o.a, o.b, o.u.mul(p.unitary()), []part{p}, o.parts)
}
