package statevec

import (
	"strings"

	"github.com/pkg/errors"
)

// Group is Pauli strings that are read from the same shots: on each qubit all have the same letter, or I.
type Group struct {
	// Basis has the letter of each qubit, I where no string has one: to measure X, append H, to measure Y, S†
	// and H.
	Basis string
	Terms []GroupTerm
}

// GroupTerm is a term of one of some observables.
type GroupTerm struct {
	Term
	Observable int
}

// Groups returns the groups that Expectations read observables on n qubits from, those with the largest
// coefficients first, and what the strings without a letter add up to, by observable. It returns the errors
// of NewExpectations.
func Groups(n int, observables []Observable) (groups []Group, constants []float64, err error) {
	if err := checkNumQubits(n); err != nil {
		return nil, nil, err
	}
	if len(observables) == 0 {
		return nil, nil, errors.New("statevec: want at least one observable, got none")
	}
	var all []pauli
	constants = make([]float64, len(observables))
	for k, o := range observables {
		for _, term := range o {
			p, err := term.masks(n)
			if err != nil {
				return nil, nil, errors.WithMessagef(err, "statevec: observable %d", k)
			}
			p.observable = k
			all = append(all, p)
			if p.flip|p.sign == 0 {
				constants[k] += p.weight
			}
		}
	}
	for _, s := range newSettings(all, n, len(observables)) {
		g := Group{Basis: pauliLetters(n, s.flip, s.sign)}
		for _, p := range s.strings {
			g.Terms = append(g.Terms, GroupTerm{Term{p.weight, pauliLetters(n, p.flip, p.sign)},
				p.observable})
		}
		groups = append(groups, g)
	}
	return groups, constants, nil
}

// pauliLetters returns a Pauli string of masks.
func pauliLetters(n, flip, sign int) string {
	var b strings.Builder
	for q := range n {
		bit := n - 1 - q
		b.WriteByte("IXZY"[flip>>bit&1|sign>>bit&1<<1])
	}
	return b.String()
}
