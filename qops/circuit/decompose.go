package circuit

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
)

// Rule takes one operation of a circuit of n qubits apart: it returns the operations that replace it and
// true, or false if the operation stays as it is. These may borrow the other qubits of the circuit, in
// any state, and give them back.
type Rule func(g Operation, n int) (ops []Operation, replaced bool, err error)

// call calls a rule that a user gave.
func (r Rule) call(g Operation, n int) (ops []Operation, replaced bool, err error) {
	defer foreign.Recover(&err, "rule", r)
	return r(g, n)
}

// maxDepth is how many times a rule may be applied to its own results.
const maxDepth = 100

// Decompose returns the circuit with every operation taken apart by the rule, and what replaces it again,
// until the rule leaves all as they are. It returns an error for a circuit with errors, the errors of the
// rule, and an error for a rule that does not end.
func (c *Circuit) Decompose(rule Rule) (*Circuit, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := &Circuit{qubits: c.qubits}
	if rule == nil {
		return nil, errors.New("circuit: Decompose: the rule is nil")
	}
	var walk func(g Operation, depth int) error
	walk = func(g Operation, depth int) error {
		ops, replaced, err := rule.call(g, c.qubits)
		switch {
		case err != nil:
			return errors.WithMessage(err, "circuit: Decompose")
		case !replaced:
			return out.Control(g.Controls, g.Gate, g.Angles, g.Qubits...).Err()
		case depth == maxDepth:
			return errors.Errorf("circuit: Decompose: %s: still not done after %d rounds", g.Name(), maxDepth)
		}
		for _, p := range ops {
			if err := walk(p, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, g := range c.ops {
		if err := walk(g.clone(), 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// IntoCX is the rule for CX and gates of one qubit, up to a global phase. A CSWAP takes 8 CX and 9 gates of
// one qubit, a Toffoli 6 and 9. Nothing is simplified where gates meet. Its errors are those of IntoNative.
func IntoCX(g Operation, n int) ([]Operation, bool, error) { return intoCX(g, n) }

var intoCX = IntoNative(func(g Operation) bool {
	return len(g.Controls)+len(g.Qubits) == 1 || g.Gate == gateX && len(g.Controls) == 1
})

// IntoNative returns the rule for the operations that native accepts, up to a global phase. Other gates are
// replaced by their definition, by CX and gates of one qubit, or by gates made from their matrix.
//
// The rule returns an error for an angle that is not a number yet (see Bind and IntoParts), and for a matrix
// of more than six qubits.
func IntoNative(native func(Operation) bool) Rule {
	parts := IntoParts(native)
	return func(g Operation, n int) ([]Operation, bool, error) {
		if err := g.checkIn(n); err != nil {
			return nil, false, err
		}
		if !g.Constant() {
			return nil, false, errors.Errorf("%s: want numbers for the angles (Bind), got %v", g.Name(), g.Angles)
		}
		return parts(g, n)
	}
}

// checkIn returns an error for an operation that does not fit a circuit of n qubits.
func (g Operation) checkIn(n int) error {
	if g.Gate == globalPhase {
		return nil
	}
	return g.check(g.Name(), min(n, MaxLargeQubits))
}

// IntoParts returns the rule of IntoNative for circuits whose angles may be symbols, which stay symbols. It
// returns an error for an operation with symbols that has no definition, and for a matrix of more than six
// qubits.
func IntoParts(native func(Operation) bool) Rule {
	return func(g Operation, n int) ([]Operation, bool, error) {
		if err := g.checkIn(n); err != nil {
			return nil, false, err
		}
		if native != nil && native(g) {
			return nil, false, nil
		}
		if g.Gate == globalPhase && len(g.Controls) == 0 {
			return nil, true, nil
		}
		if row, ok := g.Row(); ok {
			whole := Operation{Gate: row, Qubits: g.AllQubits(), Angles: g.Angles}
			if r := row.data(); r.definition != nil {
				return whole.substitute(r.definition), true, nil
			} else if r.cx != nil {
				return whole.substitute(r.cx), true, nil
			}
		}
		ops, err := g.parts(n)
		return ops, true, err
	}
}

// parts returns operations for one that no row of the table takes apart.
func (g Operation) parts(n int) ([]Operation, error) {
	switch {
	case !g.Constant():
		if ops, ok := controlledRotation(g); ok {
			return ops, nil
		}
	case len(g.Controls) > 0 && g.Gate == gateSwap:
		return controlledSwap(g), nil
	case len(g.Controls) > 0 && len(g.Qubits) == 1 && !g.Gate.Defined():
		return controlledOne(g, n)
	}
	return g.Definition()
}

// controlledRotation returns a rotation under several controls by the rotations by half of its angle, which X
// under the controls turns back: it anticommutes with Z and Y.
func controlledRotation(g Operation) ([]Operation, bool) {
	if len(g.Controls) == 0 || len(g.Qubits) != 1 {
		return nil, false
	}
	q, half := g.Qubits[0], g.Angles[0].Times(0.5)
	flip := Operation{Gate: gateX, Controls: g.Controls, Qubits: g.Qubits}
	turn := func(k Gate) []Operation {
		return []Operation{paramGateOn(k, half, q), flip, paramGateOn(k, half.Times(-1), q), flip}
	}
	switch g.Gate {
	case gateP:
		return append(turn(gateRZ), phase(half, g.Controls...)), true
	case gateRZ, gateRY:
		return turn(g.Gate), true
	case gateRX:
		return slices.Concat([]Operation{gateOn(gateH, q)}, turn(gateRZ), []Operation{gateOn(gateH, q)}), true
	}
	return nil, false
}

// IntoGenerators is the rule for gates without angles and gates of one angle with a generator: what
// simulation and the rules of shifted angles work on. Gates of more than two qubits are replaced by their
// definition, if they have one.
func IntoGenerators(g Operation, _ int) ([]Operation, bool, error) {
	if g.Gate.primitive() || g.checkCounts("") != nil {
		return nil, false, nil
	}
	return g.substitute(g.Gate.data().definition), true, nil
}

// Definition returns simpler operations with the same effect, phase included: the definition that the gate
// comes with, or one made from its matrix or its diagonal generator. It returns an error for a matrix of more
// than six qubits. One of them may be a global phase: the gate GlobalPhase, on no qubit.
func (g Operation) Definition() ([]Operation, error) {
	if err := g.checkCounts(g.Name()); err != nil {
		return nil, err
	}
	definition, err := g.Gate.Definition()
	return g.substitute(definition), err
}

// substitute returns the operations of a definition at the place of g: on its qubits, with its angles, under
// its controls.
func (g Operation) substitute(definition []Operation) []Operation {
	place := func(q int) int { return g.Qubits[q] }
	angle := func(a Angle) Angle {
		if a.Source == Trainable {
			a = a.substitute(g.Angles[a.Index])
		}
		return a
	}
	out := make([]Operation, len(definition))
	for i, p := range definition {
		out[i] = p.Map(place, angle).Controlled(g.Controls...)
	}
	return out
}
