package circuit

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// WriteQASM writes the circuit as OpenQASM 2 or 3, over qelib1.inc or stdgates.inc, with the numbers of theta and of one row of data in it, all angles in radians.
// Version 3 without theta, or without data, declares the missing angles as inputs theta0, theta1, … and x0, x1, …
//
// Version 3 defines gates that the library lacks in gate blocks and writes further controls as ctrl @. Version 2 takes such gates and controls apart; it is
// equal up to a global phase, which that format cannot say. Qubit i is q[i], and here qubit 0 is the most significant bit: programs that print states the other way round
// (Qiskit) show the bits reversed.
//
// It returns an error for the circuit's own, another version, too few or infinite angles, a matrix of more than six qubits, and that of w.
//
// Source: Cross et al., arXiv:1707.03429 (version 2) and arXiv:2104.14722 (version 3).
func (c *Circuit) WriteQASM(w io.Writer, version int, theta, data []float64) error {
	if err := c.bindable(version, theta, data); err != nil {
		return err
	}
	out := qasmWriter{w: bufio.NewWriter(w), names: map[*Gate]string{}, taken: map[string]bool{}}
	gates := make([]Operation, len(c.ops))
	for i, g := range c.ops {
		gates[i] = g.mapped(sameQubit, func(a Angle) Angle { return a.bound(theta, data) })
	}
	var err error
	if version == 2 {
		err = out.version2(c.qubits, gates)
	} else {
		err = out.version3(c.qubits, gates)
	}
	if err != nil {
		return errors.WithMessage(err, "circuit: WriteQASM")
	}
	return out.w.Flush()
}

func (c *Circuit) bindable(version int, theta, data []float64) error {
	if err := c.Err(); err != nil {
		return err
	}
	if version != 2 && version != 3 {
		return errors.Errorf("circuit: WriteQASM: want OpenQASM version 2 or 3, got %d", version)
	}
	missing := func(v []float64, n int) bool { return len(v) < n && (version == 2 || v != nil) }
	if missing(theta, c.NumTheta()) || missing(data, c.NumData()) {
		return errors.Errorf("circuit: WriteQASM: want %d theta and %d data, got %d and %d", c.NumTheta(), c.NumData(), len(theta), len(data))
	}
	for _, v := range slices.Concat(theta, data) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.Errorf("circuit: WriteQASM: angle %v is not finite", v)
		}
	}
	return nil
}

// bound returns the angle with the number of its source in it, the angle itself if the numbers of that source are not given.
func (a Angle) bound(theta, data []float64) Angle {
	if a.Source == Trainable && theta == nil || a.Source == Input && data == nil {
		return a
	}
	return Const(a.Value(theta, data))
}

type qasmWriter struct {
	w     *bufio.Writer
	names map[*Gate]string // of the gates that are defined
	taken map[string]bool
}

func (w *qasmWriter) print(format string, args ...any) { fmt.Fprintf(w.w, format, args...) }

func (w *qasmWriter) version2(qubits int, gates []Operation) error {
	w.print("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", qubits)
	for _, g := range gates {
		simple, err := lowered(g, qubits)
		if err != nil {
			return err
		}
		for _, g := range simple {
			row, _ := g.Row()
			w.print("%s\n", statement(row.QASM2, g, inRegister))
		}
	}
	return nil
}

func (w *qasmWriter) version3(qubits int, gates []Operation) error {
	w.print("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n")
	for name := range library(3) {
		w.taken[name] = true
	}
	inputs := map[string]bool{}
	for _, g := range gates {
		for _, a := range g.Angles {
			if name := inRegister.source(a); name != "" && !inputs[name] {
				inputs[name], w.taken[name] = true, true
				w.print("input float[64] %s;\n", name)
			}
		}
	}
	w.taken["q"] = true
	for _, g := range gates {
		if err := w.define(g); err != nil {
			return err
		}
	}
	w.print("qubit[%d] q;\n", qubits)
	for _, g := range gates {
		for _, s := range w.statements(g, inRegister) {
			w.print("%s\n", s)
		}
	}
	return nil
}

// byParts tells whether version 3 writes the gate as its parts: under controls the phases of u and its kin in stdgates.inc would matter, and they are not ours.
func byParts(g Operation) bool { return len(g.Controls) > 0 && g.Gate.Angles > 1 }

// define writes the definition of the gate, if the library lacks it and it has none yet, after those of its parts.
func (w *qasmWriter) define(g Operation) error {
	if row, ok := g.Row(); ok && row.QASM3 != "" {
		return nil
	}
	k := g.Gate
	if w.names[k] != "" || k.QASM3 != "" && !byParts(g) {
		return nil
	}
	parts, err := k.definition()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := w.define(p); err != nil {
			return err
		}
	}
	if byParts(g) {
		return nil
	}
	w.names[k] = w.unused(k.Name)
	w.print("gate %s", w.names[k])
	if k.Angles > 0 {
		w.print("(%s)", numbered(k.Angles, inDefinition.theta))
	}
	w.print(" %s {", numbered(k.Qubits, inDefinition.qubit))
	for _, p := range parts {
		for _, s := range w.statements(p, inDefinition) {
			w.print(" %s", s)
		}
	}
	w.print(" }\n")
	return nil
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// unused returns a name for a definition, as near to the given one as OpenQASM and the names in use allow.
func (w *qasmWriter) unused(name string) string {
	name = notInNames.ReplaceAllString(name, "_")
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		name = "g" + name
	}
	unique := name
	for i := 2; w.taken[unique] || keywords[unique]; i++ {
		unique = name + "_" + strconv.Itoa(i)
	}
	w.taken[unique] = true
	return unique
}

// statements returns the gate in version 3: by the name that includes its controls, or under ctrl @.
func (w *qasmWriter) statements(g Operation, as names) []string {
	if row, ok := g.Row(); ok && row.QASM3 != "" {
		return []string{statement(row.QASM3, g, as)}
	}
	if byParts(g) {
		var out []string
		for _, p := range g.Decompose() {
			out = append(out, w.statements(p, as)...)
		}
		return out
	}
	name := g.Gate.QASM3
	if name == "" {
		name = w.names[g.Gate]
	}
	switch n := len(g.Controls); n {
	case 0:
	case 1:
		name = "ctrl @ " + name
	default:
		name = fmt.Sprintf("ctrl(%d) @ %s", n, name)
	}
	return []string{statement(name, g, as)}
}

// statement returns name(angles) qubits;
func statement(name string, g Operation, as names) string {
	s := name + angleList(g.Angles, as.expression)
	for i, q := range g.AllQubits() {
		if i > 0 {
			s += ","
		}
		s += fmt.Sprintf(" "+as.qubit, q)
	}
	return s + ";"
}

// names are the formats of the names of qubits and trainable angles.
type names struct{ qubit, theta string }

var (
	inRegister   = names{"q[%d]", "theta%d"}
	inDefinition = names{"q%d", "a%d"}
)

func numbered(n int, format string) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(names, ", ")
}

// source returns the name of what the angle depends on, empty for constants.
func (as names) source(a Angle) string {
	switch a.Source {
	case Trainable:
		return fmt.Sprintf(as.theta, a.Index)
	case Input:
		return "x" + strconv.Itoa(a.Index)
	}
	return ""
}

// expression returns the angle so that it reads back to the last bit.
func (as names) expression(a Angle) string {
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

// number writes x exactly, the usual fractions of π as such; numbers of version 2 have a point before an exponent.
func number(x float64) string {
	if p, q, ok := fractionOfPi(x); ok {
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
