package device_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/statevec"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ring returns a circuit of layers of rotations and CX on a ring.
func ring(n int) *circuit.Circuit {
	c := circuit.New(n)
	for l := range 2 {
		for q := range n {
			c.RY(q, circuit.Theta(l*n+q))
		}
		for q := range n {
			c.CX(q, (q+1)%n)
		}
	}
	return c
}

// probabilities returns those of all outcomes of a noisy circuit, without noise those of its gates.
func probabilities(t *testing.T, c *circuit.Noisy, theta []float64) []float64 {
	t.Helper()
	d, err := statevec.CompileDensity[float64](c)
	must(t, err)
	p, err := statevec.NewProbabilities[float64](c.Qubits(), nil, 1)
	must(t, err)
	m, err := statevec.NewMeasuredDensity(d, p, 1)
	must(t, err)
	out := make([]float64, p.Outputs())
	must(t, m.Apply(statevec.Inputs[float64]{Rows: 1, Theta: theta}, out))
	return out
}

// TestCircuitOnEveryDevice compiles a circuit, adds the device's noise and compares its outcomes with the
// exact ones: near, but not the same.
func TestCircuitOnEveryDevice(t *testing.T) {
	const n = 4
	rng := rand.New(rand.NewPCG(1, 1))
	c := ring(n)
	theta := make([]float64, c.NumTheta())
	for i := range theta {
		theta[i] = rng.NormFloat64()
	}
	ideal, err := circuit.Noise{}.Apply(c)
	must(t, err)
	exact := probabilities(t, ideal, theta)
	for _, name := range device.Names() {
		d, err := device.Named(name)
		must(t, err)
		if d.Name() != name || d.About() == "" {
			t.Errorf("%s calls itself %q and says %q", name, d.Name(), d.About())
		}
		r, err := d.Compiler(1).Run(c)
		must(t, err)
		part, qubits := r.Compact()
		noisy, err := d.Noisy(part, qubits)
		must(t, err)
		got := probabilities(t, noisy, theta)
		shifted := make([]float64, len(exact)) // of the original's qubits, the others traced out
		for i, p := range got {
			at := 0
			for q := range n {
				place := slices.Index(qubits, r.Last[q])
				at = at<<1 | i>>(part.Qubits()-1-place)&1
			}
			shifted[at] += p
		}
		far := 0.0
		for i, p := range exact {
			far += math.Abs(shifted[i]-p) / 2
		}
		t.Logf("%s: %d gates of two qubits, %d channels, total variation %.4f", name, r.After.TwoQubit,
			noisy.Channels(), far)
		if far < 1e-4 || far > 0.1 {
			t.Errorf("%s: the outcomes are %v off the exact ones", name, far)
		}
	}
}

// TestErrorsAreThoseOfTheFile: the average infidelity of a gate with its noise is the one that the file
// gives, where relaxation is not larger; relaxation alone has its own.
func TestErrorsAreThoseOfTheFile(t *testing.T) {
	const text = `
name: one
qubits: 3
gates: rz-sx-cx
coupling: line
t1: [10.0e-6, 20.0e-6, 30.0e-6]
t2: [15.0e-6, 20.0e-6, 10.0e-6]
durations: {sx: 40.0e-9, cx: 300.0e-9}
errors: {sx: 0.01, cx: 0.05, x: 0.0}
exceptions: [{gate: cx, qubits: [2, 1], error: 0.2}, {gate: sx, qubits: [2], error: 1.0e-9}]
readout: {p10: 0.01, p01: [0.02, 0.03, 0.04]}
`
	d, err := device.Parse([]byte(text))
	must(t, err)
	for _, c := range []struct {
		circuit *circuit.Circuit
		qubits  []int
		want    float64
	}{
		{circuit.New(1).SX(0), []int{0}, 0.01},
		{circuit.New(2).CX(0, 1), []int{0, 1}, 0.05},
		{circuit.New(2).CX(0, 1), []int{1, 2}, 0.2},
		{circuit.New(1).RZ(0, circuit.Const(1)), []int{1}, 0},
		// Relaxation alone: 1/2 − e^(−t/T1)/6 − e^(−t/T2)/3.
		{circuit.New(1).SX(0), []int{2}, 0.5 - math.Exp(-0.04/30)/6 - math.Exp(-0.04/10)/3},
	} {
		noisy, err := d.Noisy(c.circuit, c.qubits)
		must(t, err)
		if got := infidelity(t, noisy); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v on %v: infidelity %v, want %v", c.circuit.Operations(), c.qubits, got, c.want)
		}
	}
	noisy, err := d.Noisy(circuit.New(2).SX(0), []int{2, 0})
	must(t, err)
	if got, want := fmt.Sprint(noisy.Readout()), "[{0.01 0.04} {0.01 0.02}]"; got != want {
		t.Errorf("readout %s, want %s", got, want)
	}
}

// infidelity returns the average one of the channels behind a gate, from the trace of their transfer
// matrices.
func infidelity(t *testing.T, c *circuit.Noisy) float64 {
	t.Helper()
	n := c.Qubits()
	size := 1 << (2 * n)
	total := make([][]float64, size) // of all channels in order
	for i := range total {
		total[i] = make([]float64, size)
		total[i][i] = 1
	}
	for _, s := range c.Steps() {
		if s.Channel.Qubits() == 0 {
			continue
		}
		m := s.Channel.Transfer()
		k := s.Channel.Qubits()
		next := make([][]float64, size)
		for i := range next {
			next[i] = make([]float64, size)
			for j := range next {
				// the entry of the channel on its qubits, the identity elsewhere
				r, col, same := 0, 0, true
				for q := range n {
					a, b := i>>(2*(n-1-q))&3, j>>(2*(n-1-q))&3
					if at := slices.Index(s.Qubits, q); at >= 0 {
						r |= a << (2 * (k - 1 - at))
						col |= b << (2 * (k - 1 - at))
					} else {
						same = same && a == b
					}
				}
				if same {
					for l := range next {
						next[i][l] += m[r<<(2*k)|col] * total[j][l]
					}
				}
			}
		}
		total = next
	}
	trace := 0.0
	for i := range total {
		trace += total[i][i]
	}
	d := math.Ldexp(1, n)
	return 1 - (trace/(d*d)*d+1)/(d+1)
}

// TestWaitingQubitsRelax: a qubit that waits for another's gates decays meanwhile.
func TestWaitingQubitsRelax(t *testing.T) {
	d, err := device.Parse([]byte(
		"name: w\nqubits: 2\ngates: rz-sx-cx\ncoupling: line\nt1: 1.0\nt2: 1.0\ndurations: {sx: 0.25}\n"))
	must(t, err)
	noisy, err := d.Noisy(circuit.New(2).SX(0).SX(0).SX(1).SX(1).SX(1).SX(1), nil)
	must(t, err)
	p := probabilities(t, noisy, nil)
	// Qubit 0 is |1⟩ after 0.5 s but for the decay under its gates, and waits 0.5 s: by e^(−1/2) less.
	alone, err := d.Noisy(circuit.New(1).SX(0).SX(0), []int{0})
	must(t, err)
	one := probabilities(t, alone, nil)[1] * math.Exp(-0.5)
	if got := p[2] + p[3]; math.Abs(got-one) > 1e-12 {
		t.Errorf("qubit 0 is 1 with %v, want %v", got, one)
	}
}

func TestWrongDevices(t *testing.T) {
	const head = "name: x\nqubits: 3\ngates: rz-sx-cx\n"
	parse := func(text string) error { _, err := device.Parse([]byte(text)); return err }
	named := func(name string) error { _, err := device.Named(name); return err }
	read := func(path string) error { _, err := device.Read(path); return err }
	d, err := device.Named("superconducting-19")
	must(t, err)
	noisy := func(c *circuit.Circuit, qubits ...int) error { _, err := d.Noisy(c, qubits); return err }
	path := filepath.Join(t.TempDir(), "d.yaml")
	must(t, os.WriteFile(path, []byte(head+"coupling: star\n"), 0o600))
	for want, err := range map[string]error{
		`no device "superconducting-91"`:           named("superconducting-91"),
		"d.yaml: device: coupling: want all, line": read(path),
		"no such file":                read("nowhere.yaml"),
		"qubits: want 1 to 30, got 0": parse("name: x\n"),
		"gates: ":                     parse("qubits: 2\ngates: foo\n"),
		"unknown field \"qubit\"":     parse("qubit: 2\n"),
		"is not connected: it falls into {0-1} and {2}": parse(head + "coupling: pairs\npairs: [[0, 1]]\n"),
		"grid 2 2 has 4 qubits, and the device 3":       parse(head + "coupling: grid 2 2\n"),
		"want pairs and directed with coupling: pairs":  parse(head + "coupling: line\ndirected: true\n"),
		"T2 of at most 2·T1, got 1 and 3":               parse(head + "coupling: line\nt1: 1.0\nt2: 3.0\n"),
		"t1 and t2: want both or neither":               parse(head + "coupling: line\nt1: 1.0\n"),
		"t2: want one number or 3, got 2":               parse(head + "coupling: line\nt1: 1.0\nt2: [1.0, 1.0]\n"),
		"readout of qubit 0: want probabilities":        parse(head + "coupling: line\nreadout: {p10: 1.5}\n"),
		"durations.cz is 1: want seconds of one":        parse(head + "coupling: line\ndurations: {cz: 1.0}\n"),
		"errors.cx is 0.7: want an infidelity":          parse(head + "coupling: line\nerrors: {cx: 0.7}\n"),
		"exceptions: cx: the map does not couple [0 2]": parse(head +
			"coupling: line\nexceptions: [{gate: cx, qubits: [0, 2], error: 0.1}]\n"),
		"exceptions: sx: want 1 qubits, got [0 1]": parse(head +
			"coupling: line\nexceptions: [{gate: sx, qubits: [0, 1], error: 0.1}]\n"),
		"excited is 2":                                   parse(head + "coupling: line\nexcited: 2.0\n"),
		"want a number or a list of numbers":             parse(head + "coupling: line\nt1: fast\n"),
		"has no gate h":                                  noisy(circuit.New(1).H(0)),
		"does not couple [0 18] for cx":                  noisy(circuit.New(2).CX(0, 1), 0, 18),
		"want different qubits of superconducting-19":    noisy(circuit.New(2).SX(0), 3, 3),
		"want a qubit of superconducting-19 for each of": noisy(circuit.New(2).SX(0), 3),
		"qubit 7 out of range":                           noisy(circuit.New(2).SX(7)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
