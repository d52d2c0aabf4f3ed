package qasm

import (
	"fmt"
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

// body writes instructions; in version 2 the prefix is the condition on each of them, in version 3 it is
// blank.
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
