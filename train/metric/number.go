package metric

import (
	"encoding/json"
	"fmt"
	"math"
)

// Number is a figure that may have no value, such as the AUC of a split with one class: then it is NaN, null
// in JSON, and "none" as text.
type Number float64

// None returns the Number without a value.
func None() Number { return Number(math.NaN()) }

// Known reports whether there is a value: a finite number.
func (n Number) Known() bool { return n-n == 0 }

// Text returns the number in a format of fmt for one float64, or "none".
func (n Number) Text(format string) string {
	if !n.Known() {
		return "none"
	}
	return fmt.Sprintf(format, float64(n))
}

// MarshalJSON writes the number, or null if there is none.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads a number or null.
func (n *Number) UnmarshalJSON(text []byte) error {
	var v *float64
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	*n = None()
	if v != nil {
		*n = Number(*v)
	}
	return nil
}
