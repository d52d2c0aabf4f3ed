package statevec

import (
	"github.com/pkg/errors"
)

// Measurement is what is read of each state of a batch, and its gradient by the states: Expectations, Probabilities, a Purity or Fidelities.
// It owns its memory: one a goroutine.
type Measurement[T Float] interface {
	// Outputs returns how many numbers are read of a state.
	Outputs() int
	// Apply sets out, rows × Outputs, from psi, rows × 2·2^n. It returns an error if a length is wrong.
	Apply(rows int, psi, out []T) error
	// Quadratic tells whether the numbers are quadratic in the amplitudes, as expectations and probabilities are.
	Quadratic() bool
	// Adjoint sets dpsi to the gradient of Apply by the states, from dout = ∂L/∂out. It returns an error if a length is wrong.
	Adjoint(rows int, psi, dout, dpsi []T) error
}

// rowwise is a Measurement by what is done to one state.
type rowwise[T Float] struct {
	width, outputs int // numbers of a state, and read of it
	pool           *pool
	read           func(worker int, psi, out []T)
	slope          func(worker int, psi, dout, dpsi []T)
	quartic        bool // in the amplitudes

	psi, out, dout, dpsi []T // of the call at work
	forward, backward    func(worker, row int)
}

// newRowwise returns a rowwise for n qubits without read and slope. It returns an error unless n is that of a circuit.
func newRowwise[T Float](n, outputs, threads int) (*rowwise[T], error) {
	if n < 1 || n > maxQubits {
		return nil, errors.Errorf("statevec: want states of 1 to %d qubits, got %d", maxQubits, n)
	}
	r := &rowwise[T]{width: 2 << n, outputs: outputs, pool: newPool(threads)}
	r.forward = func(worker, row int) {
		r.read(worker, part(r.psi, row, r.width), part(r.out, row, r.outputs))
	}
	r.backward = func(worker, row int) {
		r.slope(worker, part(r.psi, row, r.width), part(r.dout, row, r.outputs), part(r.dpsi, row, r.width))
	}
	return r, nil
}

// part returns a row of so many numbers.
func part[T any](x []T, row, width int) []T { return x[row*width : (row+1)*width] }

// Outputs returns how many numbers are read of a state.
func (r *rowwise[T]) Outputs() int { return r.outputs }

// Quadratic tells whether the numbers are quadratic in the amplitudes.
func (r *rowwise[T]) Quadratic() bool { return !r.quartic }

// Apply sets out to what is read of every row; states need not be normalised.
//
//	psi  rows × 2·2^n
//	out  rows × Outputs
//
// It returns an error if a length is wrong.
func (r *rowwise[T]) Apply(rows int, psi, out []T) error {
	if err := firstError(want("psi", len(psi), rows*r.width), want("out", len(out), rows*r.outputs)); err != nil {
		return err
	}
	r.psi, r.out = psi, out
	r.pool.each(rows, r.forward)
	r.psi, r.out = nil, nil
	return nil
}

// Adjoint sets dpsi to the gradient of Apply by the states, from dout = ∂L/∂out. It returns an error if a length is wrong.
func (r *rowwise[T]) Adjoint(rows int, psi, dout, dpsi []T) error {
	n := rows * r.width
	if err := firstError(want("psi", len(psi), n), want("dpsi", len(dpsi), n), want("dout", len(dout), rows*r.outputs)); err != nil {
		return err
	}
	r.psi, r.dout, r.dpsi = psi, dout, dpsi
	r.pool.each(rows, r.backward)
	r.psi, r.dout, r.dpsi = nil, nil, nil
	return nil
}

// checkQubits returns an error unless some qubits are different ones of n.
func checkQubits(n int, qubits []int) error {
	seen := 0
	for _, q := range qubits {
		if q < 0 || q >= n {
			return errors.Errorf("statevec: qubit %d out of range [0,%d)", q, n)
		}
		if seen&(1<<q) != 0 {
			return errors.Errorf("statevec: qubit %d is given twice", q)
		}
		seen |= 1 << q
	}
	return nil
}

// without returns the qubits of n that are not among some, in order.
func without(n int, qubits []int) (rest []int) {
	taken := 0
	for _, q := range qubits {
		taken |= 1 << q
	}
	for q := range n {
		if taken&(1<<q) == 0 {
			rest = append(rest, q)
		}
	}
	return rest
}
