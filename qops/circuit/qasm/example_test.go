package qasm_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
	"github.com/hqvit/hqvit/qops/statevec"
)

// The circuit of a layer from a program: its inputs are the angles that are trained.
func ExampleParse() {
	ansatz, err := qasm.Parse(strings.NewReader(`OPENQASM 3.0;
include "stdgates.inc";
input float a;
input float b;
qubit[2] q;
ry(a) q[0];
ry(b) q[1];
cx q[0], q[1];
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(ansatz)
	layer := qlayer.Circuit{Ansatz: func(int) *circuit.Circuit { return ansatz }}
	st := nn.NewStore(1)
	_, err = op.Build(func(g *G.ExprGraph) error {
		x := G.NewMatrix(g, G.Float64, G.WithShape(8, 4), G.WithName("x"))
		y, err := layer.Forward(nn.NewScope(g, st), x)
		if err == nil {
			fmt.Println(y.Shape(), st.Count("quantum"), "angles")
		}
		return err
	})
	fmt.Println(err)
	// Output:
	// q0: ─┤RY(θ0)├─●─
	//               │
	// q1: ─┤RY(θ1)├─⊕─
	// (8, 2) 2 angles
	// <nil>
}

// A program with a measurement that decides what follows, run a thousand times.
func ExampleParseDynamic() {
	d, err := qasm.ParseDynamic(strings.NewReader(`OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
h q[0];
c[0] = measure q[0];
if (c[0]) x q[1];
c[1] = measure q[1];
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	counts, err := statevec.Sample(context.Background(), d, nil, nil, 1000, 1)
	both := counts["00"] + counts["11"]
	fmt.Println(both, "of 1000 shots have equal bits,", err)
	// Output: 1000 of 1000 shots have equal bits, <nil>
}

// A program with inputs, read with values for them.
func ExampleOptions() {
	source := `OPENQASM 3.0;
include "stdgates.inc";
input int layers;
input float angle_step;
qubit q;
for int i in [1:layers] { rx(i * angle_step) q; }
`
	values := map[string]string{"layers": "3", "angle_step": "pi/8"}
	c, err := qasm.Options{Inputs: values}.Parse(strings.NewReader(source))
	fmt.Print(c)
	fmt.Println(err)
	_, err = qasm.Options{Inputs: map[string]string{"layer": "3"}}.Parse(
		strings.NewReader(strings.ReplaceAll(source, "1:layers", "1:3")))
	fmt.Println(err)
	// Output:
	// q0: ─┤RX(π/8)├─┤RX(π/4)├─┤RX(3π/8)├─
	// <nil>
	// qasm: there is no input "layer" (did you mean layers?): the program has layers and angle_step
}

// What is written is read again as the same circuit.
func ExampleWrite() {
	c := circuit.New(2).H(0).CRY(0, 1, circuit.Theta(0)).RZZ(0, 1, circuit.Const(0.5))
	var text bytes.Buffer
	if err := qasm.Write(&text, c, 3); err != nil {
		fmt.Println(err)
		return
	}
	_, _ = os.Stdout.Write(text.Bytes())
	again, err := qasm.Parse(&text)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, _ := c.Matrix([]float64{0.3}, nil)
	b, _ := again.Matrix([]float64{0.3}, nil)
	fmt.Printf("%.1f apart: %v\n", a.Distance(b), again.Resources())
	// Output:
	// OPENQASM 3.0;
	// include "stdgates.inc";
	// input float[64] theta0;
	// gate rzz(a0) q0, q1 { cx q0, q1; rz(a0) q1; cx q0, q1; }
	// qubit[2] q;
	// h q[0];
	// cry(theta0) q[0], q[1];
	// rzz(0.5) q[0], q[1];
	// 0.0 apart: 2 qubits, 5 gates (cry 1, cx 2, h 1, rz 1), 3 on two qubits, depth 5, 1 trainable angle
}
