// Package split runs circuits on one state that several ranks share, goroutines or processes of MPI: states
// that are too large for one machine. The first qubits of a layout, the global ones, tell ranks apart; each
// rank holds the amplitudes of the others, and the kernels of package statevec work on them.
//
//	plan, err := split.NewPlan(c, comm.Size, split.Options{})       // the same on all ranks
//	exec, err := split.NewExecutor[float32](comm, plan, threads)
//	psi, err := split.NewState[float32](comm, plan.Start())         // |0…0⟩
//	err = exec.Apply(theta, data, psi)
//	values, err := expectations.Apply(psi)                          // Expectations, Probabilities
//	err = expectations.Adjoint(psi, dvalues, lambda)
//	err = exec.Adjoint(theta, data, psi, lambda, dtheta, ddata)
//
// All ranks make the same calls in the same order. Diagonal gates and controls on global qubits cost no
// message, X, Y and SWAP only relabel; for the others a plan lets qubits change places, as seldom as it can.
// A rank holds its share of each state and buffers of 1 MiB for it, in float64 of 2. Results differ from
// those of one rank by rounding; all ranks have the same bits.
//
//	comm.go           Comm, and ranks that are goroutines
//	layout.go         where the amplitudes of a state are
//	gates.go          what is left of a gate where some of its qubits are known
//	plan.go           NewPlan: the steps of a circuit and what they send
//	planner.go        the order of gates, and when qubits change places
//	executor.go       Apply and Adjoint
//	exchange.go       qubits that change places; Rearrange
//	state.go          the share of a state
//	expectations.go   Pauli sums
//	probabilities.go  probabilities of outcomes
//	sample.go         shots
//	overlap.go        inner products of two states
package split
