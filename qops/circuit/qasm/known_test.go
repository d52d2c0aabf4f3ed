package qasm_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// programs draws programs about the bits c, d and e, of 3, 2 and 3, and f.
type programs struct {
	*rand.Rand
	gates int
}

func (p *programs) of(texts ...string) string { return texts[p.IntN(len(texts))] }

func (p *programs) bits(depth int) string {
	if depth == 0 {
		return p.of("c", "d", "e", "c[0:1]", "e[1:2]", "c[2:-1:0]", "c[{0, 2, 1}]", `"101"`, `"01"`)
	}
	inner := p.bits(depth - 1)
	switch p.IntN(7) {
	case 0:
		return "~(" + inner + ")"
	case 1:
		return "(" + inner + p.of(" & ", " | ", " ^ ") + p.bits(depth-1) + ")"
	case 2:
		return fmt.Sprintf("(%s %s %d)", inner, p.of("<<", ">>"), p.IntN(4))
	case 3:
		return fmt.Sprintf("%s(%s, %d)", p.of("rotl", "rotr"), inner, p.IntN(4)-1)
	case 4:
		return fmt.Sprintf("bit[%d](%s)", 2+p.IntN(2), p.number(depth-1))
	}
	return inner
}

func (p *programs) number(depth int) string {
	switch p.IntN(3) {
	case 0:
		return fmt.Sprint(p.IntN(12) - 4)
	case 1:
		return fmt.Sprintf("%s[%d](%s)", p.of("int", "uint"), 1+p.IntN(5), p.bits(depth))
	}
	return p.bits(depth)
}

func (p *programs) truth(depth int) string {
	if depth == 0 {
		return p.of("c[0]", "c[1]", "e[2]", "c", "d", "f", "!c[0]", "true", "false")
	}
	switch p.IntN(4) {
	case 0:
		return "!(" + p.truth(depth-1) + ")"
	case 1:
		return "(" + p.truth(depth-1) + p.of(" && ", " || ", " ^ ", " & ", " | ", " == ", " != ") +
			p.truth(depth-1) + ")"
	case 2:
		return "bool(" + p.number(depth-1) + ")"
	}
	return "(" + p.number(depth-1) + p.of(" == ", " != ", " < ", " <= ", " > ", " >= ") + p.number(depth-1) + ")"
}

// block writes statements in braces.
func (p *programs) block(depth int, out *strings.Builder) {
	out.WriteString("{\n")
	for range 1 + p.IntN(3) {
		p.statement(depth, out)
	}
	out.WriteString("}\n")
}

func (p *programs) statement(depth int, out *strings.Builder) {
	three := func() string {
		return p.of("c", "e", "~c", "c ^ e", "rotl(e, 1)", `"110"`, "e << 1", "c & ~e", "bit[3](int[3](e))")
	}
	kind := p.IntN(12)
	if depth == 0 {
		kind %= 6
	}
	switch p.gates++; kind {
	case 0, 1:
		fmt.Fprintf(out, "U(%d, 0, 0) q;\n", p.gates)
	case 2:
		fmt.Fprintf(out, "%s %s= %s;\n", p.of("c", "e"), p.of("", "^", "&", "|"), three())
	case 3:
		fmt.Fprintf(out, "%s[%d] = %s;\n", p.of("c", "e"), p.IntN(3), p.truth(2))
	case 4:
		fmt.Fprintf(out, "f = %s;\n", p.truth(2))
	case 5:
		fmt.Fprintf(out, "d = %s[%s];\n", p.of("c", "e"), p.of("0:1", "{2, 0}"))
	case 6:
		fmt.Fprintf(out, "if (%s) ", p.truth(2))
		if p.block(depth-1, out); p.IntN(2) == 0 {
			out.WriteString("else ")
			p.block(depth-1, out)
		}
	case 7:
		fmt.Fprintf(out, "for bit b in %s { if (b) ", p.of("c", "e", "d"))
		p.block(depth-1, out)
		out.WriteString("e[0] = b; }\n")
	case 8:
		fmt.Fprintf(out, "switch (%s) { case 1, 2 ", p.of("c", "int[3](e)", "d", "uint[2](c)"))
		p.block(depth-1, out)
		out.WriteString("case -1, 3 ")
		p.block(depth-1, out)
		out.WriteString("default ")
		p.block(depth-1, out)
		out.WriteString("}\n")
	case 9:
		fmt.Fprintf(out, "{ %s = %s; ", p.of("bit[3] e", "bit[3] c"), three())
		p.block(depth-1, out)
		out.WriteString("f = e[0]; }\n")
	case 10:
		fmt.Fprintf(out, "f = parity(%s);\n", three())
	case 11:
		fmt.Fprintf(out, "{ bit[2] w = %s; while (w) { w = w >> 1; ", p.of("d", "c[0:1]", "e[1:2]"))
		p.block(depth-1, out)
		out.WriteString("} }\n")
	}
}

// classical carries out instructions without measurements, and returns the angles of the gates that act.
func classical(body []circuit.Instruction, bits []bool) []float64 {
	var acted []float64
	for _, in := range body {
		switch in.Kind {
		case circuit.Apply:
			acted = append(acted, in.Angles[0].Shift)
		case circuit.Assign:
			bits[in.Bits[0]] = in.When.Holds(bits)
		case circuit.Branch:
			part := in.Else
			if in.When.Holds(bits) {
				part = in.Then
			}
			acted = append(acted, classical(part, bits)...)
		case circuit.Repeat:
			for in.When.Holds(bits) {
				acted = append(acted, classical(in.Then, bits)...)
			}
		}
	}
	return acted
}

// outcome runs a program on bits of its first registers, and returns the gates that act and the register out.
func outcome(d *circuit.Dynamic, first []bool) ([]float64, []bool) {
	bits := make([]bool, d.Bits())
	copy(bits, first)
	acted := classical(d.Body, bits)
	at := 0
	for _, r := range d.BitRegisters {
		if r.Name == "out" {
			return acted, bits[at : at+r.Size]
		}
		at += r.Size
	}
	return acted, nil
}

// TestKnownAndMeasured reads random conditions and random programs with bits that are not known, as measured
// ones are, which leaves conditions; and with each value of the bits known, which decides everything while
// reading. Both act alike. So does what is written of the first and read again.
func TestKnownAndMeasured(t *testing.T) {
	const conditions, all = 500, 700
	// by earlier readers
	mistaken := []string{"int[2](c[0:1]) == d", "int[3](c << 1) == 4", "int[1](~c[1:1]) == -2"}
	read := 0
	for seed := range uint64(all) {
		p := &programs{Rand: rand.New(rand.NewPCG(2, seed))}
		var body strings.Builder
		if seed < uint64(len(mistaken)) {
			body.WriteString("if (" + mistaken[seed] + ") U(1, 0, 0) q;\n")
		} else if seed < conditions {
			body.WriteString("if (" + p.truth(4) + ") U(1, 0, 0) q;\n")
		} else {
			p.block(3, &body)
		}
		source := "OPENQASM 3;\ninput bit[3] c; input bit[2] d; qubit q; bit[3] e = \"000\"; bool f = false;\n" +
			"def parity(bit[3] x) -> bit { bit u = 0; for bit b in x { u ^= b; } " +
			"if (u == x[0]) { x[1] = !x[1]; u ^= x[1]; } return u; }\n" +
			body.String() + "bit[9] out; out[0:2] = c; out[3:4] = d; out[5:7] = e; out[8] = f;\n"
		open, err := qasm.ParseDynamic(strings.NewReader(source))
		if err != nil {
			continue // sizes that do not fit, and comparisons that are not supported
		}
		if read++; !actsAlike(t, source, open) {
			return
		}
	}
	if read < all/2 {
		t.Errorf("only %d of %d programs were read", read, all)
	}
}

func actsAlike(t *testing.T, source string, open *circuit.Dynamic) bool {
	t.Helper()
	again := dynamic(t, writtenDynamic(t, open, 3))
	for pattern := range 32 {
		values := make([]bool, 5)
		for i := range values {
			values[i] = pattern>>i&1 == 1
		}
		inputs := map[string]string{"c": fmt.Sprintf("%03b", pattern&7), "d": fmt.Sprintf("%02b", pattern>>3)}
		known, err := qasm.Options{Inputs: inputs}.ParseDynamic(strings.NewReader(source))
		if err != nil {
			t.Errorf("%v with %v, and none without, in\n%s", err, inputs, source)
			return false
		}
		wantGates, want := outcome(known, nil)
		for what, d := range map[string]*circuit.Dynamic{"read": open, "written and read again": again} {
			if gates, got := outcome(d, values); !reflect.DeepEqual(gates, wantGates) ||
				!reflect.DeepEqual(got, want) {
				t.Errorf("%s: gates %v and bits %v, with %v gates %v and bits %v, of\n%s", what, gates, got, inputs,
					wantGates, want, source)
				return false
			}
		}
	}
	return true
}
