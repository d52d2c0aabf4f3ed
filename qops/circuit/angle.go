package circuit

import (
	"math"
	"strconv"

	"github.com/pkg/errors"
)

// Source says where the value of an angle comes from.
type Source uint8

// The three sources of an angle.
const (
	Constant  Source = iota // fixed when the circuit is built
	Trainable               // an entry of theta, shared by all rows of a batch
	Input                   // an entry of a row's data
)

// Angle is Scale·source + Shift in radians: a constant, a trainable theta or an input of the row. The zero
// value is the constant 0.
//
// Scale and Shift let adjoints and definitions keep the source of an angle, and they are what the chain rule
// needs: the derivative by the source is Scale times the derivative by the angle.
type Angle struct {
	Source Source
	Index  int     // entry of theta or of the row's data
	Scale  float64 // 0 for constants
	Shift  float64 // radians
}

// Const returns the fixed angle rad, in radians.
func Const(rad float64) Angle { return Angle{Shift: rad} }

// Theta returns the trainable angle theta[i]. Using the same index twice shares the parameter.
func Theta(i int) Angle { return Angle{Source: Trainable, Index: i, Scale: 1} }

// Data returns the input angle data[i] of a row.
func Data(i int) Angle { return Angle{Source: Input, Index: i, Scale: 1} }

// Times returns s·a.
func (a Angle) Times(s float64) Angle {
	a.Scale *= s
	a.Shift *= s
	return a
}

// Plus returns a + rad.
func (a Angle) Plus(rad float64) Angle {
	a.Shift += rad
	return a
}

// Value returns the angle in radians for given theta and one row of data, NaN if these end before its index.
func (a Angle) Value(theta, data []float64) float64 { return Value(a, theta, data) }

// Value returns a.Value for numbers of either precision.
func Value[T float32 | float64](a Angle, theta, data []T) float64 {
	values := theta
	switch a.Source {
	case Trainable:
	case Input:
		values = data
	default:
		return a.Shift
	}
	if uint(a.Index) >= uint(len(values)) {
		return math.NaN()
	}
	return a.Scale*float64(values[a.Index]) + a.Shift
}

// bind returns the angle as a number, or as it is if the numbers of its source are not given.
func (a Angle) bind(theta, data []float64) Angle {
	switch {
	case a.Source == Constant, a.Source == Trainable && theta == nil, a.Source == Input && data == nil:
		return a
	}
	return Const(a.Value(theta, data))
}

// String returns the angle as drawings show it: 0.3, 3π/4, θ0, -0.5·x2+π. Numbers are rounded to four digits.
func (a Angle) String() string {
	if a.Source == Constant {
		return radians(a.Shift)
	}
	s := "θ" + strconv.Itoa(a.Index)
	if a.Source == Input {
		s = "x" + strconv.Itoa(a.Index)
	}
	switch a.Scale {
	case 1:
	case -1:
		s = "-" + s
	default:
		s = short(a.Scale) + "·" + s
	}
	if a.Shift > 0 {
		s += "+"
	}
	if a.Shift != 0 {
		s += radians(a.Shift)
	}
	return s
}

// radians writes the usual fractions of π as such: π, -π/2, 3π/4.
func radians(x float64) string {
	p, q, ok := FractionOfPi(x)
	if !ok {
		return short(x)
	}
	s := "π"
	switch p {
	case 1:
	case -1:
		s = "-π"
	default:
		s = strconv.Itoa(p) + s
	}
	if q > 1 {
		s += "/" + strconv.Itoa(q)
	}
	return s
}

// FractionOfPi returns p and q if x is the float64 nearest to p·π/q, for q a power of two up to 16, or 3, 6
// or 12.
func FractionOfPi(x float64) (p, q int, ok bool) {
	if x == 0 || !(math.Abs(x) <= 8*math.Pi) {
		return 0, 0, false
	}
	for _, q := range []int{1, 2, 3, 4, 6, 8, 12, 16} {
		if p := math.Round(x * float64(q) / math.Pi); p != 0 && p*math.Pi/float64(q) == x {
			return int(p), q, true
		}
	}
	return 0, 0, false
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

// Err returns what is wrong with the angle: a number that is not finite, or an index or a source out of
// range.
func (a Angle) Err() error {
	switch {
	case math.IsNaN(a.Scale+a.Shift) || math.IsInf(a.Scale, 0) || math.IsInf(a.Shift, 0):
		return errors.Errorf("angle %v is not finite", a)
	case a.Source > Input:
		return errors.Errorf("angle source %d is none of Constant, Trainable, Input", a.Source)
	case a.Index < 0 || a.Index >= MaxAngles:
		return errors.Errorf("angle index %d out of range [0,%d)", a.Index, MaxAngles)
	}
	return nil
}

// substitute returns a with its source replaced by the angle b: how an angle of a definition becomes an angle
// of the circuit.
func (a Angle) substitute(b Angle) Angle {
	b = b.Times(a.Scale)
	b.Shift += a.Shift
	return b
}
