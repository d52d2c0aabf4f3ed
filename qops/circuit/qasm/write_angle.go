package qasm

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
)

// source returns the name of what the angle depends on, empty for constants.
func (as names) source(a circuit.Angle) string {
	switch a.Source {
	case circuit.Trainable:
		return fmt.Sprintf(as.theta, a.Index)
	case circuit.Input:
		return "x" + strconv.Itoa(a.Index)
	}
	return ""
}

// expression returns the angle so that it reads back to the last bit.
func (as names) expression(a circuit.Angle) string {
	s := as.source(a)
	if s == "" {
		return number(a.Shift)
	}
	switch a.Scale {
	case 1:
	case -1:
		s = "-" + s
	default:
		s = number(a.Scale) + "*" + s
	}
	if a.Shift != 0 {
		s += "+" + number(a.Shift)
	}
	return strings.ReplaceAll(s, "+-", "-")
}

// number writes x exactly, the usual fractions of π as such; numbers of version 2 have a point before an
// exponent.
func number(x float64) string {
	if p, q, ok := circuit.FractionOfPi(x); ok {
		s := strconv.Itoa(p) + "*pi"
		switch p {
		case 1:
			s = "pi"
		case -1:
			s = "-pi"
		}
		if q > 1 {
			s += "/" + strconv.Itoa(q)
		}
		return s
	}
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.Contains(s, ".") {
		s = strings.Replace(s, "e", ".0e", 1)
	}
	return s
}
