package qasm_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// FuzzParse reads anything without a panic; what it reads, up to 1000 instructions, it can write as version 3
// unless a gate is opaque, and read again as the same instructions on as many qubits and bits.
func FuzzParse(f *testing.F) {
	for _, version := range []int{2, 3} {
		var out bytes.Buffer
		if err := qasm.Write(&out, circuittest.Mixed().Bind(make([]float64, 8), make([]float64, 8)),
			version); err != nil {
			f.Fatal(err)
		}
		f.Add(out.String())
	}
	f.Add("OPENQASM 2.0;" + qelib1 + "qreg q[2]; cu3(1,2,3) q[0],q[1];")
	f.Add(stdgates + "input float x0; qubit[3] q; " +
		"negctrl @ inv @ cu(x0,2,-3/x0,sin(2)) q[0],q[1],q[2]; barrier q;")
	f.Add("OPENQASM 2.0; opaque o(a) q,r; qreg q[2]; creg c[2]; o(ln(2)^2) q[0],q[1]; measure q -> c; " +
		"if (c == 2) u3(0,-.5e1,1) q[0]; reset q; barrier q[0];")
	f.Add(`const uint[8] n = 0b1_01; qubit[n] q; bit[n] c = "10101"; let a = q[{0, 2}] ++ q[-1:-2:1]; ` +
		`def m(qubit a, int k) -> bit { h a; return measure a; } for int i in [0:2:n-1] { c[i] = m(q[i], i); } ` +
		`if (c[0] ^ !c[1]) { x a[0]; } else if (int[5](c) < -3) y q; while (c == 3 || c[1:2] != 2) ` +
		`{ pow(-1/2) @ ctrl(2) @ s q[0], $3, q[1]; c[0] = measure q[0]; } switch (c) { case 1, 2 { z q; } ` +
		`default { end; } } box [2ns] { delay[5 us] q; } array[int[8], 2, 2] t = {{1, 2}, {3, 4}}; t[1] = t[0]; ` +
		"@a b\npragma c\n rx(t[1,0] % 3 ** 2) q; angle[4] p = 7*pi/8; p(p) q; bool b = true; b = c[0]; c <<= 1;")
	f.Add(`def f(mutable array[int[8], 2] a, bit[3] b) -> bit { a[0:1] = a[{1, 0}]; return b[2] ^ b[0]; } ` +
		`array[int[8], 2] a = {1, 2}; array[int[8], 4] s = a ++ a; bit[3] c; qubit[3] q; c = measure q; ` +
		`for bit b in c { c[0] = f(a, c << 1) & b; } if (int[3](c) != uint[2](c[0:1])) pow(2**70 / 2**69) @ x q[{2}]; ` +
		`while (c > 2) { c = rotl(c, -1); c[2] = 0; } let d = q[:-1:]; ctrl @ gphase(s[3] / 3) d[0];`)
	qasm.LimitSteps(1 << 14)
	defer qasm.LimitSteps(1 << 22)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 1<<12 {
			return
		}
		d, err := qasm.ParseDynamic(strings.NewReader(source))
		if err != nil {
			return
		}
		if err := d.Err(); err != nil {
			t.Fatal(err)
		}
		if len(d.Body) > 1000 || d.Qubits()+d.Bits() > 10000 {
			return
		}
		var out bytes.Buffer
		if err := qasm.WriteDynamic(&out, d, 3); err != nil {
			if strings.Contains(err.Error(), "opaque") {
				return
			}
			t.Fatal(err)
		}
		again, err := qasm.ParseDynamic(&out)
		if err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		if again.Qubits() != d.Qubits() || again.Bits() != d.Bits() {
			t.Errorf("%d qubits and %d bits, then %d and %d", d.Qubits(), d.Bits(), again.Qubits(),
				again.Bits())
		}
		if d.Qubits()+d.Bits() < 100 {
			_ = d.Draw(circuit.DrawOptions{})
		}
	})
}
