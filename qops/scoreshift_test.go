package qops_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// weightedScores returns CircuitScores of (x, thetaQ, thetaK, scale, weights), times the weights.
func weightedScores(q, k *circuit.Circuit, o qops.ScoreOptions) function {
	return routed(q, k, o, qops.CheaperRoute)
}

// TestShiftedScores: of exact values the gradients by ParameterShift are those of the adjoint, by x and Scale
// too: of angles that several gates share, scaled and shifted, of controlled gates and of gates with two
// angles.
func TestShiftedScores(t *testing.T) {
	for name, pair := range map[string][2]*circuit.Circuit{
		"real":    {layered(3, 2, false), layered(3, 1, false)},
		"complex": {tangled(3), layered(3, 2, true)},
	} {
		q, k := pair[0], pair[1]
		for _, kind := range []qops.ScoreKind{qops.ScoreOverlap, qops.ScoreSigned} {
			inputs := append(scoreInputs(q, k, 2, 3, 2, 6), random(5, 2, 2, 3, 3))
			o := qops.ScoreOptions{Kind: kind, Gain: 3}
			want := gradients(t, weightedScores(q, k, o), inputs...)
			o.Gradient = qops.ParameterShift
			got := gradients(t, weightedScores(q, k, o), inputs...)
			for i := range want {
				near(t, fmt.Sprint(name, ", kind ", kind, ", gradient ", i), got[i], want[i], 1e-10)
			}
		}
	}
}

// TestShiftedScoresFromShots: the mean of the gradients by the angles over many seeds is the exact gradient
// within three standard errors of nearly all, and four of each; those by x and Scale are exact.
func TestShiftedScoresFromShots(t *testing.T) {
	const runs = 300
	q, k := tangled(2), layered(2, 1, true)
	for _, kind := range []qops.ScoreKind{qops.ScoreOverlap, qops.ScoreSigned} {
		inputs := append(scoreInputs(q, k, 1, 3, 2, 4), random(5, 1, 2, 3, 3))
		o := qops.ScoreOptions{Kind: kind, Gain: 9}
		exact := gradients(t, weightedScores(q, k, o), inputs...)
		o.Gradient = qops.ParameterShift
		sum, squares := [2][]float64{}, [2][]float64{}
		for i := range sum {
			sum[i], squares[i] = make([]float64, len(exact[1+i])), make([]float64, len(exact[1+i]))
		}
		for run := range runs {
			o.Shots = qops.Shots{Count: 50, Seeds: seedsFrom(uint64(7 * run))}
			got := gradients(t, weightedScores(q, k, o), inputs...)
			near(t, "x", got[0], exact[0], 1e-10)
			near(t, "scale", got[3], exact[3], 1e-10)
			for i := range sum {
				for j, v := range got[1+i] {
					sum[i][j] += v / runs
					squares[i][j] += v * v / runs
				}
			}
		}
		far, all := 0, 0
		for i := range sum {
			for j, want := range exact[1+i] {
				e := math.Sqrt((squares[i][j] - sum[i][j]*sum[i][j]) / runs)
				d := math.Abs(sum[i][j] - want)
				if all++; d > 3*e {
					far++
				}
				if d > 4*e || e == 0 {
					t.Errorf("kind %d, theta %d of circuit %d: mean %v, want %v ± %v", kind, j, i, sum[i][j],
						want, e)
				}
			}
		}
		if far > 1 {
			t.Errorf("kind %d: %d of %d means are more than three standard errors away", kind, far, all)
		}
	}
}

// TestShiftedScoresErrors: what has no shift rule says so.
func TestShiftedScoresErrors(t *testing.T) {
	c := layered(2, 1, false)
	inputs := scoreInputs(c, c, 1, 3, 2, 4)
	with := func(o qops.ScoreOptions) function { return weightedScores(c, c, o) }
	for kind := qops.ScoreRowNormalized; kind <= qops.ScoreConditional; kind++ {
		wantError(t, "ratio", "which is a ratio of probabilities", with(qops.ScoreOptions{Kind: kind,
			Gradient: qops.ParameterShift}), inputs...)
	}
	wantError(t, "differences", "want Gradient Adjoint or ParameterShift, got FiniteDifferences",
		with(qops.ScoreOptions{Gradient: qops.FiniteDifferences}), inputs...)
	wantError(t, "unknown", "got Gradient 7", with(qops.ScoreOptions{Gradient: 7}), inputs...)
	shifted := qops.ScoreOptions{Gradient: qops.ParameterShift}
	wantError(t, "matrix", "shift rules are for the circuits without noise", func(in ...*G.Node) (*G.Node,
		error) {
		w, err := qops.Unitary(c, c, in[1], in[2])
		if err != nil {
			return nil, err
		}
		return qops.Scores(in[0], w, shifted)
	}, inputs...)
	wantError(t, "noise", "shift rules are for the circuits without noise", func(in ...*G.Node) (*G.Node,
		error) {
		return qops.NoisyScores(in[0], c, c, in[1], in[2], circuit.Noise{}, shifted)
	}, inputs...)
}
