package job_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestDamagedJobs: what was changed is said by its name.
func TestDamagedJobs(t *testing.T) {
	for name, c := range map[string]struct {
		file, old, new, want string
	}{
		"version": {"manifest.json", `"version": 1`, `"version": 2`,
			`manifest.json: format is "hqvit job" and version 2`},
		"format": {"manifest.json", `"hqvit job"`, `"mine"`, `format is "mine"`},
		"key":    {"manifest.json", `"seed": 0,`, `"seed": 0, "sed": 1,`, `unknown field "sed"`},
		"kind":   {"manifest.json", `"kind": "pairs"`, `"kind": "pears"`, `kind is "pears"`},
		"tokens": {"manifest.json", `"tokens": 2`, `"tokens": 3`, "do not go together"},
		"shots":  {"manifest.json", `"shots": 10000`, `"shots": 0`, "shots is 0"},
		"pair": {"manifest.json", "\"pair\": [\n    0,\n    1\n   ]", `"pair": [0, 2]`,
			"program pair-0-1: pair is [0 2]"},
		"name":  {"manifest.json", `"pair-0-1"`, `"../pair"`, `program "../pair": want a name`},
		"twice": {"manifest.json", `"pair-0-1"`, `"pair-0-0"`, `program "pair-0-0": want a name of its own`},
		"qubits": {"manifest.json", "\"qubits\": [\n    0\n   ]", `"qubits": [1]`,
			"it measures the qubits [0] into 1 bits"},
		"no share": {"manifest.json", "\"shares\": [\n", "\"shares\": [\n0,", "do not go together"},
		"qasm": {"manifest.json", `"qasm": 3`, `"qasm": 2`,
			"pair-0-0.qasm begins otherwise than manifest.json says"},
		"purpose":     {"manifest.json", `of patch 0 and`, `of patch 1 and`, "pair-0-0.qasm begins otherwise"},
		"no JSON":     {"manifest.json", `{`, `[`, "it is damaged"},
		"a program":   {"pair-1-0.qasm", "ry", "rx", "pair-1-0.qasm is not as it was written"},
		"no program":  {"pair-1-0.qasm", "", "", "no such file"},
		"no manifest": {"manifest.json", "", "", "there is no manifest.json: want the directory of a job"},
	} {
		j, err := job.Pairs(head(2, 2, false), job.Options{})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "job")
		if err := j.Write(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, c.file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.old == "" {
			err = os.Remove(path)
		} else {
			if !strings.Contains(string(text), c.old) {
				t.Fatalf("%s: no %s in\n%s", name, c.old, text)
			}
			err = os.WriteFile(path, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := job.Open(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// TestWrongCalls of every exported function.
func TestWrongCalls(t *testing.T) {
	good := head(2, 2, false)
	spoilt := map[string]func(h *job.Head){
		"no tokens": func(h *job.Head) { h.Tokens = 0 }, "no width": func(h *job.Head) { h.Width = -1 },
		"a short image":    func(h *job.Head) { h.Image = h.Image[1:] },
		"zeros":            func(h *job.Head) { h.Image = make([]float64, 4) },
		"no circuit":       func(h *job.Head) { h.Key = nil },
		"a broken circuit": func(h *job.Head) { h.Query = circuit.New(1).H(7) },
		"a large circuit":  func(h *job.Head) { h.Key = layered(2, 1, false) },
		"data":             func(h *job.Head) { h.Key = circuit.New(1).RY(0, circuit.Data(0)) },
		"no angles":        func(h *job.Head) { h.ThetaKey = nil },
		"infinity":         func(h *job.Head) { h.ThetaKey = []float64{1 / zero} },
		"an image of NaN":  func(h *job.Head) { h.Image = []float64{1, 2, zero / zero, 1} },
	}
	var calls []apitest.Misuse
	for what, spoil := range spoilt {
		h := good
		spoil(&h)
		wrong := func(name string, call func() error) {
			calls = append(calls, apitest.Wrong(name, what,
				call))
		}
		wrong("Whole", func() error { _, err := job.Whole(h, job.Options{}); return err })
		wrong("Pairs", func() error { _, err := job.Pairs(h, job.Options{}); return err })
		wrong("Head.Overlaps", func() error { _, err := h.Overlaps(); return err })
		wrong("Head.Jacobian", func() error { _, err := h.Jacobian(); return err })
	}
	observable := []statevec.Observable{{{Coefficient: 1, Pauli: "Z"}}}
	ions, err := device.Named("trapped-ion-20")
	if err != nil {
		t.Fatal(err)
	}
	for what, o := range map[string]job.Options{"version 4": {QASM: 4}, "shots": {Shots: -1},
		"an empty device": {
			Device: &device.Device{}}, "gates that version 2 lacks": {QASM: 2, Device: &ions}} {
		calls = append(calls,
			apitest.Wrong("Options.Check", what, o.Check),
			apitest.Wrong("Whole", what, func() error { _, err := job.Whole(good, o); return err }),
			apitest.Wrong("Pairs", what, func() error { _, err := job.Pairs(good, o); return err }),
			apitest.Wrong("Measure", what, func() error {
				_, err := job.Measure(circuit.New(1), observable,
					o)
				return err
			}))
	}
	for what, call := range map[string]func() (*job.Job, error){
		"nil": func() (*job.Job, error) { return job.Measure(nil, observable, job.Options{}) },
		"broken": func() (*job.Job, error) {
			return job.Measure(circuit.New(1).H(3), observable,
				job.Options{})
		},
		"free angles": func() (*job.Job, error) {
			return job.Measure(layered(1, 1, false), observable,
				job.Options{})
		},
		"a gradient": func() (*job.Job, error) {
			return job.Measure(circuit.New(1), observable,
				job.Options{Gradient: true})
		},
		"no observables": func() (*job.Job, error) { return job.Measure(circuit.New(1), nil, job.Options{}) },
		"another size": func() (*job.Job, error) {
			return job.Measure(circuit.New(2), observable,
				job.Options{})
		},
	} {
		calls = append(calls, apitest.Wrong("Measure", what, func() error { _, err := call(); return err }))
	}
	j, err := job.Whole(good, job.Options{})
	if err != nil {
		t.Fatal(err)
	}
	two := twoPrograms(t)
	d, err := device.Named("superconducting-19")
	if err != nil {
		t.Fatal(err)
	}
	one := func(int) int { return 1 }
	for name, list := range map[string]map[string]func() error{
		"Open": {"nothing there": func() error { _, err := job.Open("none"); return err }},
		"CheckNew": {"a file": func() error { return job.CheckNew("counts_test.go") },
			"other things": func() error { return job.CheckNew(".") }},
		"Job.Write": {"nil": func() error { return (*job.Job)(nil).Write(t.Context(), "x") },
			"no name": func() error {
				return j.Write(t.Context(),
					"")
			}, "no context": func() error { return j.Write(noContext, "x") },
			"a folder that is a file": func() error { return j.Write(t.Context(), "counts_test.go/job") }},
		"Job.Counts": {"nil": func() error { _, err := (*job.Job)(nil).Counts(job.Little); return err },
			"nothing": func() error { _, err := j.Counts(job.Little); return err },
			"order":   func() error { _, err := j.Counts(5); return err }},
		"Job.Overlaps": {"nil": func() error { _, err := (*job.Job)(nil).Overlaps(nil); return err },
			"no counts":     func() error { _, err := j.Overlaps(nil); return err },
			"no shots":      func() error { _, err := j.Overlaps([]job.Counts{{}}); return err },
			"other bits":    func() error { _, err := j.Overlaps([]job.Counts{{"01": 1}}); return err },
			"other letters": func() error { _, err := j.Overlaps([]job.Counts{{"0a1": 1}}); return err },
			"negative": func() error {
				_, err := j.Overlaps([]job.Counts{{"001": -1,
					"000": 5}})
				return err
			},
			"of another kind": func() error {
				_, err := two.Overlaps([]job.Counts{{"001": 1},
					{"00": 1}})
				return err
			},
			"an empty job": func() error { _, err := new(job.Job).Overlaps([]job.Counts{}); return err },
			"a job of nothing": func() error {
				_, err := (&job.Job{Kind: job.PatchPairs, Tokens: 1, Shares: []float64{1},
					Programs: []job.Program{{}}}).Overlaps([]job.Counts{{"": 1}})
				return err
			}},
		"ReadResult": {"no file": func() error { _, err := job.ReadResult("nowhere/counts.json"); return err }},
		"Job.Matches": {"nil": func() error { return (*job.Job)(nil).Matches(good) },
			"no head":         func() error { return j.Matches(job.Head{}) },
			"of another kind": func() error { return (&job.Job{Kind: job.Observables}).Matches(good) }},
		"Job.Jacobian": {"no gradient": func() error {
			_, err := j.Jacobian([]job.Counts{{"001": 1}})
			return err
		},
			"no counts": func() error { _, err := j.Jacobian(nil); return err }},
		"Job.Expectations": {"of another kind": func() error {
			_, err := j.Expectations([]job.Counts{{"001": 1}})
			return err
		},
			"no counts": func() error { _, err := two.Expectations(nil); return err }},
		"Job.Simulate": {"nil": func() error {
			_, err := (*job.Job)(nil).Simulate(t.Context(),
				job.Simulation{Shots: one})
			return err
		},
			"no shots": func() error { _, err := j.Simulate(t.Context(), job.Simulation{}); return err },
			"no context": func() error {
				_, err := j.Simulate(noContext,
					job.Simulation{Shots: one})
				return err
			},
			"a panic": func() error {
				_, err := j.Simulate(t.Context(), job.Simulation{Shots: func(int) int { panic("the caller's") }})
				return err
			},
			"another device": func() error {
				_, err := j.Simulate(t.Context(), job.Simulation{Shots: one,
					Device: &d})
				return err
			},
			"negative": func() error {
				_, err := j.Simulate(t.Context(), job.Simulation{Shots: func(int) int { return -1 }})
				return err
			},
			"an empty program": func() error {
				_, err := (&job.Job{Programs: []job.Program{{}}}).Simulate(t.Context(),
					job.Simulation{Shots: one})
				return err
			}},
		"Program.Probabilities": {"empty": func() error {
			_, err := job.Program{}.Probabilities()
			return err
		}},
	} {
		for what, call := range list {
			calls = append(calls, apitest.Wrong(name, what, call))
		}
	}
	calls = append(calls, apitest.Harmless("Job.Cost", "empty", func() { new(job.Job).Cost() }),
		apitest.Harmless("Reversed", "nothing", func() { job.Reversed("") }),
		apitest.Harmless("Digest", "nothing", func() { job.Digest(nil) }))
	apitest.Check(t, ".", calls, map[string]string{"Counts.Shots": "a sum", "Program.File": "a text",
		"Job.HasGradient": "an answer", "Job.Unshifted": "a part of what is there"})
	apitest.NilReceivers(t, (*job.Job)(nil))
}
