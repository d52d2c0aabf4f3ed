package qasm_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// TestVersions converts programs from each version into the other.
func TestVersions(t *testing.T) {
	for _, tc := range []struct{ source, two, three string }{
		{two + "qreg in[2]; creg c[2]; h in[0]; measure in -> c; if (c==2) x in[1]; reset in; barrier " +
			"in[0],in[1]; measure in[0] -> c[1];",
			"qreg in[2]; creg c[2]; h in[0]; measure in -> c; if (c == 2) x in[1]; reset in; barrier in; " +
				"measure in[0] -> c[1];",
			"qubit[2] in_2; bit[2] c; h in_2[0]; c = measure in_2; if (c == 2) { x in_2[1]; } reset in_2; " +
				"barrier in_2; c[1] = measure in_2[0];"},
		{three + "qubit Ω; bit c; measure $3; if (c) { x Ω; z Ω; } if (!c) y Ω; c = measure Ω;",
			"qreg g_[1]; qreg q3[1]; creg c[1]; creg dropped[1]; measure q3[0] -> dropped[0]; if (c == 1) " +
				"x g_[0]; if (c == 1) z g_[0]; if (c == 0) y g_[0]; measure g_[0] -> c[0];",
			"qubit Ω; bit c; measure $3; if (c == 1) { x Ω; z Ω; } if (c != 1) { y Ω; } c = measure Ω;"},
		{two + "opaque o(a) q,r; qreg q[2]; creg c[1]; o(0.5) q[0],q[1]; if (c==1) o(1) q[1],q[0];",
			"opaque o(a0) q0, q1; qreg q[2]; creg c[1]; o(0.5) q[0], q[1]; if (c == 1) o(1) q[1], q[0];",
			"OpenQASM 3 has no opaque gates"},
		{two + "qreg q[1]; creg c[70]; if (c==1180591620717411303423) x q[0]; if (c==4611686018427387905) z q[0];",
			"qreg q[1]; creg c[70]; if (c == 1180591620717411303423) x q[0]; if (c == 4611686018427387905) z q[0];",
			"qubit[1] q; bit[70] c; if ((uint[62](c[0:61]) == 4611686018427387903) && (uint[8](c[62:69]) " +
				"== 255)) { x q[0]; } if (c == 4611686018427387905) { z q[0]; }"},
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

// notes are what is taken for granted in programs, or left out.
var notes = map[string]string{
	"include \"qelib1.inc\"; qreg q[1];": "line 1: no OPENQASM line; read as version 2, " +
		"since it includes qelib1.inc",
	"\n\nqreg q[1];": "line 1: no OPENQASM line; read as version 2, " +
		"since it has qreg",
	"OPENQASM 2.0;\nqreg q[1];\nh q[0]; x q[0];": "line 3: gates of qelib1.inc are used, which " +
		"is not included",
	"OPENQASM 3;\ninclude \"qelib1.inc\";": "line 2: qelib1.inc is the library of version " +
		"2, and the program is of version 3",
	three + "qubit q;\ndelay[2us] q;": "line 4: delays are left out",
	three + "cal { }":                 "line 3: cal is left out",
	two + "qreg r[2];\nmeasure q[1] -> c[0];": "line 4: the register q is measured and not " +
		"declared; it is taken to be r, line 4: the register c is not declared; it is taken to have 2 bits",
	three + "input bit c;":                                  "line 3: the input c begins as 0",
	two + "qreg q[2]; creg c[2]; h q; measure q -> c;\n":    "",
	three + "qubit q; gphase(1); h q; bit c = measure q;\n": "",
}

// TestNotes reads what is taken for granted, and says so.
func TestNotes(t *testing.T) {
	for source, want := range notes {
		var got []string
		for _, n := range dynamic(t, source).Notes {
			got = append(got, n.String())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: got %s, want %s", source, strings.Join(got, ", "), want)
		}
	}
}
