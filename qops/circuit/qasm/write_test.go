package qasm_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

var (
	samePhase = circuittest.SamePhase
	matrix    = circuittest.Matrix
)

// gate returns the row of the table with that name.
func gate(name string) circuit.Gate {
	k, _ := circuit.Named(name)
	return k
}

func written(t *testing.T, c *circuit.Circuit, version int, theta, data []float64) string {
	t.Helper()
	var out bytes.Buffer
	if err := qasm.Write(&out, c.Bind(theta, data), version); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func parsed(t *testing.T, source string) *circuit.Circuit {
	t.Helper()
	c, err := qasm.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// goesRound writes the circuit in all three ways and compares what is read back with the circuit.
func goesRound(t *testing.T, c *circuit.Circuit, theta, data []float64) {
	t.Helper()
	want := matrix(t, c, theta, data)
	for _, version := range []int{2, 3} {
		source := written(t, c, version, theta, data)
		if samePhase(t, fmt.Sprint("version ", version), matrix(t, parsed(t, source), nil, nil), want,
			1e-11); t.Failed() {
			t.Fatal(source)
		}
	}
	samePhase(t, "symbols", matrix(t, parsed(t, written(t, c, 3, nil, nil)), theta, data), want, 1e-11)
}

// TestGoesRound reads back, for every gate alone and under controls, and for random circuits of all gates,
// what was written.
func TestGoesRound(t *testing.T) {
	theta, data := []float64{0.3, -1.7, 2.2}, []float64{-0.4, 1.9, 0.8}
	circuittest.EachGate(t, func(t *testing.T, k circuit.Gate, _ []float64) {
		rng := rand.New(rand.NewPCG(8, 1))
		for controls := range 4 {
			for spare := range 2 {
				c := circuit.New(k.Qubits() + controls + spare)
				if c.Qubits() > 6 {
					continue
				}
				circuittest.AddRandom(rng, c, k, controls)
				goesRound(t, c, theta, data)
			}
		}
	})
	gates := append(circuit.Table(), circuit.Examples()...)
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(8, seed))
		c := circuit.New(5)
		for range 25 {
			k := gates[rng.IntN(len(gates))]
			circuittest.AddRandom(rng, c, k, rng.IntN(1+min(2, 5-k.Qubits())))
		}
		goesRound(t, c, theta, data)
	}
}

// TestManyControls takes X, a phase and a rotation apart under up to seven controls, with and without a qubit
// to borrow.
func TestManyControls(t *testing.T) {
	for _, n := range []int{4, 5, 6, 7, 8} {
		controls := []int{0, 1, 2, 3, 4, 5, 6}[:n-1]
		for _, spare := range []int{0, 1, 4} {
			if n+spare > 8 {
				continue
			}
			goesRound(t, circuit.New(n+spare).MCX(controls, n-1), nil, nil)
			goesRound(t, circuit.New(n+spare).Control(controls, gate("t"), nil, n-1), nil, nil)
			goesRound(t, circuit.New(n+spare).Control(controls, gate("sx"), nil, n-1), nil, nil)
		}
	}
	wide := parsed(t, written(t, circuit.New(16).MCX([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
		15), 2, nil, nil))
	if n := len(wide.Operations()); n > 1500 {
		t.Errorf("15 controls took %d gates", n)
	}
}

// TestMatricesAsGates writes unitaries, diagonals and evolutions that have nothing but a matrix.
func TestMatricesAsGates(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 3))
	for n := 1; n <= 4; n++ {
		qubits := rng.Perm(n)
		for _, isReal := range []bool{true, false} {
			goesRound(t, circuit.New(n).Unitary(circuittest.RandomUnitary(t, rng, n, isReal), qubits...), nil,
				nil)
			goesRound(t, circuit.New(n+1).Unitary(circuittest.RandomUnitary(t, rng, n, isReal), qubits...).
				Controlled(1), nil, nil)
		}
		goesRound(t, circuit.New(n).Unitary(circuit.Identity(n).Scaled(1i), qubits...).Controlled(1), nil,
			nil)
		d, g := make([]complex128, 1<<n), make(circuit.Matrix, 1<<(2*n))
		for i := range d {
			d[i] = cmplx.Rect(1, rng.Float64()*6)
			for j := range i + 1 {
				g[i<<n|j] = complex(rng.NormFloat64(), 0)
				g[j<<n|i] = g[i<<n|j]
			}
		}
		goesRound(t, circuit.New(n).Diagonal(d, qubits...).Evolution(g, circuit.Theta(0), qubits...).
			Controlled(1), []float64{0.7}, nil)
	}
}

func TestWriteErrors(t *testing.T) {
	c := circuit.New(1).RX(0, circuit.Theta(1)).RZ(0, circuit.Data(0))
	qubits := []int{0, 1, 2, 3, 4, 5, 6}
	big := circuit.New(7).Unitary(circuit.Identity(7).Scaled(1i), qubits...)
	dense := circuit.New(7).Unitary(circuittest.RandomUnitary(t, rand.New(rand.NewPCG(8, 4)), 7, true),
		qubits...)
	if written(t, big, 3, nil, nil) == "" {
		t.Error("a diagonal matrix of seven qubits was not written")
	}
	cause := errors.New("disk full")
	for want, err := range map[string]error{
		"qasm: Write: want OpenQASM version 2 or 3, got 1": qasm.Write(io.Discard, c, 1),
		"want numbers for the angles (Bind), got [θ1]":     qasm.Write(io.Discard, c.Bind(nil, []float64{1}), 2),
		"want 2 theta and 1 data, got 1 and 0":             qasm.Write(io.Discard, c.Bind([]float64{1}, nil), 3),
		"angle NaN is not finite": qasm.Write(io.Discard,
			c.Bind([]float64{1, math.NaN()}, nil), 3),
		"qubit 3 out of range":                               qasm.Write(io.Discard, circuit.New(1).X(3), 3),
		"unitary: want at most 6 qubits to write":            qasm.Write(io.Discard, dense, 3),
		"Decompose: unitary: want at most 6 qubits to write": qasm.Write(io.Discard, dense, 2),
		"qasm: Write: circuit: the circuit is nil":           qasm.Write(io.Discard, nil, 3),
		"qasm: Write: circuit: the zero Circuit":             qasm.Write(io.Discard, &circuit.Circuit{}, 2),
		"qasm: Write: the writer is nil":                     qasm.Write(nil, c, 3),
		"disk full":                                          qasm.Write(full{cause}, c, 3),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if want == "disk full" && !errors.Is(err, cause) {
			t.Errorf("the cause of %v is lost", err)
		}
	}
}

// full is a writer and a reader that fail.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }
func (f full) Read([]byte) (int, error)  { return 0, f.err }

func TestGolden(t *testing.T) {
	mixed := circuittest.Mixed()
	theta, data := []float64{0.1, 0.2, 0.3, 0.4, 0.5}, []float64{1, 2, 3}
	circuittest.Golden(t, "testdata/mixed-2.qasm", written(t, mixed, 2, theta, data))
	circuittest.Golden(t, "testdata/mixed-3.qasm", written(t, mixed, 3, nil, nil))
}

// definitions returns the lines of the program that define gates.
func definitions(source string) string {
	var out []string
	for line := range strings.Lines(source) {
		if strings.HasPrefix(line, "gate ") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// TestNamesOfDefinitions checks that a gate made by NewGate has its own name, that what it is made of is
// called after it, and that gates whose names are the same once cleaned stay different.
func TestNamesOfDefinitions(t *testing.T) {
	made := func(s circuit.GateSpec) circuit.Gate {
		k, err := circuit.NewGate(s)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	angle := []circuit.Angle{circuit.Theta(0)}
	hop := made(circuit.GateSpec{Name: "hop", Qubits: 2, Angles: 1, Generator: circuit.Matrix{
		0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}})
	x := made(circuit.GateSpec{Name: "My Gate", Qubits: 1, Definition: circuit.New(1).X(0)})
	z := made(circuit.GateSpec{Name: "My-Gate", Qubits: 1, Definition: circuit.New(1).Z(0)})
	core := made(circuit.GateSpec{Name: "hop_core", Qubits: 1, Definition: circuit.New(1).S(0)})
	outer := made(circuit.GateSpec{Name: "hop", Qubits: 2, Angles: 1,
		Definition: circuit.New(2).Add(hop, angle, 1, 0).H(0)})
	theta := []float64{0.7}
	for _, c := range []struct {
		circuit *circuit.Circuit
		names   string
	}{
		{circuit.New(2).Add(hop, angle, 0, 1).Add(hop, angle, 1, 0), "hop_basis hop_core hop_basisdg hop"},
		{circuit.New(3).Control([]int{2}, hop, angle, 0, 1).Add(core, nil, 1),
			"hop_basis hop_core_2 hop_basisdg hop hop_core"},
		{circuit.New(2).Add(outer, angle, 0, 1), "hop_basis hop_core hop_basisdg hop_2 hop"},
		{circuit.New(2).Add(x, nil, 0).Add(z, nil, 1).Add(x, nil, 1).Add(z, nil, 0), "gMy_Gate gMy_Gate_2"},
	} {
		goesRound(t, c.circuit, theta, nil)
		source := written(t, c.circuit, 3, nil, nil)
		var names []string
		for line := range strings.Lines(definitions(source)) {
			names = append(names, strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '(' })[1])
		}
		if got := strings.Join(names, " "); got != c.names {
			t.Errorf("defined are %s, want %s, in\n%s", got, c.names, source)
		}
	}
}

// TestDefinitionsDoNothingInVain looks for rotations by zero, or by a rounding error, in the definitions of
// gates that have nothing but a matrix, and checks that what is left is the same to 1e-12.
func TestDefinitionsDoNothingInVain(t *testing.T) {
	theta := circuit.Theta(0)
	for _, c := range []*circuit.Circuit{
		circuit.New(2).Evolution(circuit.Matrix{0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, theta, 0, 1),
		circuit.New(1).Evolution(circuit.Matrix{0, 1, 1, 0}, theta, 0),
		circuit.New(1).Evolution(circuit.Matrix{1, 0, 0, -1}, theta, 0),
		circuit.New(1).Unitary(circuit.Matrix{0, 1, 1, 0}, 0),
		circuit.New(2).Unitary(circuit.Matrix{0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1i}, 1, 0),
		circuit.New(2).Diagonal([]complex128{1, -1, 1, -1}, 0, 1),
		circuit.New(2).Unitary(circuit.Identity(2), 0, 1),
	} {
		source := written(t, c, 3, nil, nil)
		for _, vain := range []string{"(0)", "(-0)", "(0*", "(-0*", "e-1"} {
			if strings.Contains(definitions(source), vain) {
				t.Errorf("%s in\n%s", vain, source)
			}
		}
		for _, c := range []*circuit.Circuit{c, c.Controlled(1)} { // controlled: phases count
			source := written(t, c, 3, nil, nil)
			samePhase(t, source, matrix(t, parsed(t, source), []float64{1.3}, nil),
				matrix(t, c, []float64{1.3}, nil), 1e-12)
		}
	}
}
