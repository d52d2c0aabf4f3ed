package scaling

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/statevec/split"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestRounds(t *testing.T) {
	for ranks, want := range map[int]int{1: 0, 2: 1, 3: 3, 4: 2, 5: 4, 8: 3, 1000: 11, 1024: 10} {
		if got := Rounds(ranks); got != want {
			t.Errorf("%d ranks: %d rounds, want %d", ranks, got, want)
		}
	}
}

// TestTraining: by hand, 64 images in micro-batches of 16, of 1 ms an image.
func TestTraining(t *testing.T) {
	n := Network{Latency: 1e-5, Bandwidth: 1e9}
	a := Training{Batch: 64, Micro: 16, Image: 1e-3, Update: 2e-3, Bytes: 4e6, Add: 1e-3}
	near(t, "a step on one rank", a.On(1, n).Total(), 64e-3+2e-3)
	near(t, "exchanges of two ranks", a.On(2, n).Exchange, 1e-5+4e-3+1e-3)
	near(t, "computing on two ranks", a.On(2, n).Compute, 32e-3)
	near(t, "computing on three ranks", a.On(3, n).Compute, 32e-3) // one has two micro-batches
	near(t, "computing on eight ranks", a.On(8, n).Compute, 16e-3) // four have none
	near(t, "exchanges of eight ranks", a.On(8, n).Exchange, 3*(1e-5+4e-3+1e-3))
	near(t, "strong efficiency", a.Strong(4, n), 66e-3/(4*(16e-3+2*5.01e-3+2e-3)))
	near(t, "weak efficiency", a.Weak(4, n), 66e-3/(64e-3+2*5.01e-3+2e-3))
	odd := Training{Batch: 10, Micro: 16, Image: 1}
	near(t, "a batch that fills no micro-batch", odd.On(1, n).Compute, 10)
}

func TestStates(t *testing.T) {
	n := Network{Latency: 1e-5, Bandwidth: 1e9}
	s := States{Gate: 1e-9, Gradient: 4e-9, Bytes: 8}
	l := Load{Local: 10, Gates: 12, Parts: 6, Amplitudes: 1e6}
	total, exchange := s.Forward(l, n)
	near(t, "exchange", exchange, 6e-5+8e-3)
	near(t, "forward", total-exchange, 1024*12e-9)
	total, exchange = s.Backward(l, n)
	near(t, "exchange of the gradient", exchange, 3*(6e-5+8e-3))
	near(t, "gradient", total-exchange, 1024*48e-9)
}

// TestFit: runs that follow the model exactly give its numbers back.
func TestFit(t *testing.T) {
	n := Network{Latency: 2e-4, Bandwidth: 3e9}
	s := States{Gate: 2e-10, Gradient: 7e-10, Bytes: 8}
	var lines []string
	for _, c := range []struct {
		word                  string
		qubits, layers, ranks int
	}{{"fit", 16, 4, 1}, {"fit", 18, 2, 1}, {"fit", 17, 3, 1}, {"fit", 16, 4, 2}, {"fit", 20, 2, 2},
		{"fit", 21, 6, 4},
		{"check", 22, 3, 4}} {
		l, err := LayeredLoad(c.qubits, c.layers, c.ranks)
		if err != nil {
			t.Fatal(err)
		}
		forward, _ := s.Forward(l, n)
		gradient, exchange := s.Backward(l, n)
		lines = append(lines, fmt.Sprintf("%s hqvit devel state qubits=%d layers=%d ranks=%d threads=1 "+
			"dtype=float32 forward_ms=%v gradient_ms=%v exchange_ms=%v",
			c.word, c.qubits, c.layers, c.ranks, 1e3*forward, 1e3*gradient, 1e3*exchange))
	}
	lines = append(lines, "# what follows is another kind", "",
		"fit hqvit devel optimizer params=1000 update_us=2 add_us=0.5",
		"fit hqvit devel small threads=1 params=1000 train_images_per_s=100 infer_images_per_s=1",
		"check hqvit devel small threads=1 params=1000 train_images_per_s=190 ranks=2 exchange_us_per_step=300")
	runs, err := ReadRuns(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	m, err := runs.Fit()
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]float64{"Gate": {m.States.Gate, s.Gate},
		"Gradient": {m.States.Gradient, s.Gradient},
		"Latency":  {m.Network.Latency, n.Latency}, "Bandwidth": {m.Network.Bandwidth, n.Bandwidth},
		"Update": {m.Update, 2e-9}, "Add": {m.Add, 5e-10}} {
		if d := pair[0]/pair[1] - 1; !(math.Abs(d) < 1e-6) {
			t.Errorf("%s is %v, want %v", what, pair[0], pair[1])
		}
	}
	checks, err := runs.Checks(m, false)
	if err != nil || len(checks) != 3 {
		t.Fatalf("%d checks, error %v", len(checks), err)
	}
	for _, c := range checks {
		if !(math.Abs(c.Error()) < 1e-6) {
			t.Errorf("%s: measured %v, predicted %v", c.What, c.Measured, c.Predicted)
		}
	}
	step, checks, err := runs.Training("small", 64, 16, m)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the step on one rank", step.On(1, n).Total(), 0.64)
	if len(checks) != 2 || checks[0].Measured != 64./190 || checks[1].Measured != 300e-6 {
		t.Errorf("checks %+v", checks)
	}
	if _, _, err := runs.Training("large", 64, 16, m); err == nil {
		t.Error("a model without runs is accepted")
	}
}

// TestNoNegativeCosts: runs that a cost below 0 would fit best give 0.
func TestNoNegativeCosts(t *testing.T) {
	var f slopes
	f.add(1, 1, 1)
	f.add(2, 4, 1.5)
	f.add(3, 9, 1.7)
	a, b, err := f.solve()
	if err != nil || a <= 0 || b != 0 {
		t.Errorf("got %v and %v, error %v, want a number above 0 and 0", a, b, err)
	}
}

func TestWrongRuns(t *testing.T) {
	for line, want := range map[string]string{
		"hqvit devel state":           "line 1: want fit or check",
		"fit something":               "line 1: want fit or check",
		"fit hqvit v s qubits=a":      "qubits=a is no number",
		"fit hqvit v s params=NaN":    "params=NaN is no number",
		"fit hqvit v state qubits=20": "want layers of 0 or more",
		"fit hqvit v hqvit params=1":  "want train_images_per_s of 0 or more",
	} {
		if _, err := ReadRuns(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", line, err, want)
		}
	}
	one := "fit hqvit v state qubits=16 layers=2 ranks=1 forward_ms=1 gradient_ms=2 exchange_ms=0\n"
	runs, err := ReadRuns(strings.NewReader(one + one))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runs.Fit(); err == nil || !strings.Contains(err.Error(), "differ in parts and bytes, got 0") {
		t.Errorf("two equal runs: error %v", err)
	}
}

func TestParseNetwork(t *testing.T) {
	n, err := ParseNetwork("5:12.5")
	if err != nil || n.Latency != 5e-6 || n.Bandwidth != 12.5e9 {
		t.Errorf("got %+v, %v", n, err)
	}
	for _, n := range Networks() {
		if m, err := ParseNetwork(n.Name); err != nil || m != n || n.Source == "" {
			t.Errorf("%s: %+v, %v", n.Name, m, err)
		}
	}
	for _, text := range []string{"", "infiniband", "5", "5:0", "-1:1", "NaN:1", "1:Inf"} {
		if _, err := ParseNetwork(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// TestLayeredCircuit: it is the ansatz of the other layers, and larger.
func TestLayeredCircuit(t *testing.T) {
	if got, want := LayeredCircuit(5, 3).String(), qlayer.Entangling(3)(5).String(); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	l, err := LayeredLoad(40, 4, 1024)
	if err != nil || l.Local != 30 || l.Gates != 480 || l.Exchanges < 1 || l.Exchanges > 8 {
		t.Errorf("got %+v, %v", l, err)
	}
	if one, err := LayeredLoad(1, 3, 1); err != nil || one.Gates != 6 { // without CX
		t.Errorf("one qubit: got %+v, %v", one, err)
	}
	if l.Parts < l.Amplitudes/split.ChunkAmplitudes {
		t.Errorf("%v parts for %v amplitudes", l.Parts, l.Amplitudes)
	}
}

// TestOwn: our runs are read, and give a machine that is one.
func TestOwn(t *testing.T) {
	runs, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	m, err := runs.Fit()
	if err != nil {
		t.Fatal(err)
	}
	if !(m.States.Gate > 0 && m.Network.Bandwidth > 1e6 && m.Network.Bandwidth < 1e12 && m.Update > 0 &&
		m.Add > 0) {
		t.Errorf("fitted %+v", m)
	}
	checks, err := runs.Checks(m, false)
	if err != nil || len(checks) < 4 {
		t.Errorf("%d figures were not fitted, error %v", len(checks), err)
	}
}
