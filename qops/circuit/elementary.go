package circuit

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// DecomposeCX returns the circuit as CX and gates of one qubit, equal up to a global phase: what its gates come to on a machine that has no others. A CSWAP
// takes 8 CX and 9 gates of one qubit, a Toffoli 6 and 9. Nothing is simplified where gates meet.
//
// It returns an error for the circuit's own, a gate whose angles have no numbers yet (see Bind), and a matrix of more than six qubits.
//
// Source: what WriteQASM does for version 2; the Toffoli is that of Nielsen and Chuang, figure 4.9, as in qelib1.inc.
func (c *Circuit) DecomposeCX() (*Circuit, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := New(c.qubits)
	for _, g := range c.ops {
		if i := slices.IndexFunc(g.Angles, func(a Angle) bool { return a.Source != Constant }); i >= 0 {
			return nil, errors.Errorf("circuit: Elementary: want numbers for the angles (Bind), got %v", g.Angles[i])
		}
		parts, err := elementary(g, c.qubits)
		if err != nil {
			return nil, errors.WithMessage(err, "circuit: Elementary")
		}
		out.ops = append(out.ops, parts...)
	}
	return out, nil
}

// elementary takes apart a gate of constant angles on n qubits.
func elementary(g Operation, n int) ([]Operation, error) {
	if len(g.Controls)+len(g.Qubits) == 1 || g.Gate == kindX && len(g.Controls) == 1 {
		return []Operation{g}, nil
	}
	parts, err := lowered(g, n)
	if err != nil {
		return nil, err
	}
	if row, ok := g.Row(); ok && row.QASM2 != "" { // lowered gives it back as it is
		definition := overCX[row]
		if definition == nil {
			if definition, err = row.definition(); err != nil {
				return nil, err
			}
		}
		parts = Operation{Gate: &Gate{Decomposition: definition}, Qubits: g.AllQubits(), Angles: g.Angles}.Decompose()
	}
	var out []Operation
	for _, p := range parts {
		more, err := elementary(p, n)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// overCX is the gates of several qubits that OpenQASM 2 has a name for and the table no parts, by CX, gates of one qubit and each other.
var overCX = map[*Gate][]Operation{
	kindCY:   conjugateBy([]Operation{gateOn(kindSdg, 1)}, gateOn(kindCX, 0, 1)),
	kindCZ:   conjugateBy([]Operation{gateOn(kindH, 1)}, gateOn(kindCX, 0, 1)),
	kindCH:   conjugateBy([]Operation{paramGateOn(kindRY, Const(math.Pi/4), 1)}, gateOn(kindCX, 0, 1)),
	kindCP:   {paramGateOn(kindP, Theta(0).Times(0.5), 0), gateOn(kindCX, 0, 1), paramGateOn(kindP, Theta(0).Times(-0.5), 1), gateOn(kindCX, 0, 1), paramGateOn(kindP, Theta(0).Times(0.5), 1)},
	kindCRX:  conjugateBy([]Operation{gateOn(kindH, 1)}, paramGateOn(kindCRZ, Theta(0), 0, 1)),
	kindCRY:  {paramGateOn(kindRY, Theta(0).Times(0.5), 1), gateOn(kindCX, 0, 1), paramGateOn(kindRY, Theta(0).Times(-0.5), 1), gateOn(kindCX, 0, 1)},
	kindCRZ:  {paramGateOn(kindRZ, Theta(0).Times(0.5), 1), gateOn(kindCX, 0, 1), paramGateOn(kindRZ, Theta(0).Times(-0.5), 1), gateOn(kindCX, 0, 1)},
	kindSwap: {gateOn(kindCX, 0, 1), gateOn(kindCX, 1, 0), gateOn(kindCX, 0, 1)},
	kindCCX: {gateOn(kindH, 2), gateOn(kindCX, 1, 2), gateOn(kindTdg, 2), gateOn(kindCX, 0, 2), gateOn(kindT, 2), gateOn(kindCX, 1, 2), gateOn(kindTdg, 2), gateOn(kindCX, 0, 2),
		gateOn(kindT, 1), gateOn(kindT, 2), gateOn(kindH, 2), gateOn(kindCX, 0, 1), gateOn(kindT, 0), gateOn(kindTdg, 1), gateOn(kindCX, 0, 1)},
	kindCSwap: conjugateBy([]Operation{gateOn(kindCX, 2, 1)}, gateOn(kindCCX, 0, 1, 2)),
}
