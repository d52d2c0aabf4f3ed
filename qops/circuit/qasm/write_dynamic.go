package qasm

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// fail keeps the first error.
func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) failAt(in *circuit.Instruction, format string, args ...any) {
	if in.Line > 0 {
		format = fmt.Sprintf("line %d: ", in.Line) + format
	}
	w.fail(errors.Errorf(format, args...))
}

// program writes everything.
func (w *writer) program(d *circuit.Dynamic) {
	w.print("OPENQASM %d.0;\ninclude %q;\n", w.version, libraryFile(w.version))
	for name := range library(w.version) {
		w.taken[name] = true
	}
	if w.version == 3 {
		w.inputs(d)
	}
	w.rename(d)
	if w.version == 3 {
		w.definitions()
	} else {
		w.opaques()
	}
	w.registers()
	w.body(w.d.Body, "")
}

// inputs declares the angles that have no numbers.
func (w *writer) inputs(d *circuit.Dynamic) {
	d.Each(func(in *circuit.Instruction) {
		for _, a := range in.Angles {
			if name := inDefinition.input(a); name != "" && !w.taken[name] {
				w.taken[name] = true
				w.print("input float[64] %s;\n", name)
			}
		}
	})
}

// input returns the name of the input that an angle depends on, empty for constants.
func (names) input(a circuit.Angle) string { return names{theta: "theta%d"}.source(a) }

// builtin tells whether a name means something without a library.
func (w *writer) builtin(name string) bool {
	_, constant := constants[w.version][name]
	_, function := functions[w.version][name]
	_, gate := builtin(w.version)[name]
	return constant || function || gate
}

// rename gives registers names that the version allows.
func (w *writer) rename(d *circuit.Dynamic) {
	copied := *d
	w.d = &copied
	name := func(registers []circuit.Register) []circuit.Register {
		out := slices.Clone(registers)
		for i, r := range out {
			if number, physical := strings.CutPrefix(r.Name, "$"); !physical {
				out[i].Name = w.registerName(r.Name)
			} else if w.version == 2 {
				out[i].Name = w.registerName("q" + number)
			}
			if w.version == 2 {
				out[i].Single = false
			}
		}
		return out
	}
	w.d.QubitRegisters, w.d.BitRegisters = name(d.QubitRegisters), name(d.BitRegisters)
	if w.version == 2 {
		d.Each(func(in *circuit.Instruction) {
			if in.Kind == circuit.Measure && len(in.Bits) == 0 && w.dropped == "" {
				w.dropped = w.registerName("dropped")
			}
		})
	}
}

// registerName returns a name for a register, as near to the given one as the version allows.
func (w *writer) registerName(name string) string {
	ok := name != ""
	for i, r := range name {
		ok = ok && isWordLetter(r) && (i > 0 || !isDigit(r)) && (w.version == 3 || r < 0x80) &&
			(w.version == 3 || i > 0 || r >= 'a' && r <= 'z')
	}
	if !ok || w.taken[name] || keywords[w.version][name] || w.builtin(name) {
		return w.unusedName(name)
	}
	w.taken[name] = true
	return name
}

// definitions writes the gates that stdgates.inc lacks.
func (w *writer) definitions() {
	var all []circuit.Operation
	w.d.Each(func(in *circuit.Instruction) {
		switch in.Kind {
		case circuit.Apply:
			all = append(all, in.Operation)
		case circuit.Opaque:
			w.failAt(in, "%s: OpenQASM 3 has no opaque gates", in.Name())
		}
	})
	for _, g := range all { // before the gates inside definitions, which would take their names
		if !named(3)(g) && g.Gate.QASM(3) == "" && !byDefinition(g) {
			w.name(g.Gate)
		}
	}
	for _, g := range all {
		if err := w.define(g); err != nil {
			w.fail(err)
			return
		}
	}
}

// opaques declares the gates without a definition.
func (w *writer) opaques() {
	w.d.Each(func(in *circuit.Instruction) {
		if in.Kind != circuit.Opaque || w.defined[in.Gate] {
			return
		}
		w.defined[in.Gate] = true
		w.print("opaque %s", w.name(in.Gate))
		if n := in.Gate.Angles(); n > 0 {
			w.print("(%s)", numbered(n, "a%d"))
		}
		w.print(" %s;\n", numbered(in.Gate.Qubits(), "q%d"))
	})
}

// registers declares qubits and bits.
func (w *writer) registers() {
	for _, r := range w.d.QubitRegisters {
		switch {
		case w.version == 2:
			w.print("qreg %s[%d];\n", r.Name, r.Size)
		case strings.HasPrefix(r.Name, "$"): // a physical qubit is there
		case r.Single:
			w.print("qubit %s;\n", r.Name)
		default:
			w.print("qubit[%d] %s;\n", r.Size, r.Name)
		}
	}
	for _, r := range w.d.BitRegisters {
		switch {
		case w.version == 2:
			w.print("creg %s[%d];\n", r.Name, r.Size)
		case r.Single:
			w.print("bit %s;\n", r.Name)
		default:
			w.print("bit[%d] %s;\n", r.Size, r.Name)
		}
	}
	if w.dropped != "" {
		w.print("creg %s[1];\n", w.dropped)
	}
}

// body writes instructions; in version 2 the prefix is the condition on each of them, in version 3 it is blank.
func (w *writer) body(body []circuit.Instruction, prefix string) {
	for i := range body {
		if w.err != nil {
			return
		}
		in := &body[i]
		for _, s := range w.instruction(in, prefix) {
			w.print("%s%s\n", prefix, s)
		}
	}
}

// instruction returns the statements of an instruction; it writes those that hold others itself.
func (w *writer) instruction(in *circuit.Instruction, prefix string) []string {
	switch in.Kind {
	case circuit.Apply:
		return w.gate(in)
	case circuit.Opaque:
		return []string{statement(w.name(in.Gate), in.Operation, w.inRegisters())}
	case circuit.Measure:
		return w.measure(in)
	case circuit.Reset:
		var out []string
		for _, q := range w.runs(in.Qubits, w.d.QubitRegisters) {
			out = append(out, "reset "+q+";")
		}
		return out
	case circuit.Barrier:
		if len(in.Qubits) == 0 {
			return nil
		}
		if prefix != "" && w.version == 2 {
			w.failAt(in, "OpenQASM 2 has no barrier under a condition")
		}
		return []string{"barrier " + strings.Join(w.runs(in.Qubits, w.d.QubitRegisters), ", ") + ";"}
	case circuit.Branch:
		w.branch(in, prefix)
	case circuit.Repeat:
		if w.version == 2 {
			w.failAt(in, "OpenQASM 2 has no loops")
			return nil
		}
		w.print("%swhile (%s) {\n", prefix, w.d.ConditionText(in.When))
		w.body(in.Then, prefix+"  ")
		w.print("%s}\n", prefix)
	case circuit.Assign:
		if w.version == 2 {
			w.failAt(in, "OpenQASM 2 has no assignment of bits")
			return nil
		}
		text := w.d.ConditionText(in.When)
		if b := (bit{when: in.When}).slot(); b >= 0 {
			text = w.d.BitName(b)
		}
		return []string{w.d.BitName(in.Bits[0]) + " = " + text + ";"}
	}
	return nil
}

// gate returns a gate; in version 2 its decomposition, if qelib1.inc lacks it.
func (w *writer) gate(in *circuit.Instruction) []string {
	if w.version == 3 {
		return w.statements(in.Operation, w.inRegisters())
	}
	if row, ok := in.Row(); ok && row.QASM(2) != "" && in.Constant() {
		return []string{statement(row.QASM(2), in.Operation, w.inRegisters())}
	}
	ops, err := in.Decompose(w.d.Qubits(), circuit.IntoNative(named(2)))
	if err != nil {
		w.failAt(in, "%v", err)
	}
	var out []string
	for _, g := range ops {
		row, _ := g.Row()
		out = append(out, statement(row.QASM(2), g, w.inRegisters()))
	}
	return out
}

func (w *writer) qubit(q int) string { return w.d.QubitName(q) }

// measure returns a measurement of a register as one statement, of other qubits one by one.
func (w *writer) measure(in *circuit.Instruction) []string {
	write := func(qubit, bit string) string {
		switch {
		case w.version == 2:
			return "measure " + qubit + " -> " + bit + ";"
		case bit == "":
			return "measure " + qubit + ";"
		}
		return bit + " = measure " + qubit + ";"
	}
	qubits := w.runs(in.Qubits, w.d.QubitRegisters)
	if bits := w.runs(in.Bits, w.d.BitRegisters); len(qubits) == 1 && len(bits) == 1 {
		return []string{write(qubits[0], bits[0])}
	}
	var out []string
	for i, q := range in.Qubits {
		bit := ""
		if len(in.Bits) > 0 {
			bit = w.d.BitName(in.Bits[i])
		} else if w.version == 2 {
			bit = w.dropped + "[0]"
		}
		out = append(out, write(w.qubit(q), bit))
	}
	return out
}

// runs returns the names of qubits or bits, a whole register in its order by its name alone.
func (w *writer) runs(all []int, registers []circuit.Register) []string {
	var out []string
	first := map[int]circuit.Register{}
	at := 0
	for _, r := range registers {
		first[at] = r
		at += r.Size
	}
	part := circuit.Dynamic{QubitRegisters: registers}
	for i := 0; i < len(all); {
		r, ok := first[all[i]]
		whole := ok && i+r.Size <= len(all)
		for j := 1; whole && j < r.Size; j++ {
			whole = all[i+j] == all[i]+j
		}
		if whole && r.Size > 1 {
			out = append(out, r.Name)
			i += r.Size
			continue
		}
		out = append(out, part.QubitName(all[i]))
		i++
	}
	return out
}

// branch writes if.
func (w *writer) branch(in *circuit.Instruction, prefix string) {
	if w.version == 3 {
		w.print("%sif (%s) {\n", prefix, w.d.ConditionText(in.When))
		w.body(in.Then, prefix+"  ")
		if len(in.Else) > 0 {
			w.print("%s} else {\n", prefix)
			w.body(in.Else, prefix+"  ")
		}
		w.print("%s}\n", prefix)
		return
	}
	name, value, ok := w.wholeRegister(in.When)
	switch {
	case prefix != "":
		w.failAt(in, "OpenQASM 2 has no conditions inside each other")
	case !ok:
		w.failAt(in, "OpenQASM 2 compares whole registers with numbers only, got %s", w.d.ConditionText(in.When))
	case len(in.Else) > 0:
		w.failAt(in, "OpenQASM 2 has no else")
	}
	for i := range in.Then {
		for _, b := range in.Then[i].Bits {
			if i < len(in.Then)-1 && w.changes(in.When, b) {
				w.failAt(in, "OpenQASM 2 has conditions on single operations only, and here one changes that of the others")
			}
		}
	}
	if w.err == nil {
		w.body(in.Then, fmt.Sprintf("if (%s == %v) ", name, value))
	}
}

func (w *writer) changes(c *circuit.Condition, bit int) bool {
	found := false
	c.Each(func(b int) { found = found || b == bit })
	return found
}

// wholeRegister returns the register and the number that a condition compares it with, if it is of that form,
// or of bits one by one that make a register together.
func (w *writer) wholeRegister(c *circuit.Condition) (string, *big.Int, bool) {
	want := map[int]bool{}
	var collect func(c *circuit.Condition, holds bool) bool
	collect = func(c *circuit.Condition, holds bool) bool {
		switch {
		case c.Relation == circuit.Not:
			return collect(c.Of[0], !holds)
		case c.Relation == circuit.And && holds:
			return !slices.ContainsFunc(c.Of, func(o *circuit.Condition) bool { return !collect(o, true) })
		case c.Relation != circuit.Equal || !holds && len(c.Bits) != 1:
			return false
		}
		for i, b := range c.Bits {
			on := c.Value>>min(i, 63)&1 == 1
			if !holds {
				on = !on
			}
			if old, ok := want[b]; ok && old != on {
				return false
			}
			want[b] = on
		}
		return c.Signed || c.Value>>min(len(c.Bits), 63) == 0
	}
	if !collect(c, true) {
		return "", nil, false
	}
	at := 0
	for _, r := range w.d.BitRegisters {
		value, found := new(big.Int), 0
		for i := range r.Size {
			on, ok := want[at+i]
			if ok {
				found++
			}
			if on {
				value.SetBit(value, i, 1)
			}
		}
		if at += r.Size; found == r.Size && found == len(want) {
			return r.Name, value, true
		}
	}
	return "", nil, false
}
