package mitigate

import (
	"math/bits"
	"strconv"

	"github.com/pkg/errors"
)

// Symmetry is what a circuit keeps of the number of ones in an outcome: a result that has another one is
// wrong, and is dropped. The zero value is none. A circuit of RBS and Givens gates keeps their number: with
// one at its beginning, Weight 1 is that of a unary circuit.
type Symmetry struct {
	Of    Conserved
	Value int // of a Parity 0 or 1
}

// Conserved is a function of the number of ones in an outcome.
type Conserved int

// What may be conserved.
const (
	NoSymmetry Conserved = iota
	Parity               // the number of ones, modulo 2
	Weight               // the number of ones
)

func (s Symmetry) check() error {
	switch {
	case s.Of < NoSymmetry || s.Of > Weight:
		return errors.Errorf("mitigate: unknown Conserved %d", int(s.Of))
	case s.Of == Parity && (s.Value < 0 || s.Value > 1):
		return errors.Errorf("mitigate: parity is %d, want 0 for an even number of ones or 1 for an odd "+
			"one", s.Value)
	case s.Value < 0 || s.Of == NoSymmetry && s.Value != 0:
		return errors.Errorf("mitigate: %d ones, want a number of ones of a Parity or a Weight", s.Value)
	}
	return nil
}

// String returns the text that Parse reads.
func (s Symmetry) String() string {
	switch s.Of {
	case Parity:
		return parityName + "=" + strconv.Itoa(s.Value)
	case Weight:
		return weightName + "=" + strconv.Itoa(s.Value)
	}
	return "none"
}

// Allows tells whether an outcome has the symmetry.
func (s Symmetry) Allows(outcome int) bool {
	ones := bits.OnesCount(uint(outcome))
	switch s.Of {
	case Parity:
		return ones%2 == s.Value
	case Weight:
		return ones == s.Value
	}
	return true
}

// Select sets p, probabilities or shares of shots, to those among the allowed outcomes, and returns the share
// that these had: of N shots that many are left, so that a variance grows by one over it. If nothing is left,
// all allowed outcomes are equally probable, and the share is 0.
func (s Symmetry) Select(p []float64) (share float64) {
	allowed := 0
	for i, v := range p {
		if s.Allows(i) {
			share += v
			allowed++
		}
	}
	for i := range p {
		switch {
		case !s.Allows(i):
			p[i] = 0
		case share > 0:
			p[i] /= share
		default:
			p[i] = 1 / float64(allowed)
		}
	}
	return max(0, share)
}

// SelectBack sets a gradient by p, the result of Select with that share, to that by its argument.
func (s Symmetry) SelectBack(d, p []float64, share float64) {
	mean := 0.0
	for i := range min(len(d), len(p)) {
		mean += d[i] * p[i]
	}
	for i := range d {
		if s.Allows(i) && share > 0 {
			d[i] = (d[i] - mean) / share
		} else {
			d[i] = 0
		}
	}
}
