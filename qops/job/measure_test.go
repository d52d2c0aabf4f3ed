package job_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestMeasure: from exact probabilities come the expectations, on a device too.
func TestMeasure(t *testing.T) {
	c := layered(3, 1, true).Bind(random(4, 6), nil)
	observables := []statevec.Observable{
		{{Coefficient: 0.5, Pauli: "XYI"}, {Coefficient: -1, Pauli: "IYZ"}, {Coefficient: 2, Pauli: "III"}},
		{{Coefficient: 1, Pauli: "ZZZ"}, {Coefficient: 0.25, Pauli: "XIZ"}, {Coefficient: 0, Pauli: "YYY"}},
		{{Coefficient: 3, Pauli: "III"}},
	}
	plan, err := statevec.Compile[float64](c)
	if err != nil {
		t.Fatal(err)
	}
	read, err := statevec.NewExpectations[float64](3, observables, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := statevec.NewMeasuredCircuit(plan, read, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 3)
	if err := m.Apply(statevec.Inputs[float64]{Rows: 1}, want); err != nil {
		t.Fatal(err)
	}
	for _, o := range []job.Options{{}, {QASM: 2, Device: named(t, "superconducting-19")}} {
		j, err := job.Measure(c, observables, o)
		if err != nil {
			t.Fatal(err)
		}
		j = written(t, j)
		got, err := j.Expectations(exactCounts(t, j))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "expectation", got.Values, want, 1e-9)
		if len(j.Programs) != 2 || got.Errors[2] != 0 {
			t.Errorf("%d programs, want 2 groups; a constant has the error %v", len(j.Programs),
				got.Errors[2])
		}
		counts, err := j.Simulate(t.Context(), job.Simulation{Shots: func(int) int { return 100_000 },
			Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		if got, err = j.Expectations(counts); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if math.Abs(got.Values[i]-want[i]) > 4*got.Errors[i]+1e-12 {
				t.Errorf("observable %d: %v ± %v, want %v", i, got.Values[i], got.Errors[i], want[i])
			}
		}
	}
}

// TestNoise: a program of a device, with its noise, is DeviceScores.
func TestNoise(t *testing.T) {
	h, d := head(2, 4, true), named(t, "superconducting-19")
	j, err := job.Pairs(h, job.Options{Device: d, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	j = written(t, j)
	counts, err := j.Simulate(t.Context(), job.Simulation{Device: d, Shots: func(int) int { return 1 << 48 }})
	if err != nil {
		t.Fatal(err)
	}
	got, err := j.Overlaps(counts)
	if err != nil {
		t.Fatal(err)
	}
	g := G.NewGraph()
	leaf := func(name string, v []float64, shape ...int) *G.Node {
		return G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v)))))
	}
	s, err := qops.DeviceScores(leaf("x", h.Image, 1, 2, 4), h.Query, h.Key, leaf("q", h.ThetaQuery, 1, 8),
		leaf("k", h.ThetaKey, 1, 4), func(c *circuit.Circuit) (*circuit.Noisy, []int,
			error) {
			return d.Compile(c, 1)
		},
		qops.ScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	want, err := op.Elements[float64](s.Value())
	if err != nil {
		t.Fatal(err)
	}
	near(t, "noisy overlap", got.Values, want,
		2e-3) // its places are split, so that it is compiled another way
	exact, err := h.Overlaps()
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(got.Values, exact) || math.Abs(got.Values[0]-exact[0]) < 1e-4 {
		t.Error("there is no noise")
	}
	// By trajectories the same but for what so few runs leave, at most the deviation of a probability in one.
	const runs = 3000
	counts, err = j.Simulate(t.Context(), job.Simulation{Device: d, Trajectories: runs,
		Shots: func(int) int { return 1 << 48 }})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := j.Overlaps(counts)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "noisy overlap by trajectories", drawn.Values, got.Values, 4/math.Sqrt(runs))
	if slices.Equal(drawn.Values, got.Values) {
		t.Error("by trajectories it is exact")
	}
	for _, runs := range []int{1, -1} {
		s := job.Simulation{Trajectories: runs, Shots: func(int) int { return 1 }}
		if _, err := j.Simulate(t.Context(), s); err == nil {
			t.Errorf("%d trajectories without a device are accepted", runs)
		}
	}
	if _, err := j.Simulate(t.Context(), job.Simulation{Shots: func(int) int { return 0 }}); err == nil {
		t.Error("no shots are accepted")
	}
}

// TestWriteKeepsWhatIsThere, and leaves nothing behind.
func TestWriteKeepsWhatIsThere(t *testing.T) {
	parent := t.TempDir()
	j, err := job.Whole(head(2, 2, false), job.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "job")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := j.Write(t.Context(), dir); err != nil { // into an empty one
		t.Fatal(err)
	}
	if err := j.Write(t.Context(), dir); err == nil {
		t.Error("a job is written over another one")
	}
	other := filepath.Join(parent, "notes")
	if err := os.WriteFile(other, []byte("call the dentist"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := j.Write(t.Context(), other); err == nil {
		t.Error("a job is written over a file")
	}
	for name, target := range map[string]string{"link": t.TempDir(), "dangling": "nowhere"} {
		link := filepath.Join(t.TempDir(), name)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{link, link + "/"} {
			if err := j.Write(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is a link") {
				t.Errorf("a link to %s: error %v", target, err)
			}
		}
		if to, err := os.Readlink(link); err != nil || to != target {
			t.Errorf("the link leads to %q, want %q (%v)", to, target, err)
		}
	}
	t.Chdir(t.TempDir())
	if err := job.CheckNew("."); err == nil || !strings.Contains(err.Error(), ". is the working directory") {
		t.Errorf("the working directory: error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Write(ctx, filepath.Join(parent, "new")); err == nil {
		t.Error("it goes on after the end")
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 2 {
		t.Errorf("%v is left, %v", entries, err)
	}
}
