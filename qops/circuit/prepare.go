package circuit

import (
	"math"
	"math/bits"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/walsh"
)

// negligible is the size of a rotation that is left out: 2^10 of them move a state by less than 1e-12.
const negligible = 1e-15

// Prepare returns a circuit that takes |0…0⟩ to the given amplitudes divided by their norm, phase included:
// at most 2^n−1 RY and 2^n−2 CX on n qubits, and up to 2^n RZ and 2^n−2 CX more if an amplitude is not real.
// Amplitudes are padded with zeros to a power of two.
//
// The circuit has an error (Err) for no amplitudes, for so many that it could have more than MaxOperations
// (2^19 real ones), NaN, Inf, and if all are zero.
//
// Source: Möttönen, Vartiainen, Bergholm, Salomaa, arXiv:quant-ph/0407010.
func Prepare(amplitudes []complex128) *Circuit {
	n := max(1, bits.Len(uint(max(0, len(amplitudes)-1))))
	c := New(n)
	state, err := normalise(amplitudes)
	if err != nil {
		c.Fail(errors.WithMessage(err, "circuit: Prepare"))
	}
	if c.Err() != nil {
		return c
	}
	perAmplitude := 2 // operations, at most
	if !Matrix(state).IsReal() {
		perAmplitude = 4
	}
	if perAmplitude<<n > MaxOperations {
		return c.failf("circuit: Prepare: %d amplitudes take up to %d operations, want at most %d",
			len(amplitudes), perAmplitude<<n, MaxOperations)
	}
	state = append(state, make([]complex128, 1<<n-len(state))...)
	if !Matrix(state).IsReal() {
		phases := make([]float64, len(state))
		for i, v := range state {
			phases[i] = cmplx.Phase(v)
			state[i] = complex(cmplx.Abs(v), 0)
		}
		diagonal, global := diagonalGates(phases, Const)
		c.ops = append(c.ops, paramGateOn(gateRZ, Const(-2*global), 0)) // only a phase on |0⟩
		c.ops = append(c.ops, magnitudeGates(state)...)
		c.ops = append(c.ops, diagonal...)
		return c
	}
	c.ops = magnitudeGates(state)
	return c
}

// normalise returns the amplitudes divided by their norm, without overflow on the way.
func normalise(amplitudes []complex128) ([]complex128, error) {
	largest := 0.0
	for i, v := range amplitudes {
		if cmplx.IsNaN(v) || cmplx.IsInf(v) {
			return nil, errors.Errorf("amplitude %d is %v", i, v)
		}
		largest = max(largest, math.Abs(real(v)), math.Abs(imag(v)))
	}
	if largest == 0 {
		return nil, errors.Errorf("want amplitudes that are not all zero, got %d", len(amplitudes))
	}
	out := make([]complex128, len(amplitudes))
	sum := 0.0
	for i, v := range amplitudes {
		out[i] = complex(real(v)/largest, imag(v)/largest)
		sum += real(out[i])*real(out[i]) + imag(out[i])*imag(out[i])
	}
	for i := range out {
		out[i] /= complex(math.Sqrt(sum), 0)
	}
	return out, nil
}

// magnitudeGates returns rotations RY that take |0…0⟩ to a real state. The angle of a qubit divides the norm
// of the state between its 0 and its 1, given the qubits before it; the last qubit also takes the signs.
func magnitudeGates(state []complex128) []Operation {
	norms := make([]float64, len(state))
	for i, v := range state {
		norms[i] = real(v)
	}
	var out []Operation
	for target := bits.Len(uint(len(norms))) - 2; target >= 0; target-- {
		angles := make([]float64, len(norms)/2)
		for i := range angles {
			angles[i] = 2 * math.Atan2(norms[2*i+1], norms[2*i])
			norms[i] = math.Hypot(norms[2*i], norms[2*i+1])
		}
		norms = norms[:len(angles)]
		out = append(multiplex(gateRY, angles, Const, target), out...)
	}
	return out
}

// diagonalGates returns rotations RZ that make diag(exp(i·a·phases)) together with exp(i·a·global), where
// angle(x) is the angle x·a.
func diagonalGates(phases []float64, angle func(float64) Angle) (gates []Operation, global float64) {
	phases = slices.Clone(phases)
	for target := bits.Len(uint(len(phases))) - 2; target >= 0; target-- {
		angles := make([]float64, len(phases)/2)
		for i := range angles {
			angles[i] = phases[2*i+1] - phases[2*i]
			phases[i] = (phases[2*i+1] + phases[2*i]) / 2
		}
		phases = phases[:len(angles)]
		gates = append(gates, multiplex(gateRZ, angles, angle, target)...)
	}
	return gates, phases[0]
}

// multiplex returns the rotation of the target by angles[j] where the qubits 0 to target−1 hold j. Rotations
// alternate with CX whose controls follow a Gray code; a rotation by 0 is left out, and neighbouring CX then
// cancel.
func multiplex(k Gate, angles []float64, angle func(float64) Angle, target int) []Operation {
	angles = slices.Clone(angles)
	walsh.Transform(angles)
	var out []Operation
	pending := 0 // bits of the controls of the CX to come
	flush := func() {
		for bit := range target {
			if pending>>bit&1 == 1 {
				out = append(out, gateOn(gateCX, target-1-bit, target))
			}
		}
		pending = 0
	}
	for i := range angles {
		if a := angles[i^i>>1] / float64(len(angles)); math.Abs(a) > negligible {
			flush()
			out = append(out, paramGateOn(k, angle(a), target))
		}
		if next := i + 1; next < len(angles) {
			pending ^= 1 << bits.TrailingZeros(uint(next))
		} else if target > 0 {
			pending ^= 1 << (target - 1)
		}
	}
	flush()
	return out
}
