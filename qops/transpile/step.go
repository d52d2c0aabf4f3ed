package transpile

import (
	"math"

	"github.com/hqvit/hqvit/qops/circuit"
)

// step is a turn about Z if it has no gate, or a gate, with an angle if this has one. Before lowerX the gate
// "x" is a turn about X.
type step struct {
	gate  string
	angle circuit.Angle
}

// rotations writes a run as turns about Z and X.
func rotations(run []op) []step {
	var out []step
	for _, o := range run {
		switch {
		case o.kind == one:
			phi, theta, lambda := o.m.zxz()
			out = addTurn(out, circuit.Const(lambda))
			if theta != 0 {
				out = append(out, step{"x", circuit.Const(theta)})
			}
			out = addTurn(out, circuit.Const(phi))
		case o.colour[0] == zs:
			out = addTurn(out, o.angle)
		default:
			out = append(out, step{"x", o.angle})
		}
	}
	return out
}

// addTurn appends a turn about Z.
func addTurn(steps []step, a circuit.Angle) []step {
	if last := len(steps) - 1; last >= 0 && steps[last].gate == "" {
		if total, ok := sum(steps[last].angle, a); ok {
			steps, a = steps[:last], total
		}
	}
	if number(a) && wrap(a.Shift) == 0 {
		return steps
	}
	return append(steps, step{"", a})
}

// zxz returns the angles of the gate RZ(φ)·RX(θ)·RZ(λ), up to a phase: θ in [0, π], or in (−π, 0] where this
// leaves out the turns about Z.
func (a m2) zxz() (phi, theta, lambda float64) {
	size := func(v complex128) float64 { return math.Hypot(real(v), imag(v)) }
	theta = 2 * math.Atan2(size(a[2]), size(a[0]))
	switch {
	case theta < negligible:
		return wrap(phaseOf(a[3]) - phaseOf(a[0])), 0, 0
	case theta > math.Pi-negligible:
		return wrap(phaseOf(a[2]) - phaseOf(a[1])), math.Pi, 0
	}
	// RZ(φ+π/2)·RX(θ)·RZ(λ−π/2) = exp(i…)·u(θ, φ, λ). From sum and difference, because one of them is known
	// better than φ and λ where an entry is small.
	total, difference := phaseOf(a[3])-phaseOf(a[0]), phaseOf(a[2])-phaseOf(-a[1])
	phi, lambda = (total+difference)/2, (total-difference)/2
	if math.Cos(phi-phaseOf(a[2])+phaseOf(a[0])) < 0 { // the sum is known up to a whole turn
		phi, lambda = phi+math.Pi, lambda+math.Pi
	}
	phi, lambda = wrap(phi+math.Pi/2), wrap(lambda-math.Pi/2)
	if math.Abs(phi-math.Pi) < negligible && math.Abs(lambda-math.Pi) < negligible {
		return 0, -theta, 0
	}
	return phi, theta, lambda
}

func phaseOf(v complex128) float64 { return math.Atan2(imag(v), real(v)) }

// lowerX writes the turns about X by the gates of the set.
func (e *emitter) lowerX(steps []step) []step {
	half := math.Pi / 2
	var out []step
	for _, s := range steps {
		theta := s.angle
		x := math.NaN()
		if number(theta) {
			x = wrap(theta.Shift)
		}
		is := func(angle float64) bool { return math.Abs(x-angle) < negligible }
		switch {
		case s.gate == "":
			out = addTurn(out, theta)
		case e.turns == zx:
			out = append(out, step{"rx", theta})
		case e.turns == xy:
			out = append(out, step{"ry", theta})
		case e.turns == zy:
			out = append(addTurn(out, circuit.Const(half)), step{"ry", theta})
			out = addTurn(out, circuit.Const(-half))
		case e.turns == zh:
			out = append(out, step{"h", circuit.Angle{}})
			out = append(addTurn(out, theta), step{"h", circuit.Angle{}})
		case is(half):
			out = append(out, step{"sx", circuit.Angle{}})
		case is(-half) && e.set.Has("sxdg"):
			out = append(out, step{"sxdg", circuit.Angle{}})
		case is(-half):
			out = append(addTurn(out, circuit.Const(math.Pi)), step{"sx", circuit.Angle{}})
			out = addTurn(out, circuit.Const(math.Pi))
		case is(math.Pi) && e.set.Has("x"):
			out = append(out, step{"x", circuit.Angle{}})
		default: // RZ(π/2)·√X·RZ(θ+π)·√X·RZ(π/2)
			out = append(addTurn(out, circuit.Const(half)), step{"sx", circuit.Angle{}})
			out = append(addTurn(out, theta.Plus(math.Pi)), step{"sx", circuit.Angle{}})
			out = addTurn(out, circuit.Const(half))
		}
	}
	return out
}
