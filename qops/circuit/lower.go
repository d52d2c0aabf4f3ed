package circuit

import (
	"math/cmplx"
	"slices"
)

// lowered returns a gate of constant angles on n qubits as gates that have a name in OpenQASM 2 and the controls which that name includes,
// up to a global phase.
//
// Source: controls are taken apart as in Barenco et al., arXiv:quant-ph/9503016, without further qubits: X by lemmas 7.2 and 7.3, which borrow qubits of the
// circuit in any state, phases by lemma 7.5, other gates of one qubit by lemma 5.1. The number of gates grows with the square of the number of controls.
func lowered(g Operation, n int) ([]Operation, error) {
	row, ok := g.Row()
	switch {
	case g.Gate == kindPhase && len(g.Controls) == 0:
		return nil, nil
	case ok && row.QASM2 != "":
		return []Operation{g}, nil
	case ok && row.Decomposition != nil:
		return loweredAll(Operation{Gate: row, Qubits: g.AllQubits(), Angles: g.Angles}.Decompose(), n)
	case g.Gate == kindSwap:
		around := gateOn(kindCX, g.Qubits[1], g.Qubits[0])
		inner := Operation{Gate: kindX, Controls: slices.Concat(g.Controls, g.Qubits[:1]), Qubits: g.Qubits[1:]}
		return loweredAll([]Operation{around, inner, around}, n)
	case g.Gate.Decomposition == nil && g.Gate.Qubits == 1 && len(g.Controls) > 0:
		return controlledOne(g, n), nil
	}
	parts, err := g.defined()
	if err != nil {
		return nil, err
	}
	return loweredAll(parts, n)
}

func loweredAll(gates []Operation, n int) ([]Operation, error) {
	var out []Operation
	for _, g := range gates {
		more, err := lowered(g, n)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// controlledOne takes apart a gate of one qubit under any number of controls.
func controlledOne(g Operation, n int) []Operation {
	m, target := Operation{Gate: g.Gate, Qubits: g.Qubits, Angles: g.Angles}.Matrix(nil, nil), g.Qubits[0]
	switch {
	case g.Gate == kindX:
		return controlledX(g.Controls, target, n)
	case m.IsDiagonal() && m[0] == 1:
		return controlledPhase(cmplx.Phase(m[3]), g.AllQubits(), n)
	}
	alpha, beta, gamma, delta := m.zyz()
	flip := controlledX(g.Controls, target, n)
	return slices.Concat(
		[]Operation{paramGateOn(kindRZ, Const((delta-beta)/2), target)}, flip,
		[]Operation{paramGateOn(kindRZ, Const(-(delta+beta)/2), target), paramGateOn(kindRY, Const(-gamma/2), target)}, flip,
		[]Operation{paramGateOn(kindRY, Const(gamma/2), target), paramGateOn(kindRZ, Const(beta), target)},
		controlledPhase(alpha, g.Controls, n))
}

// controlledPhase returns exp(iλ) where all qubits are 1.
func controlledPhase(lambda float64, qubits []int, n int) []Operation {
	if lambda == 0 || len(qubits) == 0 {
		return nil
	}
	if len(qubits) <= 2 {
		return []Operation{phase(Const(lambda), qubits...)}
	}
	last := len(qubits) - 1
	controls, b, target := qubits[:last-1], qubits[last-1], qubits[last]
	flip := controlledX(controls, b, n)
	return slices.Concat(
		[]Operation{paramGateOn(kindCP, Const(lambda/2), b, target)}, flip,
		[]Operation{paramGateOn(kindCP, Const(-lambda/2), b, target)}, flip,
		controlledPhase(lambda/2, append(slices.Clone(controls), target), n))
}

// controlledX returns X under any number of controls as X, CX and CCX if the circuit has a qubit to borrow, and with phases if not.
func controlledX(controls []int, target, n int) []Operation {
	m := len(controls)
	if m <= 2 {
		return []Operation{{Gate: kindX, Controls: controls, Qubits: []int{target}}}
	}
	var borrowed []int
	for q := range n {
		if q != target && !slices.Contains(controls, q) {
			borrowed = append(borrowed, q)
		}
	}
	switch {
	case len(borrowed) >= m-2:
		return toffoliChain(controls, target, borrowed)
	case len(borrowed) > 0:
		half := m/2 + 1
		spare := borrowed[0]
		first := controlledX(controls[:half], spare, n)
		second := controlledX(append(slices.Clone(controls[half:]), spare), target, n)
		return slices.Concat(first, second, first, second)
	}
	h := []Operation{gateOn(kindH, target)}
	return slices.Concat(h, controlledPhase(cmplx.Phase(-1), append(slices.Clone(controls), target), n), h)
}

// toffoliChain gathers the controls two by two on borrowed qubits, one less than there are controls after the first two, and gives these back as they were.
func toffoliChain(controls []int, target int, borrowed []int) []Operation {
	var chain []Operation
	for i := len(controls) - 1; i >= 2; i-- {
		chain = append(chain, gateOn(kindCCX, controls[i], borrowed[i-2], target))
		target = borrowed[i-2]
	}
	chain = append(chain, gateOn(kindCCX, controls[0], controls[1], target))
	last := len(chain) - 1
	return slices.Concat(conjugateBy(chain[:last], chain[last]), conjugateBy(chain[1:last], chain[last]))
}
