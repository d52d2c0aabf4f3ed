// Package single knows which numbers float32 can hold.
package single

import (
	"math"

	"github.com/pkg/errors"
)

// least is the smallest number that float32 holds with all of its digits. Those below lose some, or become 0.
const least = 0x1p-126

// Check returns an error, to be put behind "x is 1e-320", for a number that float32 takes for another one:
// for 0, for infinity, or, of one below 1, for 1. What is meant by it would not happen, and nothing would say
// so.
func Check(v float64) error {
	s := float64(float32(v))
	switch {
	case v != 0 && math.Abs(v) < least:
		return errors.New("too small for float32, want at least 1.2e-38")
	case math.IsInf(s, 0) && !math.IsInf(v, 0):
		return errors.New("too large for float32, want at most 3.4e+38")
	case v < 1 && s == 1:
		return errors.New("which is 1 in float32, want at most 0.9999999")
	}
	return nil
}
