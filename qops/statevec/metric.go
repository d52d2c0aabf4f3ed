package statevec

import (
	"math"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// metricQubits is the largest circuit that FubiniStudy takes: it does a sweep for each of 2·2^n numbers of a state.
const metricQubits = 12

// FubiniStudy returns the metric of a circuit's states by its angles, how far they move apart where the angles change: the real part of the quantum
// geometric tensor, a quarter of the quantum Fisher information.
//
//	g_kl = Re⟨∂_kψ|∂_lψ⟩ − Re(⟨∂_kψ|ψ⟩⟨ψ|∂_lψ⟩),   ψ = U(θ, data)|start⟩
//
//	theta  NumTheta        radians
//	data   NumData         radians; nil if the circuit has none
//	start  2·2^n           a state of unit norm, re0 im0 re1 im1 …; nil means |0…0⟩
//	out    NumTheta²       symmetric, row after row; no eigenvalue is below 0
//
// The derivatives are exact, by 2·2^n adjoint sweeps: it is for small circuits, of at most 12 qubits. It returns the circuit's own error, and one for more
// qubits, a wrong length, or a start that has not unit norm.
//
// Source: Stokes, Izaac, Killoran, Carleo, arXiv:1909.02108.
func FubiniStudy(c *circuit.Circuit, theta, data, start []float64) ([]float64, error) {
	if c.Qubits() > metricQubits {
		return nil, errors.Errorf("statevec: FubiniStudy: want at most %d qubits, got %d", metricQubits, c.Qubits())
	}
	plan, err := Compile[float64](c)
	if err != nil {
		return nil, errors.WithMessage(err, "statevec: FubiniStudy")
	}
	if start == nil {
		start = make([]float64, plan.Width())
		start[0] = 1
	}
	exec, psi := plan.NewExec(1), make([]float64, plan.Width())
	if err := exec.Apply(1, theta, data, start, psi); err != nil {
		return nil, errors.WithMessage(err, "statevec: FubiniStudy")
	}
	if norm := dense.SumSquares(psi); math.Abs(norm-1) > 1e-6 {
		return nil, errors.Errorf("statevec: FubiniStudy: want a start of unit norm, got ‖ψ‖² = %v", norm)
	}
	n := plan.NumTheta()
	out, re, im := make([]float64, n*n), make([]float64, n), make([]float64, n) // re, im: of ⟨ψ|∂_kψ⟩
	row, unit := make([]float64, n), make([]float64, plan.Width())
	for m := range psi {
		unit[m] = 1
		if err := exec.Adjoint(1, theta, data, psi, unit, nil, row, nil); err != nil { // row: ∂ψ_m/∂θ
			return nil, errors.WithMessage(err, "statevec: FubiniStudy")
		}
		unit[m] = 0
		for k, v := range row {
			dense.Axpy(v, row, out[k*n:(k+1)*n])
		}
		dense.Axpy(psi[m], row, re)
		if m%2 == 0 {
			dense.Axpy(-psi[m+1], row, im)
		} else {
			dense.Axpy(psi[m-1], row, im)
		}
	}
	for k := range n {
		dense.Axpy(-re[k], re, out[k*n:(k+1)*n])
		dense.Axpy(-im[k], im, out[k*n:(k+1)*n])
	}
	return out, nil
}
