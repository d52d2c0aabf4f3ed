package job

import (
	"context"
	"runtime"
	"slices"
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

// MaxNoisyQubits is how many qubits a program may use to be simulated with noise, but by Trajectories.
const MaxNoisyQubits = statevec.MaxDensityQubits

// Simulation says how the programs are run in place of a device.
type Simulation struct {
	Shots  func(i int) int // of program i; it is called on several goroutines
	Seed   uint64
	Device *device.Device // that the programs are compiled for, whose noise they get; nil: without noise

	// Trajectories is from how many runs with random errors the probabilities of a program with noise are
	// estimated, from which its shots are drawn; 0: exactly, from a density matrix. Few of them leave an error
	// of their own beside that of the shots, and an estimate below 0 is taken as 0.
	Trajectories int
}

// Simulate runs the programs and returns their counts. One seed gives one result. It returns the context's
// error, one for shots below 1, for Trajectories below 0 or without a device, and for a device one for
// programs that are not compiled for it or use more than MaxNoisyQubits without Trajectories.
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
	case s.Trajectories < 0 || s.Trajectories > 0 && s.Device == nil:
		return nil, errors.Errorf("want 0 or more Trajectories, and none without the noise of a Device, got %d",
			s.Trajectories)
	}
	out, wrong := make([]Counts, len(j.Programs)), make([]error, len(j.Programs))
	workers := runtime.GOMAXPROCS(0)
	threads := max(1, workers/len(out)) // of a program
	var next atomic.Int64               // program to run
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(out)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				out[i], wrong[i] = j.Programs[i].simulate(int(i), s, threads)
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
func (p Program) simulate(i int, s Simulation, threads int) (counts Counts, err error) {
	defer foreign.Recover(&err, "function Shots of the Simulation", s.Shots)
	shots := s.Shots(i)
	if shots < 1 || shots > statevec.MaxShots {
		return nil, errors.Errorf("want 1 to 2^50 shots, got %d", shots)
	}
	var weights []float64
	if s.Device == nil {
		weights, err = p.probabilities()
	} else {
		weights, err = p.noisy(s, splitmix.Mix(^s.Seed)^uint64(i), threads)
	}
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
	out, err := p.probabilities()
	return out, errors.WithMessage(err, "job: Probabilities")
}

func (p Program) probabilities() ([]float64, error) {
	part, _, read, err := p.compact()
	if err != nil {
		return nil, err
	}
	measure, err := statevec.NewProbabilities[float64](part.Qubits(), read, 1)
	if err != nil {
		return nil, err
	}
	plan, err := statevec.Compile[float64](part)
	if err != nil {
		return nil, err
	}
	m, err := statevec.NewMeasuredCircuit(plan, measure, 1)
	if err != nil {
		return nil, err
	}
	out := make([]float64, measure.Outputs())
	return out, m.Apply(statevec.Inputs[float64]{Rows: 1}, out)
}

// noisy returns the probabilities of the outcomes with the noise of the device of s.
func (p Program) noisy(s Simulation, seed uint64, threads int) ([]float64, error) {
	part, qubits, read, err := p.compact()
	if err != nil {
		return nil, err
	}
	if n := part.Qubits(); n > MaxNoisyQubits && s.Trajectories == 0 {
		return nil, errors.Errorf("it uses %d qubits, want at most %d with noise, or Trajectories", n,
			MaxNoisyQubits)
	}
	c, err := s.Device.Noisy(part, qubits)
	if err != nil {
		return nil, err
	}
	out, _, err := statevec.NoisyProbabilities(c, read, s.Trajectories, seed, threads)
	return out, err
}

// compact returns the circuit on the qubits that it uses, which ones of the device these are, and which of
// them are measured, by bit.
func (p Program) compact() (part *circuit.Circuit, qubits, read []int, err error) {
	if p.circuit == nil {
		return nil, nil, nil, errors.New("want a program of a job that was made or opened")
	}
	part, qubits = transpile.Result{Circuit: p.bound(), First: p.Qubits, Last: p.Qubits}.Compact()
	for _, q := range p.Qubits {
		read = append(read, slices.Index(qubits, q))
	}
	return part, qubits, read, part.Err()
}
