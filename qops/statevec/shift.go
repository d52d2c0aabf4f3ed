package statevec

import (
	"math"
	"unsafe"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// ShiftGradient is a gradient by values of a circuit at other angles: the independent methods beside MeasuredCircuit.Adjoint. It takes two values or more for each place of an
// angle, where the adjoint takes the time of three for all together. It owns its memory: one a goroutine.
type ShiftGradient[T Float] struct {
	unshared    unshared[T]
	theta, data [][]circuit.Shift // by place
	amplitude   []circuit.Shift
	e           *MeasuredCircuit[T]
	psi, out    []T
	dpsi, at    []T
	slopes      []float64 // by row
	dtheta      []float64
}

// NewParameterShift prepares the gradient by the shift rule of each gate (circuit.ParamOccurrence), which is as exact as the adjoint; so is that by an amplitude, in which what is
// read is quadratic. It returns the circuit's own error, those of circuit.SplitParameters and of a shift rule, and one for a measurement that is not quadratic in the amplitudes, as
// a Purity: the rules are those of expectations.
//
// Source: Wierichs, Izaac, Wang, Lin, arXiv:2107.12390.
func NewParameterShift[T Float](c *circuit.Circuit, read Measurement[T], threads int) (*ShiftGradient[T], error) {
	if !read.Quadratic() {
		return nil, errors.New("statevec: ParameterShift: want expectations, for which the shift rules hold, got what is not quadratic in the amplitudes")
	}
	s, err := newShifting(c, read, threads, (*circuit.Circuit).SplitParameters)
	if err == nil {
		s.theta, err = rules(s.unshared.theta, circuit.ParamOccurrence.ValueRule)
	}
	if err == nil {
		s.data, err = rules(s.unshared.data, circuit.ParamOccurrence.ValueRule)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "statevec: ParameterShift")
	}
	s.amplitude = []circuit.Shift{{By: 1, Weight: 0.5}}
	return s, nil
}

// rules returns the rule of each place.
func rules(turns []circuit.ParamOccurrence, of func(circuit.ParamOccurrence) ([]circuit.Shift, error)) ([][]circuit.Shift, error) {
	all := make([][]circuit.Shift, len(turns))
	for i, t := range turns {
		rule, err := of(t)
		if err != nil {
			return nil, err
		}
		all[i] = rule
	}
	return all, nil
}

// NewFiniteDifferences prepares the gradient by central differences of fourth order, of step 7e-4 in float64 and 0.04 in float32, good to about 1e-12 and 1e-5.
// It returns the circuit's own error.
func NewFiniteDifferences[T Float](c *circuit.Circuit, read Measurement[T], threads int) (*ShiftGradient[T], error) {
	s, err := newShifting(c, read, threads, asItIs)
	if err != nil {
		return nil, errors.WithMessage(err, "statevec: Differences")
	}
	epsilon := 0x1p-52
	if unsafe.Sizeof(T(0)) == 4 {
		epsilon = 0x1p-23
	}
	h := math.Pow(epsilon, 0.2) // where the errors of rounding and of the formula meet
	s.amplitude = []circuit.Shift{{By: h, Weight: 2 / (3 * h)}, {By: 2 * h, Weight: -1 / (12 * h)}}
	for range s.unshared.theta {
		s.theta = append(s.theta, s.amplitude)
	}
	for range s.unshared.data {
		s.data = append(s.data, s.amplitude)
	}
	return s, nil
}

// asItIs is a separation for a method that may shift what several gates share.
func asItIs(c *circuit.Circuit) (apart *circuit.Circuit, theta, data []circuit.ParamOccurrence, err error) {
	for i := range c.NumTheta() {
		theta = append(theta, circuit.ParamOccurrence{Angle: circuit.Theta(i)})
	}
	for i := range c.NumData() {
		data = append(data, circuit.ParamOccurrence{Angle: circuit.Data(i)})
	}
	return c, theta, data, nil
}

func newShifting[T Float](c *circuit.Circuit, read Measurement[T], threads int, by separation) (*ShiftGradient[T], error) {
	u, err := newUnshared[T](c, by)
	if err != nil {
		return nil, err
	}
	e, err := NewMeasuredCircuit(u.plan, read, threads)
	return &ShiftGradient[T]{unshared: u, e: e}, err
}

// Gradient sets the gradients at those Inputs, from dout = ∂L/∂out. It returns an error if a length is wrong.
func (s *ShiftGradient[T]) Gradient(in Inputs[T], dout []T, to Gradients[T]) error {
	k, p := s.e.read.Outputs(), s.unshared.caller
	if err := firstError(in.check(p), want("dout", len(dout), in.Rows*k), to.check(p, in.Rows)); err != nil {
		return err
	}
	s.dtheta = zeroed(s.dtheta, p.numTheta)
	clear(to.Data)
	err := s.e.each(s.unshared.at(in), func(some Inputs[T], from, until int) error {
		s.psi, s.out, s.slopes = ofLength(s.psi, some.Rows*p.Width()), ofLength(s.out, some.Rows*k), ofLength(s.slopes, some.Rows)
		dout := dout[from*k : until*k]
		return firstError(s.byTheta(some, dout, to), s.byData(some, dout, to, from), s.byStart(some, dout, to, from))
	})
	for i := range to.Theta {
		to.Theta[i] = T(s.dtheta[i])
	}
	return err
}

func (s *ShiftGradient[T]) byTheta(in Inputs[T], dout []T, to Gradients[T]) error {
	if to.Theta == nil {
		return nil
	}
	for i, t := range s.unshared.theta {
		at := in.Theta[i]
		if err := s.slope(in, dout, s.theta[i], func(by float64) { in.Theta[i] = T(float64(at) + by) }); err != nil {
			return err
		}
		for _, d := range s.slopes {
			s.dtheta[t.Angle.Index] += t.Angle.Scale * d
		}
	}
	return nil
}

// byData shifts the data of all rows at once: what is read of a row depends on its own data alone.
func (s *ShiftGradient[T]) byData(in Inputs[T], dout []T, to Gradients[T], from int) error {
	if to.Data == nil {
		return nil
	}
	places, at := len(s.unshared.data), ofLength(s.at, in.Rows)
	s.at = at
	for i, t := range s.unshared.data {
		for r := range at {
			at[r] = in.Data[r*places+i]
		}
		if err := s.slope(in, dout, s.data[i], func(by float64) {
			for r, v := range at {
				in.Data[r*places+i] = T(float64(v) + by)
			}
		}); err != nil {
			return err
		}
		for r, d := range s.slopes {
			to.Data[(from+r)*s.unshared.caller.numData+t.Angle.Index] += T(t.Angle.Scale * d)
		}
	}
	return nil
}

func (s *ShiftGradient[T]) byStart(in Inputs[T], dout []T, to Gradients[T], from int) error {
	if to.Start == nil {
		return nil
	}
	width, j, more := s.unshared.plan.Width(), 0, 0.0
	dpsi := zeroed(s.dpsi, in.Rows*width)
	s.dpsi = dpsi
	moved := in
	moved.Start = func(row int, psi []T) {
		in.begin(row, psi)
		psi[2*j] += T(more)
	}
	for ; j < to.Amplitudes; j++ {
		if err := s.slope(moved, dout, s.amplitude, func(by float64) { more = by }); err != nil {
			return err
		}
		for r, d := range s.slopes {
			dpsi[r*width+2*j] = T(d)
		}
	}
	for r := range in.Rows {
		to.Start(from+r, part(dpsi, r, width))
	}
	return nil
}

// slope sets slopes to the derivative of Σ dout·out of each row by what set shifts, and leaves that as it was.
func (s *ShiftGradient[T]) slope(in Inputs[T], dout []T, rule []circuit.Shift, set func(by float64)) error {
	defer set(0)
	k := s.e.read.Outputs()
	clear(s.slopes)
	for _, term := range rule {
		for _, sign := range []float64{1, -1} {
			set(sign * term.By)
			if err := s.e.run(in, s.psi, s.out); err != nil {
				return err
			}
			for r := range s.slopes {
				for i, g := range part(dout, r, k) {
					s.slopes[r] += sign * term.Weight * float64(g) * float64(s.out[r*k+i])
				}
			}
		}
	}
	return nil
}
