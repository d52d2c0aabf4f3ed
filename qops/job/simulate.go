package job

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/qops/transpile"
)

// MaxNoisyQubits is how many qubits a program may use to be simulated with noise.
const MaxNoisyQubits = statevec.MaxDensityQubits

// Simulation says how the programs are run in place of a device.
type Simulation struct {
	Shots  func(i int) int // of program i; it is called on several goroutines
	Seed   uint64
	Device *device.Device // that the programs are compiled for, whose noise they get; nil: without noise
}

// Simulate runs the programs and returns their counts. One seed gives one result. It returns the context's
// error, one for shots below 1, and for a device one for programs that are not compiled for it or use more
// than MaxNoisyQubits.
func (j *Job) Simulate(ctx context.Context, s Simulation) ([]Counts, error) {
	out, err := j.simulate(ctx, s)
	return out, errors.WithMessage(err, "job: Simulate")
}

func (j *Job) simulate(ctx context.Context, s Simulation) ([]Counts, error) {
	switch {
	case j == nil || len(j.Programs) == 0:
		return nil, errors.New("want a job with programs")
	case ctx == nil:
		return nil, errors.New("the context is nil")
	case s.Shots == nil:
		return nil, errors.New("want Shots of the programs, got nil")
	}
	out, wrong := make([]Counts, len(j.Programs)), make([]error, len(j.Programs))
	var next atomic.Int64 // program to run
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(out)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				out[i], wrong[i] = j.Programs[i].simulate(int(i), s)
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i, err := range wrong {
		if err != nil {
			return nil, errors.WithMessage(err, j.Programs[i].Name)
		}
	}
	return out, nil
}

// simulate returns the counts of program i of a job.
func (p Program) simulate(i int, s Simulation) (counts Counts, err error) {
	defer foreign.Recover(&err, "function Shots of the Simulation", s.Shots)
	shots := s.Shots(i)
	if shots < 1 || shots > statevec.MaxShots {
		return nil, errors.Errorf("want 1 to 2^50 shots, got %d", shots)
	}
	weights, err := p.probabilities(s.Device)
	if err != nil {
		return nil, err
	}
	h := splitmix.NewHistogram(len(weights))
	for outcome, w := range weights {
		h.Weights()[outcome] = max(0, w)
	}
	random := splitmix.Source(splitmix.Mix(splitmix.Mix(s.Seed) ^ uint64(i)))
	counts = Counts{}
	for outcome, n := range h.Draw(shots, &random) {
		if n > 0 {
			counts[bitText(outcome, len(p.Bits))] = n
		}
	}
	return counts, nil
}

// bitText returns an outcome as a text, bit 0 first, as the most significant.
func bitText(outcome, n int) string {
	text := make([]byte, n)
	for b := range text {
		text[b] = '0' + byte(outcome>>(n-1-b)&1)
	}
	return string(text)
}

// Probabilities returns those of the outcomes of a program, exactly and without noise: bit 0 is the most
// significant of an outcome's number. It returns an error for a program of no job.
func (p Program) Probabilities() ([]float64, error) {
	out, err := p.probabilities(nil)
	return out, errors.WithMessage(err, "job: Probabilities")
}

// probabilities returns those of the outcomes, with a device with its noise.
func (p Program) probabilities(d *device.Device) ([]float64, error) {
	if p.circuit == nil {
		return nil, errors.New("want a program of a job that was made or opened")
	}
	part, qubits := transpile.Result{Circuit: p.bound(), First: p.Qubits, Last: p.Qubits}.Compact()
	if part.Err() != nil {
		return nil, part.Err()
	}
	read := make([]int, len(p.Qubits))
	for b, q := range p.Qubits {
		for i := range qubits {
			if qubits[i] == q {
				read[b] = i
			}
		}
	}
	measure, err := statevec.NewProbabilities[float64](part.Qubits(), read, 1)
	if err != nil {
		return nil, err
	}
	out := make([]float64, measure.Outputs())
	if d != nil {
		return out, noisy(d, part, qubits, measure, out)
	}
	plan, err := statevec.Compile[float64](part)
	if err != nil {
		return nil, err
	}
	m, err := statevec.NewMeasuredCircuit(plan, measure, 1)
	if err != nil {
		return nil, err
	}
	return out, m.Apply(statevec.Inputs[float64]{Rows: 1}, out)
}

func noisy(d *device.Device, part *circuit.Circuit, qubits []int, measure statevec.Measurement[float64],
	out []float64) error {
	if n := part.Qubits(); n > MaxNoisyQubits {
		return errors.Errorf("it uses %d qubits, want at most %d with noise", n, MaxNoisyQubits)
	}
	c, err := d.Noisy(part, qubits)
	if err != nil {
		return err
	}
	plan, err := statevec.CompileDensity[float64](c)
	if err != nil {
		return err
	}
	m, err := statevec.NewMeasuredDensity(plan, measure, 1)
	if err != nil {
		return err
	}
	return m.Apply(statevec.Inputs[float64]{Rows: 1}, out)
}
