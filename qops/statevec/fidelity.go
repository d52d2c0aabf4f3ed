package statevec

import (
	"math"
	"math/cmplx"

	"github.com/pkg/errors"
)

// Fidelities reads |⟨φ_k|ψ⟩|² for K fixed states φ_k. It owns its memory: one a goroutine.
type Fidelities[T Float] struct {
	*rowwise[T]
	targets []T // K × 2·2^n
}

// NewFidelities prepares the fidelities with some states of n qubits, which are scaled to unit norm. It returns an error unless there is one, and each has 2^n amplitudes,
// finite and not all zero, and for n that no circuit has.
func NewFidelities[T Float](n int, states [][]complex128, threads int) (*Fidelities[T], error) {
	rows, err := newRowwise[T](n, len(states), threads)
	if err != nil {
		return nil, err
	}
	if len(states) == 0 {
		return nil, errors.New("statevec: Fidelity: want at least one state")
	}
	f := &Fidelities[T]{rowwise: rows}
	for k, s := range states {
		norm := 0.0
		for _, v := range s {
			norm = math.Hypot(norm, cmplx.Abs(v))
		}
		if len(s) != 1<<n || !(norm > 0) || math.IsInf(norm, 1) {
			return nil, errors.Errorf("statevec: Fidelity: want states of %d amplitudes and a finite norm above 0, state %d has %d and norm %v", 1<<n, k, len(s), norm)
		}
		for _, v := range s {
			f.targets = append(f.targets, T(real(v)/norm), T(imag(v)/norm))
		}
	}
	f.read, f.slope = f.readRow, f.slopeRow
	return f, nil
}

func (f *Fidelities[T]) readRow(_ int, psi, out []T) {
	for k := range out {
		out[k] = T(squared(inner(part(f.targets, k, f.width), psi)))
	}
}

func (f *Fidelities[T]) slopeRow(_ int, psi, dout, dpsi []T) {
	clear(dpsi)
	for k, g := range dout {
		phi := part(f.targets, k, f.width)
		addTurned(dpsi, phi, 2*complex(float64(g), 0)*inner(phi, psi))
	}
}

// PairFidelities sets out[r] to |⟨φ_r|ψ_r⟩|² for len(out) pairs of states, of any norm.
//
//	phi  len(out) × 2·2^n, or one state for all
//	psi  len(out) × 2·2^n
//
// It returns an error unless the lengths are so.
func PairFidelities[T Float](phi, psi, out []T) error {
	width, err := pairWidth(phi, psi, len(out))
	if err != nil {
		return err
	}
	for r := range out {
		out[r] = T(squared(inner(rowOrOnly(phi, r, width), part(psi, r, width))))
	}
	return nil
}

// PairFidelitiesAdjoint sets dphi and dpsi to the gradients of PairFidelities, from dout = ∂L/∂out; a nil one is skipped. It returns an error if a length is wrong.
func PairFidelitiesAdjoint[T Float](phi, psi, dout, dphi, dpsi []T) error {
	width, err := pairWidth(phi, psi, len(dout))
	if err := firstError(err, wantOr("dphi", dphi, len(phi)), wantOr("dpsi", dpsi, len(psi))); err != nil {
		return err
	}
	clear(dphi)
	clear(dpsi)
	for r, g := range dout {
		a, b := rowOrOnly(phi, r, width), part(psi, r, width)
		z := 2 * complex(float64(g), 0) * inner(a, b)
		if dphi != nil {
			addTurned(rowOrOnly(dphi, r, width), b, cmplx.Conj(z))
		}
		if dpsi != nil {
			addTurned(part(dpsi, r, width), a, z)
		}
	}
	return nil
}

// pairWidth returns the length of a state of psi, which is also that of phi's.
func pairWidth[T Float](phi, psi []T, rows int) (int, error) {
	width, err := rowWidth(psi, rows)
	if err == nil && len(phi) != width && len(phi) != len(psi) {
		return 0, errors.Errorf("statevec: want phi of %d numbers, or of one state of %d, got %d", len(psi), width, len(phi))
	}
	return width, err
}

// rowOrOnly returns a row of x, or x if that is all there is.
func rowOrOnly[T any](x []T, row, width int) []T {
	if len(x) == width {
		return x
	}
	return part(x, row, width)
}

// inner returns ⟨φ|ψ⟩, summed in float64.
func inner[T Float](phi, psi []T) complex128 {
	var re, im float64
	for j := 0; j < len(phi); j += 2 {
		a, b, c, d := float64(phi[j]), float64(phi[j+1]), float64(psi[j]), float64(psi[j+1])
		re += a*c + b*d
		im += a*d - b*c
	}
	return complex(re, im)
}

// addTurned adds z·x to a state.
func addTurned[T Float](to, x []T, z complex128) {
	re, im := T(real(z)), T(imag(z))
	for j := 0; j < len(x); j += 2 {
		to[j] += re*x[j] - im*x[j+1]
		to[j+1] += re*x[j+1] + im*x[j]
	}
}

func squared(z complex128) float64 { return real(z)*real(z) + imag(z)*imag(z) }
