package statevec

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

const (
	gateTolerance = 1e-6 // how far a custom gate may be from what it should be
	checkedQubits = 4    // up to here a matrix with angles is computed only to be checked
	checkedAngle  = 0.4  // radians, any
)

// checkGate returns an error for a gate that would run but give wrong numbers: a matrix that is not unitary,
// which its adjoint does not undo, a generator that is not Hermitian or is that of another matrix, or one of
// the wrong size.
func checkGate(k *circuit.Gate) error {
	d := 1 << k.Qubits
	x := make([]complex128, d) // without structure: what holds of it holds of all vectors
	for i := range x {
		x[i] = cmplx.Rect(1, math.Sqrt2*float64(i+1)*float64(i+2))
	}
	var y []complex128 // M·x
	if k.Matrix != nil && (k.Angles == 0 || k.Qubits <= checkedQubits) {
		m := k.Matrix(slices.Repeat([]float64{checkedAngle}, k.Angles))
		if len(m) != d*d {
			return sizeError(k, "matrix", m)
		}
		y = multiplyVector(m, x)
		if off := distance(multiplyVector(m.Dagger(), y), x); !(off < gateTolerance) {
			return gateError(k, "want a unitary matrix, M†M differs from 1 by %.3g", off)
		}
	}
	if k.Generator == nil || k.Angles != 1 {
		return nil
	}
	g := k.Generator()
	if len(g) != d*d {
		return sizeError(k, "generator", g)
	}
	if off := g.Distance(g.Dagger()); !(off < gateTolerance) {
		return gateError(k, "want a Hermitian generator, G differs from G† by %.3g", off)
	}
	if y == nil {
		return nil
	}
	if off := distance(y, multiplyExp(g, checkedAngle, x)); !(off < gateTolerance) {
		return gateError(k, "want the matrix exp(−iaG) of the generator G, it differs by %.3g", off)
	}
	return nil
}

func sizeError(k *circuit.Gate, what string, m circuit.Matrix) error {
	d := 1 << k.Qubits
	return gateError(k, "want a %s of %d×%d entries for %d qubits, got %d", what, d, d, k.Qubits, len(m))
}

func gateError(k *circuit.Gate, format string, args ...any) error {
	return errors.WithMessagef(errors.Errorf(format, args...), "statevec: gate %s", k.Name)
}

func multiplyVector(m circuit.Matrix, x []complex128) []complex128 {
	y := make([]complex128, len(x))
	for r := range y {
		for c, v := range x {
			y[r] += m[r*len(x)+c] * v
		}
	}
	return y
}

// multiplyExp returns exp(−iaG)x by its series, in steps in which that converges fast.
func multiplyExp(g circuit.Matrix, a float64, x []complex128) []complex128 {
	norm := 0.0
	for _, v := range g {
		norm = math.Hypot(norm, cmplx.Abs(v))
	}
	steps := math.Ceil(min(1000, a*norm)) // a generator beyond that is no gate
	for range int(steps) {
		term, sum := x, slices.Clone(x)
		for n := 1.0; n < 20; n++ {
			term = multiplyVector(g, term)
			for i := range term {
				term[i] *= complex(0, -a/steps/n)
				sum[i] += term[i]
			}
		}
		x = sum
	}
	return x
}

// distance returns the largest difference of two entries, NaN if one is NaN.
func distance(x, y []complex128) (worst float64) {
	for i := range x {
		worst = max(worst, cmplx.Abs(x[i]-y[i]))
	}
	return worst
}
