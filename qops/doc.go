// Package qops holds quantum operations as nodes of a Gorgonia graph, each with its analytic gradient.
//
// States are real tensors (…, 2^n, 2), real and imaginary part last, qubit 0 the most significant bit of the
// index. What makes, changes and measures states composes:
//
//	psi, err := qops.EncodeAmplitude(x, qops.EncodeOptions{})  // (B, D) -> (B, 2^n, 2)
//	psi, err = qops.Apply(c, psi, theta, nil)                  // U(θ)|ψ⟩
//	z, err := qops.Measure(psi, qops.Paulis("Z"))              // (B, n)
//
// MeasureCircuit does all of it in one node, which holds two states where those hold five or more, and whose
// Gradient may also be taken by shift rules:
//
//	z, err = qops.MeasureCircuit(c, qops.Paulis("Z"), qops.Inputs{X: x, Theta: theta}, qops.Adjoint)
//
// Prepare starts from |0…0⟩ and takes its data as angles. What is measured is a Measurement: Paulis,
// Expectations, Probabilities, Purity, Fidelities, or a custom one by MeasureFunc or NewMeasurement.
// Hamiltonian has coefficients that are trained, Fidelity and Overlap compare states that are nodes.
//
// # Attention
//
// Quantum attention needs no states at all, only the matrix of its two circuits:
//
//	w, err := qops.Unitary(q, k, thetaQ, thetaK)       // W = U_q†U_k, (H, d, d) or (H, d, d, 2)
//	s, err := qops.Scores(x, w, qops.ScoreOptions{})   // |x_iᵀWx_j|², (B, H, T, T)
//
// Scores takes any W: that of a circuit, a frozen one, or a classical orthogonal matrix (Reflections).
// CircuitScores does both, or runs the circuits on every patch where that is cheaper. To see how scores are
// computed, read scores.go (what is returned, and by which route), scorekernel.go (the forward and the
// backward pass), scorekind.go (which number of a pair is returned) and scoreproject.go (the patches by W or
// by its circuits); unitary.go makes W. The derivations are in docs/math.md.
//
// Every operation works in float32 and float64 by the dtype of its operands, runs on the goroutine of its
// graph, and once it has run allocates nothing that grows with its operands. A gradient of a gradient is
// op.ErrSecondOrder.
package qops
