package qasm_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// TestOverflow: an integer that does not fit 64 bits is blamed by its operation and line where one is needed,
// and is a real number where none is.
func TestOverflow(t *testing.T) {
	for source, want := range map[string]string{
		"const int a = 9223372036854775807;\nconst int b = a + 1;": "line 2, column 17: want int, got " +
			"9223372036854775807 + 1 (line 2), which does not fit 63 bits and a sign",
		"const float a = 4611686018427387904 * 2;\nqubit[a] q;": "line 2, column 7: want a whole number " +
			"that is known while the program is read, got 9.223372036854776e+18, which does not fit",
		"int a = -9223372036854775807 - 2;": "got -9223372036854775807 - 2 (line 1)",
		"int a = 3;\na = a ** 70;": "line 2, column 7: want int, got 3 ** " +
			"70 (line 2), which",
		"OPENQASM 2.0; qreg q[2^64];":    "got 2 ^ 64 (line 1), which",
		"int a = 18446744073709551615;":  "got 18446744073709551615 (line 1), which",
		"int a = 0xFFFF_FFFF_FFFF_FFFF;": "got 0xFFFF_FFFF_FFFF_FFFF (line 1), which",
		"int a = 3 << 62;":               "got 3 << 62 (line 1), which",
		"int a = 1 << 64;": "<<: want a shift by 0 to 63, got the " +
			"integer 64",
		"int a = -(-9223372036854775807 - 1);":         "got 0 - -9223372036854775808 (line 1), which",
		"int a = (-9223372036854775807 - 1) / -1;":     "got -9223372036854775808 / -1 (line 1), which",
		"int a = -9223372036854775807; a -= 5;":        "got -9223372036854775807 - 5 (line 1), which",
		"for int i in [0:9223372036854775807 * 2] { }": "got 9223372036854775807 * 2 (line 1), which",
		"switch (2**63) { case 1 { } }": "switch: want a whole number or bits, " +
			"got 2 ** 63 (line 1), which",
		"int a = 1e19;":    "want int, got 1e+19, which does not fit",
		"uint[64] a = -1;": "want uint[64], got the integer -1",
		"bit[64] b = 0; b[63] = 1; uint[64] a = b;": "want uint[64], got bit[64], of which " +
			"a 1 stands beyond the 63rd",
		"qubit[2.5] q;": "want a whole number that is known " +
			"while the program is read, got the number 2.5",
		"bit[2] b = 4;":   "want bit[2], got the integer 4",
		"duration d = 3;": "want duration, got the integer 3",
		"int[64] a = -9223372036854775808; int b = a + 9223372036854775807; uint[63] c = " +
			"9223372036854775807; int[63] d = c; qubit[-d] q;": "",
		"qubit q; rx(pi/2**70) q; rx(2**64 - 2**64) q;": "",
	} {
		_, err := qasm.ParseDynamic(strings.NewReader(source))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}

// TestMemory: programs of a few lines that ask for very much end with an error before it is stored.
func TestMemory(t *testing.T) {
	gates := "the program comes to more than 262144 gates, with the elements of arrays and the terms of " +
		"conditions"
	doubled := "gate g0 a { x a; x a; }\n"
	for i := 1; i < 30; i++ {
		doubled += fmt.Sprintf("gate g%d a { g%d a; g%d a; }\n", i, i-1, i-1)
	}
	arrays := ""
	for i := range 40 {
		arrays += fmt.Sprintf("array[int, 100000] a%d;\n", i)
	}
	controls := "qubit[1001] q; while (true) ctrl(1000) @ x q[0]"
	for i := range 1000 {
		controls += fmt.Sprintf(", q[%d]", i+1)
	}
	parity := "qubit q; bit c; def f(bit a, bit b) -> bit { return (a ^ b) || (a && b); } if (" +
		strings.Repeat("f(", 60) + "c" + strings.Repeat(", c)", 60) + ") x q;"
	for source, want := range map[string]string{
		"qubit q; for int i in [0:99999999] { x q; }":                                     gates,
		doubled + "qubit q; g29 q;":                                                       gates,
		"qubit[2] q; gate g a, b { cx a, b; h a; } while (true) pow(0.3) @ g q[0], q[1];": gates,
		"qubit[100000] q; h q; h q; h q;":                                                 gates,
		"qubit[100000] q; while (true) barrier q;":                                        gates,
		"bit[1000] c; qubit q; while (true) if (c == 5) x q;":                             gates,
		"qubit q; bit b = measure q; bool x; while (true) { x = x || (b ^ x); }":          gates,
		controls + ";":                     gates,
		parity:                             gates,
		arrays:                             gates,
		"qubit[100000] q; let a = q ++ q;": "a qubit is given twice",
		"bit[1000] c; let d = c ++ c;":     "a bit is given twice",
		"qubit q; bit c = measure q; while (true) { bit b = c; }": "want at most 131072 bits",
		"qubit[1000000] q;":                            "want a size from 1 to 131072, got 1000000",
		"bit[100000] c; c = ~c ^ (c << 1) ^ (c << 2);": gates,
	} {
		runtime.GC() // what the last program left
		seen := peak(t, func() {
			if _, err := qasm.ParseDynamic(strings.NewReader(source)); err == nil ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%.80s: got %v, want %s", source, err, want)
			}
		})
		if seen > 150<<20 {
			t.Errorf("%.80s: %d MiB of objects, want at most 150", source, seen>>20)
		}
	}
}

// peak returns how many bytes objects took while f ran, as far as that was seen.
func peak(t *testing.T, f func()) uint64 {
	t.Helper()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var seen uint64
		for {
			metrics.Read(sample)
			seen = max(seen, sample[0].Value.Uint64())
			select {
			case <-done:
				most <- seen
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	return <-most
}

// TestLongSources: what is written gate by gate may be longer than what loops make.
func TestLongSources(t *testing.T) {
	source := "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2];\n" + strings.Repeat("cx q[0],q[1];\n", 300000)
	d, err := qasm.ParseDynamic(strings.NewReader(source))
	if err != nil || len(d.Body) != 300000 {
		t.Errorf("300000 gates are not read: %v", err)
	}
	d, err = qasm.ParseDynamic(strings.NewReader("qubit q; for int i in [1:262144] { x q; }"))
	if err != nil || len(d.Body) != 262144 {
		t.Errorf("262144 gates are not read: %v", err)
	}
	lazily := testing.AllocsPerRun(1, func() {
		_, err = qasm.ParseDynamic(strings.NewReader("for int i in [0:9000000000000000000] { if (i == 3) { " +
			"break; } }"))
	})
	if err != nil || lazily > 1000 {
		t.Errorf("a loop that breaks: %v, with %v allocations", err, lazily)
	}
}
