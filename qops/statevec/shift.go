package statevec

import (
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// ParameterShift returns the gradient of ⟨ψ|O|ψ⟩, ψ = U(θ, data)|start⟩, from values at shifted angles alone, as a device would take it: exact, and independent of
// the adjoint sweep that Exec.Adjoint does, at some two values for each place of an angle instead of one sweep.
//
//	theta   NumTheta   radians
//	data    NumData    radians; nil if the circuit has none
//	start   2·2^n      re0 im0 re1 im1 …
//	dtheta  NumTheta
//	ddata   NumData
//
// It returns the error of Circuit.Unshared, of a gate without a shift rule, and one for a wrong length or Pauli string.
//
// Source: Wierichs, Izaac, Wang, Lin, arXiv:2107.12390.
func ParameterShift(c *circuit.Circuit, o Observable, theta, data, start []float64) (dtheta, ddata []float64, err error) {
	s, err := newShifting(c, o, theta, data, start)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "statevec: ParameterShift")
	}
	grads := [2][]float64{make([]float64, len(theta)), make([]float64, len(data))}
	value := make([]float64, 1)
	for kind, turns := range s.turns {
		for i, turn := range turns {
			rule, err := turn.ValueRule()
			if err != nil {
				return nil, nil, errors.WithMessage(err, "statevec: ParameterShift")
			}
			err = s.around(kind, i, rule, func(weight float64) error {
				err := s.expectation.Apply(1, s.psi, value)
				grads[kind][turn.Angle.Index] += turn.Angle.Scale * weight * value[0]
				return err
			})
			if err != nil {
				return nil, nil, errors.WithMessage(err, "statevec: ParameterShift")
			}
		}
	}
	return grads[0], grads[1], nil
}

// Hessian returns the second derivatives of ⟨ψ|O|ψ⟩ by theta, ψ = U(θ, data)|start⟩: adjoint gradients at shifted angles, exact. It takes the arguments of
// ParameterShift.
//
//	out  NumTheta²   symmetric to rounding, row after row
//
// It returns the errors of ParameterShift.
func Hessian(c *circuit.Circuit, o Observable, theta, data, start []float64) ([]float64, error) {
	s, err := newShifting(c, o, theta, data, start)
	if err != nil {
		return nil, errors.WithMessage(err, "statevec: Hessian")
	}
	n := len(theta)
	out, places := make([]float64, n*n), make([]float64, len(s.turns[0]))
	for i, turn := range s.turns[0] {
		rule, err := turn.ValueRule()
		if err != nil {
			return nil, errors.WithMessage(err, "statevec: Hessian")
		}
		row := out[turn.Angle.Index*n : (turn.Angle.Index+1)*n]
		err = s.around(0, i, rule, func(weight float64) error {
			if err := s.gradient(places); err != nil {
				return err
			}
			for j, other := range s.turns[0] {
				row[other.Angle.Index] += turn.Angle.Scale * weight * other.Angle.Scale * places[j]
			}
			return nil
		})
		if err != nil {
			return nil, errors.WithMessage(err, "statevec: Hessian")
		}
	}
	return out, nil
}

// shifting is a circuit with an angle of its own at every place, and what is read of its state.
type shifting struct {
	exec        *Exec[float64]
	expectation *Expectation[float64]
	turns       [2][]circuit.Turn // places of theta, of data
	angles      [2][]float64      // their angles
	start, psi  []float64
	dpsi        []float64
}

func newShifting(c *circuit.Circuit, o Observable, theta, data, start []float64) (*shifting, error) {
	if err := firstError(want("theta", len(theta), c.NumTheta()), want("data", len(data), c.NumData())); err != nil {
		return nil, err
	}
	unshared, ofTheta, ofData, err := c.Unshared()
	if err != nil {
		return nil, err
	}
	plan, err := Compile[float64](unshared)
	if err != nil {
		return nil, err
	}
	expectation, err := NewExpectation[float64](c.Qubits(), []Observable{o}, 1)
	if err != nil {
		return nil, err
	}
	return &shifting{
		exec: plan.NewExec(1), expectation: expectation, turns: [2][]circuit.Turn{ofTheta, ofData},
		angles: [2][]float64{valuesOf(ofTheta, theta, data), valuesOf(ofData, theta, data)},
		start:  start, psi: make([]float64, plan.Width()), dpsi: make([]float64, plan.Width()),
	}, nil
}

// around calls read, with the weight, where one angle is shifted by each term of a rule to either side.
func (s *shifting) around(kind, place int, rule []circuit.Shift, read func(weight float64) error) error {
	angle := &s.angles[kind][place]
	here := *angle
	defer func() { *angle = here }()
	for _, term := range rule {
		for _, sign := range []float64{1, -1} {
			*angle = here + sign*term.By
			if err := s.exec.Apply(1, s.angles[0], s.angles[1], s.start, s.psi); err != nil {
				return err
			}
			if err := read(sign * term.Weight); err != nil {
				return err
			}
		}
	}
	return nil
}

// gradient sets out to the derivatives by the places of theta at the state that was last made.
func (s *shifting) gradient(out []float64) error {
	if err := s.expectation.Adjoint(1, s.psi, []float64{1}, s.dpsi); err != nil {
		return err
	}
	return s.exec.Adjoint(1, s.angles[0], s.angles[1], s.psi, s.dpsi, nil, out, nil)
}

// valuesOf returns the angle of each place.
func valuesOf(turns []circuit.Turn, theta, data []float64) []float64 {
	out := make([]float64, len(turns))
	for i, t := range turns {
		out[i] = t.Angle.Value(theta, data)
	}
	return out
}
