package qlayer

import (
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Measurement turns the states at the end of a circuit into numbers: ψ (…, 2^n, 2) becomes (…, K). One of one's own is a MeasureFunc.
type Measurement interface {
	Measure(psi *G.Node) (*G.Node, error)
}

// MeasureFunc is a Measurement by a function of a node, made by qops or by nn.
type MeasureFunc func(psi *G.Node) (*G.Node, error)

// Measure returns f(psi).
func (f MeasureFunc) Measure(psi *G.Node) (*G.Node, error) { return f(psi) }

// ReadoutMeasurement is a Measurement that qops.Evaluate can read. The layer Circuit runs it with the circuit as one node, which takes less memory, and of
// which the method of the gradient can be chosen.
type ReadoutMeasurement interface {
	Measurement
	// Readout returns what is read of that many qubits.
	Readout(qubits int) (qops.Readout, error)
}

// reads is a ReadoutMeasurement by its Readout.
type reads func(qubits int) (qops.Readout, error)

func (r reads) Readout(qubits int) (qops.Readout, error) { return r(qubits) }

func (r reads) Measure(psi *G.Node) (*G.Node, error) {
	readout, err := r(qubitsOf(psi))
	if err != nil {
		return nil, err
	}
	return qops.Read(psi, readout)
}

// always reads the same of any number of qubits.
func always(r qops.Readout) Measurement {
	return reads(func(int) (qops.Readout, error) { return r, nil })
}

// Expectations returns the measurement of K observables, each a real weighted sum of Pauli strings of one letter a qubit: (…, K) by qops.Expect. An energy
// is one observable:
//
//	qlayer.Expectations(statevec.Observable{{Coefficient: -1, Pauli: "ZZI"}, {Coefficient: 0.5, Pauli: "IIX"}})
//
// Differentiable once in ψ. It measures with an error if there is no observable, or a string has not the length of the circuit. For coefficients that are
// trained, measure single strings and put an nn.Linear behind, or see qops.Hamiltonian.
func Expectations(observables ...statevec.Observable) Measurement {
	return always(qops.ReadObservables(observables...))
}

// Paulis returns the measurement of each letter X, Y or Z on each of some qubits, by default all: (…, K) in [−1,1], the letters of the first qubit first.
// Paulis("Z", 0, 2) are ⟨Z₀⟩ and ⟨Z₂⟩, Paulis("XYZ") the Bloch vectors of all qubits.
//
// Differentiable once in ψ. It measures with an error if there is no letter, a letter is another one, or a qubit is out of range.
func Paulis(letters string, qubits ...int) Measurement {
	return reads(func(n int) (qops.Readout, error) { return pauliReadout(n, letters, qubits) })
}

func pauliReadout(n int, letters string, qubits []int) (qops.Readout, error) {
	if letters == "" || strings.Trim(letters, "XYZ") != "" {
		return qops.Readout{}, errors.Errorf("measure Pauli %q: want letters of X, Y, Z", letters)
	}
	if len(qubits) == 0 {
		qubits = upTo(n)
	}
	var observables []statevec.Observable
	for _, q := range qubits {
		if q < 0 || q >= n {
			return qops.Readout{}, errors.Errorf("measure Pauli %s: qubit %d out of range [0,%d)", letters, q, n)
		}
		for _, p := range letters {
			at := strings.Repeat("I", q) + string(p) + strings.Repeat("I", n-1-q)
			observables = append(observables, statevec.Observable{{Coefficient: 1, Pauli: at}})
		}
	}
	return qops.ReadObservables(observables...), nil
}

// Probabilities returns the measurement of the probability of every outcome on some qubits, by default all: (…, 2^k) by qops.Probabilities, for k qubits
// with the first given the most significant.
//
// Differentiable once in ψ. It measures with an error if a qubit is out of range or given twice.
func Probabilities(qubits ...int) Measurement {
	return always(qops.ReadProbabilities(qubits...))
}

// Purity returns the measurement of the purity of some qubits, (…, 1) in [2^−k, 1]: how little they are entangled with the others.
//
// Differentiable once in ψ, but not by qops.ParameterShift. It measures with an error if no qubit is given, or one is out of range or given twice.
func Purity(qubits ...int) Measurement { return always(qops.ReadPurity(qubits...)) }

// Fidelities returns the measurement of |⟨φ_k|ψ⟩|² for K fixed states of 2^n amplitudes, scaled to unit norm: (…, K) in [0,1], a class for each state.
//
// Differentiable once in ψ. It measures with an error if there is no state, or one has another number of amplitudes or no direction.
func Fidelities(states ...[]complex128) Measurement { return always(qops.ReadFidelities(states...)) }

// qubitsOf returns n of states (…, 2^n, 2), at least 0.
func qubitsOf(psi *G.Node) int { return log2(psi.Shape()[psi.Dims()-2]) }

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
