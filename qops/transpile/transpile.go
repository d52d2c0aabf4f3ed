// Package transpile turns circuits into what a device can run: its gates, on pairs of qubits that it couples.
//
//	gates, err := circuit.ParseGateSet("rz-sx-cx")
//	r, err := transpile.Compiler{Gates: gates, Coupling: circuit.Grid(4, 5), Seed: 1}.Run(c)
//	fmt.Println(r.Circuit, r.Last) // the circuit, and where its qubits are at the end
//
// Decompose writes a circuit in the gates of a set, Simplify also merges and cancels them; both leave the
// qubits where they are. Compiler does all that and places the qubits on a coupling map; circuit.NewSchedule
// says when each gate runs. Angles that are no numbers yet stay symbols, so a circuit that is trained is
// compiled once for all values of its angles.
//
// Results equal the original up to a global phase, to 1e-9. A global phase has no meaning on a device.
package transpile

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Decompose returns the circuit in gates of the set, each gate by itself: gates of two qubits with as few CX,
// or what the set has in its place, as any circuit needs, larger ones by their definitions. Gates of one
// qubit that meet are one, with as few gates of the set as it needs: of rz, sx, x at most two sx or an x.
//
// It returns an error for a circuit with errors, the zero GateSet, and a gate that has no definition.
func Decompose(c *circuit.Circuit, set circuit.GateSet) (*circuit.Circuit, error) {
	return plain(c, set, false)
}

// Simplify returns the circuit in gates of the set as Decompose does, with fewer of them: gates of one qubit
// and blocks of two are merged and cancelled, also past gates that commute with them, and a block without
// symbols has at most three CX. It never has more gates of two qubits than Decompose gives. It returns the
// errors of Decompose.
func Simplify(c *circuit.Circuit, set circuit.GateSet) (*circuit.Circuit, error) {
	return plain(c, set, true)
}

func plain(c *circuit.Circuit, set circuit.GateSet, simplified bool) (*circuit.Circuit, error) {
	if err := check(c, set); err != nil {
		return nil, err
	}
	b := newBasis(set)
	ops, _, err := lower(c, b, false)
	if err != nil {
		return nil, errors.WithMessage(err, "transpile")
	}
	if simplified {
		ops = b.fewest(ops, c.Qubits())
	} else {
		ops = b.flatten(ops)
	}
	out := b.emit(ops, c.Qubits(), circuit.Coupling{})
	return out, out.Err()
}

// check returns what is wrong with a circuit and a set.
func check(c *circuit.Circuit, set circuit.GateSet) error {
	if err := c.Err(); err != nil {
		return errors.WithMessage(err, "transpile")
	}
	return errors.WithMessage(set.Err(), "transpile")
}

// fewest returns the circuit simplified, in flat operations.
func (b *basis) fewest(ops []op, n int) []op {
	ops = b.simplify(b.expand(b.simplify(ops, n)), n)
	return b.tidy(b.flatten(ops), n)
}
