// Package analysis measures circuits themselves, whatever they are used for: how much of the states they
// reach, how entangled these are, whether their gradients vanish, which functions they can be.
//
//	e, err := analysis.Expressibility(ctx, c, analysis.Sampling{Seed: 1})
//	fmt.Println(e.KL) // 0 for states that are spread as evenly as possible
//
// What depends on angles is averaged over angles that are drawn evenly from (−π, π], trained ones and inputs
// alike, or over all but those that a function is of. One Sampling gives one result, for any number of
// threads.
//
//	sampling.go        angles at random and the states of them
//	expressibility.go  how far fidelities of states are from those of random states
//	entanglement.go    Meyer-Wallach, and the entropy of a part along the circuit
//	variance.go        variances of gradients, and how they fall with the qubits
//	fourier.go         an expectation as a Fourier series of an input
//	fisher.go          spectra of Fisher information, and the effective dimension
//	liealgebra.go      the dimension of the Lie algebra of the generators
//	unitary.go         a matrix that a circuit has become, such as that of trained attention
//	eigen.go           eigenvalues of Hermitian and unitary matrices
package analysis
