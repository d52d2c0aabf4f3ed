package circuit

import (
	"math"
	"strconv"
)

// Source says where the value of an angle comes from.
type Source uint8

// The three sources of an angle.
const (
	Constant  Source = iota // fixed when the circuit is built
	Trainable               // an entry of theta, shared by all rows of a batch
	Input                   // an entry of a row's data
)

// Angle is Scale·source + Shift in radians: a constant, a trainable theta or an input of the row. The zero value is the constant 0.
//
// Scale and shift make circuits closed under adjoint, control and rewriting, and they are what the chain rule needs:
// the derivative by the source is Scale times the derivative by the angle.
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

// Value returns the angle in radians for given theta and one row of data, which must reach to its Index.
func (a Angle) Value(theta, data []float64) float64 {
	switch a.Source {
	case Trainable:
		return a.Scale*theta[a.Index] + a.Shift
	case Input:
		return a.Scale*data[a.Index] + a.Shift
	}
	return a.Shift
}

// String returns the angle as it stands in a drawing: 0.3, 3π/4, θ0, -0.5·x2+π. Numbers are rounded to four digits.
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
	p, q, ok := fractionOfPi(x)
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

// fractionOfPi returns p and q if x is the float64 of p·π/q, q a power of two up to 16 or 3, 6, 12.
func fractionOfPi(x float64) (p, q int, ok bool) {
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

func (a Angle) finite() bool {
	return !math.IsNaN(a.Scale) && !math.IsInf(a.Scale, 0) && !math.IsNaN(a.Shift) && !math.IsInf(a.Shift, 0)
}

// of returns a with its source replaced by the angle b: how an angle of a gate's parts becomes an angle of the circuit.
func (a Angle) of(b Angle) Angle {
	b = b.Times(a.Scale)
	b.Shift += a.Shift
	return b
}
