package qasm_test

import (
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

const (
	two   = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n"
	three = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"
)

func ghz() *circuit.Circuit { return circuit.New(3).H(0).CX(0, 1).CX(1, 2) }

// TestLanguages reads what the two languages say differently, and what is written around programs.
func TestLanguages(t *testing.T) {
	c := circuit.Const
	bell := circuit.New(2).H(0).CX(0, 1)
	one := func(a float64) *circuit.Circuit { return circuit.New(1).RX(0, c(a)) }
	for name, tc := range map[string]struct {
		source string
		want   *circuit.Circuit
	}{
		"a byte order mark and CRLF": {
			"\ufeffOPENQASM 2.0;\r\ninclude \"qelib1.inc\";\r\nqreg q[1];\r\nh q[0];\r\n",
			circuit.New(1).H(0)},
		"no header, qelib1":    {"include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0],q[1];", bell},
		"no header, registers": {"qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;", bell},
		"no header, version 3": {"qubit[2] q; h q[0]; cx q[0], q[1];", bell},
		"no include":           {"OPENQASM 2.0; qreg q[2]; h q[0]; cx q[0],q[1];", bell},
		"the other library": {"OPENQASM 3; include \"qelib1.inc\"; qubit[2] q; rzz(1) q[0], q[1];",
			circuit.New(2).RZZ(0, 1, c(1))},
		"a barrier in a gate": {
			two + "gate fan a,b,c { cx a,b; barrier a,b,c; cx b,c; } qreg q[3]; h q[0]; fan q[0],q[1],q[2];",
			ghz()},
		"final measurements": {
			two + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; barrier q; measure q -> c; measure q[0] -> " +
				"c[1];", bell},
		"first resets": {
			three + "qubit[2] q; bit[2] c; reset q; h q[0]; cx q[0], q[1]; c = measure q;", bell},
		"names that 3 reserves": {
			two + "qreg in[2]; qreg output[1]; creg let[1]; h in[0]; cx in[0],in[1]; cx in[1],output[0];",
			ghz()},
		"a parameter tau": {two + "gate g(tau) a { rx(2*tau) a; } qreg q[1]; g(0.3) q[0];", one(0.6)},
		"a parameter pi":  {three + "gate g(pi) a { rx(pi) a; } qubit q; g(0.3) q;", one(0.3)},
		"tau of 3":        {three + "qubit q; rx(tau/4 + τ/4 - π) q;", one(0)},
		"a caret in 2":    {two + "qreg q[1]; rx(2^3) q[0];", one(8)},
		"a caret in 3":    {three + "qubit q; rx(2^3) q;", one(1)},
		"a power in 3":    {three + "qubit q; rx(-2**2 + 2**3**0) q;", one(-2)},
		"logarithms":      {two + "qreg q[1]; rx(ln(exp(2))) q[0];", one(2)},
		"functions of 3": {three + "qubit q; rx(mod(7, 4) + 9 % 5 + mod(2.5, 2) + popcount(7) + " +
			"ceiling(.2) + floor(1.9) + log(exp(1)) + sin(0) + arccos(1) + " +
			"rotl(\"01\", 1)[1]) q;", one(3 + 4 + .5 + 3 + 1 + 1 + 1 + 1)},
		"digits": {three + "qubit q; rx(1_000 + 0x1_0 + 0b11 + 0o17 + 1_0.5 + 1e0_1) q;",
			one(1000 + 16 + 3 + 15 + 10.5 + 10)},
		"precedence": {three + "qubit q; rx(7 & 3 | 8 ^ 12) q; rx(1 << 2 + 1) q; if (1 + 1 == 2 && !false " +
			"|| 1 < 0) rx(1) q;", circuit.New(1).RX(0, c(3|(8^12))).RX(0, c(8)).RX(0, c(1))},
		"quotients": {three + "const int n = 7; qubit q; rx(1/2) q; rx(n/2) q; rx(n/2.0) q; rx(7/2) q;",
			one(0.5 + 3 + 3.5 + 3.5)},
		"an angle's bits": {three + "const angle[4] a = 7*pi/8; const angle b = -pi/2; qubit q; rx(a) q; " +
			"rx(b) q;", one(7*math.Pi/8 + 1.5*math.Pi)},
		"integers' bits": {three + "uint[4] a = 17; int[4] b = 9; qubit q; rx(a) q; rx(b) q; if (a[0]) " +
			"rx(2) q; if (a[1]) rx(4) q;", one(1 - 7 + 2)},
		"annotations": {
			three + "pragma a b\n#pragma c\n@d e\nqubit q;\n@f\nrx(1) q; // @g\n", one(1)},
		"an opaque gate that is not used": {two + "opaque o(a,b) c,d; qreg q[1]; rx(1) q[0];", one(1)},
		"an extern that is not used": {three + "extern f(int[32], creg[3]) -> bit; qubit q; rx(1) q;",
			one(1)},
		"calibrations": {
			three + "defcalgrammar \"openpulse\"; cal { x { y } } defcal rx(angle t) q { play(q); } qubit " +
				"q; rx(1) q;", one(1)},
		"calibrations with a result": {three + "defcal m $0 -> bit { } defcal iq $0 -> complex[float[32]] " +
			"{ x { y } } defcal n(angle[20] a) $0, $1 -> bit[2] { } qubit q; rx(1) q;", one(1)},
	} {
		t.Run(name, func(t *testing.T) {
			circuittest.SamePhase(t, name, matrix(t, parsed(t, tc.source), nil, nil), matrix(t, tc.want, nil,
				nil), 1e-12)
		})
	}
}

// TestPrograms reads loops, variables, aliases, subroutines and modifiers.
func TestPrograms(t *testing.T) {
	c := circuit.Const
	for name, tc := range map[string]struct {
		source string
		want   *circuit.Circuit
	}{
		"a loop": {"const int n = 3; qubit[n] q; h q[0]; for int i in [0:n-2] { cx q[i], q[i+1]; }",
			ghz()},
		"a loop down": {"qubit[3] q; h q[0]; for uint i in [4:-2:2] cx q[(4-i)/2], q[(4-i)/2+1];", ghz()},
		"over a set":  {"qubit[3] q; h q[0]; for int i in {0, 1} { cx q[i], q[i+1]; }", ghz()},
		"over an array": {"array[int[8], 2] a = {0, 1}; qubit[3] q; h q[0]; for int i in a { cx q[i], " +
			"q[i+1]; }", ghz()},
		"over bits": {"qubit q; const bit[3] b = \"101\"; for bit i in b { if (i) rx(1) q; else ry(1) " +
			"q; }", circuit.New(1).RX(0, c(1)).RY(0, c(1)).RX(0, c(1))},
		"while": {"qubit[3] q; h q[0]; int i = 0; while (true) { if (i == 2) break; i += 1; if (i " +
			"> 9) continue; cx q[i-1], q[i]; }", ghz()},
		"switch": {"qubit[3] q; int k = 2; switch (k) { case 0, 1 { x q; } case 2 { h q[0]; } " +
			"default { y q; } } cx q[0], q[1]; cx q[1], q[2];", ghz()},
		"end": {"qubit[3] q; h q[0]; cx q[0], q[1]; cx q[1], q[2]; end; x q;", ghz()},
		"aliases": {"qubit[2] a; qubit[2] b; let q = a ++ b[1:1]; h q[-3]; cx q[0:1], q[1:2]; x " +
			"b[0]; x b[0];", circuit.New(4).H(0).CX(0, 1).CX(1, 3)},
		"slices": {"qubit[6] q; h q[{0, 2}]; x q[1:2:5]; y q[:0]; z q[-1:];",
			circuit.New(6).H(0).H(2).X(1).X(3).X(5).Y(0).Z(5)},
		"physical": {"h $7; cx $7, $2;", circuit.New(2).H(1).CX(1, 0)},
		"subroutines": {"def f(qubit a, qubit[2] b, int n) { if (n > 0) { h a; } cx a, b[0]; g(b); } " +
			"qubit[3] q; f(q[0], q[1:2], 1);", nil},
		"a subroutine": {"def g(qubit[2] b) { cx b[0], b[1]; } def f(qubit a, qubit[2] b, int n) -> int { " +
			"h a; cx a, b[0]; g(b); return n; } qubit[3] q; int k = f(q[0], q[1:2], 1);", ghz()},
		"a subroutine like a gate": {"def f(angle[32] t, qubit a) { rx(t) a; } qubit q; f(pi/2) q;",
			circuit.New(1).RX(0, c(math.Pi/2))},
		"powers": {"qubit[2] q; pow(2) @ t q[0]; pow(1/2) @ x q[1]; inv @ pow(3) @ s q[0]; pow(-2) @ rx(0.2) q[1];",
			circuit.New(2).S(0).SX(1).S(0).RX(1, c(-0.4))},
		"constant powers": {"const float k = 0.5; const int n = 2; qubit[3] q; ctrl(n) @ pow(k) @ x q[0], " +
			"q[1], q[2]; pow(k) @ ctrl @ x q[0], q[1]; negctrl(n-1) @ pow(n * k) @ z q[0], q[1];",
			circuit.New(3).Control([]int{0, 1}, gate("sx"), nil, 2).Control([]int{0}, gate("sx"), nil,
				1).X(0).CZ(0, 1).X(0)},
		"the power of a swap": {"qubit[2] q; pow(0.5) @ swap q[0], q[1]; pow(1/2) @ swap q[0], q[1];",
			circuit.New(2).Swap(0, 1)},
		"the power of a gate": {
			"gate g(a) x, y { h x; cx x, y; rz(a) y; } qubit[2] q; pow(1/3) @ g(0.3) q[0], q[1]; pow(2/3) " +
				"@ g(0.3) q[0], q[1];",
			circuit.New(2).H(0).CX(0, 1).RZ(1, c(0.3))},
		"a large power": {"qubit[2] q; pow(1001) @ iy q[0], q[1]; gate iy a, b { cx a, b; h a; }", nil},
		"the power of a phase is that of its eigenvalue": {"qubit q; pow(1/2) @ p(3*pi/2) q;",
			circuit.New(1).P(0, c(-math.Pi/4))},
		"a half turn": {"qubit q; pow(1/2) @ U(pi/2, 0, pi) q; pow(1/2) @ U(pi/2, 0, pi) q;",
			circuit.New(1).H(0)},
		"gphase": {"qubit[2] q; pow(1/2) @ gphase(pi) ; ctrl @ pow(3) @ gphase(pi/8) q[1];",
			circuit.New(2).P(1, c(3*math.Pi/8))},
		"a gate that uses the one that it replaces": {"gate p(a) q { p(2*a) q; } gate g(a) q { p(a) q; } " +
			"qubit q; p(0.1) q; g(0.2) q;", circuit.New(1).P(0, c(0.6))},
		"a loop in a gate": {
			"gate g a, b, c { h a; for int i in [0:0] { cx a, b; cx b, c; } } qubit[3] q; g q[0], q[1], q[2];", ghz()},
		"variables in scope": {
			"int a = 1; qubit q; { int a = 2; rx(a) q; } rx(a) q; for int a in [3:3] { rx(a) q; }",
			circuit.New(1).RX(0, c(6))},
		"boxes and delays": {
			"stretch s; duration d = 2 * 10ns; qubit[3] q; box [10 us] { h q[0]; delay[d] q[1]; cx q[0], " +
				"q[1]; delay[s]; nop q; } cx q[1], q[2];", ghz()},
		"arrays": {"array[float[64], 2, 2] a = {{0.1, 0.2}, {0.3, 0.4}}; a[0] = a[1]; a[1, 1] = 0.5; qubit q; " +
			"for int i in [0:sizeof(a)-1] { for int j in [0:sizeof(a, 1)-1] { rx(a[i][j]) q; } }",
			circuit.New(1).RX(0, c(0.3+0.4+0.3+0.5))},
		"compound": {"int i = 3; i <<= 1; i -= 2; i *= 3; i %= 7; i |= 8; i ^= 1; i &= 12; i **= 2; i /= " +
			"10; qubit q; rx(i) q;", circuit.New(1).RX(0, c(14))},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := qasm.Parse(strings.NewReader(three + tc.source))
			if tc.want == nil {
				if err == nil {
					t.Fatalf("want an error, got\n%v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			circuittest.SamePhase(t, name, matrix(t, got, nil, nil), matrix(t, tc.want, nil, nil), 1e-10)
		})
	}
}
