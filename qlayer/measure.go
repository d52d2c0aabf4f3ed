package qlayer

import (
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Measurement turns the states at the end of a circuit into numbers: ψ (…, 2^n, 2) becomes (…, K). One of one's own is a function of a node, by qops or by nn.
type Measurement func(psi *G.Node) (*G.Node, error)

// Expectations returns the measurement of K observables, each a real weighted sum of Pauli strings of one letter a qubit: (…, K) by qops.Expect. An energy
// is one observable:
//
//	qlayer.Expectations(statevec.Observable{{Coefficient: -1, Pauli: "ZZI"}, {Coefficient: 0.5, Pauli: "IIX"}})
//
// Differentiable once in ψ. It measures with an error if there is no observable, or a string has not the length of the circuit.
func Expectations(observables ...statevec.Observable) Measurement {
	return func(psi *G.Node) (*G.Node, error) { return qops.Expect(psi, observables) }
}

// Paulis returns the measurement of each letter X, Y or Z on each of some qubits, by default all: (…, K) in [−1,1], the letters of the first qubit first.
// Paulis("Z", 0, 2) are ⟨Z₀⟩ and ⟨Z₂⟩, Paulis("XYZ") the Bloch vectors of all qubits.
//
// Differentiable once in ψ. It measures with an error if there is no letter, a letter is another one, or a qubit is out of range.
func Paulis(letters string, qubits ...int) Measurement {
	return func(psi *G.Node) (*G.Node, error) {
		if letters == "" || strings.Trim(letters, "XYZ") != "" {
			return nil, errors.Errorf("measure Pauli %q: want letters of X, Y, Z", letters)
		}
		n, chosen := qubitsOf(psi), qubits
		if len(chosen) == 0 {
			chosen = upTo(n)
		}
		var observables []statevec.Observable
		for _, q := range chosen {
			if q < 0 || q >= n {
				return nil, errors.Errorf("measure Pauli %s: qubit %d out of range [0,%d)", letters, q, n)
			}
			for _, p := range letters {
				at := strings.Repeat("I", q) + string(p) + strings.Repeat("I", n-1-q)
				observables = append(observables, statevec.Observable{{Coefficient: 1, Pauli: at}})
			}
		}
		return qops.Expect(psi, observables)
	}
}

// Probabilities returns the measurement of the probability of every outcome on some qubits, by default all: (…, 2^k) by qops.Probabilities, for k qubits
// with the first given the most significant.
//
// Differentiable once in ψ. It measures with an error if a qubit is out of range or given twice.
func Probabilities(qubits ...int) Measurement {
	return func(psi *G.Node) (*G.Node, error) { return qops.Probabilities(psi, qubits...) }
}

// qubitsOf returns n of states (…, 2^n, 2), at least 0.
func qubitsOf(psi *G.Node) int { return log2(psi.Shape()[psi.Dims()-2]) }

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
