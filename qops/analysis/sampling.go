package analysis

import (
	"context"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Sampling says over how many draws of the angles an average is taken.
type Sampling struct {
	Samples int    // draws; 0: 5000
	Seed    uint64 // of the angles
	Threads int    // 0: one
}

// maxSamples bounds the draws, and with them the memory of their results.
const maxSamples = 1 << 24

// maxQubits is the most qubits of a circuit whose states are drawn.
const maxQubits = 20

func (s Sampling) withDefaults() (Sampling, error) {
	if s.Samples == 0 {
		s.Samples = 5000
	}
	if s.Samples < 2 || s.Samples > maxSamples {
		return s, errors.Errorf("want 2 to %d samples, or 0 for 5000, got %d", maxSamples, s.Samples)
	}
	s.Threads = max(1, s.Threads)
	return s, nil
}

// checkCircuit returns an error for a circuit that has one, and for one that is too large.
func checkCircuit(c *circuit.Circuit) error {
	if c == nil {
		return errors.New("want a circuit, got nil")
	}
	if err := c.Err(); err != nil {
		return err
	}
	if c.Qubits() > maxQubits {
		return errors.Errorf("want a circuit of at most %d qubits, got %d", maxQubits, c.Qubits())
	}
	return nil
}

// live returns the error of a context that is done, and one for no context.
func live(ctx context.Context) error {
	if ctx == nil {
		return errors.New("want a context, such as context.Background(), got nil")
	}
	return ctx.Err()
}

// anglesAsData returns the circuit with its trained angles as inputs, behind those that it has, so that every
// row of a batch has angles of its own.
func anglesAsData(c *circuit.Circuit) (*circuit.Circuit, error) {
	out := circuit.New(c.Qubits())
	same := func(q int) int { return q }
	for _, o := range c.Operations() {
		o = o.Map(same, func(a circuit.Angle) circuit.Angle {
			if a.Source == circuit.Trainable {
				a.Source, a.Index = circuit.Input, a.Index+c.NumData()
			}
			return a
		})
		out.Control(o.Controls, o.Gate, o.Angles, o.Qubits...)
	}
	return out, out.Err()
}

// draw sets angles to the numbers of a sample, evenly from (−π, π].
func (s Sampling) draw(sample int, angles []float64) {
	random := splitmix.Source(splitmix.Mix(s.Seed) ^ splitmix.Mix(uint64(sample)))
	for i := range angles {
		angles[i] = math.Pi * (1 - 2*random.Float64())
	}
}

// chunkNumbers is how many numbers of states are held at once.
const chunkNumbers = 1 << 20

// eachState calls f for the states of all samples, a few at a time: those from a number on, each a row of psi,
// with the angles that the circuit of anglesAsData takes for them.
func (s Sampling) eachState(ctx context.Context, c *circuit.Circuit,
	f func(from int, angles, psi []float64) error) error {
	free, err := anglesAsData(c)
	if err != nil {
		return err
	}
	plan, err := statevec.Compile[float64](free)
	if err != nil {
		return err
	}
	exec, width := plan.NewExecutor(s.Threads), plan.Width()
	rows := min(s.Samples, max(2, chunkNumbers/width&^1))
	psi, angles := make([]float64, rows*width), make([]float64, rows*free.NumData())
	for from := 0; from < s.Samples; from += rows {
		if err := live(ctx); err != nil {
			return err
		}
		n := min(rows, s.Samples-from)
		psi, angles := psi[:n*width], angles[:n*free.NumData()]
		clear(psi)
		for r := range n {
			psi[r*width] = 1
			s.draw(from+r, angles[r*free.NumData():][:free.NumData()])
		}
		if err := exec.Apply(n, nil, angles, psi, psi); err != nil {
			return err
		}
		if err := f(from, angles, psi); err != nil {
			return err
		}
	}
	return nil
}

// moments are the mean and the standard deviation of numbers.
func moments(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, math.Sqrt(deviation)
}
