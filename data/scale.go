package data

import (
	"fmt"
	"math"
	"strconv"

	"github.com/pkg/errors"
)

// Scale says which numbers of a file are black and full intensity: a pixel is (v−Black)/(White−Black). The
// zero Scale is that of numbers of which nobody knows; they are used as they are.
type Scale struct {
	Black float64 `json:"black"`
	White float64 `json:"white"`
}

// The scales that files have.
var (
	byteScale = Scale{0, 255}
	unitScale = Scale{0, 1}
)

// Known reports whether a pixel of a picture can be given in the scale.
func (s Scale) Known() bool { return s != Scale{} }

// String returns the scale in words: 0 to 255.
func (s Scale) String() string {
	if !s.Known() {
		return "unknown"
	}
	return number(s.Black) + " to " + number(s.White)
}

// number writes a number as briefly as it can be.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// scaleOf returns the scale of numbers of a type with a range. Truth values and integers that are only 0 and
// 1 are black and white; other integers are bytes up to 255, and beyond that have 16 bits. Real numbers in
// [0, 1] are intensities, those from −1 to 1 are, too, if black or nearly black occurs among them, and those
// in [0, 255] that exceed 2 are bytes. Of other real numbers, such as standardised ones, the scale is
// unknown. It returns an error for integers below 0 or beyond 16 bits.
func scaleOf(kind byte, low, high float64) (Scale, error) {
	if kind == 'f' {
		switch {
		case low >= 0 && high <= 1:
			return unitScale, nil
		case low >= -1 && low < -0.98 && high <= 1:
			return Scale{-1, 1}, nil
		case low >= 0 && high > 2 && high <= 255:
			return byteScale, nil
		}
		return Scale{}, nil
	}
	switch {
	case low < 0 || high > math.MaxUint16:
		return Scale{}, errors.Errorf("images of integers from %s to %s, want 0 to 255, or 0 to 65535 for "+
			"16 bits; give other numbers as real ones", number(low), number(high))
	case kind == 'b' || high == 1:
		return unitScale, nil
	case high <= 255:
		return byteScale, nil
	}
	return Scale{0, math.MaxUint16}, nil
}

// remark says what a user should know of how numbers were read; empty for what nobody doubts.
func (s Scale) remark(kind byte, low, high float64) string {
	numbers := "integers"
	if kind == 'f' {
		numbers = "real numbers"
	}
	switch {
	case !s.Known():
		return fmt.Sprintf("images hold real numbers from %.4g to %.4g: used as they are, and as nothing says "+
			"which is black and which is white, the model cannot predict pictures from files", low, high)
	case s == byteScale && kind != 'f' || s == unitScale && (kind == 'f' || kind == 'b'):
		return ""
	}
	return fmt.Sprintf("images hold %s from %.6g to %.6g: read as %v, black to white", numbers, low, high, s)
}
