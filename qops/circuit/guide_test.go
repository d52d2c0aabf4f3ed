package circuit_test

import (
	"bytes"
	"fmt"
	"math"
	"math/cmplx"
	"os"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// A circuit is a list of gates over angles: numbers, trainable `Theta(i)`, and inputs `Data(i)` of a row.
// Methods chain, and `Err` returns the mistakes. A printed circuit is a drawing: ● is a control, ⊕ a
// controlled X, × a swap. The box of a gate on several qubits numbers them in its order.
func Example_building() {
	c := circuit.New(3).
		H(0).CX(0, 1).CCX(0, 1, 2).
		RY(1, circuit.Theta(0)).CRZ(2, 0, circuit.Data(0).Times(2)).
		PauliRotation("XYZ", circuit.Const(math.Pi/4), 0, 1, 2).
		CSwap(0, 1, 2)
	fmt.Print(c)
	fmt.Println(c.Resources())
	// Output:
	// q0: ─┤H├─●─●──────────┤RZ(2·x0)├─┤0 RXYZ(π/4)├─●─
	//          │ │              │            │       │
	// q1: ─────⊕─●─┤RY(θ0)├─────┼───────────┤1├──────×─
	//            │              │            │       │
	// q2: ───────⊕──────────────●───────────┤2├──────×─
	// 3 qubits, 7 gates (ccx 1, crz 1, cswap 1, cx 1, h 1, rxyz 1, ry 1), 2 on two qubits, 3 on more than two, depth 6, 1 trainable angle, 1 input
}

// `Draw` also writes plain ASCII and wraps at a given width; `WriteSVG` writes a self-contained SVG.
// `DrawOptions` also take the values of trained angles and names of registers, and leave out idle qubits.
func Example_drawing() {
	c := circuit.New(2).
		U(0, circuit.Theta(0), circuit.Theta(1), circuit.Const(-math.Pi/2)).CX(0, 1).Swap(0, 1).SXdg(1)
	fmt.Print(c.Draw(circuit.DrawOptions{ASCII: true, Width: 40}))
	var picture bytes.Buffer
	fmt.Println(c.WriteSVG(&picture, circuit.DrawOptions{Width: 800}), picture.Len() > 0)
	// Output:
	// q0: -[U(theta0, theta1, -pi/2)]--@--x-
	//                                  |  |
	// q1: ----------------------------(+)-x-
	//
	// q0: --------
	//
	// q1: -[SXdg]-
	// <nil> true
}

// `qasm.Write`, of package `qops/circuit/qasm`, writes version 2 or 3. Version 3 declares angles that are not
// bound to numbers as inputs, and defines the gates that the standard library lacks. Version 2 needs numbers,
// and decomposes such gates.
func Example_openQASM() {
	c := circuit.New(2).RY(0, circuit.Theta(0)).RZX(0, 1, circuit.Data(0).Plus(math.Pi/2))
	_ = qasm.Write(os.Stdout, c, 3)
	fmt.Println()
	_ = qasm.Write(os.Stdout, c.Bind([]float64{0.25}, []float64{0}), 2)
	// Output:
	// OPENQASM 3.0;
	// include "stdgates.inc";
	// input float[64] theta0;
	// input float[64] x0;
	// gate rzz(a0) q0, q1 { cx q0, q1; rz(a0) q1; cx q0, q1; }
	// gate rzx(a0) q0, q1 { h q1; rzz(a0) q0, q1; h q1; }
	// qubit[2] q;
	// ry(theta0) q[0];
	// rzx(x0+pi/2) q[0], q[1];
	//
	// OPENQASM 2.0;
	// include "qelib1.inc";
	// qreg q[2];
	// ry(0.25) q[0];
	// h q[1];
	// rzz(pi/2) q[0], q[1];
	// h q[1];
}

// `qasm.Parse` reads the unitary of a program in either version; inputs become trainable angles or inputs of
// a row. A gate that the program itself defines is expanded into the gates of its definition. Measurements at
// the end are dropped. Errors give the line. `qasm.Options` gives inputs values while reading.
func Example_parsing() {
	source := `OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta0;
qubit[2] q;
gate zz(a) x, y { cx x, y; rz(-a/2) y; inv @ cx x, y; }
h q;
ctrl @ ry(2*theta0) q[1], q[0];
zz(3*pi/2) q[0], q[1];
`
	c, err := qasm.Parse(strings.NewReader(source))
	fmt.Print(c)
	fmt.Println(err)
	options := qasm.Options{Inputs: map[string]string{"theta0": "pi/8"}}
	c, err = options.Parse(strings.NewReader(source + "measure q;"))
	fmt.Println(c.Operations()[2].Angles, err)
	_, err = qasm.Parse(strings.NewReader(source + "measure q;\nh q[0];"))
	fmt.Println(err)
	// Output:
	// q0: ─┤H├─┤RY(2·θ0)├─●─────────────●─
	//              │      │             │
	// q1: ─┤H├─────●──────⊕─┤RZ(-3π/4)├─⊕─
	// <nil>
	// [π/4] <nil>
	// qasm: Parse: circuit: line 10: h comes after line 9: measure of q[0]: want a unitary, with measurements at the end only
}

// A program is more than a unitary. `qasm.ParseDynamic` reads all of it, as a `circuit.Dynamic`: registers
// with their names, measurement, reset, barriers, and what depends on measured bits, as data. Constants,
// loops, subroutines, powers of gates and definitions are carried out while reading. `Unitary` gives the
// circuit where there is one, `Notes` say what the reader took for granted, `Inputs` the names of angles,
// `Draw` and `WriteSVG` show it, and `qasm.WriteDynamic` writes it: version 3 has everything, version 2 no
// conditions but on a whole register. `statevec.Sample` runs it.
func Example_programs() {
	d, err := qasm.ParseDynamic(strings.NewReader(`OPENQASM 3.0;
include "stdgates.inc";
const int n = 3;
qubit[n] q;
bit[n] c;
h q[0];
for int i in [1:n-1] { ctrl @ pow(1.0/i) @ x q[0], q[i]; }
c[0] = measure q[0];
if (c[0]) reset q[0];
c[1:2] = measure q[1:2];
`))
	fmt.Print(d.Draw(circuit.DrawOptions{}), d.Resources(), "\n", err, "\n")
	_ = qasm.WriteDynamic(os.Stdout, d, 3)
	_, _, err = d.Unitary()
	fmt.Println(err)
	// Output:
	// q[0]: ─┤H├─●──●───┤M├────┤|0⟩├────────────
	//            │  │    ║       ║
	// q[1]: ─────⊕──┼────╫───────╫──────┤M├─────
	//               │    ║       ║       ║
	// q[2]: ───────┤√X├──╫───────╫───────╫──┤M├─
	//                    ║       ║       ║   ║
	// c[3]: ════════════╩0══┤c[0] == 1├═╩1══╩2══
	// 3 qubits, 3 gates (c1-sx 1, cx 1, h 1), 2 on two qubits, depth 5, 0 trainable angles, 3 bits, 3 measurements, 1 reset, 1 condition
	// <nil>
	// OPENQASM 3.0;
	// include "stdgates.inc";
	// qubit[3] q;
	// bit[3] c;
	// h q[0];
	// cx q[0], q[1];
	// ctrl @ sx q[0], q[2];
	// c[0] = measure q[0];
	// if (c[0] == 1) {
	//   reset q[0];
	// }
	// c[1] = measure q[1];
	// c[2] = measure q[2];
	// circuit: line 9: if depends on classical bits: want a unitary, with measurements at the end only
}

// `Unitary`, `Diagonal`, `Evolution` and `PauliRotation` make gates from a matrix, phases, a generator or a
// Pauli string. `NewGate` makes a named gate and finds its inverse. What it needs depends on the number of
// angles: without angles a Matrix or a Definition, with one angle a Generator or a Definition, with more a
// Definition. Forms given beyond that are checked against each other, and inconsistent specifications are
// errors. With a Definition, OpenQASM 3 is as clean as below; without one, the writer synthesizes the gate
// from its matrix or generator, with auxiliary gates.
func Example_custom_gates() {
	fan, err := circuit.NewGate(circuit.GateSpec{Name: "fan", Symbol: "FAN", Qubits: 2, Angles: 1,
		Definition: circuit.New(2).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(0))})
	fmt.Print(err, "\n", circuit.New(3).Add(fan, []circuit.Angle{circuit.Data(0)}, 2, 0).Adjoint())
	_ = qasm.Write(os.Stdout, circuit.New(3).Add(fan, []circuit.Angle{circuit.Theta(0)}, 2, 0), 3)
	_, err = circuit.NewGate(circuit.GateSpec{Name: "half", Qubits: 2,
		Matrix: func([]float64) circuit.Matrix { return circuit.Matrix{0, 1, 1, 0} }})
	fmt.Println(err)
	// Output:
	// <nil>
	// q0: ─────┤1├──────
	//           │
	// q1: ──────┼───────
	//           │
	// q2: ─┤0 FAN(-x0)├─
	// OPENQASM 3.0;
	// include "stdgates.inc";
	// input float[64] theta0;
	// gate fan(a0) q0, q1 { ry(a0) q0; ry(a0) q1; }
	// qubit[3] q;
	// fan(theta0) q[2], q[0];
	// circuit: NewGate "half": want a matrix of 2^2 rows for 2 qubits, got 4 entries
}

// `Decompose` decomposes gates by a rule: `IntoCX` leaves only CX and one-qubit gates, `IntoNative` only the
// gates that a function accepts, `IntoGenerators` only the gates that the simulator implements directly. A
// rule can also be a custom function.
func Example_decomposing() {
	c, err := circuit.New(3).RZX(0, 2, circuit.Const(0.5)).CCX(0, 1, 2).Decompose(circuit.IntoCX)
	fmt.Println(c.Resources(), err)
	// Output:
	// 3 qubits, 20 gates (cx 8, h 4, rz 1, t 4, tdg 3), 8 on two qubits, depth 16, 0 trainable angles <nil>
}

// `Prepare` returns the circuit that prepares a state from |0…0⟩, with RY and CX alone if the amplitudes are
// real.
func Example_preparing() {
	fmt.Print(circuit.Prepare([]complex128{0.5, -0.5, 0.1, 0.7}))
	// Output:
	// q0: ──┤RY(π/2)├───●──────────────●─
	//                   │              │
	// q1: ─┤RY(0.6435)├─⊕─┤RY(-2.214)├─⊕─
}

// `SwapTest` is the circuit of swap attention, gate by gate: the image in two registers, U_q and U_k on the
// data qubits, and the ancilla that compares them. P(0,i,j) − P(1,i,j) over the ancilla and both index
// registers is the attention coefficient. Without an image, state preparation, which takes most of the gates,
// is left out. `OverlapTest` compares one pair of patches on the qubits of one, by the angles that prepare
// them: how often all qubits are 0. Package `qops/job` writes both as programs for a device, and reads their
// counts ([devices.md](devices.md#from-a-trained-model-to-a-device-and-back)).
func Example_attention() {
	u := circuit.New(2).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(1)).CX(0, 1)
	fmt.Print(circuit.SwapTest(nil, 2, 4, u, u))
	image := []float64{0.1, 0.9, -0.4, 0.2, 0.7, 0.3, 0.5, -0.8}
	fmt.Println(circuit.SwapTest(image, 2, 4, u, u).Resources())
	v := circuit.New(1).RY(0, circuit.Theta(0))
	fmt.Print(circuit.OverlapTest(v, v))
	// Output:
	// q0: ───┤H├──────●─●─┤H├─
	//                 │ │
	// q1: ────────────┼─┼─────
	//                 │ │
	// q2: ─┤RY(θ0)├─●─×─┼─────
	//               │ │ │
	// q3: ─┤RY(θ1)├─⊕─┼─×─────
	//                 │ │
	// q4: ────────────┼─┼─────
	//                 │ │
	// q5: ─┤RY(θ2)├─●─×─┼─────
	//               │   │
	// q6: ─┤RY(θ3)├─⊕───×─────
	// 7 qubits, 36 gates (cswap 2, cx 14, h 2, ry 18), 14 on two qubits, 2 on more than two, depth 16, 4 trainable angles
	// q0: ─┤RY(x0)├─┤RY(θ0)├─┤RY(-θ1)├─┤RY(-x1)├─
}

// `SplitParameters` gives each place where an angle enters the circuit a separate angle, and `ValueRule`
// returns the shifted angles at which a device has to run the circuit for the exact derivative there: two for
// a rotation, four for a controlled one. The derivative with respect to an angle that enters twice is the sum
// over both places, each times its scale.
func Example_shifting() {
	c := circuit.New(2).H(0).CRX(0, 1, circuit.Theta(0)).RY(1, circuit.Theta(0).Times(2))
	single, places, _, _ := c.SplitParameters()
	z := func(angles []float64) float64 { // ⟨Z⟩ of qubit 1 in the state U|00⟩
		u, _ := single.Matrix(angles, nil)
		var p [4]float64
		for i := range p {
			p[i] = real(u[4*i] * cmplx.Conj(u[4*i]))
		}
		return p[0] - p[1] + p[2] - p[3]
	}
	theta, slope := 0.4, 0.0
	at := []float64{theta, 2 * theta} // the values of the two places
	for i, place := range places {
		rule, _ := place.ValueRule()
		for _, s := range rule {
			up, down := slices.Clone(at), slices.Clone(at)
			up[i], down[i] = at[i]+s.By, at[i]-s.By
			slope += place.Angle.Scale * s.Weight * (z(up) - z(down))
			fmt.Printf("%.3g·θ0: %+.4f·(f(a%+.4f) − f(a%+.4f))\n", place.Angle.Scale, s.Weight, s.By, -s.By)
		}
	}
	fmt.Printf("df/dθ0 = %.6f\n", slope)
	// Output:
	// 1·θ0: +0.4268·(f(a+1.5708) − f(a-1.5708))
	// 1·θ0: -0.0732·(f(a+4.7124) − f(a-4.7124))
	// 2·θ0: +0.5000·(f(a+1.5708) − f(a-1.5708))
	// df/dθ0 = -1.513740
}
