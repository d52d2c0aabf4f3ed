package transpile

import (
	"math"

	"github.com/hqvit/hqvit/qops/circuit"
)

// emitter writes flat operations as gates of a set. On each qubit it collects those of one qubit until one of
// two comes.
type emitter struct {
	*basis
	coupling circuit.Coupling
	out      *circuit.Circuit
	runs     [][]op    // by qubit: what was not written yet
	frame    []float64 // by qubit, with gpi and gpi2: a turn about Z that comes after what was written
}

// emit returns the circuit of flat operations on n qubits.
func (b *basis) emit(ops []op, n int, coupling circuit.Coupling) *circuit.Circuit {
	e := &emitter{b, coupling, circuit.New(n), make([][]op, n), make([]float64, n)}
	for _, o := range ops {
		switch {
		case !o.two():
			e.push(o)
		case o.kind == zz:
			e.addRotation(o)
		default:
			e.addCX(o.a, o.b)
		}
	}
	for q := range n {
		e.flush(q, false, true)
	}
	return e.out
}

// push appends an operation to the run of its qubit, merged with the last one if they can be.
func (e *emitter) push(o op) {
	run := e.runs[o.a]
	if last := len(run) - 1; last >= 0 {
		if merged, ok := new(line).merge(&run[last], &o); ok {
			run = run[:last]
			if !trivial(&merged) {
				e.runs[o.a] = run
				e.push(merged) // which may now merge with the one before
				return
			}
			e.runs[o.a] = run
			return
		}
	}
	if !trivial(&o) {
		e.runs[o.a] = append(run, o)
	}
}

// addCX writes CX by the entangler, in an order that the coupling map allows.
func (e *emitter) addCX(a, b int) {
	turned := e.coupling.Directed() && !e.coupling.Allows(a, b)
	if turned && !e.symmetric {
		e.push(oneOp(a, hadam))
		e.push(oneOp(b, hadam))
		a, b = b, a
	}
	e.push(oneOp(a, e.before[0]))
	e.push(oneOp(b, e.before[1]))
	e.flush(a, e.diagonal[0], false)
	e.flush(b, e.diagonal[1], false)
	angles := make([]circuit.Angle, len(e.angles))
	for i, x := range e.angles {
		angles[i] = circuit.Const(x)
		if e.turns == phased { // the entangler is ms
			angles[i] = circuit.Const(wrap(x - e.frame[[]int{a, b}[i]]))
		}
	}
	if turned && e.symmetric {
		for i, j := 0, len(angles)-1; i < j; i, j = i+1, j-1 {
			angles[i], angles[j] = angles[j], angles[i]
		}
		e.out.Add(e.entangler, angles, b, a)
	} else {
		e.out.Add(e.entangler, angles, a, b)
	}
	e.push(oneOp(a, e.after[0]))
	e.push(oneOp(b, e.after[1]))
	if turned && !e.symmetric {
		e.push(oneOp(a, hadam))
		e.push(oneOp(b, hadam))
	}
}

// addRotation writes a rotation about ZZ by the gate that the device has.
func (e *emitter) addRotation(o op) {
	a, b := o.a, o.b
	if e.coupling.Directed() && !e.coupling.Allows(a, b) {
		a, b = b, a
	}
	v := e.zz
	e.push(oneOp(a, v[0]))
	e.push(oneOp(b, v[1]))
	e.flush(a, v[0] == one2, false)
	e.flush(b, v[1] == one2, false)
	e.out.Add(e.rotation, []circuit.Angle{wrapped(o.angle)}, a, b)
	e.push(oneOp(a, v[0].dagger()))
	e.push(oneOp(b, v[1].dagger()))
}

// wrapped returns the angle with its number in (−π, π].
func wrapped(a circuit.Angle) circuit.Angle {
	a.Shift = wrap(a.Shift)
	if number(a) {
		return circuit.Const(a.Shift)
	}
	return a
}

// flush writes the run of a qubit. If what comes next commutes with Z, a constant turn about Z at the end of
// the run waits for the next one.
func (e *emitter) flush(q int, carry, last bool) {
	run := e.runs[q]
	e.runs[q] = nil
	if e.turns == phased {
		e.writePhased(q, run, last)
		return
	}
	if e.turns == xy {
		run = cycled(run)
	}
	if len(run) == 1 && run[0].kind == one && e.writeConstant(q, run[0].m) {
		return
	}
	steps := rotations(run)
	if e.turns == general {
		e.writeGeneral(q, steps)
		return
	}
	steps = e.lowerX(steps)
	if k := len(steps) - 1; carry && e.turns != xy && k >= 0 && steps[k].gate == "" &&
		number(steps[k].angle) {
		e.push(oneOp(q, rz(steps[k].angle.Shift)))
		steps = steps[:k]
	}
	for _, s := range steps {
		switch {
		case s.gate == "":
			e.out.Add(e.z, []circuit.Angle{wrapped(s.angle)}, q)
		case named(s.gate).Angles() == 1:
			e.out.Add(named(s.gate), []circuit.Angle{wrapped(s.angle)}, q)
		default:
			e.out.Add(named(s.gate), nil, q)
		}
	}
}

// writeConstant writes a gate as one of the set without angles, if it is one.
func (e *emitter) writeConstant(q int, m m2) bool {
	if e.turns == xy {
		m = cycle.dagger().mul(m).mul(cycle)
	}
	for _, k := range e.constants {
		if m.same(k.m) {
			e.out.Add(k.gate, nil, q)
			return true
		}
	}
	return false
}

// cycle takes X to Z, Y to X and Z to Y by conjugation: turns about Z and X of what it is put around are
// turns about X and Y.
var cycle = rz(math.Pi / 2).mul(hadam)

// cycled returns cycle·run·cycle†.
func cycled(run []op) []op {
	var out []op
	for _, o := range run {
		switch {
		case o.kind == one:
			out = append(out, oneOp(o.a, cycle.mul(o.m).mul(cycle.dagger())))
		case o.colour[0] == xs:
			out = append(out, turnOp(o.a, zs, o.angle))
		default:
			out = append(out, turnAbout(o.a, ys, o.angle)...)
		}
	}
	return out
}

// writeGeneral writes turns as gates u, each with one turn about X and those about Z before and after it.
func (e *emitter) writeGeneral(q int, steps []step) {
	zero := circuit.Const(0)
	for i := 0; i < len(steps); i++ {
		theta, phi, lambda := zero, zero, zero
		if steps[i].gate == "" {
			lambda = steps[i].angle
			if i+1 == len(steps) || steps[i+1].gate == "" {
				e.out.U(q, zero, zero, wrapped(lambda))
				continue
			}
			i++
		}
		theta = steps[i].angle
		if i+1 < len(steps) && steps[i+1].gate == "" {
			i++
			phi = steps[i].angle
		}
		e.out.U(q, wrapped(theta), wrapped(phi.Plus(-math.Pi/2)), wrapped(lambda.Plus(math.Pi/2)))
	}
}
