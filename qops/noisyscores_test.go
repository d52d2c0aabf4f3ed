package qops_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestNoisyScoresWithoutNoise are CircuitScores, of an image with a dark patch too.
func TestNoisyScoresWithoutNoise(t *testing.T) {
	q, k := layered(3, 2, true), layered(3, 1, false)
	x := random(1, 2, 5, 12)
	clear(x.Float64s()[12:24])
	inputs := tensors(x, random(2, 2, q.NumTheta()), random(3, 2, k.NumTheta()), random(4, 2))
	exact := mustEvaluate(t, routed(q, k, qops.ScoreOptions{Gain: 3}, qops.PatchwiseRoute), inputs...)
	got := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
		return qops.NoisyScores(in[0], q, k, in[1], in[2], circuit.Noise{},
			qops.ScoreOptions{Gain: 3, Scale: in[3]})
	}, inputs...)
	near(t, "scores", got, exact, 1e-12)

	got = mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
		return qops.DeviceScores(in[0], q, k, in[1], in[2],
			func(c *circuit.Circuit) (*circuit.Noisy, []int, error) {
				noisy, err := circuit.Noise{}.Apply(circuit.New(4).Append(c, 2, 0, 1).Swap(3, 0))
				return noisy, []int{2, 3, 1}, err
			}, qops.ScoreOptions{Gain: 3, Scale: in[3]})
	}, inputs...)
	near(t, "scores on a device", got, exact, 1e-12)
}

// TestNoiseOfTheInverseGates: the second half of a pair's circuit has the inverse gates, S† where k has S,
// and the noise of these.
func TestNoiseOfTheInverseGates(t *testing.T) {
	flip, err := circuit.NewChannel("bit-flip", 0.3)
	if err != nil {
		t.Fatal(err)
	}
	k := circuit.New(2).RY(0, circuit.Theta(0)).S(0).H(1).T(1).CX(0, 1)
	x, theta := wave(1.3, 0.2, 1, 3, 4), random(2, 1, 1)
	for _, gate := range []string{"s", "sdg", "t", "tdg", "ry", "cx"} {
		noise := circuit.Noise{After: []circuit.NoiseRule{{Gate: gate, Channel: flip}}}
		got := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
			return qops.NoisyScores(in[0], k, k, in[1], in[1], noise, qops.ScoreOptions{})
		}, x, theta)
		want := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) { // of the circuit of the pair as a whole
			return qops.DeviceScores(in[0], k, k, in[1], in[1],
				func(c *circuit.Circuit) (*circuit.Noisy, []int, error) {
					noisy, err := noise.Apply(c)
					return noisy, []int{0, 1}, err
				}, qops.ScoreOptions{})
		}, x, theta)
		near(t, gate, got, want, 1e-12)
	}
}

// TestNoisyScoresOfAnyScale: what is scaled to unit norm may be of any size.
func TestNoisyScoresOfAnyScale(t *testing.T) {
	q := layered(2, 1, true)
	x, theta := wave(1.3, 0.2, 1, 3, 4), random(2, 1, q.NumTheta())
	scores := func(scale float64) []float64 {
		v := slices.Clone(x.Float64s())
		for i := range v {
			v[i] *= scale
		}
		return mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
			return qops.NoisyScores(in[0], q, q, in[1], in[1], circuit.Noise{}, qops.ScoreOptions{})
		}, tensorOf(v, 1, 3, 4), theta)
	}
	for _, scale := range []float64{1e-300, 1e-160, 1e152, 1e300} {
		near(t, fmt.Sprint("x times ", scale), scores(scale), scores(1), 1e-12)
	}
	bad := slices.Clone(x.Float64s())
	bad[5] = math.Inf(1)
	_, _, err := evaluate[float64](func(in ...*G.Node) (*G.Node, error) {
		return qops.NoisyScores(in[0], q, q, in[1], in[1], circuit.Noise{}, qops.ScoreOptions{})
	}, tensorOf(bad, 1, 3, 4), theta)
	if err == nil || !strings.Contains(err.Error(), "+Inf") {
		t.Errorf("error %v", err)
	}
}

// TestDeviceScoresPairByPair runs the compiled circuit of each pair by itself.
func TestDeviceScoresPairByPair(t *testing.T) {
	q, k := layered(2, 1, true), layered(2, 2, true)
	x, thetaQ, thetaK := wave(1.3, 0.2, 1, 3, 4), random(2, 1, q.NumTheta()), random(3, 1, k.NumTheta())
	var noisy *circuit.Noisy
	var last []int
	scores := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
		return qops.DeviceScores(in[0], q, k, in[1], in[2],
			func(c *circuit.Circuit) (*circuit.Noisy, []int, error) {
				var err error
				noisy, last, err = exchanged(c)
				noisy.Confuse(circuit.Confusion{P10: 0.03, P01: 0.1}, circuit.Confusion{P10: 0.2},
					circuit.Confusion{P01: 0.07})
				return noisy, last, err
			}, qops.ScoreOptions{})
	}, x, thetaQ, thetaK)
	plan, err := statevec.CompileDensity[float64](noisy)
	if err != nil {
		t.Fatal(err)
	}
	read, err := statevec.NewProbabilities[float64](3, last, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := statevec.NewMeasuredDensity(plan, read, 1)
	if err != nil {
		t.Fatal(err)
	}
	total, norms := 0.0, make([]float64, 3)
	for i, v := range x.Float64s() {
		norms[i/4] += v * v
		total += v * v
	}
	for i := range 3 {
		for j := range 3 {
			data := make([]float64, 6)
			for at, patch := range []int{i, j} {
				if err := circuit.PreparationAngles(x.Float64s()[4*patch:4*patch+4],
					data[3*at:3*at+3]); err != nil {
					t.Fatal(err)
				}
			}
			out := make([]float64, 4)
			if err := m.Apply(statevec.Inputs[float64]{Rows: 1, Data: data,
				Theta: slices.Concat(thetaQ.Float64s(), thetaK.Float64s())}, out); err != nil {
				t.Fatal(err)
			}
			if want := norms[i] * norms[j] / total / total * out[0]; math.Abs(scores[3*i+j]-want) > 1e-12 {
				t.Errorf("pair %d, %d: %v, want %v", i, j, scores[3*i+j], want)
			}
		}
	}
}
