package qops_test

import (
	"fmt"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// routed returns CircuitScores of (x, thetaQ, thetaK, scale) and perhaps weights.
func routed(q, k *circuit.Circuit, o qops.ScoreOptions, route qops.Route) function {
	return func(in ...*G.Node) (*G.Node, error) {
		o := o
		o.Scale = in[3]
		s, err := qops.CircuitScores(in[0], q, k, in[1], in[2], o, route)
		if err != nil || len(in) < 5 {
			return s, err
		}
		return G.HadamardProd(s, in[4])
	}
}

// TestRoutesAgree compares the matrix with the circuits on every patch, values and all gradients: real and complex circuits, every reading, heads that fill
// their states and heads that do not.
func TestRoutesAgree(t *testing.T) {
	const images, tokens, heads = 2, 5, 2
	for name, pair := range map[string][2]*circuit.Circuit{
		"real":    {layered(3, 2, false), layered(3, 1, false)},
		"complex": {tangled(3), layered(3, 2, true)},
	} {
		q, k := pair[0], pair[1]
		for _, head := range []int{8, 6} {
			inputs := []*tensor.Dense{random(1, images, tokens, heads*head), random(2, heads, q.NumTheta()), random(3, heads, k.NumTheta()), random(4, heads)}
			weighted := append(slices.Clone(inputs), random(5, images, heads, tokens, tokens))
			for reading := qops.Coefficient; reading <= qops.Conditional; reading++ {
				o := qops.ScoreOptions{Reading: reading, Gain: 3}
				what := fmt.Sprintf("%s, heads of %d, reading %d", name, head, reading)
				near(t, what, mustEvaluate(t, routed(q, k, o, qops.Patchwise), inputs...), mustEvaluate(t, routed(q, k, o, qops.Merged), inputs...), 1e-13)
				got, want := gradients(t, routed(q, k, o, qops.Patchwise), weighted...), gradients(t, routed(q, k, o, qops.Merged), weighted...)
				for i := range inputs {
					near(t, fmt.Sprint(what, ", gradient ", i), got[i], want[i], 1e-12)
				}
			}
		}
	}
}

// TestPatchwiseGradient holds the circuits' route to central differences by itself.
func TestPatchwiseGradient(t *testing.T) {
	q, k := tangled(2), layered(2, 1, true)
	for _, reading := range []qops.Reading{qops.Coefficient, qops.Signed} {
		f := routed(q, k, qops.ScoreOptions{Reading: reading, Gain: 9}, qops.Patchwise)
		if err := gradcheck.Check(gradcheck.Config{}, f, random(1, 2, 3, 6), random(2, 2, q.NumTheta()), random(3, 2, k.NumTheta()), random(4, 2)); err != nil {
			t.Errorf("reading %d: %v", reading, err)
		}
	}
}

func TestCircuitScoresErrors(t *testing.T) {
	c, inputs := layered(2, 1, false), []*tensor.Dense{random(1, 1, 3, 8), random(2, 2, 2), random(3, 2, 2), random(4, 2)}
	wantError(t, "route", "unknown Route 7", routed(c, c, qops.ScoreOptions{}, 7), inputs...)
	for route := qops.Cheaper; route <= qops.Patchwise; route++ {
		f := routed(c, c, qops.ScoreOptions{}, route)
		wantError(t, "x", "want x (B, T, D), got (3, 8)", f, random(1, 3, 8), inputs[1], inputs[2], inputs[3])
		wantError(t, "angles", "want thetaK (2, 2), got (2, 3)", f, inputs[0], inputs[1], random(3, 2, 3), inputs[3])
		wantError(t, "heads", "a head of width 6 does not fit W (2, 4, 4)", f, random(1, 1, 3, 12), inputs[1], inputs[2], inputs[3])
		wantError(t, "scale", "want Scale (2), one factor a head, got (3)", f, inputs[0], inputs[1], inputs[2], random(4, 3))
	}
}
