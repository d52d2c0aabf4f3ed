package analysis_test

import (
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// The 19 circuits of Sim, Johnson, Aspuru-Guzik, arXiv:1905.10876, on four qubits, as their authors' code has
// them: github.com/bagmk/Quantum_Machine_Learning_Express.

type builder struct {
	*circuit.Circuit
	angles int
}

func (b *builder) next() circuit.Angle { b.angles++; return circuit.Theta(b.angles - 1) }

// each puts rotations on some qubits: letters of their axes, one after the other on each qubit.
func (b *builder) each(axes string, qubits ...int) *builder {
	for _, axis := range axes {
		for _, q := range qubits {
			switch axis {
			case 'X':
				b.RX(q, b.next())
			case 'Y':
				b.RY(q, b.next())
			case 'Z':
				b.RZ(q, b.next())
			case 'H':
				b.H(q)
			}
		}
	}
	return b
}

// pairs puts two-qubit gates on pairs of control and target.
func (b *builder) pairs(gate string, pairs ...int) *builder {
	for _, p := range pairs {
		control, target := p/10, p%10
		switch gate {
		case "cx":
			b.CX(control, target)
		case "cz":
			b.CZ(control, target)
		case "crx":
			b.CRX(control, target, b.next())
		case "crz":
			b.CRZ(control, target, b.next())
		}
	}
	return b
}

func published(number, layers int) *circuit.Circuit {
	b := &builder{Circuit: circuit.New(4)}
	all := []int{0, 1, 2, 3}
	line := []int{32, 21, 10}
	gates := map[int]string{2: "cx", 3: "crz", 4: "crx", 5: "crz", 6: "crx", 7: "crz", 8: "crx", 11: "cx",
		12: "cz", 13: "crz", 14: "crx", 15: "cx", 16: "crz", 17: "crx", 18: "crz", 19: "crx"}
	gate := gates[number]
	for range layers {
		switch number {
		case 1:
			b.each("XZ", all...)
		case 2, 3, 4:
			b.each("XZ", all...).pairs(gate, line...)
		case 5, 6:
			b.each("XZ", all...).pairs(gate, 32, 31, 30, 23, 21, 20, 13, 12, 10, 3, 2, 1).each("XZ", all...)
		case 7, 8:
			b.each("XZ", all...).pairs(gate, 10, 32).each("XZ", all...).pairs(gate, 21)
		case 9:
			b.each("H", all...).pairs("cz", line...).each("X", all...)
		case 10:
			b.each("Y", all...).pairs("cz", 32, 21, 10, 30).each("Y", all...)
		case 11, 12:
			b.each("YZ", all...).pairs(gate, 10, 32).each("YZ", 1, 2).pairs(gate, 21)
		case 13, 14, 15:
			b.each("Y", all...).pairs(gate, 30, 23, 12, 1).each("Y", all...).pairs(gate, 32, 3, 10, 21)
		case 16, 17:
			b.each("XZ", all...).pairs(gate, 10, 32, 21)
		case 18, 19:
			b.each("XZ", all...).pairs(gate, 30, 23, 12, 1)
		}
	}
	return b.Circuit
}

// must fails the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
