package qops

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/mitigate"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Measurement is what is read of a state: K numbers, such as expectation values or probabilities. Measure
// reads it of states that are a node, MeasureCircuit of a circuit, both in one node, and qlayer.Circuit has
// it as a field. The zero value is Paulis("Z").
//
// A mistake in a Measurement, such as a qubit that the states do not have, is an error of the function that
// uses it.
type Measurement struct {
	name   string
	open32 func(qubits int) (statevec.Measurement[float32], error)
	open64 func(qubits int) (statevec.Measurement[float64], error)
	custom func(psi *G.Node) (*G.Node, error) // of MeasureFunc, in place of the two
	onnx   reading                            // nil: it has no ONNX form
	shots  Shots

	mitigation  mitigate.Plan
	observables func(qubits int) ([]statevec.Observable, error) // of expectations
	outcomes    func(qubits int) []int                          // the qubits, of probabilities
}

// WithShots returns the measurement estimated from shots, as statevec.RowMeasurement.Sample has it: unbiased,
// of an error that falls as one over the root of the shots. Of a MeasureFunc, and of a NewMeasurement whose
// functions give no statevec.Sampler, shots are an error.
func (m Measurement) WithShots(s Shots) Measurement {
	m = m.orDefault()
	m.shots = s
	return m
}

// Mitigated returns the measurement with the errors of its circuit mitigated, for MeasureNoisy: an error of
// whatever has no noise. It runs each of the circuits of the plan with all shots, and its standard errors are
// those of the result. The gradient goes through all of it, behind estimates that of the exact values.
//
// Extrapolation is for any measurement. Readout is that of probabilities and expectations, where LeastSquares
// is of probabilities alone. Keep is for probabilities of all qubits, and for expectations of strings of I
// and Z.
func (m Measurement) Mitigated(p mitigate.Plan) Measurement {
	m = m.orDefault()
	m.mitigation = p
	return m
}

// checkPlain returns an error of a mitigation where there is no noise.
func (m Measurement) checkPlain() error {
	if !m.mitigation.None() {
		return errors.New("a measurement is mitigated where there is no noise: want MeasureNoisy, or no " +
			"mitigation")
	}
	return m.check()
}

// check returns an error for shots that cannot be.
func (m Measurement) check() error {
	if m.custom != nil && !m.shots.exact() {
		return errors.New("a MeasureFunc has no shots: want another measurement, or nodes that are " +
			"estimated in the function")
	}
	return m.shots.check()
}

// NewMeasurement returns the measurement that the two functions open for states of a number of qubits, one
// for each dtype: how those of this package are made, and what gives a custom one all that they have, a
// single node with the circuit and the choice of a Gradient. The name stands in errors.
func NewMeasurement(name string, f32 func(qubits int) (statevec.Measurement[float32], error),
	f64 func(qubits int) (statevec.Measurement[float64], error)) Measurement {
	if name == "" {
		name = "a measurement without a name"
	}
	return Measurement{name: name, open32: f32, open64: f64}
}

// MeasureFunc returns a custom measurement by a function of the states ψ (…, 2^n, 2), made of nodes of qops,
// nn or your own. It runs behind the circuit in nodes of its own, and its gradient is theirs.
func MeasureFunc(f func(psi *G.Node) (*G.Node, error)) Measurement {
	if f == nil {
		f = func(*G.Node) (*G.Node, error) { return nil, errors.New("want a function, got nil") }
	}
	return Measurement{name: "MeasureFunc", custom: f}
}

// Expectations returns the measurement of ⟨ψ|O_k|ψ⟩ for K observables, real weighted sums of Pauli strings of
// one letter I, X, Y or Z a qubit. An energy is one observable:
//
//	qops.Expectations(statevec.Observable{
//		{Coefficient: -1, Pauli: "ZZI"},
//		{Coefficient: 0.5, Pauli: "IIX"},
//	})
//
// For a state of unit norm each number is within ± the sum of the observable's |coefficients|. It needs at
// least one observable, and strings of the length of the circuit. For trained coefficients see Hamiltonian.
func Expectations(observables ...statevec.Observable) Measurement {
	kept := make([]statevec.Observable, len(observables))
	for k, o := range observables {
		kept[k] = slices.Clone(o)
	}
	return expectations("Expectations", func(int) ([]statevec.Observable, error) { return kept, nil })
}

// Paulis returns the measurement of the expectation of each letter X, Y or Z on each of the qubits, without
// any on all: K numbers in [−1,1] for a state of unit norm, the letters of the first qubit first. Paulis("Z",
// 0, 2) is ⟨Z₀⟩ and ⟨Z₂⟩, Paulis("XYZ") the Bloch vectors of all qubits. No letter and no qubit is given
// twice.
func Paulis(letters string, qubits ...int) Measurement {
	qubits = slices.Clone(qubits)
	return expectations("Paulis", func(n int) ([]statevec.Observable, error) {
		return singlePaulis(n, letters, qubits)
	})
}

// expectations returns the measurement of the observables that there are for n qubits.
func expectations(name string, observables func(n int) ([]statevec.Observable, error)) Measurement {
	f32, f64 := openExpectations[float32](observables), openExpectations[float64](observables)
	m := NewMeasurement(name, f32, f64)
	m.onnx = readExpectations(observables)
	m.observables = observables
	return m
}

// opener opens a measurement of states of n qubits.
type opener[T op.Float] = func(n int) (statevec.Measurement[T], error)

func openExpectations[T op.Float](observables func(n int) ([]statevec.Observable, error)) opener[T] {
	return func(n int) (statevec.Measurement[T], error) {
		o, err := observables(n)
		switch {
		case err != nil:
			return nil, err
		case len(o) == 0:
			return nil, errors.New("want at least one observable")
		}
		return statevec.NewExpectations[T](n, o, 1)
	}
}

// singlePaulis returns the observables of Paulis for n qubits.
func singlePaulis(n int, letters string, qubits []int) (observables []statevec.Observable, err error) {
	if letters == "" || strings.Trim(letters, "XYZ") != "" {
		return nil, errors.Errorf("letters %q: want some of X, Y, Z", letters)
	}
	for i, p := range letters {
		if strings.ContainsRune(letters[:i], p) {
			return nil, errors.Errorf("letters %q: %c is given twice", letters, p)
		}
	}
	if len(qubits) == 0 {
		for q := range n {
			qubits = append(qubits, q)
		}
	}
	for i, q := range qubits {
		if q < 0 || q >= n {
			return nil, errors.Errorf("qubit %d out of range [0,%d)", q, n)
		}
		if slices.Contains(qubits[:i], q) {
			return nil, errors.Errorf("qubit %d is given twice", q)
		}
		for _, p := range letters {
			pauli := strings.Repeat("I", q) + string(p) + strings.Repeat("I", n-1-q)
			observables = append(observables, statevec.Observable{{Coefficient: 1, Pauli: pauli}})
		}
	}
	return observables, nil
}

// Probabilities returns the measurement of the probability of each outcome on k qubits, of all without any: K
// = 2^k numbers, the first given qubit the most significant bit of an outcome. They sum to ‖ψ‖². The other
// qubits are ignored: it is the marginal distribution.
func Probabilities(qubits ...int) Measurement {
	qubits = slices.Clone(qubits)
	f32, f64 := openProbabilities[float32](qubits), openProbabilities[float64](qubits)
	m := NewMeasurement("Probabilities", f32, f64)
	m.onnx = readProbabilities(qubits)
	m.outcomes = func(n int) []int {
		if len(qubits) > 0 {
			return slices.Clone(qubits)
		}
		all := make([]int, n)
		for q := range all {
			all[q] = q
		}
		return all
	}
	return m
}

func openProbabilities[T op.Float](qubits []int) opener[T] {
	return func(n int) (statevec.Measurement[T], error) { return statevec.NewProbabilities[T](n, qubits, 1) }
}

// Purity returns the measurement of Tr ρ² of the reduced state ρ of k of n qubits, with K = 1: for a state of
// unit norm 1 if they are not entangled with the rest, and 2^−min(k, n−k) at the least. It is of fourth order
// in the amplitudes, so that it has no shift rule. It needs at least one qubit.
//
// Source: Meyer and Wallach, arXiv:quant-ph/0108104, whose measure of entanglement is 2 − 2·the mean purity
// of one qubit.
func Purity(qubits ...int) Measurement {
	qubits = slices.Clone(qubits)
	m := NewMeasurement("Purity", openPurity[float32](qubits), openPurity[float64](qubits))
	m.onnx = readPurity(qubits)
	return m
}

func openPurity[T op.Float](qubits []int) opener[T] {
	return func(n int) (statevec.Measurement[T], error) { return statevec.NewPurity[T](n, qubits, 1) }
}

// Fidelities returns the measurement of |⟨φ_k|ψ⟩|² for K fixed states of 2^n amplitudes, which are scaled to
// unit norm: in [0,1] for ψ of unit norm, a class for each state. It needs at least one. For targets that are
// nodes see Fidelity.
func Fidelities(states ...[]complex128) Measurement {
	kept := make([][]complex128, len(states))
	for k, s := range states {
		kept[k] = slices.Clone(s)
	}
	m := NewMeasurement("Fidelities", openFidelities[float32](kept), openFidelities[float64](kept))
	m.onnx = readFidelities(kept)
	return m
}

func openFidelities[T op.Float](states [][]complex128) opener[T] {
	return func(n int) (statevec.Measurement[T], error) { return statevec.NewFidelities[T](n, states, 1) }
}

// orDefault returns the measurement, and Paulis("Z") for the zero value.
func (m Measurement) orDefault() Measurement {
	if m.name == "" {
		return Paulis("Z")
	}
	return m
}

// open returns the measurement of states of n qubits. It returns an error if a custom one has no function for
// the dtype, or its function panics or returns nothing that can be measured.
func open[T op.Float](m Measurement, n int) (opened statevec.Measurement[T], err error) {
	defer func() { err = errors.WithMessage(err, m.name) }()
	var either any = m.open64
	if op.DtypeOf[T]() == tensor.Float32 {
		either = m.open32
	}
	f := either.(opener[T])
	if f == nil {
		return nil, errors.Errorf("want a function for states of %v, got nil", op.DtypeOf[T]())
	}
	defer foreign.Recover(&err, "function of the measurement", f)
	if opened, err = f(n); err != nil {
		return nil, err
	}
	if foreign.IsNil(opened) || opened.Outputs() < 1 {
		return nil, errors.New("want at least one number of a state, got none")
	}
	return opened, nil
}

// measureNodes returns what a custom measurement reads of the states.
func (m Measurement) measureNodes(psi *G.Node) (*G.Node, error) {
	out, err := m.call(psi)
	if err == nil && out == nil {
		err = errors.New("want a node, got nil")
	}
	return out, errors.WithMessage(err, m.name)
}

// call calls the function of a MeasureFunc.
func (m Measurement) call(psi *G.Node) (out *G.Node, err error) {
	defer foreign.Recover(&err, "function", m.custom)
	return m.custom(psi)
}

// Measure returns what m reads of every state.
//
//	ψ    (…, 2^n, 2)  real and imaginary part last, qubit 0 the most significant bit; of any norm
//	out  (…, K)       (K) of one state without leading axes; of a MeasureFunc, whatever it returns
//
// Differentiable once in ψ. It returns an error if ψ is not of states, and those of m.
func Measure(psi *G.Node, m Measurement) (*G.Node, error) {
	m = m.orDefault()
	n, err := Qubits(psi)
	if err != nil {
		return nil, errors.WithMessagef(err, "qops: Measure: %s", m.name)
	}
	if err := m.checkPlain(); err != nil {
		return nil, errors.WithMessage(err, "qops: Measure")
	}
	if m.custom != nil {
		out, err := m.measureNodes(psi)
		return out, errors.WithMessage(err, "qops: Measure")
	}
	return op.ByDtype(psi, measure[float32](m, n), measure[float64](m, n))
}

func measure[T op.Float](m Measurement, qubits int) func(psi ...*G.Node) (*G.Node, error) {
	return func(psi ...*G.Node) (*G.Node, error) {
		e, err := open[T](m, qubits)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Measure")
		}
		leading, rows := leadingAxes(psi[0])
		d := newDraws[T](m.shots, rows, rows*e.Outputs())
		n, err := op.Apply(op.Kernel[T]{
			Name:  "Measure",
			Shape: append(leading, e.Outputs()),
			ONNX: unlessShots(m.shots, func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return m.write(b, in[0], qubits, e.Outputs())
			}),
			Forward: func(out []T, in [][]T) (err error) {
				defer foreign.Recover(&err, "measurement", e)
				if d == nil {
					return e.Apply(rows, in[0], out)
				}
				return d.sample(e, rows, in[0], out)
			},
			Backward: func(din, in [][]T, _, dout []T) (err error) {
				defer foreign.Recover(&err, "measurement", e)
				return e.Adjoint(rows, in[0], dout, din[0])
			},
		}, psi...)
		if err != nil {
			return nil, err
		}
		return n, d.offer(n)
	}
}
