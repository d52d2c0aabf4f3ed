package circuit_test

import (
	"flag"
	"math"
	"os"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

var update = flag.Bool("update", false, "write the golden files and docs/circuits.md anew")

// golden holds got against a file, which -update writes.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew. Got\n%s", file, got)
	}
}

// mixed has every sign of a drawing: controls on both sides of their target, crossings, distant Pauli strings, all kinds of angles.
func mixed() *circuit.Circuit {
	return circuit.New(5).H(0).CX(0, 1).CCX(0, 4, 2).Swap(1, 3).CRY(4, 0, circuit.Const(math.Pi/4)).CRZ(0, 2, circuit.Theta(3)).
		PauliRotation("XYZ", circuit.Theta(0).Times(-0.5).Plus(1), 0, 4, 2).RX(3, circuit.Data(2)).SXdg(1).CSwap(2, 0, 1).
		U(3, circuit.Theta(1), circuit.Const(1.5), circuit.Const(-math.Pi)).RZZ(2, 1, circuit.Theta(4)).CX(1, 0).CX(3, 4).MCZ([]int{4, 2, 0}, 1)
}

// tableCircuit has every row of the table and one gate of every family, each on its own first qubits.
func tableCircuit() *circuit.Circuit {
	c := circuit.New(5)
	for _, k := range append(circuit.Table(), circuit.Examples()...) {
		c.Append(single(k), []int{0, 1, 2, 3, 4}[:k.Qubits]...)
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
