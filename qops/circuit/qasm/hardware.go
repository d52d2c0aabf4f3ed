package qasm

import "github.com/hqvit/hqvit/qops/circuit"

// hardwareBase is where the numbers of physical qubits begin while a program is read.
const hardwareBase = 1 << 30

func (r *reader) hardware(e *expr) int {
	n := 0
	for _, c := range e.text[1:] {
		if n = 10*n + int(c-'0'); n >= maxRegisters {
			r.p.failAt(e.pos, "want a physical qubit below $%d", maxRegisters)
			return hardwareBase
		}
	}
	if r.gate {
		r.p.failAt(e.pos, "the body of a gate has no physical qubits")
	}
	return hardwareBase + n
}

// placeHardware gives physical qubits the numbers after those of registers, in their order.
func (r *reader) placeHardware() {
	used := map[int]bool{}
	r.d.Each(func(in *circuit.Instruction) {
		for _, q := range in.AllQubits() {
			if q >= hardwareBase {
				used[q] = true
			}
		}
	})
	if len(used) == 0 {
		return
	}
	place := map[int]int{}
	for _, q := range sortedKeys(used) {
		place[q] = r.qubitCount
		r.qubitCount++
		r.d.QubitRegisters = append(r.d.QubitRegisters,
			circuit.Register{Name: "$" + itoa(q-hardwareBase), Size: 1, Single: true})
	}
	move := func(qubits []int) []int {
		out := make([]int, len(qubits))
		for i, q := range qubits {
			if out[i] = q; q >= hardwareBase {
				out[i] = place[q]
			}
		}
		return out
	}
	r.d.Each(func(in *circuit.Instruction) { in.Controls, in.Qubits = move(in.Controls), move(in.Qubits) })
}
