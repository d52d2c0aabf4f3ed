package statevec

import (
	"cmp"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/splitmix"
)

// Shots says from how many runs of its circuit each row of a batch is estimated.
type Shots struct {
	Count int
	Seeds []uint64 // by row: what is drawn for a row follows from its seed alone
}

// MaxShots is the largest number of shots of a row, so that counts are exact in float64.
const MaxShots = 1 << 50

func (s Shots) check(rows int) error {
	if s.Count < 1 || s.Count > MaxShots {
		return errors.Errorf("statevec: want 1 to 2^50 shots, got %d", s.Count)
	}
	return checkLength("Shots.Seeds", len(s.Seeds), rows)
}

// of returns the shots of some rows.
func (s Shots) of(from, to int) Shots { return Shots{s.Count, s.Seeds[from:to]} }

// again returns as many shots from other random numbers.
func (s Shots) again(key int, seeds []uint64) Shots {
	for i, x := range s.Seeds {
		seeds[i] = splitmix.Mix(splitmix.Mix(x) ^ uint64(key))
	}
	return Shots{s.Count, seeds[:len(s.Seeds)]}
}

// Sampler is a Measurement that can also be estimated from shots, as a device does it: those of this package
// are.
type Sampler[T Float] interface {
	Measurement[T]

	// Sample sets out, rows × Outputs, to estimates of what Apply gives, and stderr to their standard errors;
	// a nil stderr is skipped.
	Sample(rows int, psi []T, shots Shots, out, stderr []T) error
}

// Sample sets out to estimates of what Apply gives.
//
//	psi     rows × 2·2^n
//	out     rows × Outputs
//	stderr  rows × Outputs, standard errors; nil: not wanted
//
// Expectations share the shots among groups of Pauli strings that have one letter or I on each qubit, by the
// sum of the weights in a group. Probabilities take all shots for one histogram, fidelities an equal share
// for each state (the circuit and the inverse of the one that prepares the state: how often all qubits are
// 0), a purity the SWAP test of two copies a shot. Every estimate is unbiased, and scaled by the norm of psi
// as that of Apply is. From a single shot, stderr is the largest that it can be.
//
// It returns an error if a length is wrong, and for fewer shots than there are groups or states.
func (r *RowMeasurement[T]) Sample(rows int, psi []T, shots Shots, out, stderr []T) error {
	if err := r.check(rows); err != nil {
		return err
	}
	if err := cmp.Or(checkLength("psi", len(psi), rows*r.width), shots.check(rows),
		checkLength("out", len(out), rows*r.outputs),
		checkOptional("stderr", stderr, rows*r.outputs)); err != nil {
		return err
	}
	if parts, what := r.prepare(); shots.Count < parts {
		return errors.Errorf("statevec: want at least %d shots for %s, got %d", parts, what, shots.Count)
	}
	r.pool.each(rows, func(worker, i int) {
		random := splitmix.Source(splitmix.Mix(shots.Seeds[i]))
		var spread []T
		if stderr != nil {
			spread = rowOf(stderr, i, r.outputs)
		}
		r.sample(worker, rowOf(psi, i, r.width), shots.Count, &random, rowOf(out, i, r.outputs), spread)
	})
	return nil
}

// oneHistogram is the prepare of a measurement that takes all shots for one histogram.
func oneHistogram() (int, string) { return 1, "an estimate" }

// sampleOf calls a measurement that a user gave.
func sampleOf[T Float](m Measurement[T], rows int, psi []T, shots Shots, out, stderr []T) (err error) {
	defer foreign.Recover(&err, "measurement", m)
	s, ok := m.(Sampler[T])
	if !ok {
		return errors.Errorf("statevec: %T cannot be estimated from shots: want one with the method Sample, "+
			"see Sampler", m)
	}
	return s.Sample(rows, psi, shots, out, stderr)
}

// fraction estimates a probability from shots, and its standard error.
func fraction(random *splitmix.Source, p float64, shots int) (estimate, stderr float64) {
	estimate = float64(random.Binomial(shots, p)) / float64(shots)
	return estimate, standardError(estimate*(1-estimate), 0.25, shots)
}

// standardError returns that of a mean, from the variance of the shots about it, and for one shot from the
// largest that it can be.
func standardError(variance, largest float64, shots int) float64 {
	if shots < 2 {
		return math.Sqrt(largest)
	}
	return math.Sqrt(max(0, variance) / float64(shots-1))
}

// squaredNorm returns ‖ψ‖², summed in float64.
func squaredNorm[T Float](psi []T) (sum float64) {
	for _, v := range psi {
		sum += float64(v) * float64(v)
	}
	return sum
}
