// Package qops holds quantum operations as nodes of a Gorgonia graph, each with its analytic gradient.
//
// States are real tensors (…, 2^n, 2), real and imaginary part last, qubit 0 the most significant bit of the index. What makes states,
// changes and reads them composes:
//
//	psi, err := qops.EncodeAmplitude(x, qops.EncodeOptions{})              // (B, D) -> (B, 2^n, 2)
//	psi, err = qops.Apply(c, psi, theta, nil)                              // U(θ)|ψ⟩
//	z, err := qops.Expect(psi, statevec.EachZ(n))                          // (B, n)
//
// Evaluate does all of it as one node, which holds two states where those hold five or more, and whose Gradient may also be taken by shift rules:
//
//	z, err = qops.Evaluate(c, qops.ReadObservables(statevec.EachZ(n)...), qops.Inputs{X: x, Theta: theta}, qops.Adjoint)
//
// Prepare starts from |0…0⟩ and takes its data as angles. Probabilities, Purity and Hamiltonian (with coefficients that are trained) read states, Fidelity
// and Overlap compare them. Quantum attention needs no states at all, only the matrix
// of its two circuits:
//
//	w, err := qops.Unitary(q, k, thetaQ, thetaK)                           // W = U_q†U_k, (H, d, d) or (H, d, d, 2)
//	s, err := qops.Scores(x, w, qops.ScoreOptions{})                       // |x_iᵀWx_j|², (B, H, T, T)
//
// Scores takes any W: that of a circuit, a frozen one, or a classical orthogonal matrix (Reflections). The derivations are in docs/math.md.
//
// Every operation works in float32 and float64 by the dtype of its operands, runs on the goroutine of its graph, and once it has run allocates
// nothing that grows with them. A gradient of a gradient is op.ErrSecondOrder.
package qops
