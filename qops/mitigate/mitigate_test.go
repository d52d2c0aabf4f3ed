package mitigate_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// TestCoefficients are those written out by hand, and fit every polynomial that they should.
func TestCoefficients(t *testing.T) {
	for _, c := range []struct {
		zne      mitigate.ZNE
		want     []float64
		variance float64
	}{
		{mitigate.ZNE{Scales: []float64{1, 2, 3}}, []float64{3, -3, 1}, 19},
		{mitigate.ZNE{Scales: []float64{1, 3, 5}}, []float64{15. / 8, -10. / 8, 3. / 8}, 334. / 64},
		{mitigate.ZNE{Scales: []float64{1, 3}}, []float64{1.5, -0.5}, 2.5},
		{mitigate.ZNE{Scales: []float64{1, 3}, Fit: mitigate.Linear}, []float64{1.5, -0.5}, 2.5},
		{mitigate.ZNE{Scales: []float64{1, 2, 3}, Fit: mitigate.Linear}, []float64{4. / 3, 1. / 3, -2. / 3},
			21. / 9},
	} {
		got, err := c.zne.Coefficients()
		if err != nil {
			t.Fatal(err)
		}
		for k := range got {
			if math.Abs(got[k]-c.want[k]) > 1e-14 {
				t.Errorf("%v: %v, want %v", c.zne, got, c.want)
			}
		}
		if v, err := c.zne.Variance(); err != nil || math.Abs(v-c.variance) > 1e-13 {
			t.Errorf("%v: variance %v, %v, want %v", c.zne, v, err, c.variance)
		}
	}
}

// TestFits are exact for the curves that they are made for.
func TestFits(t *testing.T) {
	scales := []float64{1, 1.8, 3, 4.5}
	curves := map[mitigate.Fit]func(s float64) float64{
		mitigate.Richardson:  func(s float64) float64 { return 0.7 - 0.3*s + 0.05*s*s - 0.01*s*s*s },
		mitigate.Linear:      func(s float64) float64 { return 0.7 - 0.11*s },
		mitigate.Exponential: func(s float64) float64 { return 0.0625 - 0.4*math.Exp(-0.3*s) },
	}
	for fit, curve := range curves {
		e, err := mitigate.ZNE{Scales: scales, Fit: fit}.At(scales)
		if err != nil {
			t.Fatal(err)
		}
		var values []float64
		for _, s := range scales {
			values = append(values, curve(s))
		}
		slopes := make([]float64, len(scales))
		if got := e.Value(values, 0.0625, slopes); math.Abs(got-curve(0)) > 1e-13 {
			t.Errorf("%v: %v, want %v", fit, got, curve(0))
		}
		for k := range values {
			const h = 1e-5
			up, down := slices.Clone(values), slices.Clone(values)
			up[k] += h
			down[k] -= h
			want := (e.Value(up, 0.0625, nil) - e.Value(down, 0.0625, nil)) / (2 * h)
			if math.Abs(slopes[k]-want) > 1e-8 {
				t.Errorf("%v: slope %d is %v, want %v", fit, k, slopes[k], want)
			}
		}
		// on both sides of the limit there is no exponential: a line, and never NaN
		if got := e.Value([]float64{0.1, 0.0625, 0.02, 0.3}, 0.0625, slopes); math.IsNaN(got) ||
			math.IsInf(got, 0) {
			t.Errorf("%v: %v of values on both sides of the limit", fit, got)
		}
	}
}

// TestParse reads what String writes, and refuses the rest in the words of the caller.
func TestParse(t *testing.T) {
	for _, text := range []string{"", "zne=1,3", "zne=1,3,5:linear", "zne=1,1.5,3:exponential:circuit",
		"zne=1,3:circuit",
		"readout", "readout=least-squares", "parity=1", "weight=3", "zne=1,2,3+readout+weight=1"} {
		p, err := mitigate.Parse(text)
		if err != nil || p.String() != text || p.None() != (text == "") {
			t.Errorf("%q: %q, %v", text, p, err)
		}
	}
	if p, err := mitigate.Parse(" readout + zne=1, 3:richardson"); err != nil ||
		p.String() != "zne=1,3+readout" {
		t.Errorf("%q, %v", p, err)
	}
	for text, want := range map[string]string{
		"znee=1,3":            `no method "znee" (did you mean zne?)`,
		"readuot":             `did you mean readout?`,
		"zne":                 "want scales of the noise, such as zne=1,3,5",
		"zne=1":               "want two or more",
		"zne=3,1":             "want rising numbers from 1",
		"zne=0,1":             "want rising numbers from 1",
		"zne=1,100":           "to 99",
		"zne=1,1.00000001":    "at least 0.1 apart",
		"parity=+1":           `parity="+1", want a whole number`,
		"zne=1,NaN":           "want rising numbers",
		"zne=1,3:liner":       `no fit "liner" (did you mean linear?)`,
		"zne=1,3:":            `no fit ""`,
		"zne=1,3:circuit:x":   `no fit "circuit:x"`,
		"readout=least-sqare": "did you mean least-squares?",
		"readout=":            "want readout alone",
		"readout+readout":     "comes twice",
		"parity=0+weight=1":   "beside another symmetry",
		"parity=2":            "want 0 for an even",
		"weight=-1":           "want a number of ones",
		"weight=one":          "want a whole number",
		"zne=1,3+":            `no method ""`,
	} {
		if _, err := mitigate.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, p := range []mitigate.Plan{{Readout: 7}, {Keep: mitigate.Symmetry{Of: 9}},
		{Keep: mitigate.Symmetry{Value: 1}},
		{ZNE: mitigate.ZNE{Fit: mitigate.Linear}}, {ZNE: mitigate.ZNE{Scales: []float64{1, 3}, Fit: -1}}} {
		if p.Check() == nil {
			t.Errorf("%+v has no mistake", p)
		}
	}
}

// TestFold counts gates and channels at each scale, and the whole stays the same unitary.
func TestFold(t *testing.T) {
	noise, err := circuit.ParseNoise("depolarizing=0.01,amplitude-damping=0.02,readout=0.1:0.2")
	if err != nil {
		t.Fatal(err)
	}
	ideal := circuit.New(2).H(0).RX(0, circuit.Theta(0)).CX(0, 1).S(1).RZ(1, circuit.Data(0)).CX(1, 0).T(0).SX(1)
	c, err := noise.Apply(ideal)
	if err != nil {
		t.Fatal(err)
	}
	bind := func(c *circuit.Circuit) circuit.Matrix {
		m, err := c.Matrix([]float64{0.7}, []float64{-1.1})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, whole := range []bool{false, true} {
		for _, scale := range []float64{1, 1.5, 2, 3, 4, 5, 9} {
			folded, reached, err := mitigate.Fold(c, scale, whole)
			if err != nil {
				t.Fatal(err)
			}
			if odd := math.Mod(scale, 2) == 1; math.Abs(reached-scale) > 2./8 || odd && reached != scale {
				t.Errorf("whole %v: scale %v became %v", whole, scale, reached)
			}
			gates := len(folded.Ideal().Operations())
			if want := int(math.Round(reached * 8)); gates != want {
				t.Errorf("whole %v, scale %v: %d gates, want %d", whole, scale, gates, want)
			}
			if scale == 3 && folded.Channels() != 3*c.Channels() {
				t.Errorf("whole %v: %d channels, want 3 times %d", whole, folded.Channels(), c.Channels())
			}
			if d := bind(folded.Ideal()).Distance(bind(ideal)); d > 1e-12 {
				t.Errorf("whole %v, scale %v: the circuit is another one, off by %v", whole, scale, d)
			}
			if !slices.Equal(folded.Readout(), c.Readout()) {
				t.Error("the errors of readout are lost")
			}
		}
	}
	if _, _, err := mitigate.Fold(c, 0.5, false); err == nil {
		t.Error("a scale of 0.5 is taken")
	}
	if _, _, err := mitigate.Fold(nil, 3, false); err == nil {
		t.Error("no circuit is taken")
	}
	one, err := noise.Apply(circuit.New(1).H(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := (mitigate.ZNE{Scales: []float64{1, 1.2, 3}}).Fold(one); err == nil ||
		!strings.Contains(err.Error(), "become [1 1 3]") {
		t.Errorf("scales that one gate cannot have: %v", err)
	}
}

// TestSimulated: the circuits for a simulator have the effect of the folded ones, with fewer gates where the
// noise depolarises, and as many where it does not.
func TestSimulated(t *testing.T) {
	ideal := circuit.New(2).H(0).RX(0, circuit.Theta(0)).CX(0, 1).S(1).RZ(1, circuit.Data(0)).CX(1, 0).T(0).SX(1)
	for text, fewer := range map[string]bool{"depolarizing=0.05,readout=0.1": true,
		"amplitude-damping=0.05": false} {
		noise, err := circuit.ParseNoise(text)
		if err != nil {
			t.Fatal(err)
		}
		c, err := noise.Apply(ideal)
		if err != nil {
			t.Fatal(err)
		}
		z := mitigate.ZNE{Scales: []float64{1, 2, 5}}
		folded, _, err := z.Fold(c)
		if err != nil {
			t.Fatal(err)
		}
		simulated, _, err := z.Simulated(c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range folded {
			a, b := outcomes(t, folded[i]), outcomes(t, simulated[i])
			for x := range a {
				if math.Abs(a[x]-b[x]) > 1e-13 {
					t.Errorf("%s, circuit %d: %v, want %v", text, i, b, a)
				}
			}
			if short := len(simulated[i].Ideal().Operations()) < len(
				folded[i].Ideal().Operations()); short != (fewer && i > 0) {
				t.Errorf("%s, circuit %d: fewer gates is %v", text, i, short)
			}
		}
	}
}

// outcomes returns the probabilities of a circuit by its Kraus operators, on matrices of 4 × 4.
func outcomes(t *testing.T, c *circuit.Noisy) []float64 {
	t.Helper()
	rho := make(circuit.Matrix, 16)
	rho[0] = 1
	on := func(m circuit.Matrix, qubits []int) circuit.Matrix {
		whole, err := circuit.New(2).Unitary(m, qubits...).Matrix(nil, nil)
		if err == nil {
			return whole
		}
		out := make(circuit.Matrix, 16) // not unitary: entry by entry
		k := len(qubits)
		pick := func(x int) (own, rest int) {
			for i, q := range qubits {
				bit := x >> (1 - q) & 1
				own |= bit << (k - 1 - i)
				rest |= 1 << (1 - q)
			}
			return own, x &^ rest
		}
		for r := range 4 {
			for s := range 4 {
				i, a := pick(r)
				j, b := pick(s)
				if a == b {
					out[r*4+s] = m[i<<k+j]
				}
			}
		}
		return out
	}
	for _, s := range c.Steps() {
		if s.Channel.Qubits() == 0 {
			one := circuit.NewNoisy(2).Apply(s.Operation).Ideal()
			u, err := one.Matrix([]float64{0.7}, []float64{-1.1})
			if err != nil {
				t.Fatal(err)
			}
			rho = u.Mul(rho).Mul(u.Dagger())
			continue
		}
		sum := make(circuit.Matrix, 16)
		for _, k := range s.Channel.Kraus() {
			m := on(k, s.Qubits)
			for i, v := range m.Mul(rho).Mul(m.Dagger()) {
				sum[i] += v
			}
		}
		rho = sum
	}
	var p []float64
	for i := range 4 {
		p = append(p, real(rho[5*i]))
	}
	return p
}
