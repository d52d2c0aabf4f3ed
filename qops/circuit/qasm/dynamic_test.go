package qasm_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

func dynamic(t *testing.T, source string) *circuit.Dynamic {
	t.Helper()
	d, err := qasm.ParseDynamic(strings.NewReader(source))
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	if err := d.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	return d
}

func writtenDynamic(t *testing.T, d *circuit.Dynamic, version int) string {
	t.Helper()
	var out bytes.Buffer
	if err := qasm.WriteDynamic(&out, d, version); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestDynamicPrograms reads what depends on measured bits, and compares it with the form that the writer
// gives it.
func TestDynamicPrograms(t *testing.T) {
	for name, tc := range map[string]struct{ source, want string }{
		"measurement": {"qubit[2] q; qubit r; bit[2] c; bit d = measure r; c = measure q; measure q[1] -> c[0]; c[1:-1:0] = measure q; measure r;",
			"qubit[2] q; qubit r; bit[2] c; bit d; d = measure r; c = measure q; c[0] = measure q[1]; c[1] = measure q[0]; c[0] = measure q[1]; measure r;"},
		"if": {"qubit q; bit[3] c; if (c == 5) x q; if (!c[1]) { y q; } else z q; if (c[2] && (c[0] || c[1] != 1)) h q;",
			"qubit q; bit[3] c; if (c == 5) { x q; } if (c[1] != 1) { y q; } else { z q; } if ((c[2] == 1) && ((c[0] == 1) || (c[1] != 1))) { h q; }"},
		"comparisons": {"qubit q; bit[3] c; if (int[3](c) == -2) x q; if (int[3](c) <= 1) y q; if (c[0:1] > 2) z q; if (c != \"101\") h q; " +
			"if (uint(c) < 9) s q; if (5 > c) t q; if (c == 8) x q;",
			"qubit q; bit[3] c; if (int[3](c) == -2) { x q; } if (int[3](c) < 2) { y q; } if (uint[2](c[0:1]) >= 3) { z q; } if (c != 5) { h q; } " +
				"if (uint[3](c) < 9) { s q; } if (uint[3](c) < 5) { t q; } if (c == 8) { x q; }"},
		"while": {"qubit q; bit c = 1; while (c) { h q; c = measure q; }",
			"qubit q; bit c; c = true; while (c == 1) { h q; c = measure q; }"},
		"switch": {"qubit q; bit[2] c; switch (int(c)) { case 0, 3 { x q; } case 1 { } default { h q; } }",
			"qubit q; bit[2] c; if ((c == 0) || (c == 3)) { x q; } else { if (c == 1) { } else { h q; } }"},
		"assignments": {"qubit q; bit[2] c; bit d; d = c[0] ^ c[1]; c = ~c; c[1] = d & 1; c[0] = 1; d = c[0]; c ^= \"11\";",
			"qubit q; bit[2] c; bit d; d = (c[0] == 1) ^ (c[1] == 1); c[0] = c[0] != 1; c[1] = c[1] != 1; c[1] = d; c[0] = true; d = true; " +
				"c[0] = false; c[1] = c[1] != 1;"},
		"assigned together": {"qubit q; bit[2] c; c = rotl(c, 1);",
			"qubit q; bit[2] c; bit[2] c_new; c_new[0] = c[1]; c_new[1] = c[0]; c[0] = c_new[0]; c[1] = c_new[1];"},
		"what is known in one part is not after it": {
			"qubit q; bit c; bit k; if (c) { k = 1; if (k) x q; } else { k = 0; if (k) y q; } if (k) z q;",
			"qubit q; bit c; bit k; if (c == 1) { k = true; x q; } else { k = false; } if (k == 1) { z q; }"},
		"a subroutine": {"def m(qubit[2] a) -> bit[2] { bit[2] b; measure a -> b; return b; } qubit[4] q; bit[2] c; c = m(q[1:2]); c = m(q[0:1]);",
			"qubit[4] q; bit[2] c; bit[2] b; bit[2] b_2; b[0] = measure q[1]; b[1] = measure q[2]; c[0] = b[0]; c[1] = b[1]; " +
				"b_2[0] = measure q[0]; b_2[1] = measure q[1]; c[0] = b_2[0]; c[1] = b_2[1];"},
		"parity": {"def p(bit[2] b) -> bit { bit u = 0; for int i in [0:1] { u ^= b[i]; } return u; } qubit q; bit[2] c; if (p(c)) x q;",
			"qubit q; bit[2] c; bit u; u = c[0]; u = (u == 1) ^ (c[1] == 1); if (u == 1) { x q; }"},
		"a measurement in a condition": {"qubit q; if (measure q) x q;",
			"qubit q; bit measured; measured = measure q; if (measured == 1) { x q; }"},
		"aliases of bits": {
			"qubit q; bit[3] c; let d = c[1:2]; d[0] = 1; if (c[1]) x q; d = measure $1 ;", ""},
		"an alias of bits": {"qubit q; bit[3] c; let d = c[1:2]; d[0] = 1; if (c[1]) x q;",
			"qubit q; bit[3] c; c[1] = true; if (c[1] == 1) { x q; }"},
		"an input of bits": {"input bit[2] c; output bit d; qubit q; if (c == 2) x q; d = measure q;",
			"qubit q; bit[2] c; bit d; if (c == 2) { x q; } d = measure q;"},
		"an angle of a calibrated gate": {"defcal zz(angle[20] a) $0, $1 { x } bit c; if (c) barrier $0; ",
			"bit c; if (c == 1) { barrier $0; }"},
		"bool": {
			"qubit q; bit c; bool b = false; if (b) x q; b = true; if (c) b = false; if (b) y q;",
			"qubit q; bit c; bit b; b = true; if (c == 1) { b = false; } if (b == 1) { y q; }"},
		"an unknown bool in a loop": {
			"qubit q; bit c = measure q; while (c) { bool b = false; c = measure q; if (c) b = true; if (b) x q; }",
			"qubit q; bit c; bit b; c = measure q; while (c == 1) { c = measure q; b = false; if (c == 1) { b = true; } if (b == 1) { x q; } }"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.want == "" {
				if d, err := qasm.ParseDynamic(strings.NewReader(three + tc.source)); err == nil {
					t.Fatalf("want an error, got\n%s", writtenDynamic(t, d, 3))
				}
				return
			}
			text := writtenDynamic(t, dynamic(t, three+tc.source), 3)
			if got, want := strings.Join(strings.Fields(text[len(three):]), " "), tc.want; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if again := writtenDynamic(t, dynamic(t, text), 3); again != text && name != "an alias of bits" {
				t.Errorf("written and read again:\n%s\nis not\n%s", again, text)
			}
		})
	}
}

// TestVersions converts programs from each version into the other.
func TestVersions(t *testing.T) {
	for _, tc := range []struct{ source, two, three string }{
		{two + "qreg in[2]; creg c[2]; h in[0]; measure in -> c; if (c==2) x in[1]; reset in; barrier in[0],in[1]; measure in[0] -> c[1];",
			"qreg in[2]; creg c[2]; h in[0]; measure in -> c; if (c == 2) x in[1]; reset in; barrier in; measure in[0] -> c[1];",
			"qubit[2] in_2; bit[2] c; h in_2[0]; c = measure in_2; if (c == 2) { x in_2[1]; } reset in_2; barrier in_2; c[1] = measure in_2[0];"},
		{three + "qubit Ω; bit c; measure $3; if (c) { x Ω; z Ω; } if (!c) y Ω; c = measure Ω;",
			"qreg g_[1]; qreg q3[1]; creg c[1]; creg dropped[1]; measure q3[0] -> dropped[0]; if (c == 1) x g_[0]; if (c == 1) z g_[0]; " +
				"if (c == 0) y g_[0]; measure g_[0] -> c[0];",
			"qubit Ω; bit c; measure $3; if (c == 1) { x Ω; z Ω; } if (c != 1) { y Ω; } c = measure Ω;"},
		{two + "opaque o(a) q,r; qreg q[2]; creg c[1]; o(0.5) q[0],q[1]; if (c==1) o(1) q[1],q[0];",
			"opaque o(a0) q0, q1; qreg q[2]; creg c[1]; o(0.5) q[0], q[1]; if (c == 1) o(1) q[1], q[0];",
			"OpenQASM 3 has no opaque gates"},
		{two + "qreg q[1]; creg c[70]; if (c==1180591620717411303423) x q[0]; if (c==4611686018427387905) z q[0];",
			"qreg q[1]; creg c[70]; if (c == 1180591620717411303423) x q[0]; if (c == 4611686018427387905) z q[0];",
			"qubit[1] q; bit[70] c; if ((uint[62](c[0:61]) == 4611686018427387903) && (uint[8](c[62:69]) == 255)) { x q[0]; } " +
				"if (c == 4611686018427387905) { z q[0]; }"},
		{three + "qubit q; bit[2] c; if (c[1] && !c[0]) rx(0.5) q;",
			"qreg q[1]; creg c[2]; if (c == 2) rx(0.5) q[0];",
			"qubit q; bit[2] c; if ((c[1] == 1) && (c[0] != 1)) { rx(0.5) q; }"},
		{three + "qubit[2] q; bit c; if (c) ctrl @ sx q[0], q[1];", "",
			"qubit[2] q; bit c; if (c == 1) { ctrl @ sx q[0], q[1]; }"},
		{three + "qubit q; bit[2] c; if (c[0]) x q;",
			"compares whole registers with numbers only, got c[0] == 1", ""},
		{three + "qubit q; bit c; if (c) x q; else z q;", "has no else", ""},
		{three + "qubit q; bit c; if (c) { c = measure q; x q; }", "one changes that of the others", ""},
		{three + "qubit q; bit c; while (c) { c = measure q; }", "has no loops", ""},
		{three + "qubit q; bit c = 1;", "line 3: OpenQASM 2 has no assignment of bits", ""},
		{three + "qubit q; bit c; bit d; if (c) { if (d) x q; }", "no conditions inside each other", ""},
		{three + "qubit q; bit c; if (c) { barrier q; x q; }", "no barrier under a condition", ""},
		{three + "input float a; qubit q; rx(a) q;", "want numbers for the angles", ""},
	} {
		for version, want := range map[int]string{2: tc.two, 3: tc.three} {
			var out bytes.Buffer
			err := qasm.WriteDynamic(&out, dynamic(t, tc.source), version)
			got := strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimPrefix(out.String(), two),
				three)), " ")
			switch {
			case want == "":
			case err != nil && !strings.Contains(err.Error(), want):
				t.Errorf("%s\nin version %d: %v", tc.source, version, err)
			case err == nil && got != want:
				t.Errorf("%s\nin version %d:\n%s\nwant\n%s", tc.source, version, got, want)
			}
		}
	}
}

// TestNotes reads what is taken for granted, and says so.
func TestNotes(t *testing.T) {
	for source, want := range map[string]string{
		"include \"qelib1.inc\"; qreg q[1];":                    "line 1: no OPENQASM line; read as version 2, since it includes qelib1.inc",
		"\n\nqreg q[1];":                                        "line 1: no OPENQASM line; read as version 2, since it has qreg",
		"OPENQASM 2.0;\nqreg q[1];\nh q[0]; x q[0];":            "line 3: gates of qelib1.inc are used, which is not included",
		"OPENQASM 3;\ninclude \"qelib1.inc\";":                  "line 2: qelib1.inc is the library of version 2, and the program is of version 3",
		three + "qubit q;\ndelay[2us] q;":                       "line 4: delays are left out",
		three + "cal { }":                                       "line 3: cal is left out",
		two + "qreg r[2];\nmeasure q[1] -> c[0];":               "line 4: the register q is measured and not declared; it is taken to be r, line 4: the register c is not declared; it is taken to have 2 bits",
		three + "input bit c;":                                  "line 3: the input c begins as 0",
		two + "qreg q[2]; creg c[2]; h q; measure q -> c;\n":    "",
		three + "qubit q; gphase(1); h q; bit c = measure q;\n": "",
	} {
		var got []string
		for _, n := range dynamic(t, source).Notes {
			got = append(got, n.String())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: got %s, want %s", source, strings.Join(got, ", "), want)
		}
	}
}

func TestDynamicErrors(t *testing.T) {
	qasm.LimitSteps(1 << 16)
	defer qasm.LimitSteps(1 << 22)
	for source, want := range map[string]string{
		"qubit q; bit c; int n = 0; if (c) n = 1;":                                `column 37: n of type int would depend on measured bits here`,
		"qubit q; bit[3] c; int n = int(c);":                                      "int: its value would depend on measured bits",
		"qubit q; bit c; rx(c) q;":                                                "an angle that depends on measured bits",
		"qubit q; bit[2] c; x q[int(c)];":                                         "want a whole number that is known while the program is read, got bits that are measured",
		"qubit q; bit[2] c; if (c + 1 == 2) x q;":                                 "+ of measured bits",
		"qubit q; bit c; for int i in [0:2] { if (c) break; }":                    "break under a condition on measured bits",
		"qubit q; bit c; while (c) { continue; }":                                 "continue stands only in a loop whose turns are known",
		"qubit q; bit c; if (c) end;":                                             "end under a condition on measured bits",
		"def f(bit c) -> int { if (c) return 1; return 2; } bit c; int k = f(c);": "return under a condition",
		"def f(qubit q) { f(q); } qubit q; f(q);":                                 "more than 100 subroutines inside each other",
		"int i = 0; while (true) { i += 1; }":                                     "the program comes to more than 65536 statements and turns of loops",
		"for int i in [0:1000000000] { }":                                         "the program comes to more than 65536",
		"extern f(int) -> bit; qubit q; bit c = f(2);":                            "the program does not say what the extern function f does",
		"input int n; qubit[n] q;":                                                "the input n has no value, and one is needed while the program is read",
		"complex[float[64]] z;":                                                   "complex numbers are not supported",
		"const int n = 2; n = 3;":                                                 "n cannot be assigned",
		"gate g a { g a; }":                                                       `unknown gate "g"`,
		"gate g a { while (true) { g a; } }":                                      `unknown gate "g"`,
		"gate g a { switch (1) { case 1 { g a; } } }":                             `unknown gate "g"`,
		"gate g a { measure a; }":                                                 "the body of a gate holds gates only",
		"gate g a { reset a; }":                                                   "the body of a gate holds gates only",
		"gate g a { h $0; }":                                                      "",
		"qubit[2] q; bit[3] c; c = measure q;":                                    "want as many bits as qubits, got 3 and 2",
		"qubit[2] q; int c; c = measure q[0];":                                    "",
		"qubit q; bit[2] c = \"111\";":                                            "want bit[2], got bit[3]",
		"qubit q; qubit q;":                                                       `the name "q" is taken`,
		"qubit q; { qubit r; }":                                                   "qubits are declared outside of blocks only",
		"qubit q; h[2] q;":                                                        "",
		"qubit q; pow(q) @ h q;":                                                  "pow: want a number",
		"qubit q; ctrl(0) @ x q;":                                                 "want a number of controls from 1 to 1024, got 0",
		"qubit q; x q + 1;":                                                       `want "," or ";", got "+"`,
		"qubit[3] q; let a = q[0:1] ++ q[1];":                                     "a qubit is given twice",
		"qubit[3] q; x q[0:0:2];":                                                 "the step of a range is 0",
		"qubit[3] q; x q[2:1];":                                                   "the range is empty",
		"qubit q; measure q -> d;":                                                `unknown name "d"`,
		"array[int, 2] a = {1, 2, 3};":                                            "array a: want 2 elements",
		"return 2;":                                                               "return stands only in a subroutine",
		"break;":                                                                  "break stands only in a loop",
		"defcal x $0 { {":                                                         "want braces after defcal, closed again",
		"int i = 1 +;":                                                            `want a number, got ";"`,
		"int if = 1;":                                                             "want a name, got the keyword if",
		"bit[2] b = \"02\";":                                                      "want a text of 0 and 1",
		"0x1g;":                                                                   "the number 0x1g is not one of base 2, 8 or 16",
		"x q[0] + ;":                                                              "",
		"OPENQASM 3.0; qubit q; OPENQASM 3.0;":                                    "OPENQASM must come first, and once",
		"OPENQASM 2.0; qreg q[1]; creg c[1]; if (c==1.5) x q[0];":                 "want a whole number, got 1.5",
		"OPENQASM 2.0; qreg q[1]; creg c[1]; if (c==1) qreg r[1];":                "want an operation after if, got qreg",
		"OPENQASM 2.0; qreg q[1]; ctrl @ x q[0];":                                 "",
		"OPENQASM 2.0; qubit q;":                                                  `column 15: qubit is of version 3, and the program is of version 2`,
		"OPENQASM 2.0; qreg q[1]; rx(tau) q[0];":                                  `unknown name "tau"`,
		"OPENQASM 2.0; opaque o q; qreg q[1]; gate g a { o a; } inv @ g q[0];": "",
		"qreg q[1]; rx(2**3) q[0];": "",
	} {
		d, err := qasm.ParseDynamic(strings.NewReader(source))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v (%v), want %s", source, err, d != nil, want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "qasm: line ") {
			t.Errorf("%s: no line in %v", source, err)
		}
	}
}

// TestDynamicGoesRound reads back random circuits with every kind of instruction as the same instructions.
func TestDynamicGoesRound(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(9, seed))
		d := &circuit.Dynamic{
			QubitRegisters: []circuit.Register{{Name: "a", Size: 2}, {Name: "b", Size: 1, Single: true}, {
				Name: "gate", Size: 3}},
			BitRegisters: []circuit.Register{{Name: "c", Size: 3}, {Name: "d", Size: 1, Single: true}, {
				Name: "e", Size: 70}},
		}
		d.Body = randomBody(rng, 8, 0)
		if err := d.Err(); err != nil {
			t.Fatal(err)
		}
		text := writtenDynamic(t, d, 3)
		got := dynamic(t, text)
		again := writtenDynamic(t, got, 3)
		if more := writtenDynamic(t, dynamic(t, again), 3); more != again {
			t.Fatalf("seed %d: read as\n%s\nin place of\n%s", seed, more, again)
		}
		if !alike(d.Body, got.Body) {
			t.Fatalf("seed %d: other instructions after reading\n%s", seed, text)
		}
	}
}

// alike tells whether instructions are the same, each measurement and reset taken qubit by qubit.
func alike(a, b []circuit.Instruction) bool {
	return reflect.DeepEqual(flat(a), flat(b))
}

func flat(body []circuit.Instruction) []string {
	var out []string
	for _, in := range body {
		switch in.Kind {
		case circuit.Measure, circuit.Reset:
			for i, q := range in.Qubits {
				text := fmt.Sprint(in.Kind, q)
				if len(in.Bits) > 0 {
					text += fmt.Sprint(" ", in.Bits[i])
				}
				out = append(out, text)
			}
		case circuit.Branch, circuit.Repeat:
			if len(in.Then)+len(in.Else) > 0 || in.Kind == circuit.Repeat {
				out = append(out, in.Kind.String()+"{")
				out = append(append(append(out, flat(in.Then)...), "}{"), flat(in.Else)...)
				out = append(out, "}")
			}
		default:
			out = append(out, fmt.Sprint(in.Kind, in.Gate, in.Controls, in.Qubits, in.Bits))
		}
	}
	return out
}

func randomBody(rng *rand.Rand, n, depth int) []circuit.Instruction {
	plain := []string{"x", "h", "rx", "cx", "crz", "ccx", "swap", "p"}
	var out []circuit.Instruction
	for range 1 + rng.IntN(n) {
		in := circuit.Instruction{Kind: circuit.Kind(rng.IntN(8))}
		qubits, bits := rng.Perm(6), rng.Perm(4)
		switch in.Kind {
		case circuit.Apply, circuit.Opaque:
			in.Kind = circuit.Apply
			k, _ := circuit.Named(plain[rng.IntN(len(plain))])
			c := circuit.New(6)
			circuittest.AddRandom(rng, c, k, rng.IntN(3))
			in.Operation = c.Bind([]float64{1, 2, 3}, []float64{1, 2, 3}).Operations()[0]
		case circuit.Measure:
			in.Qubits = qubits[:1+rng.IntN(4)]
			if rng.IntN(4) > 0 {
				in.Bits = bits[:len(in.Qubits)]
			}
		case circuit.Reset, circuit.Barrier:
			in.Qubits = qubits[:1+rng.IntN(6)]
		case circuit.Assign:
			in.Bits, in.When = bits[:1], &circuit.Condition{Bits: []int{4 + rng.IntN(70)}, Value: 1}
		case circuit.Branch, circuit.Repeat:
			in.When = &circuit.Condition{Relation: circuit.Equal, Bits: []int{rng.IntN(74)}, Value: 1}
			if depth < 3 {
				in.Then = randomBody(rng, 3, depth+1)
				if in.Kind == circuit.Branch && rng.IntN(2) > 0 {
					in.Else = randomBody(rng, 3, depth+1)
				}
			}
		}
		out = append(out, in)
	}
	return out
}

func randomCondition(rng *rand.Rand, depth int) *circuit.Condition {
	c := &circuit.Condition{Relation: circuit.Relation(rng.IntN(6))}
	if depth == 0 || c.Relation < circuit.Not {
		c.Relation = min(c.Relation, circuit.Less)
		c.Bits, c.Value = rng.Perm(74)[:1+rng.IntN(4)], int64(rng.IntN(20)-4)
		c.Signed = rng.IntN(2) > 0
		return c
	}
	n := 1
	if c.Relation != circuit.Not {
		n = 2 + rng.IntN(2)
	}
	for range n {
		c.Of = append(c.Of, randomCondition(rng, depth-1))
	}
	return c
}

// TestConditionsGoRound writes random conditions and reads them as conditions that hold for the same bits.
func TestConditionsGoRound(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for range 300 {
		d := &circuit.Dynamic{QubitRegisters: []circuit.Register{{Name: "q", Size: 1, Single: true}},
			BitRegisters: []circuit.Register{{Name: "c", Size: 3}, {Name: "d", Size: 1, Single: true}, {
				Name: "e", Size: 70}}}
		x, _ := circuit.Named("x")
		in := circuit.Instruction{Kind: circuit.Branch, When: randomCondition(rng, 3),
			Then: []circuit.Instruction{{Operation: circuit.Operation{Gate: x, Qubits: []int{0}}}}}
		d.Body = []circuit.Instruction{in}
		text := writtenDynamic(t, d, 3)
		got := dynamic(t, text)
		bits := make([]bool, 74)
		for range 64 {
			for i := range bits {
				bits[i] = rng.IntN(2) > 0
			}
			holds := len(got.Body) > 0 && (got.Body[0].Kind == circuit.Apply || got.Body[0].When.Holds(bits))
			if holds != in.When.Holds(bits) {
				t.Fatalf("read as another condition:\n%s", text)
			}
		}
	}
}
