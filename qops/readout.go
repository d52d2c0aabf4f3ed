package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Readout says what Evaluate reads of the states at the end of a circuit, K numbers each.
type Readout struct {
	name string
	f32  func(qubits int) (statevec.Measurement[float32], error)
	f64  func(qubits int) (statevec.Measurement[float64], error)
}

// ReadObservables reads the expectations of K observables, as Expect.
func ReadObservables(observables ...statevec.Observable) Readout {
	return Readout{"Expect",
		func(n int) (statevec.Measurement[float32], error) { return expectation[float32](n, observables) },
		func(n int) (statevec.Measurement[float64], error) { return expectation[float64](n, observables) }}
}

func expectation[T op.Float](n int, observables []statevec.Observable) (statevec.Measurement[T], error) {
	if len(observables) == 0 {
		return nil, errors.New("want at least one observable")
	}
	return statevec.NewExpectations[T](n, observables, 1)
}

// ReadProbabilities reads the 2^k probabilities of the outcomes on k qubits, of all qubits if none is given, as Probabilities.
func ReadProbabilities(qubits ...int) Readout {
	return Readout{"Probabilities",
		func(n int) (statevec.Measurement[float32], error) {
			return statevec.NewProbabilities[float32](n, qubits, 1)
		},
		func(n int) (statevec.Measurement[float64], error) {
			return statevec.NewProbabilities[float64](n, qubits, 1)
		}}
}

// ReadPurity reads the purity of some qubits, as Purity, with K = 1.
func ReadPurity(qubits ...int) Readout {
	return Readout{"Purity",
		func(n int) (statevec.Measurement[float32], error) { return statevec.NewPurity[float32](n, qubits, 1) },
		func(n int) (statevec.Measurement[float64], error) { return statevec.NewPurity[float64](n, qubits, 1) }}
}

// ReadFidelities reads |⟨φ_k|ψ⟩|² for K fixed states of 2^n amplitudes, scaled to unit norm. For targets that are nodes see Fidelity.
func ReadFidelities(states ...[]complex128) Readout {
	return Readout{"Fidelities",
		func(n int) (statevec.Measurement[float32], error) {
			return statevec.NewFidelities[float32](n, states, 1)
		},
		func(n int) (statevec.Measurement[float64], error) {
			return statevec.NewFidelities[float64](n, states, 1)
		}}
}

// Read returns what is read of every state, (…, K) of ψ (…, 2^n, 2). Differentiable once in ψ. It returns an error if ψ is not of states, or the readout does not fit them.
func Read(psi *G.Node, r Readout) (*G.Node, error) { return read(psi, r, false) }

// on returns the readout of states of n qubits.
func on[T op.Float](r Readout, n int) (statevec.Measurement[T], error) {
	if r.f32 == nil {
		return nil, errors.New("want a Readout, such as qops.ReadObservables(…)")
	}
	var open any = r.f64
	if op.DtypeOf[T]() == op.DtypeOf[float32]() {
		open = r.f32
	}
	return open.(func(int) (statevec.Measurement[T], error))(n)
}

// read returns what is read of the states ψ (…, 2^n, 2): (…, K), or (…) if it is a single number that takes no axis.
func read(psi *G.Node, r Readout, single bool) (*G.Node, error) {
	if r.name == "" {
		r.name = "Read"
	}
	if psi == nil {
		return nil, errors.Errorf("qops: %s: ψ is nil", r.name)
	}
	n, err := qubitsOf(psi)
	if err == nil && single && psi.Dims() < 3 {
		err = errors.Errorf("want a batch of states (B, …, 2^n, 2), got %v", psi.Shape())
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "qops: %s", r.name)
	}
	return op.ByDtype(psi, readNode[float32](r, n, single), readNode[float64](r, n, single))
}

func readNode[T op.Float](r Readout, qubits int, single bool) func(psi ...*G.Node) (*G.Node, error) {
	return func(psi ...*G.Node) (*G.Node, error) {
		e, err := on[T](r, qubits)
		if err != nil {
			return nil, errors.WithMessagef(err, "qops: %s", r.name)
		}
		shape, rows := leadingOf(psi[0])
		if !single {
			shape = append(shape, e.Outputs())
		}
		return op.Apply(op.Kernel[T]{
			Name:    r.name,
			Shape:   shape,
			Forward: func(out []T, in [][]T) error { return e.Apply(rows, in[0], out) },
			Backward: func(din, in [][]T, _, dout []T) error {
				return e.Adjoint(rows, in[0], dout, din[0])
			},
		}, psi...)
	}
}
