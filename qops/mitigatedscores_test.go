package qops_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

func mitigatedScores(noise circuit.Noise, q, k *circuit.Circuit, o qops.ScoreOptions) function {
	return func(in ...*G.Node) (*G.Node, error) {
		o := o
		if len(in) > 3 {
			o.Scale = in[3]
		}
		return qops.NoisyScores(in[0], q, k, in[1], in[2], noise, o)
	}
}

// TestMitigatedScores: readout is restored exactly, extrapolation reduces the error, and the gradient is
// right.
func TestMitigatedScores(t *testing.T) {
	q, k := layered(2, 1, true), layered(2, 2, true)
	x := random(1, 2, 3, 8) // far from zeros, where the angles of the preparation turn fast
	for i, v := range x.Float64s() {
		x.Float64s()[i] = 1.5 + math.Tanh(v)
	}
	inputs := tensors(x, random(2, 2, q.NumTheta()), random(3, 2, k.NumTheta()), random(4, 2))
	scores := func(noise, plan string) []float64 {
		return mustEvaluate(t, mitigatedScores(noiseOf(t, noise), q, k, qops.ScoreOptions{Gain: 3,
			Mitigation: planOf(t, plan)}), inputs...)
	}
	near(t, "readout", scores("depolarizing=0.03,readout=0.05:0.1", "readout"),
		scores("depolarizing=0.03", ""), 1e-12)
	exact := scores("depolarizing=0", "")
	off := func(plan string) (sum float64) {
		for i, v := range scores("depolarizing=0.003", plan) {
			sum += (v - exact[i]) * (v - exact[i])
		}
		return math.Sqrt(sum)
	}
	for plan, most := range map[string]float64{"zne=1,3": 0.2, "zne=1,2,3": 0.25, "zne=1,3,5": 0.07,
		"zne=1,3:exponential": 0.1} {
		if r := off(plan) / off(""); r > most {
			t.Errorf("%s leaves %.3g of the error, want less than %v", plan, r, most)
		}
	}
	for _, plan := range []string{"", "zne=1,3+readout", "zne=1,3:exponential"} {
		if err := gradcheck.Check(gradcheck.Config{},
			mitigatedScores(noiseOf(t, "depolarizing=0.03,readout=0.05"), q, k,
				qops.ScoreOptions{Gain: 3, Mitigation: planOf(t, plan)}), inputs...); err != nil {
			t.Errorf("%s: %v", plan, err)
		}
	}
}

// TestMitigatedScoreShots: estimates have the mean of the exact values and the standard errors of their
// spread; least squares gives none below 0.
func TestMitigatedScoreShots(t *testing.T) {
	q := layered(2, 1, true)
	x, theta := random(1, 1, 3, 4), random(2, 1, q.NumTheta())
	const copies, shots = 1500, 2000
	noise := noiseOf(t, "depolarizing=0.01,readout=0.05:0.1")
	for _, plan := range []string{"", "readout", "zne=1,3", "zne=1,3+readout", "readout=least-squares"} {
		o := qops.ScoreOptions{Mitigation: planOf(t, plan)}
		exact := mustEvaluate(t, mitigatedScores(noise, q, q, o), x, theta, theta)
		var e *G.Node
		o.Shots = qops.Shots{Count: shots, Seeds: seedsFrom(9), Stderr: func(n *G.Node) { e = n }}
		out := mustEvaluate(t, mitigatedScores(noise, q, q, o),
			tensorOf(slices.Repeat(x.Float64s(), copies), copies, 3, 4), theta, theta)
		told := e.Value().Data().([]float64)
		for i, want := range exact {
			mean, square, said := 0.0, 0.0, 0.0
			for j := i; j < len(out); j += len(exact) {
				if plan == "readout=least-squares" && out[j] < 0 {
					t.Fatalf("least squares gives a score of %v", out[j])
				}
				mean += out[j] / copies
				said += told[j] * told[j] / copies
			}
			for j := i; j < len(out); j += len(exact) {
				square += (out[j] - mean) * (out[j] - mean) / (copies - 1)
			}
			if strings.HasSuffix(plan, "squares") { // biased where it changes something
				continue
			}
			if math.Abs(mean-want) > 4.5*math.Sqrt(square/copies) {
				t.Errorf("%s %d: mean %v, want %v ± %v", plan, i, mean, want, math.Sqrt(square/copies))
			}
			if r := math.Sqrt(said / square); r < 0.88 || r > 1.12 {
				t.Errorf("%s %d: standard errors are %.3g of the spread", plan, i, r)
			}
		}
	}
}

// TestWrongMitigation: what cannot be mitigated is said.
func TestWrongMitigation(t *testing.T) {
	c := layered(2, 1, true)
	x, theta := random(1, 2, 4), random(2, c.NumTheta())
	custom := qops.MeasureFunc(func(psi *G.Node) (*G.Node, error) { return psi, nil })
	for _, w := range []struct {
		f    function
		want string
	}{
		{noisyRead(t, c, "bit-flip=0.1", "readout=least-squares", qops.Paulis("Z")), "want readout, the inverse"},
		{noisyRead(t, c, "bit-flip=0.1", "weight=1", qops.Paulis("X")), "letters I and Z"},
		{noisyRead(t, c, "bit-flip=0.1", "parity=1", qops.Probabilities(1)),
			"outcomes of all 2 qubits, got those of 1"},
		{noisyRead(t, c, "bit-flip=0.1", "readout", qops.Purity(0)), "want Probabilities or expectations"},
		{noisyRead(t, c, "bit-flip=0.1", "readout", qops.Probabilities(7)), "out of range"},
		{noisyRead(t, c, "bit-flip=0.1,readout=0.5", "readout", qops.Paulis("Z")), "says nothing"},
		{noisyRead(t, c, "bit-flip=0.1", "zne=1,3", custom), "MeasureFunc is of states"},
		{noisyRead(t, c, "bit-flip=0.1", "zne=1,1.1", qops.Paulis("Z")), "too few"},
		{func(in ...*G.Node) (*G.Node, error) {
			noisy, err := noiseOf(t, "bit-flip=0.1").Apply(c)
			if err != nil {
				return nil, err
			}
			return qops.MeasureTrajectories(noisy, qops.Paulis("Z").Mitigated(planOf(t, "zne=1,3")),
				qops.Inputs{X: in[0], Theta: in[1]}, qops.Shots{Count: 5, Seeds: seedsFrom(1)})
		}, "is for density matrices"},
		{func(in ...*G.Node) (*G.Node, error) {
			return qops.MeasureCircuit(c, qops.Paulis("Z").Mitigated(planOf(t, "readout")),
				qops.Inputs{X: in[0], Theta: in[1]}, qops.Adjoint)
		}, "mitigated where there is no noise"},
		{func(in ...*G.Node) (*G.Node, error) {
			psi, err := qops.EncodeAmplitude(in[0], qops.EncodeOptions{})
			if err != nil {
				return nil, err
			}
			return qops.Measure(psi, qops.Paulis("Z").Mitigated(planOf(t, "readout")))
		}, "mitigated where there is no noise"},
	} {
		_, _, err := evaluate[float64](w.f, x, theta)
		if w.want == "too few" {
			w.want = "become [1 1]"
		}
		if err == nil || !strings.Contains(err.Error(), w.want) {
			t.Errorf("%v, want %q", err, w.want)
		}
	}
	inputs := tensors(random(1, 1, 3, 4), random(2, 1, c.NumTheta()), random(2, 1, c.NumTheta()))
	noise := noiseOf(t, "bit-flip=0.1,readout=0.1")
	for plan, want := range map[string]string{"weight=1": "conserves no number",
		"zne=1,3:circuit": "folded gate by gate"} {
		_, _, err := evaluate[float64](mitigatedScores(noise, c, c,
			qops.ScoreOptions{Mitigation: planOf(t, plan)}), inputs...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", plan, err, want)
		}
	}
	_, _, err := evaluate[float64](func(in ...*G.Node) (*G.Node, error) {
		return qops.CircuitScores(in[0], c, c, in[1], in[2], qops.ScoreOptions{Mitigation: planOf(t, "readout")})
	}, inputs...)
	if err == nil || !strings.Contains(err.Error(), "where there is no noise") {
		t.Errorf("CircuitScores: %v", err)
	}
	wide := layered(9, 1, false)
	_, _, err = evaluate[float64](mitigatedScores(noise, wide, wide,
		qops.ScoreOptions{Mitigation: planOf(t, "readout"),
			Shots: qops.Shots{Count: 10, Seeds: seedsFrom(1)}}), random(1, 1, 2, 512),
		random(2, 1, wide.NumTheta()),
		random(2, 1, wide.NumTheta()))
	if err == nil || !strings.Contains(err.Error(), "up to 8 qubits") {
		t.Errorf("9 qubits: %v", err)
	}
}

// TestDistribution of the results of a pair against the circuit of each pair, run by itself.
func TestDistribution(t *testing.T) {
	first := circuit.NewNoisy(2)
	second := circuit.NewNoisy(2)
	flip, err := circuit.NewChannel("amplitude-damping", 0.2)
	if err != nil {
		t.Fatal(err)
	}
	a := circuit.New(2).RY(0, circuit.Data(0)).CX(0, 1).RX(1, circuit.Data(1)).RY(0, circuit.Theta(0))
	b := circuit.New(2).RX(1, circuit.Data(0)).RY(0, circuit.Data(1)).CX(1, 0).RZ(0, circuit.Theta(0)).RY(0,
		circuit.Data(0))
	whole := circuit.NewNoisy(2)
	for _, o := range a.Operations() {
		first.Apply(o).Disturb(flip, o.AllQubits()[0])
		whole.Apply(o).Disturb(flip, o.AllQubits()[0])
	}
	back := b.Adjoint().OffsetParams(1, 2)
	for i, o := range b.Operations() {
		second.Apply(o).Disturb(flip, o.AllQubits()[0])
		g := back.Operations()[i]
		whole.Apply(g).Disturb(flip, g.AllQubits()[0])
	}
	for _, read := range [][]int{{0, 1}, {1, 0}, {1}} {
		o, err := statevec.NewNoisyOverlap[float64](2, 3, first, second, read, 1)
		if err != nil {
			t.Fatal(err)
		}
		n := 1 << len(read)
		x, y, theta := random(1, 6, 2).Float64s(), random(2, 6, 2).Float64s(), []float64{0.4, -0.9}
		got := make([]float64, 2*3*3*n)
		in := statevec.Inputs[float64]{Rows: 6, Theta: theta[:1], Data: x}
		other := statevec.Inputs[float64]{Rows: 6, Theta: theta[1:], Data: y}
		if err := o.Distribution(in, other, got); err != nil {
			t.Fatal(err)
		}
		p, err := statevec.NewProbabilities[float64](2, read, 1)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := statevec.CompileDensity[float64](whole)
		if err != nil {
			t.Fatal(err)
		}
		m, err := statevec.NewMeasuredDensity(plan, p, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 18 {
			image, r, c := i/9, i/3%3, i%3
			data := slices.Concat(x[2*(3*image+r):2*(3*image+r)+2], y[2*(3*image+c):2*(3*image+c)+2])
			want := make([]float64, n)
			if err := m.Apply(statevec.Inputs[float64]{Rows: 1, Theta: theta, Data: data}, want); err != nil {
				t.Fatal(err)
			}
			near(t, fmt.Sprint(read, " pair ", i), got[i*n:(i+1)*n], want, 1e-12)
		}
		again := make([]float64, 18)
		if err := o.Apply(in, other, again); err != nil {
			t.Fatal(err)
		}
		for i, v := range again {
			if math.Abs(v-got[i*n]) > 1e-13 {
				t.Errorf("pair %d: Apply gives %v, Distribution %v", i, v, got[i*n])
			}
		}
	}
}
