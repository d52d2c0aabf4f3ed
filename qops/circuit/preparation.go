package circuit

import (
	"math"
	"math/bits"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/walsh"
)

// Preparation returns the circuit that takes |0…0⟩ to any real state of n qubits, by the 2^n − 1 angles of
// PreparationAngles, which are its data: RY, and CX between them, as Prepare has them for one state.
func Preparation(n int) *Circuit {
	c := New(n)
	if c.Err() != nil {
		return c
	}
	if 2<<n > MaxOperations {
		return c.failf("circuit: Preparation: want up to 18 qubits, got %d", n)
	}
	for target := range n {
		first, count := 1<<target-1, 1<<target
		for i := range count {
			c.RY(target, Data(first+i))
			switch next := i + 1; {
			case next < count:
				c.CX(target-1-bits.TrailingZeros(uint(next)), target)
			case target > 0:
				c.CX(0, target)
			}
		}
	}
	return c
}

// PreparationAngles sets angles, len(state) − 1, to those with which Preparation makes the real state, of 2^n
// amplitudes and any norm. It returns an error if a length is wrong.
func PreparationAngles(state, angles []float64) error {
	if err := checkPreparation(state, angles, state); err != nil {
		return err
	}
	norms := append([]float64{}, state...)
	for len(norms) > 1 {
		half := len(norms) / 2
		level := angles[half-1 : 2*half-1]
		for i := range level {
			level[i] = 2 * math.Atan2(norms[2*i+1], norms[2*i])
			norms[i] = math.Hypot(norms[2*i], norms[2*i+1])
		}
		norms = norms[:half]
		toGray(level)
	}
	return nil
}

func checkPreparation(state, angles, dstate []float64) error {
	if n := len(state); n < 2 || n&(n-1) != 0 || len(angles) != n-1 || len(dstate) != n {
		return errors.Errorf("circuit: Preparation: want 2^n amplitudes and 2^n − 1 angles, got %d and %d", n,
			len(angles))
	}
	return nil
}

// toGray replaces angles by those of the rotations between the CX of a Gray code.
func toGray(angles []float64) {
	walsh.Transform(angles)
	sums := append([]float64{}, angles...)
	for i := range angles {
		angles[i] = sums[i^i>>1] / float64(len(angles))
	}
}

// PreparationGradient sets dstate to the gradient by the state of PreparationAngles, from dangles. It is 0
// where the state is: there it has none. It returns an error if a length is wrong.
func PreparationGradient(state, dangles, dstate []float64) error {
	if err := checkPreparation(state, dangles, dstate); err != nil {
		return err
	}
	levels := [][]float64{append([]float64{}, state...)}
	for last := levels[0]; len(last) > 1; last = levels[len(levels)-1] {
		next := make([]float64, len(last)/2)
		for i := range next {
			next[i] = math.Hypot(last[2*i], last[2*i+1])
		}
		levels = append(levels, next)
	}
	above := []float64{0}
	for k := len(levels) - 2; k >= 0; k-- {
		norms := levels[k]
		half := len(norms) / 2
		level := make([]float64, half)
		for i, g := range dangles[half-1 : 2*half-1] {
			level[i^i>>1] = g / float64(half)
		}
		walsh.Transform(level)
		below := make([]float64, len(norms))
		for i, g := range level {
			a, b := norms[2*i], norms[2*i+1]
			if r := levels[k+1][i]; r > 0 {
				below[2*i] = -2*b/(r*r)*g + a/r*above[i]
				below[2*i+1] = 2*a/(r*r)*g + b/r*above[i]
			}
		}
		above = below
	}
	copy(dstate, above)
	return nil
}
