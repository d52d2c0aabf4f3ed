package statevec

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// NoisyProbabilities returns the probabilities of the outcomes on some qubits of a noisy circuit without free
// angles, run from |0…0⟩, errors of readout included: the first of the qubits is the most significant bit of
// an outcome; without qubits, all in order. For 0 trajectories they are exact, by a density matrix of up to
// 13 qubits, and the standard errors 0. Otherwise they are the average of that many, drawn from the seed,
// with standard errors; an estimate near 0 may be negative. It returns the errors of NewProbabilities,
// CompileDensity and CompileTrajectories.
func NoisyProbabilities(c *circuit.Noisy, qubits []int, trajectories int, seed uint64, threads int) (
	p, stderr []float64, err error) {
	read, err := NewProbabilities[float64](c.Qubits(), qubits, threads)
	if err != nil {
		return nil, nil, err
	}
	p, stderr = make([]float64, read.Outputs()), make([]float64, read.Outputs())
	way := noisyWay{trajectories: trajectories, shots: Shots{Seeds: []uint64{seed}}, threads: threads}
	if err := way.run(c, read, Inputs[float64]{Rows: 1}, p, stderr); err != nil {
		return nil, nil, errors.WithMessage(err, "statevec: NoisyProbabilities")
	}
	return p, stderr, nil
}

// noisyWay is how a noisy circuit is run: on density matrices for 0 trajectories, and exactly for a Count of
// 0 shots.
type noisyWay struct {
	trajectories int
	shots        Shots
	threads      int
}

// run sets out to what is measured, and stderr to its standard errors, 0 for exact values.
func (w noisyWay) run(c *circuit.Noisy, read Measurement[float64], in Inputs[float64], out,
	stderr []float64) error {
	if w.trajectories < 0 {
		return errors.Errorf("want 0 or more trajectories, got %d", w.trajectories)
	}
	if w.trajectories == 0 {
		plan, err := CompileDensity[float64](c)
		if err != nil {
			return err
		}
		m, err := NewMeasuredDensity(plan, read, w.threads)
		switch {
		case err != nil:
			return err
		case w.shots.Count == 0:
			return m.Apply(in, out)
		}
		return m.Sample(in, w.shots, out, stderr)
	}
	plan, err := CompileTrajectories[float64](c)
	if err != nil {
		return err
	}
	m, err := NewMeasuredTrajectories(plan, read, w.trajectories, w.threads)
	switch {
	case err != nil:
		return err
	case w.shots.Count == 0:
		return m.Apply(in, w.shots.Seeds, out, stderr)
	}
	return m.Sample(in, w.shots, out, stderr)
}
