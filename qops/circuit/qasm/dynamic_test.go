package qasm_test

import (
	"bytes"
	"strings"
	"testing"

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
		"measurement": {"qubit[2] q; qubit r; bit[2] c; bit d = measure r; c = measure q; measure q[1] -> " +
			"c[0]; c[1:-1:0] = measure q; measure r;",
			"qubit[2] q; qubit r; bit[2] c; bit d; d = measure r; c = measure q; c[0] = measure q[1]; c[1] " +
				"= measure q[0]; c[0] = measure q[1]; measure r;"},
		"if": {"qubit q; bit[3] c; if (c == 5) x q; if (!c[1]) { y q; } else z q; if (c[2] && (c[0] || " +
			"c[1] != 1)) h q;",
			"qubit q; bit[3] c; if (c == 5) { x q; } if (c[1] != 1) { y q; } else { z q; } if ((c[2] == 1) " +
				"&& ((c[0] == 1) || (c[1] != 1))) { h q; }"},
		"comparisons": {"qubit q; bit[3] c; if (int[3](c) == -2) x q; if (int[3](c) <= 1) y q; if (c[0:1] " +
			"> 2) z q; if (c != \"101\") h q; if (uint(c) < 9) s q; if (5 > c) t q; if (c == 8) x q;",
			"qubit q; bit[3] c; if (int[3](c) == -2) { x q; } if (int[3](c) < 2) { y q; } if " +
				"(uint[2](c[0:1]) >= 3) { z q; } if (c != 5) { h q; } if (uint[3](c) < 9) { s q; } if " +
				"(uint[3](c) < 5) { t q; } if (c == 8) { x q; }"},
		"while": {"qubit q; bit c = 1; while (c) { h q; c = measure q; }",
			"qubit q; bit c; c = true; while (c == 1) { h q; c = measure q; }"},
		"switch": {"qubit q; bit[2] c; switch (int(c)) { case 0, 3 { x q; } case 1 { } default { h q; } }",
			"qubit q; bit[2] c; if ((c == 0) || (c == 3)) { x q; } else { if (c == 1) { } else { h q; } }"},
		"assignments": {"qubit q; bit[2] c; bit d; d = c[0] ^ c[1]; c = ~c; c[1] = d & 1; c[0] = 1; d = " +
			"c[0]; c ^= \"11\";",
			"qubit q; bit[2] c; bit d; d = (c[0] == 1) ^ (c[1] == 1); c[0] = c[0] != 1; c[1] = c[1] != 1; " +
				"c[1] = d; c[0] = true; d = true; c[0] = false; c[1] = c[1] != 1;"},
		"assigned together": {"qubit q; bit[2] c; c = rotl(c, 1);",
			"qubit q; bit[2] c; bit[2] c_new; c_new[0] = c[1]; c_new[1] = c[0]; c[0] = c_new[0]; c[1] = c_new[1];"},
		"what is known in one part is not after it": {
			"qubit q; bit c; bit k; if (c) { k = 1; if (k) x q; } else { k = 0; if (k) y q; } if (k) z q;",
			"qubit q; bit c; bit k; if (c == 1) { k = true; x q; } else { k = false; } if (k == 1) { z q; }"},
		"a subroutine": {"def m(qubit[2] a) -> bit[2] { bit[2] b; measure a -> b; return b; } qubit[4] q; " +
			"bit[2] c; c = m(q[1:2]); c = m(q[0:1]);",
			"qubit[4] q; bit[2] c; bit[2] b; bit[2] b_2; b[0] = measure q[1]; b[1] = measure q[2]; c[0] = " +
				"b[0]; c[1] = b[1]; b_2[0] = measure q[0]; b_2[1] = measure q[1]; c[0] = b_2[0]; c[1] = " +
				"b_2[1];"},
		"parity": {"def p(bit[2] b) -> bit { bit u = 0; for int i in [0:1] { u ^= b[i]; } return u; } " +
			"qubit q; bit[2] c; if (p(c)) x q;",
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
			"qubit q; bit c; bit b; c = measure q; while (c == 1) { c = measure q; b = false; if (c == 1) " +
				"{ b = true; } if (b == 1) { x q; } }"},
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
