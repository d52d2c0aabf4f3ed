package circuit_test

import (
	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
)

var (
	golden    = circuittest.Golden
	eachGate  = circuittest.EachGate
	same      = circuittest.Same
	samePhase = circuittest.SamePhase
	matrix    = circuittest.Matrix
	addRandom = circuittest.AddRandom
	mixed     = circuittest.Mixed
)

// mustGate returns the gate of the table with that name.
func mustGate(name string) circuit.Gate {
	k, ok := circuit.Named(name)
	if !ok {
		panic("no gate " + name)
	}
	return k
}

// single returns the circuit of one gate whose i-th angle is theta[i].
func single(k circuit.Gate) *circuit.Circuit {
	var angles []circuit.Angle
	var qubits []int
	for i := range k.Angles() {
		angles = append(angles, circuit.Theta(i))
	}
	for q := range k.Qubits() {
		qubits = append(qubits, q)
	}
	return circuit.New(k.Qubits()).Add(k, angles, qubits...)
}

// tableCircuit has every row of the table and one gate of every family, each on its own first qubits.
func tableCircuit() *circuit.Circuit {
	c := circuit.New(5)
	for _, k := range append(circuit.Table(), circuit.Examples()...) {
		c.Append(single(k), []int{0, 1, 2, 3, 4}[:k.Qubits()]...)
	}
	return c
}

// attention is the SWAP test of a 4×4 image of four tokens: 9 qubits.
func attention() *circuit.Circuit {
	x := []float64{0.1, 0.9, -0.4, 0.2, 0.7, 0.3, 0.5, -0.8, 0, 0.6, 0.2, 0.1, -0.3, 0.4, 1, 0.5}
	return circuit.SwapTest(x, 4, 4, layer(), layer())
}

// layer is a trainable circuit of two qubits.
func layer() *circuit.Circuit {
	return circuit.New(2).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(1)).CX(0, 1).RZ(1, circuit.Theta(2))
}
