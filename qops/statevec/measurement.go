package statevec

import (
	"cmp"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// Measurement is what is measured of each state of a batch, some numbers, and its gradient by the states. It
// owns its memory: one a goroutine.
type Measurement[T Float] interface {
	// Outputs returns how many numbers are measured of a state.
	Outputs() int
	// Apply sets out, rows × Outputs, from psi, rows × 2·2^n. It returns an error if a length is wrong.
	Apply(rows int, psi, out []T) error
	// Quadratic tells whether the numbers are quadratic in the amplitudes, as expectations and probabilities
	// are.
	Quadratic() bool
	// Adjoint sets dpsi to the gradient of Apply by the states, from dout = ∂L/∂out. It returns an error if a
	// length is wrong.
	Adjoint(rows int, psi, dout, dpsi []T) error
}

// checkMeasurement returns an error for a measurement that is nil, as a failed New… returns it, or of
// nothing.
func checkMeasurement[T Float](m Measurement[T]) error {
	if !foreign.IsNil(m) {
		if n, err := outputsOf(m); n > 0 || err != nil {
			return errors.WithMessage(err, "statevec")
		}
	}
	return errors.New("statevec: want a measurement of at least one number, see NewExpectations")
}

// outputsOf, applyTo and adjointTo call a measurement that a user gave.
func outputsOf[T Float](m Measurement[T]) (n int, err error) {
	defer foreign.Recover(&err, "measurement", m)
	return m.Outputs(), nil
}

func applyTo[T Float](m Measurement[T], rows int, psi, out []T) (err error) {
	defer foreign.Recover(&err, "measurement", m)
	return m.Apply(rows, psi, out)
}

func adjointTo[T Float](m Measurement[T], rows int, psi, dout, dpsi []T) (err error) {
	defer foreign.Recover(&err, "measurement", m)
	return m.Adjoint(rows, psi, dout, dpsi)
}

// RowMeasurement is a Measurement by what is done to one state: NewExpectations, NewProbabilities, NewPurity
// and NewFidelities make them.
type RowMeasurement[T Float] struct {
	width, outputs int // numbers of a state, and measured of it
	pool           *pool
	measure        func(worker int, psi, out []T)
	differentiate  func(worker int, psi, dout, dpsi []T)
	quadratic      bool

	prepare func() (parts int, what string) // what shots are shared among, settled at the first Sample
	sample  func(worker int, psi []T, shots int, random *splitmix.Source, out, stderr []T)

	onDensity func() *densityReader[T] // the same of a density matrix
	// outcomes says that it is read of the outcomes of qubits, so that errors of readout apply.
	outcomes bool
	misread  func(readout []circuit.Confusion) (*RowMeasurement[T], error) // the same with such errors, if so

	psi, out, dout, dpsi []T // of the call at work
	forward, backward    func(worker, i int)
}

// newRowMeasurement returns a quadratic measurement of n qubits without measure and differentiate. It returns
// an error unless n is that of a circuit.
func newRowMeasurement[T Float](n, outputs, threads int) (*RowMeasurement[T], error) {
	if err := checkNumQubits(n); err != nil {
		return nil, err
	}
	r := &RowMeasurement[T]{width: 2 << n, outputs: outputs, pool: newPool(threads), quadratic: true}
	r.forward = func(worker, i int) {
		r.measure(worker, rowOf(r.psi, i, r.width), rowOf(r.out, i, r.outputs))
	}
	r.backward = func(worker, i int) {
		psi, dpsi := rowOf(r.psi, i, r.width), rowOf(r.dpsi, i, r.width)
		r.differentiate(worker, psi, rowOf(r.dout, i, r.outputs), dpsi)
	}
	return r, nil
}

// Outputs returns how many numbers are measured of a state.
func (r *RowMeasurement[T]) Outputs() int {
	if r == nil {
		return 0
	}
	return r.outputs
}

// Quadratic tells whether the numbers are quadratic in the amplitudes.
func (r *RowMeasurement[T]) Quadratic() bool { return r != nil && r.quadratic }

func (r *RowMeasurement[T]) check(rows int) error {
	if r == nil || r.pool == nil {
		return errors.New("statevec: want a measurement from a function such as NewExpectations")
	}
	return checkRows(rows, 0, max(r.width, r.outputs))
}

// Apply sets out to what is measured of every row; states need not be normalised.
//
//	psi  rows × 2·2^n
//	out  rows × Outputs
//
// It returns an error if a length is wrong.
func (r *RowMeasurement[T]) Apply(rows int, psi, out []T) error {
	if err := r.check(rows); err != nil {
		return err
	}
	if err := cmp.Or(checkLength("psi", len(psi), rows*r.width),
		checkLength("out", len(out), rows*r.outputs)); err != nil {
		return err
	}
	r.psi, r.out = psi, out
	r.pool.each(rows, r.forward)
	r.psi, r.out = nil, nil
	return nil
}

// Adjoint sets dpsi to the gradient of Apply by the states, from dout = ∂L/∂out. It returns an error if a
// length is wrong.
func (r *RowMeasurement[T]) Adjoint(rows int, psi, dout, dpsi []T) error {
	if err := r.check(rows); err != nil {
		return err
	}
	n := rows * r.width
	if err := cmp.Or(checkLength("psi", len(psi), n), checkLength("dpsi", len(dpsi), n),
		checkLength("dout", len(dout), rows*r.outputs)); err != nil {
		return err
	}
	r.psi, r.dout, r.dpsi = psi, dout, dpsi
	r.pool.each(rows, r.backward)
	r.psi, r.dout, r.dpsi = nil, nil, nil
	return nil
}
