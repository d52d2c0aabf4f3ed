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
		"qubit q; bit c; int n = 0; if (c) n = 1;": `column 37: n of type int would depend on measured bits here`,
		"qubit q; bit[3] c; int n = int(c);": "int: its value would " +
			"depend on measured bits",
		"qubit q; bit c; rx(c) q;": "an angle that depends " +
			"on measured bits",
		"qubit q; bit[2] c; x q[int(c)];": "want a whole number " +
			"that is known while the program is read, got bits that are measured",
		"qubit q; bit[2] c; if (c + 1 == 2) x q;": "+ of measured bits",
		"qubit q; bit c; for int i in [0:2] { if (c) break; }": "break under a " +
			"condition on measured bits",
		"qubit q; bit c; while (c) { continue; }": "continue stands only " +
			"in a loop whose turns are known",
		"qubit q; bit c; if (c) end;": "end under a condition " +
			"on measured bits",
		"def f(bit c) -> int { if (c) return 1; return 2; } bit c; int k = f(c);": "return under a condition",
		"def f(qubit q) { f(q); } qubit q; f(q);": "more than 100 " +
			"subroutines inside each other",
		"int i = 0; while (true) { i += 1; }": "the program comes to " +
			"more than 65536 statements and turns of loops",
		"for int i in [0:1000000000] { }": "the program comes to " +
			"more than 65536",
		"extern f(int) -> bit; qubit q; bit c = f(2);": "the program does not " +
			"say what the extern function f does",
		"input int n; qubit[n] q;": "the input n has no " +
			"value, and one is needed while the program is read",
		"complex[float[64]] z;": "complex numbers are " +
			"not supported",
		"const int n = 2; n = 3;":                     "n cannot be assigned",
		"gate g a { g a; }":                           `unknown gate "g"`,
		"gate g a { while (true) { g a; } }":          `unknown gate "g"`,
		"gate g a { switch (1) { case 1 { g a; } } }": `unknown gate "g"`,
		"gate g a { measure a; }": "the body of a gate " +
			"holds gates only",
		"gate g a { reset a; }": "the body of a gate " +
			"holds gates only",
		"gate g a { h $0; }": "",
		"qubit[2] q; bit[3] c; c = measure q;": "want as many bits as " +
			"qubits, got 3 and 2",
		"qubit[2] q; int c; c = measure q[0];": "",
		"qubit q; bit[2] c = \"111\";":         "want bit[2], got bit[3]",
		"qubit q; qubit q;":                    `the name "q" is taken`,
		"qubit q; { qubit r; }": "qubits are declared " +
			"outside of blocks only",
		"qubit q; h[2] q;":       "",
		"qubit q; pow(q) @ h q;": "pow: want a number",
		"qubit q; ctrl(0) @ x q;": "want a number of " +
			"controls from 1 to 1024, got 0",
		"qubit q; x q + 1;":                   `want "," or ";", got "+"`,
		"qubit[3] q; let a = q[0:1] ++ q[1];": "a qubit is given twice",
		"qubit[3] q; x q[0:0:2];":             "the step of a range is 0",
		"qubit[3] q; x q[2:1];":               "the range is empty",
		"qubit q; measure q -> d;":            `unknown name "d"`,
		"array[int, 2] a = {1, 2, 3};":        "array a: want 2 elements",
		"return 2;": "return stands only in " +
			"a subroutine",
		"break;": "break stands only in a loop",
		"defcal x $0 { {": "want braces after " +
			"defcal, closed again",
		"defcal m $0 -> bit, bit { }":      `column 19: want one type of a result behind ->, and then braces, got ","`,
		"defcal m $0 -> bit[2] -> bit { }": `want one type of a result behind ->, and then braces, got "->"`,
		"defcal m $0 -> x { }":             `want a type of a result behind ->, got "x"`,
		"defcal m $0 -> { }":               `want a type of a result behind ->, got "{"`,
		"int i = 1 +;":                     `want a number, got ";"`,
		"int if = 1;": "want a name, got the " +
			"keyword if",
		"bit[2] b = \"02\";": "want a text of 0 and 1",
		"0x1g;": "the number 0x1g is not " +
			"one of base 2, 8 or 16",
		"x q[0] + ;": "",
		"OPENQASM 3.0; qubit q; OPENQASM 3.0;": "OPENQASM must come " +
			"first, and once",
		"OPENQASM 2.0; qreg q[1]; creg c[1]; if (c==1.5) x q[0];": "want a whole number, got 1.5",
		"OPENQASM 2.0; qreg q[1]; creg c[1]; if (c==1) qreg r[1];": "want an operation " +
			"after if, got qreg",
		"OPENQASM 2.0; qreg q[1]; ctrl @ x q[0];":                              "column 31: '@' is of version 3",
		"OPENQASM 2.0; qubit q;":                                               `column 15: qubit is of version 3, and the program is of version 2`,
		"OPENQASM 2.0; qreg q[1]; rx(tau) q[0];":                               `unknown name "tau"`,
		"OPENQASM 2.0; opaque o q; qreg q[1]; gate g a { o a; } inv @ g q[0];": "",
		"qreg q[1]; rx(2**3) q[0];":                                            "",
		"qubit[3] q; x q[{}];":                                                 "column 17: the set is empty",
		"qubit[3] q; x q[-4];": "column 17: index -4 " +
			"out of range [0,3)",
		"qubit[3] q; x q[1.5];":                 "got the number 1.5",
		"for int i in [0:0.5:2] { }":            "got the number 0.5",
		"qubit[2] q; ctrl(1.5) @ x q[0], q[1];": "got the number 1.5",
		"array[int, 2, 2] a; a[0:1][0] = 3;": "want the indices of " +
			"all dimensions in one pair of brackets",
		"array[int, 2] a; a[0, 0] = 3;": "more indices than the " +
			"array has",
		"array[int, 2] a; int b = a[0, 0];": "more indices than the " +
			"array has",
		"array[int, 2, 2] a; array[int, 2, 3] b; a = b;": "want an array of 2 " +
			"elements, got an array",
		"array[int, #dim = 2] a;": "array a: want the " +
			"number of its elements",
		"int a = 1 ++ 2;": "++ between the " +
			"integer 1 and the integer 2",
		"def f(array[int, 2] a) { a[0] = 1; } array[int, 2] b; f(b);": "a cannot be assigned",
		"def f(mutable array[int, 2] a) { } array[int, 3] b; f(b);": "a: want an array of 2 " +
			"elements, got 3",
		"def f(mutable array[int, 2] a) { } const array[int, 2] b = {1, 2}; f(b);": "b cannot be assigned, " +
			"and a is mutable",
		"def f(int a, int a) { }":                  `the name "a" is taken`,
		"def f(qubit a, int n) { } qubit q; f(q);": "f: want 2 arguments, got 1",
		"def f(qubit[2] a) { } qubit q; f(q);":     "a: want 2 qubits, got 1",
		"def f(qubit a) { } qubit[2] q; ctrl @ f q[0], q[1];": "f is a subroutine, " +
			"and ctrl is of gates",
		"gate g a { h a[0]; }": "a is one qubit, and " +
			"has no index",
		"qubit q; hh q;":            `unknown gate "hh" (did you mean ch or h?)`,
		"qubit q; rx(sine(1)) q;":   `unknown function "sine" (did you mean sin?)`,
		"qubit q; rx(sin(1, 2)) q;": "sin: want 1 number",
		"bit[2] c; if (popcount(c) == 1) { }": "popcount: want bits " +
			"or an integer that are known",
		"bit[2] c; if (c > 1.5) { }": "measured bits can be " +
			"compared with a whole number",
		"int a = ~5;": "~: want bits, got the " +
			"integer 5",
		"qubit q; rx(1, 2) q;": "rx: want 1 angle, got 2",
		"qubit q; x q":         `want "," or ";", got the end`,
		"bool[2] b;":           "bool has no size",
		"output int n = 3;": "output n: want no " +
			"value in the program",
		"qubit q; pow(1e9) @ x q;": "pow: want a power of " +
			"at most 16777216, got 1e+09",
		"OPENQASM 2.0; qreg q[1]; for int i in [0:1] x q[i];": "column 26: for is of " +
			"version 3, and the program is of version 2",
		"OPENQASM 2.0; qreg q[1]; creg c[1]; if (c>0) x q[0];": "column 42: '>' is of " +
			"version 3, and the program is of version 2",
		"OPENQASM 2.0; gate g x { if (c==1) h x; }": "the body of a gate " +
			"holds gates only",
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
