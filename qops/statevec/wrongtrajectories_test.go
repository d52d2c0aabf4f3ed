package statevec_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

func TestWrongTrajectories(t *testing.T) {
	noise, err := circuit.ParseNoise("bit-flip=0.1")
	must(t, err)
	one, err := noise.Apply(circuit.New(1).RX(0, circuit.Theta(0)))
	must(t, err)
	plan, err := statevec.CompileTrajectories[float64](one)
	must(t, err)
	misread, err := statevec.CompileTrajectories[float64](
		circuit.NewNoisy(1).Confuse(circuit.Confusion{P10: 0.1}))
	must(t, err)
	wide := circuit.NewNoisy(24).Confuse(slices.Repeat([]circuit.Confusion{{P10: 0.1}}, 24)...)
	skewed, err := statevec.CompileTrajectories[float64](wide)
	must(t, err)
	long, err := statevec.NewExpectations[float64](24, []statevec.Observable{{{1, strings.Repeat("Z", 24)}}}, 1)
	must(t, err)
	z, err := statevec.NewExpectations[float64](1, eachZ(1), 1)
	must(t, err)
	x, err := statevec.NewExpectations[float64](1, []statevec.Observable{{{1, "X"}, {1, "Z"}}}, 1)
	must(t, err)
	two, err := statevec.NewExpectations[float64](2, eachZ(2), 1)
	must(t, err)
	f, err := statevec.NewFidelities[float64](1, [][]complex128{{1, 0}}, 1)
	must(t, err)
	purity, err := statevec.NewPurity[float64](1, []int{0}, 1)
	must(t, err)
	m, err := statevec.NewMeasuredTrajectories(plan, z, 5, 1)
	must(t, err)
	both, err := statevec.NewMeasuredTrajectories(plan, x, 5, 1)
	must(t, err)
	in := statevec.Inputs[float64]{Rows: 1, Theta: []float64{1}}
	out := make([]float64, 1)
	image := []float64{1, 2, 3, 4}
	q := circuit.New(1)
	for want, err := range map[string]error{
		"noisy circuit is nil": second(
			statevec.CompileTrajectories[float64](nil)),
		"want a plan from CompileTrajectories": second(
			statevec.NewMeasuredTrajectories[float64](nil, z, 1, 1)),
		"want 1 to 2^30 trajectories, got 0": second(
			statevec.NewMeasuredTrajectories(plan, z, 0, 1)),
		"want 1 to 2^30 trajectories, got 1099511627": second(
			statevec.NewMeasuredTrajectories(plan, z, 1<<40, 1)),
		"measurement of 1 qubits": second(
			statevec.NewMeasuredTrajectories(plan, two, 1, 1)),
		"not the average of theirs": second(
			statevec.NewMeasuredTrajectories(plan, purity, 1, 1)),
		"errors of readout are those of expectations": second(
			statevec.NewMeasuredTrajectories(misread, f, 1, 1)),
		"more than 2^16 Pauli strings of one": second(
			statevec.NewMeasuredTrajectories(skewed, long, 1, 1)),
		"want seeds of 1 numbers, got 0": m.Apply(in,
			nil, out, nil),
		"want at least 1 shots for 1 group of Pauli strings in each of 5": m.Sample(in,
			statevec.Shots{Count: 4, Seeds: seeds(1, 1)}, out, nil),
		"want at least 2 shots for 2 groups of Pauli strings in each of 5 trajectories, got 5": both.Sample(
			in, statevec.Shots{Count: 5, Seeds: seeds(1, 1)}, out, nil),
		"theta 0 is NaN": m.Apply(statevec.Inputs[float64]{Rows: 1, Theta: []float64{math.NaN()}}, seeds(1, 1),
			out, nil),
		"function Start of the Inputs": m.Apply(statevec.Inputs[float64]{Rows: 1, Theta: []float64{1},
			Start: func(int, []float64) { panic("mine") }}, seeds(1, 1), out, nil),
		"want an image of 2·2 values": second2(statevec.SwapTest{Tokens: 2, Width: 2, Query: q,
			Key: q}.Run(nil, nil)),
		"want 0 or more Shots": second2(statevec.SwapTest{Tokens: 2, Width: 2, Query: q, Key: q,
			Shots: -1}.Run(image, nil)),
		"want circuits q and k on 1": second2(statevec.SwapTest{Tokens: 2, Width: 2, Query: circuit.New(2),
			Key: q}.Run(image, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	spread := make([]float64, 1)
	single, err := statevec.NewMeasuredTrajectories(plan, z, 1, 1)
	must(t, err)
	must(t, single.Apply(in, seeds(1, 1), out, spread))
	if !math.IsInf(spread[0], 1) {
		t.Errorf("the standard error of one run is %v", spread)
	}
}

func second2[A, B any](_ A, _ B, err error) error { return err }

// TestTrajectoriesWithReadoutErrors: exact values, shots and gradients of expectations and probabilities, of
// states that no error meets.
func TestTrajectoriesWithReadoutErrors(t *testing.T) {
	c := circuit.NewNoisy(3)
	for _, g := range circuit.New(3).RY(0, circuit.Theta(0)).RX(1, circuit.Theta(1)).H(2).CX(0, 2).RXX(0, 1,
		circuit.Theta(2)).Operations() {
		c.Apply(g)
	}
	c.Confuse(circuit.Confusion{P10: 0.02, P01: 0.1}, circuit.Confusion{P10: 0.2, P01: 0.2},
		circuit.Confusion{P01: 0.3})
	density, err := statevec.CompileDensity[float64](c)
	must(t, err)
	in := statevec.Inputs[float64]{Rows: 1, Theta: []float64{0.3, 1.2, -0.5}}
	for _, name := range []string{"expectations", "probabilities"} {
		m := densityMeasurements(t)[name].read
		k := m.Outputs()
		exact, err := statevec.NewMeasuredDensity(density, m, 1)
		must(t, err)
		drawn := trajectories(t, c, m, 2, 2)
		want, got, dout := make([]float64, k), make([]float64, k), []float64{1, -2, 0.5, 3}[:k]
		must(t, exact.Apply(in, want))
		must(t, drawn.Apply(in, seeds(1, 1), got, nil))
		a, b := make([]float64, 3), make([]float64, 3)
		must(t, exact.Adjoint(in, dout, statevec.Gradients[float64]{Theta: a}))
		must(t, drawn.Adjoint(in, seeds(1, 1), dout, statevec.Gradients[float64]{Theta: b}))
		for i, v := range slices.Concat(got, b) {
			if w := slices.Concat(want, a)[i]; math.Abs(v-w) > 1e-12 {
				t.Errorf("%s: number %d is %v, want %v", name, i, v, w)
			}
		}
		const shots = 200000
		must(t, drawn.Sample(in, statevec.Shots{Count: shots, Seeds: seeds(1, 1)}, got, nil))
		stderr := make([]float64, k)
		must(t, drawn.Sample(in, statevec.Shots{Count: shots, Seeds: seeds(1, 1)}, got, stderr))
		if _, largest := scores(got, want, stderr); largest > 4 || stderr[0] > 0.02 {
			t.Errorf("%s: shots give %v ± %v, want %v", name, got, stderr, want)
		}
	}
}
