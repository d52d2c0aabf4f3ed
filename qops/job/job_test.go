package job_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/job"
)

func random(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// layered is RY, or RY and RZ, on each qubit and a ring of CX, some times; the last angle stands in two
// places.
func layered(qubits, layers int, complex bool) *circuit.Circuit {
	c, n := circuit.New(qubits), 0
	for range layers {
		for q := range qubits {
			c.RY(q, circuit.Theta(n))
			if n++; complex {
				c.RZ(q, circuit.Theta(n))
				n++
			}
		}
		for q := 0; q < qubits && qubits > 1; q++ {
			c.CX(q, (q+1)%qubits)
		}
	}
	return c.RY(0, circuit.Theta(n-1).Times(0.5).Plus(0.3))
}

// head returns a head with random numbers, and circuits that differ.
func head(tokens, width int, complex bool) job.Head {
	data := 1
	for 1<<data < width {
		data++
	}
	q, k := layered(data, 2, complex), layered(data, 1, complex)
	return job.Head{Tokens: tokens, Width: width, Image: random(1, tokens*width), Query: q, Key: k,
		ThetaQuery: random(2, q.NumTheta()), ThetaKey: random(3, k.NumTheta())}
}

// fused returns the overlaps by the node, and the gradient of each by the angles.
func fused(t *testing.T, h job.Head) (overlaps, jacobian []float64) {
	t.Helper()
	leaf := func(g *G.ExprGraph, name string, v []float64, shape ...int) *G.Node {
		return G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v)))))
	}
	pairs, angles := h.Tokens*h.Tokens, len(h.ThetaQuery)+len(h.ThetaKey)
	for only := range pairs {
		g := G.NewGraph()
		x := leaf(g, "x", h.Image, 1, h.Tokens, h.Width)
		q := leaf(g, "q", h.ThetaQuery, 1, len(h.ThetaQuery))
		k := leaf(g, "k", h.ThetaKey, 1, len(h.ThetaKey))
		s, err := qops.CircuitScores(x, h.Query, h.Key, q, k, qops.ScoreOptions{Kind: qops.ScoreOverlap})
		if err != nil {
			t.Fatal(err)
		}
		mask := make([]float64, pairs)
		mask[only] = 1
		one, err := G.HadamardProd(s, leaf(g, "mask", mask, 1, 1, h.Tokens, h.Tokens))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := G.Sum(one)
		if err != nil {
			t.Fatal(err)
		}
		grads, err := op.Grad(sum, q, k)
		if err != nil {
			t.Fatal(err)
		}
		m := G.NewTapeMachine(g)
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		values, err := op.Elements[float64](s.Value())
		if err != nil {
			t.Fatal(err)
		}
		overlaps = slices.Clone(values)
		for _, n := range grads {
			v, err := op.Elements[float64](n.Value())
			if err != nil {
				t.Fatal(err)
			}
			jacobian = append(jacobian, v...)
		}
		m.Close()
		if pairs > 16 { // the gradient is for small ones
			return overlaps, nil
		}
	}
	if len(jacobian) != pairs*angles {
		t.Fatalf("%d derivatives, want %d", len(jacobian), pairs*angles)
	}
	return overlaps, jacobian
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Fatalf("%s %d: %.12g, want %.12g", what, i, got[i], want[i])
		}
	}
}

func named(t *testing.T, name string) *device.Device {
	t.Helper()
	d, err := device.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// exactCounts are counts in proportion to the probabilities of the programs, as if no shot were left to
// chance.
func exactCounts(t *testing.T, j *job.Job) []job.Counts {
	t.Helper()
	const shots = 1 << 48
	out := make([]job.Counts, len(j.Programs))
	for i, p := range j.Programs {
		weights, err := p.Probabilities()
		if err != nil {
			t.Fatal(err)
		}
		out[i] = job.Counts{}
		for outcome, w := range weights {
			if n := int(math.Round(w * shots)); n > 0 {
				out[i][fmt.Sprintf("%0*b", len(p.Bits), outcome)] = n
			}
		}
	}
	return out
}

// written returns the job as it comes back from a directory.
func written(t *testing.T, j *job.Job) *job.Job {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "job")
	if err := j.Write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	back, err := job.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(back)
	if err != nil || string(a) != string(b) {
		t.Fatalf("the job comes back as\n%s\nwant\n%s (%v)", b, a, err)
	}
	return back
}

var makers = map[string]func(job.Head, job.Options) (*job.Job, error){"whole": job.Whole, "pairs": job.Pairs}

// TestHeads: from exact probabilities of the programs, as they are read from their files, come the overlaps
// and the derivatives of the fused node: of either kind, in either version, on a device and on none, with
// patches padded and dark, and with angles that stand in several places.
func TestHeads(t *testing.T) {
	dark := head(3, 4, true)
	clear(dark.Image[4:8])
	for name, h := range map[string]job.Head{"real": head(2, 4, false), "padded": head(3, 3, true),
		"dark": dark,
		"one":  head(1, 2, true)} {
		overlaps, jacobian := fused(t, h)
		exact, err := h.Overlaps()
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+", Overlaps", exact, overlaps, 1e-12)
		derivatives, err := h.Jacobian()
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+", Jacobian", derivatives, jacobian, 1e-11)
		for kind, make := range makers {
			for _, o := range []job.Options{{QASM: 2, Gradient: true}, {QASM: 3, Gradient: true},
				{QASM: 2, Device: named(t, "superconducting-19"), Gradient: true, Seed: 3},
				{QASM: 3, Device: named(t, "trapped-ion-20")}} {
				if o.Device != nil && name != "padded" {
					continue
				}
				j, err := make(h, o)
				if err != nil {
					t.Fatal(err)
				}
				j = written(t, j)
				counts := exactCounts(t, j)
				what := fmt.Sprintf("%s, %s, version %d", name, kind, o.QASM)
				got, err := j.Overlaps(counts)
				if err != nil {
					t.Fatal(err)
				}
				near(t, what, got.Values, overlaps, 1e-9)
				if !o.Gradient {
					continue
				}
				slopes, err := j.Jacobian(counts)
				if err != nil {
					t.Fatal(err)
				}
				near(t, what+", derivative", slopes.Values, jacobian, 1e-9)
			}
		}
	}
}

// TestLiteralCircuit: the literal circuit of an image equals the fused node to 1e-10: of 13, 17 and 21
// qubits.
func TestLiteralCircuit(t *testing.T) {
	for _, s := range []struct{ qubits, tokens, width int }{{13, 8, 8}, {17, 16, 16}, {21, 16, 64}} {
		if s.qubits > 17 && testing.Short() {
			continue
		}
		h := head(s.tokens, s.width, true)
		overlaps, _ := fused(t, h)
		j, err := job.Whole(h, job.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := j.Cost().Qubits; got != s.qubits {
			t.Errorf("%d qubits, want %d", got, s.qubits)
		}
		weights, err := j.Programs[0].Probabilities()
		if err != nil {
			t.Fatal(err)
		}
		half := len(weights) / 2
		for i := range overlaps {
			got := weights[i] - weights[half+i]
			if math.Abs(got-overlaps[i]) > 1e-10 {
				t.Fatalf("%d qubits, pair %d: %.12g, want %.12g", s.qubits, i, got, overlaps[i])
			}
		}
	}
}

// TestEstimates are unbiased, with the standard errors that they have.
func TestEstimates(t *testing.T) {
	const runs = 200
	h := head(2, 2, false)
	overlaps, jacobian := fused(t, h)
	for kind, make := range makers {
		j, err := make(h, job.Options{Gradient: true})
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, read func([]job.Counts) (job.Estimate, error), want []float64) {
			mean, square, told := slices.Repeat([]float64{0}, len(want)), slices.Repeat([]float64{0},
				len(want)),
				slices.Repeat([]float64{0}, len(want))
			for run := range runs {
				counts, err := j.Simulate(t.Context(), job.Simulation{Seed: uint64(run),
					Shots: func(int) int { return 200 }})
				if err != nil {
					t.Fatal(err)
				}
				e, err := read(counts)
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range e.Values {
					mean[i] += v / runs
					square[i] += v * v / runs
					told[i] += e.Errors[i] * e.Errors[i] / runs
				}
			}
			for i := range want {
				spread := math.Sqrt(square[i] - mean[i]*mean[i])
				if math.Abs(mean[i]-want[i]) > 4*spread/math.Sqrt(runs)+1e-9 {
					t.Errorf("%s, %s %d: mean %v, want %v", kind, what, i, mean[i], want[i])
				}
				if r := math.Sqrt(told[i]) / spread; spread > 1e-3 && (r < 0.75 || r > 1.3) {
					t.Errorf("%s, %s %d: standard error %v for a spread of %v", kind, what, i,
						math.Sqrt(told[i]), spread)
				}
			}
		}
		check("overlap", j.Overlaps, overlaps)
		check("derivative", j.Jacobian, jacobian)
	}
}
