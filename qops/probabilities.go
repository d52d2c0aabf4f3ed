package qops

import G "gorgonia.org/gorgonia"

// Probabilities returns the probability of every outcome of measuring some qubits of every state, the others ignored: the marginal distribution. Without
// qubits it is that of all.
//
//	ψ    (…, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	out  (…, 2^k)     of k qubits, the first given the most significant bit; sums to ‖ψ‖²
//
// Differentiable once in ψ. It returns an error if ψ is not of states, or a qubit is out of range or given twice.
func Probabilities(psi *G.Node, qubits ...int) (*G.Node, error) {
	return read(psi, ReadProbabilities(qubits...), false)
}

// Purity returns Tr ρ² of the reduced state ρ of some qubits: of a state of unit norm 1 if they are not entangled with the rest, down to 2^−min(k, n−k).
//
//	ψ    (B, …, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	out  (B, …)          in [0, ‖ψ‖⁴]
//
// Differentiable once in ψ. It returns an error if ψ is not of a batch of states, no qubit is given, or one is out of range or given twice.
//
// Source: Meyer and Wallach, arXiv:quant-ph/0108104, whose measure of entanglement is 2 − 2·the mean purity of single qubits.
func Purity(psi *G.Node, qubits ...int) (*G.Node, error) {
	return read(psi, ReadPurity(qubits...), true)
}
