package qasm_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// TestParse reads what the writer never writes.
func TestParse(t *testing.T) {
	c := circuit.Const
	head := "OPENQASM 3.0; include \"stdgates.inc\"; "
	for _, tc := range []struct {
		source string
		want   *circuit.Circuit
	}{
		{"OPENQASM 2.0;\ninclude \"qelib1.inc\"; // a comment\nqreg a[2]; qreg b[2]; creg m[2];\n" +
			"h a; cx a, b; /* two\nlines */ barrier a, b[0]; rz(-pi/2+2*(1-.5)^2) b[1];",
			circuit.New(4).H(0).H(1).CX(0, 2).CX(1, 3).RZ(3, c(0.5-math.Pi/2))},
		{head + "qubit q; qubit[2] r; bit m; ctrl @ x r[0], q; cx q, r; u1(sqrt(4)*1e-1) q;",
			circuit.New(3).CX(1, 0).CX(0, 1).CX(0, 2).P(0, c(0.2))},
		{head + "qubit[3] q; negctrl @ ctrl @ rx(0.3) q[2], q[0], q[1];",
			circuit.New(3).X(2).Control([]int{2, 0}, gate("rx"), []circuit.Angle{c(0.3)}, 1).X(2)},
		{head + "qubit[2] q; inv @ ctrl @ s q[1], q[0]; inv @ inv @ t q[0]; ctrl @ inv @ sx q[0],q[1];",
			circuit.New(2).CP(1, 0, c(-math.Pi/2)).T(0).Control([]int{0}, gate("sxdg"), nil, 1)},
		{head + "qubit[2] q; gphase(0.7); ctrl @ gphase(0.3) q[1]; ctrl(2) @ gphase(2**-1) q[0], q[1];",
			circuit.New(2).P(1, c(0.3)).CP(0, 1, c(0.5))},
		{head + "gate f(a, b) x, y { rx(a-2*b) y; cx x, y; } gate g(t) y, x { inv @ f(t, t/2) x, y; } " +
			"qubit[2] q; g(0.4) q[0], q[1]; f(0.4, 0.1) q[1], q[0];",
			circuit.New(2).CX(1, 0).RX(0, c(0)).RX(0, c(0.2)).CX(1, 0)},
	} {
		got := parsed(t, tc.source)
		circuittest.Same(t, tc.source, matrix(t, got, nil, nil), matrix(t, tc.want, nil, nil), 1e-14)
	}
}

// TestParseExpandsDefinitions checks that a gate of the program comes back as the gates of its definition.
func TestParseExpandsDefinitions(t *testing.T) {
	c := parsed(t, `include "stdgates.inc"; gate zz(a) x, y { cx x, y; rz(a) y; cx x, y; } `+
		`gate rzz(a) x, y { zz(a) x, y; } qubit[2] q; rzz(0.5) q[0], q[1];`)
	want := circuit.New(2).CX(0, 1).RZ(1, circuit.Const(0.5)).CX(0, 1)
	if c.String() != want.String() {
		t.Errorf("got\n%vwant\n%v", c, want)
	}
}

// TestParseInputs checks which angle an input becomes.
func TestParseInputs(t *testing.T) {
	c := parsed(t, "input float[64] theta2; input float x1; input angle[32] bend; include "+
		"\"stdgates.inc\"; qubit q; rx(-2*(theta2-1)/4) q; ry(x1+x1) q; rz(bend) q; p(theta2-theta2+1) q;")
	var got []string
	for _, g := range c.Operations() {
		got = append(got, g.Angles[0].String())
	}
	if want := "-0.5·θ2+0.5 2·x1 θ3 0·θ2+1"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestParseErrors(t *testing.T) {
	qasm.LimitSteps(1 << 16)
	defer qasm.LimitSteps(1 << 22)
	deep := "gate g0 q { U(0,0,0) q; }\n"
	for i := 1; i < 40; i++ {
		deep += fmt.Sprintf("gate g%d q { g%d q; g%d q; }\n", i, i-1, i-1)
	}
	for _, c := range []struct{ source, want string }{
		{"", "there is no statement: want a program, such as OPENQASM 3.0;"},
		{"OPENQASM 4.0;", `line 1, column 10: want OpenQASM version 2 or 3, got 4.0`},
		{"OPENQASM 2.6;", `line 1, column 10: want OpenQASM version 2 or 3, got 2.6`},
		{"OPENQASM 2.0;\nqreg q[2];\nhh q[0];", `line 3, column 1: unknown gate "hh"`},
		{"OPENQASM 2.0;\nqreg q[2];\n  U(0,0) q[0];", `line 3, column 3: U: want 3 angles, got 2`},
		{"qubit[2] q;\nctrl @ U(0,0,0) q[0];", `line 2, column 1: U: want 2 qubits, got 1`},
		{"qubit[2] q;\nctrl @ U(0,0,0) q[1], q[1];", `line 2, column 1: U: a qubit is given twice`},
		{"qubit[2] q;\nU(0,0,0) q[2];", `line 2, column 12: index 2 out of range [0,2)`},
		{"qubit[31] q;", `want 1 to 30 qubits, got 31`},
		{"qubit q; U(1/0,0,0) q;", `column 13: division by zero`},
		{"qubit q; U(sqrt(-1),0,0) q;", `column 10: U: angle NaN is not finite`},
		{"qubit q; U(1e999,0,0) q;", `column 12: the number 1e999 does not fit a float64`},
		{"qubit q; U(a,0,0) q;", `column 12: unknown name "a"`},
		{"qubit q;\nmeasure q;\nx q;",
			`line 3: x comes after line 2: measure of q: want a unitary, with measurements ` +
				`at the end only`},
		{"qubit q; bit c; if (c == 1) x q;", `line 1: if depends on classical bits: want a unitary`},
		{"qubit q; h q; reset q;", `line 1: reset comes after a gate on q: want a unitary`},
		{"OPENQASM 2.0; opaque o q; qreg q[1]; o q[0];", `line 1: o has no definition: want a unitary`},
		{"qubit q; /* no end", `column 10: the comment has no end`},
		{"qubit q; include \"my.inc\";", `column 18: the file "my.inc" is not at hand`},
		{"qubit q; U(0,0,0) q", `column 20: want "," or ";", got the end`},
		{"qubit q; U(0,0,0) $q;", `column 19: unexpected character '$'`},
		{"qubit q; qubit q;", `column 16: the name "q" is taken`},
		{"gate f a, b { U(0,0,0) c; }", `column 24: unknown qubit "c"`},
		{"gate f(t) a { U(s,0,0) a; }", `column 17: unknown name "s"`},
		{"gate f a { f a; }", `column 12: unknown gate "f"`},
		{"input float theta0; input float x0; qubit q; U(theta0*x0,0,0) q;",
			`column 54: "*" with the input theta0, which has no value (give it one, as in`},
		{"input float theta0; qubit q; U(sin(theta0),0,0) q;",
			`column 32: sin of the input theta0, which has no value (give it one, as in`},
		{"input float t; input float theta0; qubit q;",
			`the angle of input theta0 belongs to another input already`},
		{"qubit[2] q; qubit[3] r; ctrl @ U(0,0,0) q, r;", `column 25: U: registers of 2 and 3 qubits`},
		{"qubit q; U(" + strings.Repeat("(", 1000) + "0", `more than 200 parentheses`},
		{"qubit q; U(" + strings.Repeat("1+", 20000) + "0,0,0) q;", `more than 10000 terms`},
		{deep + "qubit q; g39 q;", `the program comes to more than 65536 gates`},
	} {
		_, err := qasm.Parse(strings.NewReader(c.source))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: got %v, want %s", c.source, err, c.want)
		}
	}
}

// TestParseReaders checks what is wrong with the reader itself.
func TestParseReaders(t *testing.T) {
	cause := errors.New("no disk")
	if _, err := qasm.Parse(full{cause}); !errors.Is(err, cause) {
		t.Errorf("got %v, want the error of the reader", err)
	}
	if _, err := qasm.Parse(nil); err == nil {
		t.Error("no error for no reader")
	}
	if _, err := qasm.Parse(endless{}); err == nil || !strings.Contains(err.Error(),
		"want at most 67108864 bytes") {
		t.Errorf("got %v for a program without an end", err)
	}
}

// endless is a program of blanks.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}
