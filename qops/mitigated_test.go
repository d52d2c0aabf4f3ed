package qops_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
	"github.com/hqvit/hqvit/qops/statevec"
)

func noiseOf(t *testing.T, text string) circuit.Noise {
	t.Helper()
	n, err := circuit.ParseNoise(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func planOf(t *testing.T, text string) mitigate.Plan {
	t.Helper()
	p, err := mitigate.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// noisyRead returns MeasureNoisy of a circuit over theta, of one row of amplitudes.
func noisyRead(t *testing.T, c *circuit.Circuit, noise, plan string, m qops.Measurement) function {
	noisy, err := noiseOf(t, noise).Apply(c)
	if err != nil {
		t.Fatal(err)
	}
	return func(in ...*G.Node) (*G.Node, error) {
		return qops.MeasureNoisy(noisy, m.Mitigated(planOf(t, plan)), qops.Inputs{X: in[0], Theta: in[1]})
	}
}

var mitigatedReads = map[string]qops.Measurement{
	"Paulis":        qops.Paulis("XYZ"),
	"Probabilities": qops.Probabilities(),
	"marginal":      qops.Probabilities(2, 0),
	"an energy": qops.Expectations(statevec.Observable{term(0.4, "XYI"), term(-1, "IIZ"), term(2, "III"),
		term(0.3, "ZZZ")}, statevec.Observable{term(1, "YXY")}),
}

// TestReadoutInverse: of exact values, the inverse restores those without errors of readout, and least
// squares too, where nothing is negative.
func TestReadoutInverse(t *testing.T) {
	c := layered(3, 2, true)
	inputs := tensors(random(5, 4, 8), random(6, c.NumTheta()))
	const gates = "depolarizing=0.02,amplitude-damping=0.05"
	for name, m := range mitigatedReads {
		want := mustEvaluate(t, noisyRead(t, c, gates, "", m), inputs...)
		read := mustEvaluate(t, noisyRead(t, c, gates+",readout=0.07:0.2", "", m), inputs...)
		if slices.Equal(want, read) {
			t.Fatalf("%s: the errors of readout change nothing", name)
		}
		near(t, name, mustEvaluate(t, noisyRead(t, c, gates+",readout=0.07:0.2", "readout", m), inputs...),
			want, 1e-12)
		if strings.HasPrefix(name, "P") && name != "Paulis" {
			near(t, name, mustEvaluate(t, noisyRead(t, c, gates+",readout=0.07:0.2", "readout=least-squares",
				m), inputs...), want, 1e-12)
		}
	}
}

// TestExtrapolationReducesTheError of a depolarising model: a line by more than two thirds, a parabola and an
// exponential by nine tenths and more. Folding the circuit as a whole does so too.
func TestExtrapolationReducesTheError(t *testing.T) {
	c := layered(3, 2, true)
	inputs := tensors(random(5, 6, 8), random(6, c.NumTheta()))
	for name, m := range mitigatedReads {
		exact := mustEvaluate(t, noisyRead(t, c, "depolarizing=0", "", m), inputs...)
		off := func(plan string) (sum float64) {
			for i, v := range mustEvaluate(t, noisyRead(t, c, "depolarizing=0.004", plan, m), inputs...) {
				sum += (v - exact[i]) * (v - exact[i])
			}
			return math.Sqrt(sum)
		}
		raw := off("")
		for plan, most := range map[string]float64{"zne=1,3": 0.25, "zne=1,3:circuit": 0.25, "zne=1,2,3": 0.25,
			"zne=1,3,5": 0.08, "zne=1,3,5:linear": 0.4, "zne=1,3:exponential": 0.1} {
			if r := off(plan) / raw; r > most || r == 0 {
				t.Errorf("%s: %s leaves %.3g of the error, want less than %v", name, plan, r, most)
			}
		}
	}
}

// TestMitigatedGradients against central differences, through everything at once.
func TestMitigatedGradients(t *testing.T) {
	c := layered(2, 1, true)
	const noise = "depolarizing=0.02,amplitude-damping=0.05,readout=0.07:0.2"
	for plan, m := range map[string]qops.Measurement{
		"zne=1,2,3":                        qops.Paulis("XZ"),
		"zne=1,3:exponential+readout":      qops.Paulis("ZY"),
		"readout=least-squares":            qops.Probabilities(1),
		"zne=1,3+readout+parity=1":         qops.Probabilities(),
		"zne=1,3,5:exponential:circuit":    qops.Probabilities(),
		"zne=1,3:linear+weight=1":          qops.Paulis("Z"),
		"zne=1,3":                          qops.Purity(0),
		"zne=1,3:circuit+weight=1+readout": qops.Expectations(statevec.Observable{term(1, "ZZ"), term(0.5, "IZ")}),
	} {
		noise := noise
		if plan == "zne=1,3" { // of a purity, which is not read of outcomes
			noise = "depolarizing=0.02"
		}
		if err := gradcheck.Check(gradcheck.Config{}, noisyRead(t, c, noise, plan, m), random(1, 3, 4),
			random(2, c.NumTheta())); err != nil {
			t.Errorf("%s: %v", plan, err)
		}
	}
}

// TestPostSelectionRestores: equal damping takes a unary state out of its subspace or leaves it as it is, so
// that what is left after dropping the rest is the exact distribution.
func TestPostSelectionRestores(t *testing.T) {
	c := circuit.New(4).X(0)
	for i, pair := range [][2]int{{0, 1}, {2, 3}, {1, 2}, {0, 1}, {2, 3}} {
		c.RBS(pair[0], pair[1], circuit.Theta(i))
	}
	noisy := circuit.NewNoisy(4)
	for _, o := range c.Operations() {
		noisy.Apply(o)
	}
	damping, err := circuit.NewChannel("amplitude-damping", 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for q := range 4 {
		noisy.Disturb(damping, q)
	}
	theta := random(3, 5)
	run := func(m qops.Measurement) []float64 {
		return mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
			return qops.MeasureNoisy(noisy, m, qops.Inputs{Theta: in[0]})
		}, theta)
	}
	ideal := func(m qops.Measurement) []float64 {
		return mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
			return qops.MeasureCircuit(c, m, qops.Inputs{Theta: in[0]}, qops.Adjoint)
		}, theta)
	}
	plan := planOf(t, "weight=1")
	for name, m := range map[string]qops.Measurement{"Probabilities": qops.Probabilities(),
		"Paulis":       qops.Paulis("Z"),
		"correlations": qops.Expectations(statevec.Observable{term(1, "ZZII"), term(0.2, "IZIZ")})} {
		want := ideal(m)
		if slices.Equal(run(m), want) {
			t.Fatalf("%s: damping changes nothing", name)
		}
		near(t, name, run(m.Mitigated(plan)), want, 1e-12)
	}
}

// TestMitigatedShots: estimates have the mean of the exact values, their standard errors are those of the
// spread, and the variance grows by the factor that is told.
func TestMitigatedShots(t *testing.T) {
	c := layered(2, 1, true)
	x, theta := random(1, 1, 4), random(2, c.NumTheta())
	const copies, shots = 1500, 1000
	const noise = "depolarizing=0.002,readout=0.05:0.1"
	for name, m := range map[string]qops.Measurement{"Paulis": qops.Paulis("XZ"),
		"Probabilities": qops.Probabilities(0, 1)} {
		variance := map[string]float64{}
		for _, plan := range []string{"", "zne=1,2,3", "zne=1,3", "readout", "zne=1,3+readout"} {
			exact := mustEvaluate(t, noisyRead(t, c, noise, plan, m), x, theta)
			var e *G.Node
			s := qops.Shots{Count: shots, Seeds: seedsFrom(99), Stderr: func(n *G.Node) { e = n }}
			out := mustEvaluate(t, noisyRead(t, c, noise, plan, m.WithShots(s)),
				tensorOf(slices.Repeat(x.Float64s(), copies), copies, 4), theta)
			told := e.Value().Data().([]float64)
			for i, want := range exact {
				mean, square, said := 0.0, 0.0, 0.0
				for j := i; j < len(out); j += len(exact) {
					mean += out[j] / copies
					said += told[j] * told[j] / copies
				}
				for j := i; j < len(out); j += len(exact) {
					square += (out[j] - mean) * (out[j] - mean) / (copies - 1)
				}
				if math.Abs(mean-want) > 4.5*math.Sqrt(square/copies) {
					t.Errorf("%s, %s %d: mean %v, want %v", name, plan, i, mean, want)
				}
				if r := math.Sqrt(said / square); r < 0.88 || r > 1.12 {
					t.Errorf("%s, %s %d: standard errors are %.3g of the spread", name, plan, i, r)
				}
				variance[plan] += square
			}
		}
		for _, text := range []string{"zne=1,2,3", "zne=1,3"} {
			want, err := planOf(t, text).ZNE.Variance()
			if err != nil {
				t.Fatal(err)
			}
			if r := variance[text] / variance[""] / want; r < 0.9 || r > 1.1 {
				t.Errorf("%s: %s multiplies the variance by %.3g, want %v", name, text, r*want, want)
			}
		}
	}
}

// TestLeastSquaresIsADistribution with few shots, where the inverse alone is not.
func TestLeastSquaresIsADistribution(t *testing.T) {
	c := layered(3, 1, true)
	const copies = 200
	inputs := tensors(random(1, copies, 8), random(2, c.NumTheta()))
	s := qops.Shots{Count: 20, Seeds: seedsFrom(5)}
	least := func(plan string) (lowest float64) {
		out := mustEvaluate(t, noisyRead(t, c, "readout=0.1:0.2", plan, qops.Probabilities().WithShots(s)),
			inputs...)
		for i := 0; i < len(out); i += 8 {
			sum := 0.0
			for _, p := range out[i : i+8] {
				lowest = min(lowest, p)
				sum += p
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Fatalf("%s: probabilities sum to %v", plan, sum)
			}
		}
		return lowest
	}
	if p := least("readout"); p >= 0 {
		t.Error("the inverse gives no negative estimate: the test says nothing")
	}
	if p := least("readout=least-squares"); p < 0 {
		t.Errorf("least squares gives a probability of %v", p)
	}
}
