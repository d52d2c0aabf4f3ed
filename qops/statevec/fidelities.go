package statevec

import (
	"cmp"
	"math"
	"math/cmplx"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

// fidelities measures |⟨φ_k|ψ⟩|² for K fixed states φ_k.
type fidelities[T Float] struct {
	*RowMeasurement[T]
	targets []T               // K × 2·2^n
	work    []tile.Scratch[T] // by worker
}

// NewFidelities prepares the fidelities with some states of n qubits, which are scaled to unit norm. It
// returns an error unless there is one, and each has 2^n amplitudes, finite and not all zero, and for n that
// no circuit has.
func NewFidelities[T Float](n int, states [][]complex128, threads int) (*RowMeasurement[T], error) {
	if len(states) == 0 {
		return nil, errors.New("statevec: want at least one state, got none")
	}
	rows, err := newRowMeasurement[T](n, len(states), threads)
	if err != nil {
		return nil, err
	}
	f := &fidelities[T]{RowMeasurement: rows, work: make([]tile.Scratch[T], len(rows.pool.starts))}
	for k, s := range states {
		norm := 0.0
		for _, v := range s {
			norm = math.Hypot(norm, cmplx.Abs(v))
		}
		if len(s) != 1<<n || !(norm > 0) || math.IsInf(norm, 1) {
			return nil, errors.Errorf("statevec: Fidelities: want states of %d amplitudes and a finite norm "+
				"above 0, state %d has %d and norm %v", 1<<n, k, len(s), norm)
		}
		for _, v := range s {
			f.targets = append(f.targets, T(real(v)/norm), T(imag(v)/norm))
		}
	}
	f.measure, f.differentiate = f.measureRow, f.differentiateRow
	f.sample, f.prepare = f.sampleRow, func() (int, string) {
		return f.outputs, words.Count(len(states), "state")
	}
	f.onDensity = func() *densityReader[T] { return f.densityReader(n) }
	return f.RowMeasurement, nil
}

func (f *fidelities[T]) measureRow(worker int, psi, out []T) {
	for k := range out {
		out[k] = T(squared(f.work[worker].Inner(rowOf(f.targets, k, f.width), psi)))
	}
}

// sampleRow estimates the fidelities of a state, each in a circuit of its own.
func (f *fidelities[T]) sampleRow(worker int, psi []T, shots int, random *splitmix.Source, out, stderr []T) {
	norm := squaredNorm(psi)
	for k := range out {
		fidelity := squared(f.work[worker].Inner(rowOf(f.targets, k, f.width), psi))
		f.giveFraction(k, fidelity, norm, shots, random, out, stderr)
	}
}

// giveFraction estimates fidelity k of a norm.
func (f *fidelities[T]) giveFraction(k int, fidelity, norm float64, shots int, random *splitmix.Source,
	out, stderr []T) {
	share := (shots + k) / len(out) // they add up to the shots
	estimate, e := fraction(random, ratio(fidelity, norm), share)
	out[k] = T(norm * estimate)
	if stderr != nil {
		stderr[k] = T(norm * e)
	}
}

func (f *fidelities[T]) differentiateRow(worker int, psi, dout, dpsi []T) {
	clear(dpsi)
	w := &f.work[worker]
	for k, g := range dout {
		phi := rowOf(f.targets, k, f.width)
		w.AddScaled(dpsi, phi, 2*complex(float64(g), 0)*w.Inner(phi, psi))
	}
}

// PairFidelities sets out[r] to |⟨φ_r|ψ_r⟩|² for len(out) pairs of states, of any norm.
//
//	phi  len(out) × 2·2^n, or one state for all
//	psi  len(out) × 2·2^n
//
// It returns an error if a length is wrong.
func PairFidelities[T Float](phi, psi, out []T) error {
	width, err := pairWidth(phi, psi, len(out))
	if err != nil {
		return err
	}
	var w tile.Scratch[T]
	for r := range out {
		out[r] = T(squared(w.Inner(rowOrOnly(phi, r, width), rowOf(psi, r, width))))
	}
	return nil
}

// PairFidelitiesAdjoint sets dphi and dpsi to the gradients of PairFidelities, from dout = ∂L/∂out; a nil one
// is skipped. It returns an error if a length is wrong.
func PairFidelitiesAdjoint[T Float](phi, psi, dout, dphi, dpsi []T) error {
	width, err := pairWidth(phi, psi, len(dout))
	err = cmp.Or(err, checkOptional("dphi", dphi, len(phi)), checkOptional("dpsi", dpsi, len(psi)))
	if err != nil {
		return err
	}
	clear(dphi)
	clear(dpsi)
	var w tile.Scratch[T]
	for r, g := range dout {
		a, b := rowOrOnly(phi, r, width), rowOf(psi, r, width)
		z := 2 * complex(float64(g), 0) * w.Inner(a, b)
		if dphi != nil {
			w.AddScaled(rowOrOnly(dphi, r, width), b, cmplx.Conj(z))
		}
		if dpsi != nil {
			w.AddScaled(rowOf(dpsi, r, width), a, z)
		}
	}
	return nil
}

// pairWidth returns the length of a state of psi, which is also that of phi's.
func pairWidth[T Float](phi, psi []T, rows int) (int, error) {
	width := len(psi) / max(1, rows)
	if rows*width != len(psi) || width < 2 || width&(width-1) != 0 {
		return 0, errors.Errorf("statevec: want psi of %d states of 2·2^n numbers, got %d", rows, len(psi))
	}
	if len(phi) != width && len(phi) != len(psi) {
		return 0, errors.Errorf("statevec: want phi of %d numbers, or of one state of %d, got %d",
			len(psi), width, len(phi))
	}
	return width, nil
}

// rowOrOnly returns a row of x, or x if that is all there is.
func rowOrOnly[T any](x []T, row, width int) []T {
	if len(x) == width {
		return x
	}
	return rowOf(x, row, width)
}

func squared(z complex128) float64 { return real(z)*real(z) + imag(z)*imag(z) }
