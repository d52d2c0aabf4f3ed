package statevec

import (
	"cmp"
	"math"
	"unsafe"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// ShiftGradient is a gradient from values of a circuit at shifted angles: the methods that check
// MeasuredCircuit.Adjoint. It takes two values or more for each occurrence of an angle, where the adjoint
// takes the time of three for all together. It owns its memory: one a goroutine.
type ShiftGradient[T Float] struct {
	split       splitCircuit[T]
	theta, data [][]circuit.Shift // by angle of split
	amplitude   []circuit.Shift
	measured    *MeasuredCircuit[T]
	psi, out    []T
	dpsi        []T
	column      []T       // one angle's data, by row
	slopes      []float64 // by row
	dtheta      []float64

	shots Shots    // of the rows at work; Count 0: exact values
	drawn int      // how many values were drawn for them
	seeds []uint64 // of the value at work
}

// NewParameterShift prepares the gradient by the shift rule of each gate (circuit.ParamOccurrence), which is
// as exact as the adjoint; so is that by an amplitude, in which the measurement is quadratic. It returns the
// circuit's own error, those of circuit.SplitParameters and of a shift rule, and one without a measurement or
// for one that is not quadratic in the amplitudes, as a Purity: the rules are those of expectations.
//
// Source: Wierichs, Izaac, Wang, Lin, arXiv:2107.12390.
func NewParameterShift[T Float](c *circuit.Circuit, m Measurement[T],
	threads int) (*ShiftGradient[T], error) {
	if err := checkMeasurement(m); err != nil {
		return nil, err
	}
	if !m.Quadratic() {
		return nil, errors.New("statevec: ParameterShift: want expectations, for which the shift rules " +
			"hold, got what is not quadratic in the amplitudes")
	}
	s, err := newShiftGradient(c, m, threads, (*circuit.Circuit).SplitParameters)
	if err == nil {
		s.theta, err = rulesOf(s.split.theta, circuit.ParamOccurrence.ValueRule)
	}
	if err == nil {
		s.data, err = rulesOf(s.split.data, circuit.ParamOccurrence.ValueRule)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "ParameterShift")
	}
	s.amplitude = []circuit.Shift{{By: 1, Weight: 0.5}}
	return s, nil
}

// NewFiniteDifferences prepares the gradient by central differences of fourth order, of step 7e-4 in float64
// and 0.04 in float32, good to about 1e-12 and 1e-5. It returns the circuit's own error, and one without a
// measurement.
func NewFiniteDifferences[T Float](c *circuit.Circuit, m Measurement[T],
	threads int) (*ShiftGradient[T], error) {
	s, err := newShiftGradient(c, m, threads, unsplit)
	if err != nil {
		return nil, errors.WithMessage(err, "FiniteDifferences")
	}
	epsilon := 0x1p-52
	if unsafe.Sizeof(T(0)) == 4 {
		epsilon = 0x1p-23
	}
	h := math.Pow(epsilon, 0.2) // where the errors of rounding and of the formula meet
	s.amplitude = []circuit.Shift{{By: h, Weight: 2 / (3 * h)}, {By: 2 * h, Weight: -1 / (12 * h)}}
	for range s.split.theta {
		s.theta = append(s.theta, s.amplitude)
	}
	for range s.split.data {
		s.data = append(s.data, s.amplitude)
	}
	return s, nil
}

// unsplit is a splitting for a method that may shift what several gates share.
func unsplit(c *circuit.Circuit) (split *circuit.Circuit, theta, data []circuit.ParamOccurrence, err error) {
	for i := range c.NumTheta() {
		theta = append(theta, circuit.ParamOccurrence{Angle: circuit.Theta(i)})
	}
	for i := range c.NumData() {
		data = append(data, circuit.ParamOccurrence{Angle: circuit.Data(i)})
	}
	return c, theta, data, nil
}

func newShiftGradient[T Float](c *circuit.Circuit, m Measurement[T], threads int,
	by splitting) (*ShiftGradient[T], error) {
	split, err := newSplitCircuit[T](c, by)
	if err != nil {
		return nil, err
	}
	measured, err := NewMeasuredCircuit(split.plan, m, threads)
	return &ShiftGradient[T]{split: split, measured: measured}, err
}

// Gradient sets the gradients at those Inputs, from dout = ∂L/∂out. It returns an error if a length is wrong.
func (s *ShiftGradient[T]) Gradient(in Inputs[T], dout []T, to Gradients[T]) error {
	return s.gradient(in, Shots{}, dout, to)
}

// GradientFromShots sets the gradients as Gradient does, from values that are estimated from that many shots
// each, by random numbers of their own: an unbiased estimate. It returns an error if a length is wrong, and
// for a measurement that is no Sampler.
func (s *ShiftGradient[T]) GradientFromShots(in Inputs[T], shots Shots, dout []T, to Gradients[T]) error {
	if err := shots.check(in.Rows); err != nil {
		return err
	}
	return s.gradient(in, shots, dout, to)
}

func (s *ShiftGradient[T]) gradient(in Inputs[T], shots Shots, dout []T, to Gradients[T]) error {
	if s == nil || s.measured == nil {
		return errors.New("statevec: want a ShiftGradient from NewParameterShift or NewFiniteDifferences")
	}
	k, p := s.measured.measurement.Outputs(), s.split.caller
	if err := in.check(p); err != nil {
		return err
	}
	if err := cmp.Or(checkRows(in.Rows, 1, max(k, len(s.split.data))),
		checkLength("dout", len(dout), in.Rows*k), to.check(p, in.Rows)); err != nil {
		return err
	}
	s.dtheta = zeros(s.dtheta, p.numTheta)
	clear(to.Data)
	err := s.measured.exec.eachChunk(s.split.inputs(in), func(chunk Inputs[T], from, until int) error {
		s.psi, s.out = resized(s.psi, chunk.Rows*p.Width()), resized(s.out, chunk.Rows*k)
		s.slopes = resized(s.slopes, chunk.Rows)
		if s.shots, s.drawn = (Shots{}), 0; shots.Count > 0 {
			s.shots, s.seeds = shots.of(from, until), resized(s.seeds, chunk.Rows)
		}
		dout := dout[from*k : until*k]
		return cmp.Or(s.byTheta(chunk, dout, to), s.byData(chunk, dout, to, from),
			s.byStart(chunk, dout, to, from))
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
	for i, t := range s.split.theta {
		value := in.Theta[i]
		shift := func(by float64) { in.Theta[i] = T(float64(value) + by) }
		if err := s.differentiate(in, dout, s.theta[i], shift); err != nil {
			return err
		}
		for _, d := range s.slopes {
			s.dtheta[t.Angle.Index] += t.Angle.Scale * d
		}
	}
	return nil
}

// byData shifts the data of all rows at once: what is measured of a row depends on its own data alone.
func (s *ShiftGradient[T]) byData(in Inputs[T], dout []T, to Gradients[T], from int) error {
	if to.Data == nil {
		return nil
	}
	n, values := len(s.split.data), resized(s.column, in.Rows)
	s.column = values
	for i, t := range s.split.data {
		for r := range values {
			values[r] = in.Data[r*n+i]
		}
		shift := func(by float64) {
			for r, v := range values {
				in.Data[r*n+i] = T(float64(v) + by)
			}
		}
		if err := s.differentiate(in, dout, s.data[i], shift); err != nil {
			return err
		}
		for r, d := range s.slopes {
			to.Data[(from+r)*s.split.caller.numData+t.Angle.Index] += T(t.Angle.Scale * d)
		}
	}
	return nil
}

func (s *ShiftGradient[T]) byStart(in Inputs[T], dout []T, to Gradients[T], from int) error {
	if to.Start == nil {
		return nil
	}
	width, j, more := s.split.plan.Width(), 0, 0.0
	dpsi := zeros(s.dpsi, in.Rows*width)
	s.dpsi = dpsi
	shifted := in
	shifted.Start = func(row int, psi []T) {
		in.begin(row, psi)
		psi[2*j] += T(more)
	}
	for ; j < to.Amplitudes; j++ {
		if err := s.differentiate(shifted, dout, s.amplitude, func(by float64) { more = by }); err != nil {
			return err
		}
		for r, d := range s.slopes {
			dpsi[r*width+2*j] = T(d)
		}
	}
	return to.giveStart(dpsi, from, width)
}

// differentiate sets slopes to the derivative of Σ dout·out of each row by what shift shifts, and leaves that
// as it was.
func (s *ShiftGradient[T]) differentiate(in Inputs[T], dout []T, rule []circuit.Shift,
	shift func(by float64)) error {
	defer shift(0)
	k := s.measured.measurement.Outputs()
	clear(s.slopes)
	for _, term := range rule {
		for _, sign := range []float64{1, -1} {
			shift(sign * term.By)
			if err := s.value(in); err != nil {
				return err
			}
			for r := range s.slopes {
				for i, g := range rowOf(dout, r, k) {
					s.slopes[r] += sign * term.Weight * float64(g) * float64(s.out[r*k+i])
				}
			}
		}
	}
	return nil
}

// value sets out to what is measured, exactly or from shots.
func (s *ShiftGradient[T]) value(in Inputs[T]) error {
	m := s.measured
	if err := m.exec.run(in, s.psi); err != nil {
		return err
	}
	if s.shots.Count == 0 {
		return applyTo(m.measurement, in.Rows, s.psi, s.out)
	}
	s.drawn++
	return sampleOf(m.measurement, in.Rows, s.psi, s.shots.again(s.drawn, s.seeds), s.out, nil)
}
