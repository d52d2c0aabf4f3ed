package qasm_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

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
