package circuit_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestNewLarge: circuits of more qubits than New makes hold gates on all of them, and fall into parts.
func TestNewLarge(t *testing.T) {
	c := circuit.NewLarge(40).H(39).CSwap(0, 39, 20)
	parts, err := c.Decompose(circuit.IntoCX)
	if err != nil {
		t.Fatal(err)
	}
	if r := parts.Resources(); parts.Qubits() != 40 || r.Depth == 0 {
		t.Errorf("%d qubits, depth %d", parts.Qubits(), r.Depth)
	}
	for n, want := range map[int]string{0: "want 1 to 30 qubits, got 0", 51: "want 1 to 50 qubits, got 51"} {
		if err := circuit.NewLarge(n).Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d qubits: error %v, want %q", n, err, want)
		}
	}
	if err := circuit.NewLarge(40).X(40).Err(); err == nil {
		t.Error("a gate on qubit 40 of 40 is accepted")
	}
}
