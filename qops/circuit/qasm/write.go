package qasm

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Write writes the circuit as OpenQASM 2 or 3, with qelib1.inc or stdgates.inc, all angles in radians.
// Circuit.Bind gives numbers to the angles; version 3 declares those without a number as inputs theta0,
// theta1, … and x0, x1, …
//
// Version 3 defines gates that the library lacks in gate blocks, without rotations of less than 1e-15, and
// writes further controls as ctrl @. A block has the name of its gate, a-z, A-Z, 0-9 and _ as they are, _ for
// every other character, and a g in front unless it starts with a-z: "My Gate" becomes gMy_Gate. Where two
// gates would have one name, or the name is taken, _2, _3, … follow.
//
// Version 2 takes such gates and controls apart; it is equal up to a global phase, which that version cannot
// express. Qubit i is q[i], and here qubit 0 is the most significant bit: programs that print states in the
// other order (Qiskit) show the bits reversed.
//
// It returns an error for a circuit with errors, another version, angles without numbers in version 2, a
// matrix of more than six qubits, and the error of w.
//
// Source: Cross et al., arXiv:1707.03429 (version 2) and arXiv:2104.14722 (version 3).
func Write(w io.Writer, c *circuit.Circuit, version int) error {
	d, err := circuit.NewDynamic(c)
	if err != nil {
		return errors.WithMessage(err, "qasm: Write")
	}
	return WriteDynamic(w, d, version)
}

// WriteDynamic writes a circuit with registers, measurements, resets and conditions as Write does a Circuit.
// Registers keep their names as far as the version allows: what it reserves gets a number behind.
//
// It returns the errors of Write, and an error with the line for what a version cannot say: in version 2
// conditions on anything but whole registers, else, loops and assignments of bits, in version 3 opaque gates.
func WriteDynamic(w io.Writer, d *circuit.Dynamic, version int) error {
	if err := d.Err(); err != nil {
		return errors.WithMessage(err, "qasm: Write")
	}
	if w == nil {
		return errors.New("qasm: Write: the writer is nil")
	}
	out := writer{w: bufio.NewWriter(w), version: version, names: map[circuit.Gate]string{},
		defined: map[circuit.Gate]bool{}, taken: map[string]bool{}}
	if version != 2 && version != 3 {
		return errors.Errorf("qasm: Write: want OpenQASM version 2 or 3, got %d", version)
	}
	if out.program(d); out.err != nil {
		return errors.WithMessage(out.err, "qasm: Write")
	}
	return out.w.Flush()
}

type writer struct {
	w       *bufio.Writer
	err     error
	version int
	d       *circuit.Dynamic        // with the names of registers that are written
	dropped string                  // the register of results that are kept nowhere
	names   map[circuit.Gate]string // of the gates that are defined, or will be
	defined map[circuit.Gate]bool
	taken   map[string]bool
}

func (w *writer) print(format string, args ...any) { fmt.Fprintf(w.w, format, args...) }

// named tells whether the library of a version has the gate with its controls.
func named(version int) func(circuit.Operation) bool {
	return func(g circuit.Operation) bool {
		row, ok := g.Row()
		return ok && row.QASM(version) != ""
	}
}

// byDefinition tells whether version 3 writes the definition in place of the gate: under controls the phases
// of u, u2 and u3 of stdgates.inc would matter, and they are not those of the gate table.
func byDefinition(g circuit.Operation) bool { return len(g.Controls) > 0 && g.Gate.Angles() > 1 }

// define writes the definition of the gate, if the library lacks it and it has none yet, after the
// definitions that this one uses.
func (w *writer) define(g circuit.Operation) error {
	k := g.Gate
	if named(3)(g) || w.defined[k] || k.QASM(3) != "" && !byDefinition(g) {
		return nil
	}
	definition, err := k.Definition()
	if err != nil {
		return err
	}
	for _, p := range definition {
		if err := w.define(p); err != nil {
			return err
		}
	}
	if byDefinition(g) {
		return nil
	}
	w.defined[k] = true
	w.print("gate %s", w.name(k))
	if n := k.Angles(); n > 0 {
		w.print("(%s)", numbered(n, inDefinition.theta))
	}
	w.print(" %s {", numbered(k.Qubits(), "q%d"))
	for _, p := range definition {
		if negligible(p) {
			continue
		}
		for _, s := range w.statements(p, inDefinition) {
			w.print(" %s", s)
		}
	}
	w.print(" }\n")
	return nil
}

// negligible tells whether the operation is a rotation or a phase of the library by no more than a rounding
// error, as definitions that are computed from matrices have them.
func negligible(g circuit.Operation) bool {
	if g.Gate.QASM(3) == "" || len(g.Angles) != 1 {
		return false
	}
	a := g.Angles[0]
	return math.Abs(a.Scale) < 1e-15 && math.Abs(a.Shift) < 1e-15
}

// name returns the name of a gate's definition.
func (w *writer) name(k circuit.Gate) string {
	if w.names[k] == "" {
		w.names[k] = w.unusedName(k.Name())
	}
	return w.names[k]
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// unusedName returns a name for a definition, as near to the given one as OpenQASM and the names in use
// allow.
func (w *writer) unusedName(name string) string {
	name = notInNames.ReplaceAllString(name, "_")
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		name = "g" + name
	}
	unique := name
	for i := 2; w.taken[unique] || keywords[w.version][unique] || w.builtin(unique); i++ {
		unique = name + "_" + strconv.Itoa(i)
	}
	w.taken[unique] = true
	return unique
}

// statements returns the operation in version 3: by the name that includes its controls, or under ctrl @.
func (w *writer) statements(g circuit.Operation, as names) []string {
	if row, ok := g.Row(); ok && row.QASM(3) != "" {
		return []string{statement(row.QASM(3), g, as)}
	}
	if byDefinition(g) {
		var out []string
		definition, _ := g.Definition() // define has returned the error
		for _, p := range definition {
			out = append(out, w.statements(p, as)...)
		}
		return out
	}
	name := g.Gate.QASM(3)
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
func statement(name string, g circuit.Operation, as names) string {
	if len(g.Angles) > 0 {
		angles := make([]string, len(g.Angles))
		for i, a := range g.Angles {
			angles[i] = as.expression(a)
		}
		name += "(" + strings.Join(angles, ", ") + ")"
	}
	qubits := make([]string, 0, len(g.Controls)+len(g.Qubits))
	for _, q := range g.AllQubits() {
		qubits = append(qubits, as.qubit(q))
	}
	return strings.TrimRight(name+" "+strings.Join(qubits, ", "), " ") + ";"
}

// names are the names of qubits and the format of those of trainable angles.
type names struct {
	qubit func(q int) string
	theta string
}

// inDefinition are the names in a gate block.
var inDefinition = names{func(q int) string { return "q" + itoa(q) }, "a%d"}

// inRegisters are the names of the program itself.
func (w *writer) inRegisters() names { return names{w.qubit, "theta%d"} }

func numbered(n int, format string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ", ")
}
