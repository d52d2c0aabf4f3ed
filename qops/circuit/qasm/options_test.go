package qasm_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// TestInputs gives inputs of every type their values, and says what is wrong with a value.
func TestInputs(t *testing.T) {
	c := circuit.Const
	type inputs = map[string]string
	for _, tc := range []struct {
		source string
		values inputs
		want   *circuit.Circuit // or
		err    string
	}{
		{"input float a; input angle b; qubit q; rx(sin(a)*b) q;", inputs{"a": "pi/2", "b": "2*0.15"},
			circuit.New(1).RX(0, c(0.3)), ""},
		{"input int n; qubit[n] q; for uint i in [1:n-1] { cx q[0], q[i]; }", inputs{"n": " 3 "},
			circuit.New(3).CX(0, 1).CX(0, 2), ""},
		{"input uint[4] n; qubit q; pow(n) @ rx(0.1) q;", inputs{"n": "0xF"}, circuit.New(1).RX(0, c(1.5)), ""},
		{"input bool on; qubit q; if (on) x q; else y q;", inputs{"on": "false"}, circuit.New(1).Y(0), ""},
		{"input bit[3] c; qubit q; if (c == 3) x q; rx(int[3](c)) q;", inputs{"c": "011"},
			circuit.New(1).X(0).RX(0, c(3)), ""},
		{"input bit[3] c; qubit q; rx(uint[3](c)) q;", inputs{"c": `"110"`}, circuit.New(1).RX(0, c(6)), ""},
		{"input bit c; qubit q; if (c) x q;", inputs{"c": "1"}, circuit.New(1).X(0), ""},
		{"input angle[2] a; qubit q; rx(a) q;", inputs{"a": "2"}, circuit.New(1).RX(0, c(1.5707963267948966)), ""},
		{"input array[float, 2] a; qubit q; rx(a[0] + a[1]) q;", inputs{"a": "{0.1, mod(7, 4)}"},
			circuit.New(1).RX(0, c(3.1)), ""},
		{"input duration d; qubit q; delay[d] q; x q;", inputs{"d": "20ns"}, circuit.New(1).X(0), ""},
		{"input int n; qubit q;", inputs{"n": "2.5"}, nil, "qasm: the value of the input n = 2.5: want " +
			"int, got the number 2.5"},
		{"input uint[4] n; qubit q;", inputs{"n": "17"}, nil, "n = 17: want uint[4], got the integer 17"},
		{"input bit[3] c; qubit q;", inputs{"c": "9"}, nil, "c = 9: want bit[3], got the integer 9"},
		{"input bool c; qubit q;", inputs{"c": "2"}, nil, "c = 2: want bool, got the integer 2"},
		{"input float a; qubit q;", inputs{"a": "pi/"}, nil, "a = pi/: want a number, got the end"},
		{"input float a; qubit q;", inputs{"a": "1 2"}, nil, `a = 1 2: want one value, got "2" behind it`},
		{"input float a; qubit q;", inputs{"a": "7 %d"}, nil, `a = 7 %d: unknown name "d"`},
		{"input float a; qubit q;", inputs{"a": "b"}, nil, `a = b: unknown name "b"`},
		{"input float a; qubit q;", inputs{"a": ""}, nil, "a = : want a number, got the end"},
		{"input float a; qubit q;", inputs{"a": "measure q"}, nil, "the value of the input a"},
		{"input array[int, 2] a; qubit q;", inputs{"a": "{1}"}, nil, "array a: want 2 elements"},
		{"input float theta; input float b; qubit q;", inputs{"thet": "1"}, nil,
			`qasm: there is no input "thet" (did you mean theta?): the program has theta and b`},
		{"qubit q;", inputs{"a": "1"}, nil, `there is no input "a": the program has no inputs`},
		{"OPENQASM 2.0; qreg q[1];", inputs{"a": "1"}, nil, `the program has no inputs`},
		{"input int n; qubit[n] q;", inputs{"m": "1"}, nil, "line 3, column 20: the input n has no value, " +
			"and one is needed while the program is read (give it one, as in hqvit circuit --input n=3, or " +
			"in qasm.Options; the value of m is that of no input above)"},
		{"input float a; input float b; qubit q; rx(a*b) q;", nil, nil, `"*" with the input a, which has no value`},
		{"input float a; input float b; qubit q; rx(a-b) q;", nil, nil,
			`the inputs a and b, which have no values, in one angle`},
		{"input float a; qubit q; if (a > 1) x q;", nil, nil, `got the input a, which has no value`},
		{"input float a = 2; qubit q;", nil, nil, `input a: want no value in the program`},
		{"{ input float a; }", nil, nil, `inputs are declared outside of blocks only`},
	} {
		source := tc.source
		if !strings.HasPrefix(source, "OPENQASM") {
			source = three + source
		}
		got, err := qasm.Options{Inputs: tc.values}.Parse(strings.NewReader(source))
		switch {
		case tc.want == nil && (err == nil || !strings.Contains(err.Error(), tc.err)):
			t.Errorf("%s with %v: got %v, want %s", tc.source, tc.values, err, tc.err)
		case tc.want != nil && err != nil:
			t.Errorf("%s with %v: %v", tc.source, tc.values, err)
		case tc.want != nil:
			circuittest.SamePhase(t, tc.source, matrix(t, got, nil, nil), matrix(t, tc.want, nil, nil), 1e-12)
		}
	}
}

// TestInputNames: inputs without a value are angles, of which the program says the names.
func TestInputNames(t *testing.T) {
	source := three + "input float a; input angle x3; input float theta2; input int n; input float b; " +
		"qubit q; rx(n*b) q;"
	d, err := qasm.Options{Inputs: map[string]string{"n": "2"}}.ParseDynamic(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	want := []circuit.InputAngle{{Name: "a", Angle: circuit.Theta(0)}, {Name: "x3", Angle: circuit.Data(3)},
		{Name: "theta2", Angle: circuit.Theta(2)}, {Name: "b", Angle: circuit.Theta(3)}}
	if !reflect.DeepEqual(d.Inputs, want) || d.Body[0].Angles[0] != circuit.Theta(3).Times(2) {
		t.Errorf("got %v and %v, want %v", d.Inputs, d.Body, want)
	}
}

// TestStrict refuses each program that TestNotes reads with a note, and reads what has none.
func TestStrict(t *testing.T) {
	for source, note := range notes {
		_, err := qasm.Options{Strict: true}.ParseDynamic(strings.NewReader(source))
		if (err == nil) != (note == "") {
			t.Errorf("%q, noted as %q: got %v", source, note, err)
		}
		if err != nil && !strings.Contains(err.Error(), ", which Strict does not allow") {
			t.Errorf("%q: got %v", source, err)
		}
	}
}

// TestNothing: a source without a statement is an error, a header a program of no qubits.
func TestNothing(t *testing.T) {
	for _, source := range []string{"", "\ufeff", " \n\t", "// a comment\n/* another */", ";;", "#pragma a\n"} {
		if _, err := qasm.ParseDynamic(strings.NewReader(source)); err == nil || !strings.Contains(err.Error(),
			"there is no statement: want a program, such as OPENQASM 3.0; qubit q;") {
			t.Errorf("%q: got %v", source, err)
		}
	}
	for _, source := range []string{"OPENQASM 3.0;", "\ufeffOPENQASM 2.0;", three, "bit c;"} {
		if d, err := qasm.ParseDynamic(strings.NewReader(source)); err != nil || d.Qubits() != 0 {
			t.Errorf("%q: got %v", source, err)
		}
		if _, err := qasm.Parse(strings.NewReader(source)); err == nil || !strings.Contains(err.Error(),
			"no qubits are declared: want 1 to 30") {
			t.Errorf("%q as a circuit: got %v", source, err)
		}
	}
}
