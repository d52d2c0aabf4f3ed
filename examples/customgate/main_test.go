package main

import (
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/nn/nntest"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

func TestSpins(t *testing.T) {
	nntest.Conform(t, nntest.Case{Layer: qlayer.Circuit{Encoder: qlayer.DenseAngle{}, Ansatz: spins},
		Input: []int{2, 6}, Output: []int{2, 3}})
}

// fan is a custom gate: Y-rotations that add up, exp(−iθ(YI+IY)/2).
var fan = circuit.GateSpec{
	Name: "fan", Qubits: 2, Angles: 1, Symbol: "FAN", Help: "RY of one angle on two qubits",
	Matrix: func(a []float64) circuit.Matrix {
		s, c := math.Sincos(a[0] / 2)
		one := circuit.Matrix{complex(c, 0), complex(-s, 0), complex(s, 0), complex(c, 0)}
		out := make(circuit.Matrix, 16)
		for i := range out {
			row, col := i/4, i%4
			out[i] = one[row/2*2+col/2] * one[row%2*2+col%2]
		}
		return out
	},
	Definition: circuit.New(2).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(0)),
}

// TestASpecIsAllThatAGateNeeds to be simulated, differentiated, inverted, controlled, drawn and exported.
func TestASpecIsAllThatAGateNeeds(t *testing.T) {
	fan, err := circuit.NewGate(fan)
	if err != nil || !fan.Real() {
		t.Fatalf("real %v, error %v", fan.Real(), err)
	}
	fans := func(n int) *circuit.Circuit {
		c := circuit.New(n)
		return c.Add(fan, []circuit.Angle{circuit.Theta(0)}, n-1, 0).H(0).
			Control([]int{1}, fan, []circuit.Angle{circuit.Theta(1)}, 0, n-1)
	}
	nntest.Conform(t, nntest.Case{Layer: qlayer.Circuit{Ansatz: fans}, Input: []int{2, 8},
		Output: []int{2, 3}})

	c, theta := fans(3), []float64{0.4, -1.3}
	m, err := c.Compose(c.Adjoint()).Matrix(theta, nil)
	if err != nil || m.Distance(circuit.Identity(3)) > 1e-12 {
		t.Errorf("the adjoint does not undo it (%v)", err)
	}
	if text := c.Draw(circuit.DrawOptions{}); !strings.Contains(text, "0 FAN(θ0)") {
		t.Errorf("drawn as\n%s", text)
	}
	for version := 2; version <= 3; version++ {
		var program strings.Builder
		if err := qasm.Write(&program, c.Bind(theta, nil), version); err != nil {
			t.Fatal(err)
		}
		read, err := qasm.Parse(strings.NewReader(program.String()))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := c.Matrix(theta, nil)
		if got, err := read.Matrix(nil, nil); err != nil || got.Distance(want) > 1e-12 {
			t.Errorf("OpenQASM %d gives another circuit (%v):\n%s", version, err, program.String())
		}
	}
}
