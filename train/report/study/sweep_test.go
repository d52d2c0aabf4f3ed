package study_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/report/study"
)

// sweepOf returns a sweep of some values whose accuracy follows from the value, and counts its calls.
func sweepOf(calls *int, fail string, values ...string) *study.Sweep {
	s := &study.Sweep{}
	for _, v := range values {
		for _, m := range []string{"", "zne=1,3"} {
			s.Points = append(s.Points, study.SweptPoint{Setting: "depolarizing", Value: v, Beside: "shots=7",
				Mitigation: m, Images: 40})
		}
	}
	s.Measure = func(_ context.Context, dir string, p study.SweptPoint) (study.SweptPoint, error) {
		if p.Value == fail {
			return p, errors.New("it fails")
		}
		*calls++
		v, err := strconv.ParseFloat(p.Value, 64)
		seed := float64(dir[len(dir)-1]-'0') / 1000
		p.Accuracy, p.Exact, p.Relative = 0.9-v+seed, 0.9+seed, v/2
		if p.Mitigation != "" {
			p.Accuracy, p.Relative = 0.9-v/10-seed, v/10
		}
		return p, err
	}
	return s
}

// TestSweep: a finished run is evaluated once at each value; one that stops goes on; a later sweep, and one
// without any, keep what there is; the tables and the claims say what the runs have.
func TestSweep(t *testing.T) {
	dir, calls := t.TempDir(), 0
	s := newStudy(t, dir)
	s.Entries[1].Unswept = "it has no circuits"
	s.Sweep = sweepOf(&calls, "0.1", "0", "0.01", "0.1")
	if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "it fails") {
		t.Fatalf("a sweep that fails: %v", err)
	}
	if calls != 3*4 {
		t.Errorf("%d evaluations before the failure, want 4 of each seed", calls)
	}
	s.Sweep = sweepOf(&calls, "", "0", "0.01", "0.1")
	if _, err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if calls != 3*6 {
		t.Errorf("%d evaluations, want 6 of each seed: what is there is kept", calls)
	}
	s.Sweep = sweepOf(&calls, "", "0.03")
	if _, err := s.Run(context.Background()); err != nil || calls != 3*8 {
		t.Errorf("%d evaluations, %v", calls, err)
	}
	s.Sweep = nil
	results, err := s.Run(context.Background())
	if err != nil || calls != 3*8 {
		t.Errorf("%d evaluations, %v", calls, err)
	}
	if n := len(results.Models[0].Runs[2].Sweep); n != 8 {
		t.Errorf("the results have %d points of a run, want 8", n)
	}
	if n := len(results.Models[1].Runs[0].Sweep); n != 0 {
		t.Errorf("a model that is left out has %d points", n)
	}
	if err := results.Save(dir); err != nil {
		t.Fatal(err)
	}
	read, err := study.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	text := read.Markdown()
	for _, want := range []string{"| depolarizing, shots=7 | wide:one | wide:one, zne=1,3 |",
		"| 0 | 90.20 ± 0.10 %, 0 | 89.80 ± 0.10 %, 0 |",
		"| 0.03 | 87.20 ± 0.10 %, 0.015 | 89.50 ± 0.10 %, 0.003 |\n| 0.1 |",
		"on the first 40 test images", "means over 3 seeds"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	html, err := os.ReadFile(filepath.Join(dir, study.HTMLFile))
	if err != nil || !strings.Contains(string(html), `<h2 id="sweeps">`) ||
		!strings.Contains(string(html), "<th>wide:one, zne=1,3</th>") {
		t.Errorf("the HTML report has no sweep, %v", err)
	}
	page := filepath.Join(t.TempDir(), "page.md")
	if err := study.WritePage(page, "# x\n", []string{dir}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "sweep-depolarizing-shots-7.svg")); err != nil {
		t.Error(err)
	}
	studies := map[string]*study.Results{"a": read}
	for in, want := range map[string]string{
		`{{swept "a" "wide:one" "depolarizing=0.1" "shots=7"}}`:           "80.20 %",
		`{{swept "a" "wide:one" "depolarizing=0.1" "zne=1,3" "shots=7"}}`: "88.80 %",
		`{{keeps "a" "wide:one" "depolarizing=0.01" 1.1 "shots=7"}}`:      "89.20 %",
		`{{loses "a" "wide:one" "depolarizing=0.1" 9.0 "shots=7"}}`:       "80.20 %",
		`{{keeps "a" "wide:one" "depolarizing=0.01" 0.9 "shots=7"}}`:      "! does not support",
		`{{loses "a" "wide:one" "depolarizing=0.1" 11.0 "shots=7"}}`:      "! does not support",
		`{{swept "a" "wide:one" "depolarizing=0.1"}}`: "! there are " +
			"depolarizing=0, shots=7",
		`{{swept "a" "wide:one" "shots=0" "shots=7"}}`:                        "! no shots=0",
		`{{keeps "a" "wide:one" "depolarizing=0.1" 1.0 "zne=1,3" "shots=7"}}`: "! does not support",
	} {
		got, err := study.FillFindings(in, studies)
		if fails, bad := strings.CutPrefix(want, "! "); bad {
			if err == nil || !strings.Contains(err.Error(), fails) {
				t.Errorf("%s: %q, %v, want the error %q", in, got, err, fails)
			}
		} else if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", in, got, err, want)
		}
	}
}

// TestSweepOfNewWeights: what was measured of other weights is measured again.
func TestSweepOfNewWeights(t *testing.T) {
	dir, calls := t.TempDir(), 0
	s := newStudy(t, dir)
	s.Entries, s.Seeds = s.Entries[:1], s.Seeds[:1]
	s.Sweep = sweepOf(&calls, "", "0.1")
	if _, err := s.Run(context.Background()); err != nil || calls != 2 {
		t.Fatalf("%d evaluations, %v", calls, err)
	}
	path := filepath.Join(dir, "runs", "wide-one", "s1", "best.safetensors")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(" "); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(context.Background()); err != nil || calls != 4 {
		t.Errorf("%d evaluations, %v", calls, err)
	}
}
