package circuit_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestShiftRules has the rules of the literature: two terms for one frequency, the four-term rule of
// controlled rotations, R terms for 1 … R (arXiv:2107.12390, whose 2R points are these modulo 2π).
func TestShiftRules(t *testing.T) {
	root := math.Sqrt2
	for _, c := range []struct {
		name        string
		frequencies []float64
		want        []circuit.Shift
	}{
		{"none", []float64{0, 0}, nil},
		{"rotation", []float64{1, -1, 0, 1 + 1e-12}, []circuit.Shift{{By: math.Pi / 2, Weight: 0.5}}},
		{"twice as fast", []float64{2}, []circuit.Shift{{By: math.Pi / 4, Weight: 1}}},
		{"controlled rotation", []float64{0.5, 1},
			[]circuit.Shift{{By: math.Pi / 2, Weight: (root + 1) / (4 * root)},
				{By: 3 * math.Pi / 2, Weight: -(root - 1) / (4 * root)}}},
	} {
		got, err := circuit.ShiftRule(c.frequencies)
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: got %v, error %v, want %v", c.name, got, err, c.want)
			continue
		}
		for i, s := range got {
			if math.Abs(s.By-c.want[i].By) > 1e-15 || math.Abs(s.Weight-c.want[i].Weight) > 1e-15 {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
	}
	for r := 1; r <= 8; r++ {
		var frequencies []float64
		for f := range r {
			frequencies = append(frequencies, float64(f+1))
		}
		got, err := circuit.ShiftRule(frequencies)
		if err != nil || len(got) != r {
			t.Fatalf("1 to %d: got %v, error %v", r, got, err)
		}
		for k, s := range got {
			by := (2*float64(k) + 1) * math.Pi / (2 * float64(r))
			weight := math.Pow(-1, float64(k)) / (4 * float64(r) * math.Pow(math.Sin(by/2), 2))
			if math.Abs(s.By-by) > 1e-12 || math.Abs(s.Weight-weight) > 1e-12 {
				t.Errorf("1 to %d, term %d: got %v, want {%v %v}", r, k, s, by, weight)
			}
		}
	}
}

// TestShiftRulesAreExact takes the derivative of waves of uneven frequencies.
func TestShiftRulesAreExact(t *testing.T) {
	frequencies := []float64{0.31, 0.5, 1.7, 1.9, 4.2}
	rule, err := circuit.ShiftRule(frequencies)
	if err != nil {
		t.Fatal(err)
	}
	f := func(a float64) (sum float64) {
		for i, w := range frequencies {
			sum += math.Cos(w*a) + float64(i)*math.Sin(w*a) + 0.3
		}
		return sum
	}
	const at = 0.4
	got, want := 0.0, 0.0
	for _, s := range rule {
		got += s.Weight * (f(at+s.By) - f(at-s.By))
	}
	for i, w := range frequencies {
		want += w * (float64(i)*math.Cos(w*at) - math.Sin(w*at))
	}
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("got %v, want %v, by %v", got, want, rule)
	}
	for _, f := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := circuit.ShiftRule([]float64{1, f}); err == nil ||
			!strings.Contains(err.Error(), "no stable shift rule for the frequencies") {
			t.Errorf("frequency %v: error %v", f, err)
		}
	}
}

// TestSplitParameters finds the eigenvalues of every gate by its generator, and a circuit of the same matrix.
func TestSplitParameters(t *testing.T) {
	want := map[string][]float64{
		"p": {-1, 0}, "rx": {-0.5, 0.5}, "ry": {-0.5, 0.5}, "rz": {-0.5, 0.5},
		"cp": {-1, 0}, "crx": {-0.5, 0, 0.5}, "crz": {-0.5, 0, 0.5},
		"rzz": {-0.5, 0.5}, "rbs": {-1, 0, 1}, "givens": {-0.5, 0, 0.5},
	}
	eachGate(t, checkSplit)
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-15 }
	for name, w := range want {
		_, theta, _, err := single(mustGate(name)).SplitParameters()
		if err != nil || !slices.EqualFunc(theta[0].Eigenvalues, w, near) {
			t.Errorf("%s: eigenvalues %v, error %v, want %v", name, theta[0].Eigenvalues, err, w)
		}
	}
	c := circuit.New(2).RX(0, circuit.Theta(1)).RX(1, circuit.Theta(1).Times(2)).
		Control([]int{0}, mustGate("rx"), []circuit.Angle{circuit.Data(3)}, 1).RY(0, circuit.Const(1))
	out, theta, data, err := c.SplitParameters()
	if err != nil || len(theta) != 2 || len(data) != 1 || theta[1].Angle != circuit.Theta(1).Times(2) ||
		data[0].Angle != circuit.Data(3) ||
		out.NumTheta() != 2 || out.NumData() != 1 || len(data[0].Eigenvalues) != 3 {
		t.Errorf("theta %v, data %v, error %v", theta, data, err)
	}
	if _, _, _, err := circuit.New(1).H(1).SplitParameters(); err == nil {
		t.Error("no error for a circuit with errors")
	}
}

// checkSplit compares the gate with its split form, whose angles are the places of the gate's angles.
func checkSplit(t *testing.T, k circuit.Gate, a []float64) {
	t.Helper()
	out, theta, data, err := single(k).SplitParameters()
	if err != nil || len(data) > 0 || len(theta) < k.Angles() {
		t.Fatalf("theta %v, data %v, error %v", theta, data, err)
	}
	var values []float64
	for _, place := range theta {
		values = append(values, place.Angle.Value(a, nil))
	}
	same(t, "split", matrix(t, out, values, nil), k.Matrix(a), 1e-13)
}
