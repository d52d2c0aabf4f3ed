package circuit

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Elementary returns the circuit as CX and gates of one qubit, equal up to a global phase: what its gates come to on a machine that has no others. A CSWAP
// takes 8 CX and 9 gates of one qubit, a Toffoli 6 and 9. Nothing is simplified where gates meet.
//
// It returns an error for the circuit's own, a gate whose angles have no numbers yet (see Bind), and a matrix of more than six qubits.
//
// Source: what WriteQASM does for version 2; the Toffoli is that of Nielsen and Chuang, figure 4.9, as in qelib1.inc.
func (c *Circuit) Elementary() (*Circuit, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := New(c.qubits)
	for _, g := range c.gates {
		if i := slices.IndexFunc(g.Angles, func(a Angle) bool { return a.Source != Constant }); i >= 0 {
			return nil, errors.Errorf("circuit: Elementary: want numbers for the angles (Bind), got %v", g.Angles[i])
		}
		parts, err := elementary(g, c.qubits)
		if err != nil {
			return nil, errors.WithMessage(err, "circuit: Elementary")
		}
		out.gates = append(out.gates, parts...)
	}
	return out, nil
}

// elementary takes apart a gate of constant angles on n qubits.
func elementary(g Gate, n int) ([]Gate, error) {
	if len(g.Controls)+len(g.Qubits) == 1 || g.Kind == kindX && len(g.Controls) == 1 {
		return []Gate{g}, nil
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
		parts = Gate{Kind: &Kind{Parts: definition}, Qubits: g.Touches(), Angles: g.Angles}.Expand()
	}
	var out []Gate
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
var overCX = map[*Kind][]Gate{
	kindCY:   conjugated([]Gate{place(kindSdg, 1)}, place(kindCX, 0, 1)),
	kindCZ:   conjugated([]Gate{place(kindH, 1)}, place(kindCX, 0, 1)),
	kindCH:   conjugated([]Gate{part(kindRY, Const(math.Pi/4), 1)}, place(kindCX, 0, 1)),
	kindCP:   {part(kindP, Theta(0).Times(0.5), 0), place(kindCX, 0, 1), part(kindP, Theta(0).Times(-0.5), 1), place(kindCX, 0, 1), part(kindP, Theta(0).Times(0.5), 1)},
	kindCRX:  conjugated([]Gate{place(kindH, 1)}, part(kindCRZ, Theta(0), 0, 1)),
	kindCRY:  {part(kindRY, Theta(0).Times(0.5), 1), place(kindCX, 0, 1), part(kindRY, Theta(0).Times(-0.5), 1), place(kindCX, 0, 1)},
	kindCRZ:  {part(kindRZ, Theta(0).Times(0.5), 1), place(kindCX, 0, 1), part(kindRZ, Theta(0).Times(-0.5), 1), place(kindCX, 0, 1)},
	kindSwap: {place(kindCX, 0, 1), place(kindCX, 1, 0), place(kindCX, 0, 1)},
	kindCCX: {place(kindH, 2), place(kindCX, 1, 2), place(kindTdg, 2), place(kindCX, 0, 2), place(kindT, 2), place(kindCX, 1, 2), place(kindTdg, 2), place(kindCX, 0, 2),
		place(kindT, 1), place(kindT, 2), place(kindH, 2), place(kindCX, 0, 1), place(kindT, 0), place(kindTdg, 1), place(kindCX, 0, 1)},
	kindCSwap: conjugated([]Gate{place(kindCX, 2, 1)}, place(kindCCX, 0, 1, 2)),
}
