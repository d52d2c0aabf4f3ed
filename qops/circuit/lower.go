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
func lowered(g Gate, n int) ([]Gate, error) {
	row, ok := g.Row()
	switch {
	case g.Kind == kindPhase && len(g.Controls) == 0:
		return nil, nil
	case ok && row.QASM2 != "":
		return []Gate{g}, nil
	case ok && row.Parts != nil:
		return loweredAll(Gate{Kind: row, Qubits: g.Touches(), Angles: g.Angles}.Expand(), n)
	case g.Kind == kindSwap:
		around := place(kindCX, g.Qubits[1], g.Qubits[0])
		inner := Gate{Kind: kindX, Controls: slices.Concat(g.Controls, g.Qubits[:1]), Qubits: g.Qubits[1:]}
		return loweredAll([]Gate{around, inner, around}, n)
	case g.Kind.Parts == nil && g.Kind.Qubits == 1 && len(g.Controls) > 0:
		return controlledOne(g, n), nil
	}
	parts, err := g.defined()
	if err != nil {
		return nil, err
	}
	return loweredAll(parts, n)
}

func loweredAll(gates []Gate, n int) ([]Gate, error) {
	var out []Gate
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
func controlledOne(g Gate, n int) []Gate {
	m, target := Gate{Kind: g.Kind, Qubits: g.Qubits, Angles: g.Angles}.Matrix(nil, nil), g.Qubits[0]
	switch {
	case g.Kind == kindX:
		return controlledX(g.Controls, target, n)
	case m.IsDiagonal() && m[0] == 1:
		return controlledPhase(cmplx.Phase(m[3]), g.Touches(), n)
	}
	alpha, beta, gamma, delta := m.zyz()
	flip := controlledX(g.Controls, target, n)
	return slices.Concat(
		[]Gate{part(kindRZ, Const((delta-beta)/2), target)}, flip,
		[]Gate{part(kindRZ, Const(-(delta+beta)/2), target), part(kindRY, Const(-gamma/2), target)}, flip,
		[]Gate{part(kindRY, Const(gamma/2), target), part(kindRZ, Const(beta), target)},
		controlledPhase(alpha, g.Controls, n))
}

// controlledPhase returns exp(iλ) where all qubits are 1.
func controlledPhase(lambda float64, qubits []int, n int) []Gate {
	if lambda == 0 || len(qubits) == 0 {
		return nil
	}
	if len(qubits) <= 2 {
		return []Gate{phase(Const(lambda), qubits...)}
	}
	last := len(qubits) - 1
	controls, b, target := qubits[:last-1], qubits[last-1], qubits[last]
	flip := controlledX(controls, b, n)
	return slices.Concat(
		[]Gate{part(kindCP, Const(lambda/2), b, target)}, flip,
		[]Gate{part(kindCP, Const(-lambda/2), b, target)}, flip,
		controlledPhase(lambda/2, append(slices.Clone(controls), target), n))
}

// controlledX returns X under any number of controls as X, CX and CCX if the circuit has a qubit to borrow, and with phases if not.
func controlledX(controls []int, target, n int) []Gate {
	m := len(controls)
	if m <= 2 {
		return []Gate{{Kind: kindX, Controls: controls, Qubits: []int{target}}}
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
	h := []Gate{place(kindH, target)}
	return slices.Concat(h, controlledPhase(cmplx.Phase(-1), append(slices.Clone(controls), target), n), h)
}

// toffoliChain gathers the controls two by two on borrowed qubits, one less than there are controls after the first two, and gives these back as they were.
func toffoliChain(controls []int, target int, borrowed []int) []Gate {
	var chain []Gate
	for i := len(controls) - 1; i >= 2; i-- {
		chain = append(chain, place(kindCCX, controls[i], borrowed[i-2], target))
		target = borrowed[i-2]
	}
	chain = append(chain, place(kindCCX, controls[0], controls[1], target))
	last := len(chain) - 1
	return slices.Concat(conjugated(chain[:last], chain[last]), conjugated(chain[1:last], chain[last]))
}
