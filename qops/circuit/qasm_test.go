package circuit_test

import (
	"bytes"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// samePhase is same up to a global phase.
func samePhase(t *testing.T, what string, got, want circuit.Matrix, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d entries, want %d", what, len(got), len(want))
	}
	var overlap complex128
	for i := range got {
		overlap += cmplx.Conj(got[i]) * want[i]
	}
	same(t, what, got.Scaled(cmplx.Rect(1, cmplx.Phase(overlap))), want, tol)
}

func written(t *testing.T, c *circuit.Circuit, version int, theta, data []float64) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.WriteQASM(&out, version, theta, data); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func parsed(t *testing.T, source string) *circuit.Circuit {
	t.Helper()
	c, err := circuit.ParseQASM(strings.NewReader(source))
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// goesRound writes the circuit in all three ways and holds what is read back against the circuit.
func goesRound(t *testing.T, c *circuit.Circuit, theta, data []float64) {
	t.Helper()
	want := unitary(t, c, theta, data)
	for _, version := range []int{2, 3} {
		source := written(t, c, version, theta, data)
		if samePhase(t, fmt.Sprint("version ", version), unitary(t, parsed(t, source), nil, nil), want, 1e-11); t.Failed() {
			t.Fatal(source)
		}
	}
	samePhase(t, "symbols", unitary(t, parsed(t, written(t, c, 3, nil, nil)), theta, data), want, 1e-11)
}

func randomAngle(rng *rand.Rand) circuit.Angle {
	switch rng.IntN(4) {
	case 0:
		return circuit.Const(math.Pi * float64(rng.IntN(17)-8) / 4)
	case 1:
		return circuit.Const(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(8)-6)))
	case 2:
		return circuit.Data(rng.IntN(3)).Times(rng.NormFloat64())
	}
	return circuit.Theta(rng.IntN(3)).Times([]float64{1, -1, 0.5}[rng.IntN(3)]).Plus([]float64{0, -math.Pi, 0.1}[rng.IntN(3)])
}

// addRandom appends a gate of the kind on random qubits under the given number of controls.
func addRandom(rng *rand.Rand, c *circuit.Circuit, k *circuit.Gate, controls int) {
	angles := make([]circuit.Angle, k.Angles)
	for i := range angles {
		angles[i] = randomAngle(rng)
	}
	places := rng.Perm(c.Qubits())
	c.Control(places[:controls], k, angles, places[controls:controls+k.Qubits]...)
}

// TestQASMGoesRound reads back, for every kind of gate alone and under controls, and for random circuits of all kinds, what was written.
func TestQASMGoesRound(t *testing.T) {
	theta, data := []float64{0.3, -1.7, 2.2}, []float64{-0.4, 1.9, 0.8}
	everyKind(t, func(t *testing.T, k *circuit.Gate, _ []float64) {
		rng := rand.New(rand.NewPCG(8, 1))
		for controls := range 4 {
			for spare := range 2 {
				c := circuit.New(k.Qubits + controls + spare)
				if c.Qubits() > 6 {
					continue
				}
				addRandom(rng, c, k, controls)
				goesRound(t, c, theta, data)
			}
		}
	})
	kinds := append(circuit.Table(), circuit.Examples()...)
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(8, seed))
		c := circuit.New(5)
		for range 25 {
			k := kinds[rng.IntN(len(kinds))]
			addRandom(rng, c, k, rng.IntN(1+min(2, 5-k.Qubits)))
		}
		goesRound(t, c, theta, data)
	}
}

// TestManyControls takes X, a phase and a rotation apart under up to seven controls, with and without a qubit to borrow.
func TestManyControls(t *testing.T) {
	for _, n := range []int{4, 5, 6, 7, 8} {
		controls := []int{0, 1, 2, 3, 4, 5, 6}[:n-1]
		for _, spare := range []int{0, 1, 4} {
			if n+spare > 8 {
				continue
			}
			goesRound(t, circuit.New(n+spare).MCX(controls, n-1), nil, nil)
			goesRound(t, circuit.New(n+spare).Control(controls, circuit.New(1).T(0).Operations()[0].Gate, nil, n-1), nil, nil)
			goesRound(t, circuit.New(n+spare).Control(controls, circuit.New(1).SX(0).Operations()[0].Gate, nil, n-1), nil, nil)
		}
	}
	wide := parsed(t, written(t, circuit.New(16).MCX([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, 15), 2, nil, nil))
	if n := len(wide.Operations()); n > 1500 {
		t.Errorf("15 controls took %d gates", n)
	}
}

// randomUnitary returns the matrix of a random circuit of rotations and CX, real or complex.
func randomUnitary(t *testing.T, rng *rand.Rand, qubits int, isReal bool) circuit.Matrix {
	c := circuit.New(qubits)
	for layer := range 4 {
		for q := range qubits {
			if c.RY(q, circuit.Const(rng.Float64()*6)); !isReal {
				c.RZ(q, circuit.Const(rng.Float64()*6))
			}
		}
		if qubits > 1 {
			c.CX(layer%qubits, (layer+1)%qubits)
		}
	}
	return matrix(t, c, nil, nil)
}

// TestMatricesAsGates writes unitaries, diagonals and evolutions that have nothing but a matrix.
func TestMatricesAsGates(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 3))
	for n := 1; n <= 4; n++ {
		qubits := rng.Perm(n)
		for _, isReal := range []bool{true, false} {
			goesRound(t, circuit.New(n).Unitary(randomUnitary(t, rng, n, isReal), qubits...), nil, nil)
			goesRound(t, circuit.New(n+1).Unitary(randomUnitary(t, rng, n, isReal), qubits...).Controlled(1), nil, nil)
		}
		goesRound(t, circuit.New(n).Unitary(circuit.Identity(n).Scaled(1i), qubits...).Controlled(1), nil, nil)
		d, g := make([]complex128, 1<<n), make(circuit.Matrix, 1<<(2*n))
		for i := range d {
			d[i] = cmplx.Rect(1, rng.Float64()*6)
			for j := range i + 1 {
				g[i<<n|j] = complex(rng.NormFloat64(), 0)
				g[j<<n|i] = g[i<<n|j]
			}
		}
		goesRound(t, circuit.New(n).Diagonal(d, qubits...).Evolution(g, circuit.Theta(0), qubits...).Controlled(1), []float64{0.7}, nil)
	}
}

// TestLibraries holds the gates of both libraries, as the reader knows them, against their definitions by U and CX. Version 2 is up to phase.
// Sources: qelib1.inc of arXiv:1707.03429 and of Qiskit, the OpenQASM 3 specification's standard library, both from the built-in U, CX and gphase.
func TestLibraries(t *testing.T) {
	for version, library := range map[int]string{2: qelib1, 3: stdgates} {
		head := fmt.Sprintf("OPENQASM %d;\n", version)
		include := map[int]string{2: "include \"qelib1.inc\";\n", 3: "include \"stdgates.inc\";\n"}[version]
		for line := range strings.SplitSeq(strings.TrimSpace(library), "\n") {
			name, rest, _ := strings.Cut(strings.TrimPrefix(line, "gate "), " ")
			name, angles, _ := strings.Cut(name, "(")
			values := map[int]string{0: "", 1: "(0.4)", 2: "(0.4,1.1)", 3: "(0.4,1.1,-0.7)", 4: "(0.4,1.1,-0.7,0.9)"}[strings.Count(angles, ",")+min(1, len(angles))]
			operands, _, _ := strings.Cut(rest, " {")
			qubits := strings.Count(operands, ",") + 1
			call, register := name+values+" q[0]", fmt.Sprintf("qubit[%d] q;\n", qubits+version-2)
			if version == 2 {
				register = fmt.Sprintf("qreg q[%d];\n", qubits)
			} else {
				call = "ctrl @ " + call + ", q[1]"
			}
			for q := version - 1; q < qubits+version-2; q++ {
				call += fmt.Sprintf(", q[%d]", q)
			}
			defined, _, _ := strings.Cut(library, line)
			got := parsed(t, head+include+register+call+";")
			want := parsed(t, head+defined+line+"\n"+register+call+";")
			samePhase(t, fmt.Sprint(version, " ", name), matrix(t, got, nil, nil), matrix(t, want, nil, nil), 1e-14)
		}
	}
}

const qelib1 = `
gate u3(theta,phi,lambda) q { U(theta,phi,lambda) q; }
gate u2(phi,lambda) q { U(pi/2,phi,lambda) q; }
gate u1(lambda) q { U(0,0,lambda) q; }
gate cx c,t { CX c,t; }
gate id a { U(0,0,0) a; }
gate x a { u3(pi,0,pi) a; }
gate y a { u3(pi,pi/2,pi/2) a; }
gate z a { u1(pi) a; }
gate h a { u2(0,pi) a; }
gate s a { u1(pi/2) a; }
gate sdg a { u1(-pi/2) a; }
gate t a { u1(pi/4) a; }
gate tdg a { u1(-pi/4) a; }
gate rx(theta) a { u3(theta,-pi/2,pi/2) a; }
gate ry(theta) a { u3(theta,0,0) a; }
gate rz(phi) a { u1(phi) a; }
gate sx a { sdg a; h a; sdg a; }
gate sxdg a { s a; h a; s a; }
gate cz a,b { h b; cx a,b; h b; }
gate cy a,b { sdg b; cx a,b; s b; }
gate swap a,b { cx a,b; cx b,a; cx a,b; }
gate ch a,b { h b; sdg b; cx a,b; h b; t b; cx a,b; t b; h b; s b; x b; s a; }
gate ccx a,b,c { h c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; cx a,c; t b; t c; h c; cx a,b; t a; tdg b; cx a,b; }
gate cswap a,b,c { cx c,b; ccx a,b,c; cx c,b; }
gate crx(lambda) a,b { u1(pi/2) b; cx a,b; u3(-lambda/2,0,0) b; cx a,b; u3(lambda/2,-pi/2,0) b; }
gate cry(lambda) a,b { u3(lambda/2,0,0) b; cx a,b; u3(-lambda/2,0,0) b; cx a,b; }
gate crz(lambda) a,b { u1(lambda/2) b; cx a,b; u1(-lambda/2) b; cx a,b; }
gate cu1(lambda) a,b { u1(lambda/2) a; cx a,b; u1(-lambda/2) b; cx a,b; u1(lambda/2) b; }
gate cu3(theta,phi,lambda) c,t { u1((lambda+phi)/2) c; u1((lambda-phi)/2) t; cx c,t; u3(-theta/2,0,-(phi+lambda)/2) t; cx c,t; u3(theta/2,phi,0) t; }
gate cu(theta,phi,lambda,gamma) c,t { u1(gamma) c; cu3(theta,phi,lambda) c,t; }
gate csx a,b { h b; cu1(pi/2) a,b; h b; }
gate rxx(theta) a,b { u3(pi/2,theta,0) a; h b; cx a,b; u1(-theta) b; cx a,b; h b; u2(-pi,pi-theta) a; }
gate rzz(theta) a,b { cx a,b; u1(theta) b; cx a,b; }
gate c3x a,b,c,d { h d; cu1(pi/4) a,d; cx a,b; cu1(-pi/4) b,d; cx a,b; cu1(pi/4) b,d; cx b,c; cu1(-pi/4) c,d; cx a,c; cu1(pi/4) c,d; cx b,c; cu1(-pi/4) c,d; cx a,c; cu1(pi/4) c,d; h d; }
`

const stdgates = `
gate p(λ) a { ctrl @ gphase(λ) a; }
gate x a { U(π, 0, π) a; gphase(-π/2); }
gate y a { U(π, π/2, π/2) a; gphase(-π/2); }
gate z a { p(π) a; }
gate h a { U(π/2, 0, π) a; gphase(-π/4); }
gate s a { p(π/2) a; }
gate sdg a { inv @ s a; }
gate t a { p(π/4) a; }
gate tdg a { inv @ t a; }
gate sx a { h a; s a; h a; }
gate rx(θ) a { U(θ, -π/2, π/2) a; gphase(-θ/2); }
gate ry(θ) a { U(θ, 0, 0) a; gphase(-θ/2); }
gate rz(λ) a { gphase(-λ/2); U(0, 0, λ) a; }
gate cx a, b { ctrl @ x a, b; }
gate cy a, b { ctrl @ y a, b; }
gate cz a, b { ctrl @ z a, b; }
gate cp(λ) a, b { ctrl @ p(λ) a, b; }
gate crx(θ) a, b { ctrl @ rx(θ) a, b; }
gate cry(θ) a, b { ctrl @ ry(θ) a, b; }
gate crz(θ) a, b { ctrl @ rz(θ) a, b; }
gate ch a, b { ctrl @ h a, b; }
gate swap a, b { cx a, b; cx b, a; cx a, b; }
gate ccx a, b, c { ctrl @ ctrl @ x a, b, c; }
gate cswap a, b, c { ctrl @ swap a, b, c; }
gate cu(θ,φ,λ,γ) a, b { p(γ-θ/2) a; ctrl @ U(θ, φ, λ) a, b; }
gate CX a, b { ctrl @ U(π, 0, π) a, b; p(-π/2) a; }
gate phase(λ) q { U(0, 0, λ) q; }
gate cphase(λ) a, b { ctrl @ phase(λ) a, b; }
gate id a { U(0, 0, 0) a; }
gate u1(λ) q { U(0, 0, λ) q; }
gate u2(φ,λ) q { gphase(-(φ+λ+π/2)/2); U(π/2, φ, λ) q; }
gate u3(θ,φ,λ) q { gphase(-(φ+λ+θ)/2); U(θ, φ, λ) q; }
`

func TestWriteErrors(t *testing.T) {
	c := circuit.New(1).RX(0, circuit.Theta(1)).RZ(0, circuit.Data(0))
	big := circuit.New(7).Unitary(circuit.Identity(7).Scaled(1i).Mul(circuit.Identity(7)), 0, 1, 2, 3, 4, 5, 6)
	dense := circuit.New(7).Unitary(randomUnitary(t, rand.New(rand.NewPCG(8, 4)), 7, true), 0, 1, 2, 3, 4, 5, 6)
	if written(t, big, 3, nil, nil) == "" {
		t.Error("a diagonal matrix of seven qubits was not written")
	}
	for want, err := range map[string]error{
		"want OpenQASM version 2 or 3, got 1":     c.WriteQASM(&bytes.Buffer{}, 1, nil, nil),
		"want 2 theta and 1 data, got 0 and 1":    c.WriteQASM(&bytes.Buffer{}, 2, nil, []float64{1}),
		"want 2 theta and 1 data, got 1 and 0":    c.WriteQASM(&bytes.Buffer{}, 3, []float64{1}, nil),
		"angle NaN is not finite":                 c.WriteQASM(&bytes.Buffer{}, 3, []float64{1, math.NaN()}, nil),
		"qubit 3 out of range":                    circuit.New(1).X(3).WriteQASM(&bytes.Buffer{}, 3, nil, nil),
		"unitary: want at most 6 qubits to write": dense.WriteQASM(&bytes.Buffer{}, 3, nil, nil),
		"disk full": c.WriteQASM(full{}, 3, nil, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestQASMGolden(t *testing.T) {
	golden(t, "testdata/mixed-2.qasm", written(t, mixed(), 2, []float64{0.1, 0.2, 0.3, 0.4, 0.5}, []float64{1, 2, 3}))
	golden(t, "testdata/mixed-3.qasm", written(t, mixed(), 3, nil, nil))
}
