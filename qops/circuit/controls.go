package circuit

import (
	"math/cmplx"
	"slices"
)

// Controls are taken apart as in Barenco et al., arXiv:quant-ph/9503016, without further qubits: X by lemmas
// 7.2 and 7.3, which borrow qubits of the circuit in any state, phases by lemma 7.5, other gates of one qubit
// by lemma 5.1. The number of gates grows with the square of the number of controls.

// controlledSwap takes apart an exchange under any number of controls.
func controlledSwap(g Operation) []Operation {
	around := gateOn(gateCX, g.Qubits[1], g.Qubits[0])
	inner := Operation{Gate: gateX, Controls: slices.Concat(g.Controls, g.Qubits[:1]), Qubits: g.Qubits[1:]}
	return []Operation{around, inner, around}
}

// controlledOne takes apart a gate of one qubit under any number of controls, in a circuit of n qubits.
func controlledOne(g Operation, n int) ([]Operation, error) {
	c, target := New(min(n, MaxQubits)), g.Qubits[0]
	m := Operation{Gate: g.Gate, Qubits: g.Qubits, Angles: g.Angles}.Matrix(nil, nil)
	switch {
	case g.Gate == gateX:
		c.controlledX(g.Controls, target)
	case m.IsDiagonal() && m[0] == 1:
		c.controlledPhase(cmplx.Phase(m[3]), g.AllQubits())
	default:
		alpha, beta, gamma, delta := m.zyz()
		c.RZ(target, Const((delta-beta)/2)).controlledX(g.Controls, target)
		c.RZ(target, Const(-(delta+beta)/2)).RY(target, Const(-gamma/2)).controlledX(g.Controls, target)
		c.RY(target, Const(gamma/2)).RZ(target, Const(beta)).controlledPhase(alpha, g.Controls)
	}
	return c.ops, c.Err()
}

// controlledPhase appends exp(iλ) where all qubits are 1.
func (c *Circuit) controlledPhase(lambda float64, qubits []int) {
	if lambda == 0 || len(qubits) == 0 {
		return
	}
	last := len(qubits) - 1
	if last <= 1 {
		c.Control(qubits[:last], gateP, []Angle{Const(lambda)}, qubits[last])
		return
	}
	controls, b, target := qubits[:last-1], qubits[last-1], qubits[last]
	c.CP(b, target, Const(lambda/2)).controlledX(controls, b)
	c.CP(b, target, Const(-lambda/2)).controlledX(controls, b)
	c.controlledPhase(lambda/2, append(slices.Clone(controls), target))
}

// controlledX appends X under any number of controls as X, CX and CCX if the circuit has a qubit to borrow,
// and with phases if it has none.
func (c *Circuit) controlledX(controls []int, target int) {
	m := len(controls)
	if m <= 2 {
		c.MCX(controls, target)
		return
	}
	var borrowed []int
	for q := range c.qubits {
		if q != target && !slices.Contains(controls, q) {
			borrowed = append(borrowed, q)
		}
	}
	switch {
	case len(borrowed) >= m-2:
		c.toffoliChain(controls, target, borrowed)
	case len(borrowed) > 0:
		half, spare := m/2+1, borrowed[0]
		rest := append(slices.Clone(controls[half:]), spare)
		for range 2 {
			c.controlledX(controls[:half], spare)
			c.controlledX(rest, target)
		}
	default:
		c.H(target).controlledPhase(cmplx.Phase(-1), append(slices.Clone(controls), target))
		c.H(target)
	}
}

// toffoliChain gathers the controls two by two on borrowed qubits, one less than there are controls after the
// first two, and gives these back as they were.
func (c *Circuit) toffoliChain(controls []int, target int, borrowed []int) {
	var chain [][3]int
	for i := len(controls) - 1; i >= 2; i-- {
		chain = append(chain, [3]int{controls[i], borrowed[i-2], target})
		target = borrowed[i-2]
	}
	chain = append(chain, [3]int{controls[0], controls[1], target})
	for _, there := range [][][3]int{chain, chain[1:]} {
		for _, q := range there {
			c.CCX(q[0], q[1], q[2])
		}
		for _, q := range slices.Backward(there[:len(there)-1]) {
			c.CCX(q[0], q[1], q[2])
		}
	}
}
