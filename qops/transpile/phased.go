package transpile

import (
	"math"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Trapped ions turn about axes in the plane of X and Y: gpi(φ) is X and gpi2(φ) RX(π/2) with the axis turned
// by φ about Z. A turn about Z is not a pulse: it goes into the phases of all that follow, as a frame. At the
// end of a circuit it is made by pulses again.

// gpi writes gpi(φ) or gpi2(φ) in the frame of the qubit.
func (e *emitter) gpi(name string, q int, phi circuit.Angle) {
	e.out.Add(named(name), []circuit.Angle{wrapped(phi.Plus(-e.frame[q]))}, q)
}

// writePhased writes a run. The last one of a circuit leaves no frame.
func (e *emitter) writePhased(q int, run []op, last bool) {
	if last && (len(run) == 0 || len(run) == 1 && run[0].kind == one) {
		m := rz(e.frame[q])
		if len(run) == 1 {
			m = run[0].m.mul(m)
		}
		e.frame[q] = 0
		e.pulses(q, m)
		return
	}
	steps := rotations(run)
	isFlip := func(i int) bool {
		return i < len(steps) && steps[i].gate == "x" && number(steps[i].angle) &&
			math.Abs(wrap(steps[i].angle.Shift)-math.Pi) < negligible
	}
	for i := 0; i < len(steps); i++ {
		s := steps[i]
		flips := isFlip(i + 1)
		switch {
		case isFlip(i) && i+1 < len(steps) && !number(steps[i+1].angle) && steps[i+1].gate == "":
			// RZ(a)·X = gpi(a/2)
			a := steps[i+1].angle
			shift := a.Shift
			a.Shift = 0
			e.gpi("gpi", q, a.Times(0.5))
			e.frame[q] += shift
			i++
		case s.gate == "" && number(s.angle):
			e.frame[q] += s.angle.Shift
		case s.gate == "" && flips: // X·RZ(a) = gpi(−a/2)
			e.frame[q] += s.angle.Shift
			s.angle.Shift = 0
			e.gpi("gpi", q, s.angle.Times(-0.5))
			i++
		case s.gate == "": // RZ(a) = gpi(a/2)·gpi(0)
			e.frame[q] += s.angle.Shift
			s.angle.Shift = 0
			e.gpi("gpi", q, circuit.Const(0))
			e.gpi("gpi", q, s.angle.Times(0.5))
		case !number(s.angle): // RX(a) = RZ(−π/2)·[gpi2(0)·gpi(−a/2)·gpi2(0)]·RZ(π/2)
			e.frame[q] += math.Pi / 2
			e.gpi("gpi2", q, circuit.Const(0))
			e.gpi("gpi", q, s.angle.Times(-0.5))
			e.gpi("gpi2", q, circuit.Const(0))
			e.frame[q] -= math.Pi / 2
		default:
			e.turnX(q, wrap(s.angle.Shift))
		}
	}
	if last {
		m := rz(e.frame[q])
		e.frame[q] = 0
		e.pulses(q, m)
	}
}

// turnX writes RX(θ) by at most two pulses.
func (e *emitter) turnX(q int, theta float64) {
	half := math.Pi / 2
	switch {
	case math.Abs(theta-math.Pi) < negligible:
		e.gpi("gpi", q, circuit.Const(0))
	case math.Abs(theta-half) < negligible:
		e.gpi("gpi2", q, circuit.Const(0))
	case math.Abs(theta+half) < negligible:
		e.gpi("gpi2", q, circuit.Const(math.Pi))
	default: // RZ(π/2)·RX(π/2)·RZ(θ+π)·RX(π/2)·RZ(π/2)
		e.frame[q] += half
		e.gpi("gpi2", q, circuit.Const(0))
		e.frame[q] += theta + math.Pi
		e.gpi("gpi2", q, circuit.Const(0))
		e.frame[q] += half
	}
}

// pulses writes a gate by at most three pulses and without a frame.
func (e *emitter) pulses(q int, m m2) {
	half := math.Pi / 2
	phi, theta, lambda := m.zxz()
	add := func(name string, a float64) { e.gpi(name, q, circuit.Const(a)) }
	turns := wrap(phi + lambda)
	switch {
	case theta == 0 && turns == 0:
	case theta == 0:
		add("gpi", 0)
		add("gpi", turns/2)
	case theta == math.Pi:
		add("gpi", (phi-lambda)/2)
	case math.Abs(theta-half) < negligible && turns == 0:
		add("gpi2", phi)
	case math.Abs(theta+half) < negligible && turns == 0:
		add("gpi2", phi+math.Pi)
	case math.Abs(theta-half) < negligible:
		add("gpi2", math.Pi-lambda)
		add("gpi", (phi-lambda)/2)
	case wrap(theta+turns) == 0:
		add("gpi2", -lambda-half)
		add("gpi2", phi+half)
	case wrap(turns-theta) == 0:
		add("gpi2", half-lambda)
		add("gpi2", phi-half)
	default:
		add("gpi2", -lambda-half)
		add("gpi", (phi-lambda-math.Pi-theta)/2)
		add("gpi2", phi-half)
	}
}
