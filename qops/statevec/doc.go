// Package statevec runs circuits on batches of state vectors, exactly, and differentiates them by un-applying
// gates.
//
// A state of n qubits is a row of 2·2^n numbers, re0 im0 re1 im1 …, qubit 0 the most significant bit of the
// index; circuits whose gates are all real also run on rows of 2^n real numbers. A circuit is compiled once
// into a Plan, which is immutable and may be shared; each goroutine runs it through an Executor of its own,
// which owns all memory, so that running allocates nothing.
//
//	plan, err := statevec.Compile[float32](c)
//	exec := plan.NewExecutor(2)
//	err = exec.Apply(rows, theta, data, in, out)
//	err = exec.Adjoint(rows, theta, data, out, dout, din, dtheta, ddata)
//
// Results do not depend on the number of threads, to the last bit. Nothing that is exported panics on its
// arguments: nil, a zero value, a wrong length or size is an error. A call runs to its end, one sweep or two;
// those that run circuits many times, Hessian and FubiniStudy, take a context.
//
// # How to read it
//
// plain.go says in 80 lines what is computed: gates as matrices on one state, and the gradient by un-applying
// them. Everything else makes that fast. Neighbouring gates become a few kinds of op. A tile of 16 lanes is
// held in the cache, amplitude by amplitude, the lanes innermost, so that every kernel is a loop over
// contiguous blocks. In small circuits the lanes are rows of the batch and a tile holds whole states; in
// large ones the lanes are values of four qubits and a tile holds ten more, loaded and stored once for all
// the ops on them, a segment. Up to three neighbouring real rotations are one pass over a tile, neighbouring
// phases are one too, and exchanges of amplitudes (X, CX, SWAP) only relabel the places of a tile.
//
//	plain.go          forward and adjoint by the definition: to read first, and what the tests compare with
//
//	plan.go           Compile: from a circuit to a Plan
//	lower.go          gates become ops
//	matrix2.go        2×2 matrices and their exponentials
//	simplify.go       ops become simpler ones, or none
//	slab.go           memory for the small parts of a plan
//	schedule.go       the order of ops: alike ones side by side, cut into segments
//	segment.go        the ops of a segment as steps with their tables of places
//	pass.go           steps become passes over a tile
//
//	executor.go       Apply: tiles and threads
//	adjoint.go        Adjoint: the same backward, and how derivatives are summed
//	worker.go         one segment on one tile, forward and backward
//	coefs.go          what a step needs for the angles of a call, and the derivatives by them
//	lanes.go          the same for a rotation by an angle of the row
//	pool.go           threads
//
//	measurement.go    what all measurements share
//	expectations.go   expectation values of Pauli sums
//	diagonals.go      strings of Z, as part of a Walsh-Hadamard transform
//	probabilities.go  probabilities of outcomes
//	marginals.go      what some qubits are, the others summed over
//	purity.go         purity of a part
//	fidelities.go     fidelities with fixed states, and of pairs of states
//	overlap.go        fidelities of all pairs in a batch
//
//	measured.go       MeasuredCircuit: circuit and measurement as one
//	realstates.go     states of real amplitudes
//	split.go          circuits with one angle for each occurrence
//	shift.go          ShiftGradient: parameter shift and finite differences
//	shots.go          Sample: estimates from a number of shots
//	settings.go       Pauli strings that are read in one basis
//	groups.go         the same as data, for programs of a device
//	hessian.go        second derivatives
//
//	density.go          CompileDensity: a noisy circuit on density matrices, as real states of twice the qubits
//	paulis.go           Pauli coefficients, and gates as they act on them
//	transfermap.go      channels on Pauli coefficients
//	measureddensity.go  MeasuredDensity: noisy circuit and measurement as one
//	densityread.go      the measurements of density matrices
//	noisyoverlap.go     overlaps of all pairs of states as a noisy device measures them
//
//	trajectories.go          CompileTrajectories: a noisy circuit for runs on states, with errors drawn at random
//	leaves.go                a noisy circuit divided where errors cannot be moved behind gates
//	branches.go              a channel as errors that are drawn
//	paulioperator.go         Pauli strings behind gates
//	pauliwork.go             Pauli strings on states
//	target.go                a matrix on the qubits of a state
//	trajectoryrun.go         many runs at once: what no error touches is run once
//	trajectoryerror.go       an error in a run, and back over it
//	measuredtrajectories.go  MeasuredTrajectories: averages of what is measured of the runs, and their gradient
//	misread.go               measurements of states with errors of readout
//	noisyprobabilities.go    NoisyProbabilities: exactly or by trajectories
//	swaptest.go              SwapTest: the literal SWAP-test circuit with noise
//
//	metric.go         the Fubini-Study metric
//	sample.go         Sample: dynamic circuits, shot by shot
//	check.go          errors for what users get wrong
//
// Package internal/tile has the kernels of a tile, in Go and in generated assembly.
package statevec
