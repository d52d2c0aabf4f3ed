package study_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/report/study"
)

// oneStudy has a study of which b is 1.00 points below a and c is level with it, as read from its file.
func oneStudy(t *testing.T) map[string]*study.Results {
	t.Helper()
	model := func(name string, accuracies ...float64) study.Model {
		m := study.Model{Name: name}
		for i, a := range accuracies {
			var r study.Record
			r.Summary.Seed, r.Summary.Parameters = uint64(i), 1234567
			r.Test.Accuracy, r.Test.BalancedAccuracy, r.Test.AUC = a, a/2, metric.Number(a/10)
			if name == "c" {
				r.Test.AUC = metric.None()
			}
			m.Runs = append(m.Runs, r)
		}
		return m
	}
	dir := t.TempDir()
	r := study.Results{Version: 2, Reference: "a", Seeds: []uint64{0, 1}, Models: []study.Model{
		model("a", 0.90, 0.92), model("b", 0.891, 0.909), model("c", 0.91, 0.90)}}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, study.ResultsFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := study.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*study.Results{"one": again}
}

func TestFindingsAreFilledIn(t *testing.T) {
	studies := oneStudy(t)
	for text, want := range map[string]string{
		`no {{"figures"}}`:                       "no figures",
		`{{mean "one" "a"}}`:                     "91.00 %",
		`{{mean "one" "a" "balanced accuracy"}}`: "45.50 %",
		`{{mean "one" "a" "AUC"}}`:               "0.0910",
		`{{parameters "one" "b"}}`:               "1,234,567",
		`{{difference "one" "b"}}`: "1.00 points below a, not distinguishable " +
			"(95 % interval -2.27 to +0.27)",
		`{{difference "one" "b" "AUC"}}`: "0.0010 below a, not distinguishable (95 % interval -0.0023 to " +
			"+0.0003)",
		`{{difference "one" "a" "b"}}`: "1.00 points above b, not distinguishable (95 % interval -0.27 to " +
			"+2.27)",
		`{{gap "one" "b"}}`:                     "-1.00 (-2.27 to +0.27)",
		`{{gap "one" "b" "balanced accuracy"}}`: "-0.50 (-1.14 to +0.14)",
		`{{level "one" "c"}}`:                   "95 % interval -19.56 to +18.56",
		`{{gap "one" "b" "c"}}`:                 "-0.50 (-18.29 to +17.29)",
	} {
		if got, err := study.FillFindings(text, studies); err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", text, got, err, want)
		}
	}
}

func TestClaimsThatDoNotHold(t *testing.T) {
	studies := oneStudy(t)
	for text, want := range map[string]string{
		`{{above "one" "b"}}`:          "does not support that b is above: b is 1.00 points below a",
		`{{below "one" "c"}}`:          "does not support that c is below",
		`{{level "two" "b"}}`:          `no study "two", want one of one`,
		`{{level "one" "d"}}`:          `study one has no model "d"`,
		`{{level "one" "b" "F1"}}`:     `study one has no model "F1"`,
		`{{mean "one" "c" "AUC"}}`:     "study one has no AUC of c",
		`{{mean "one" "a" "F1"}}`:      "study one has no F1 of a",
		`{{gap "one" "c" "AUC"}}`:      "no seed with the AUC of both c and a",
		`{{parameters "one" "d"}}`:     `no model "d"`,
		`{{difference "one"}}`:         "wrong number of args",
		`{{unknown "one" "a"}}`:        `"unknown" not defined`,
		`{{mean "one" "a"`:             "findings",
		`{{difference "one" "a" "d"}}`: `no model "d"`,
	} {
		if got, err := study.FillFindings(text, studies); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q (%v), want an error with %q", text, got, err, want)
		}
	}
}

// A claim holds in its direction alone, with the interval of the distance.
func TestClaimsThatHold(t *testing.T) {
	studies := oneStudy(t)
	for i, a := range []float64{0.70, 0.71} {
		studies["one"].Models[1].Runs[i].Test.Accuracy = a
	}
	for text, want := range map[string]string{
		`{{below "one" "b"}}`:     "20.50 points (95 % interval 14.15 to 26.85)",
		`{{above "one" "a" "b"}}`: "20.50 points (95 % interval 14.15 to 26.85)",
	} {
		if got, err := study.FillFindings(text, studies); err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", text, got, err, want)
		}
	}
	if got, err := study.FillFindings(`{{level "one" "b"}}`, studies); err == nil {
		t.Errorf("b is level with a by %q", got)
	}
}

// What a user hands in wrongly is an error or nothing to say, not a panic.
func TestWrongArguments(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, study.ResultsFile), []byte(`{"version": 1}`),
		0o644); err != nil {
		t.Fatal(err)
	}
	empty := &study.Results{Models: []study.Model{{Name: "no runs"}}}
	for name, call := range map[string]func() error{
		"Read of nothing": func() error {
			_, err := study.Read(filepath.Join(dir, "none"))
			return err
		},
		"Read of another": func() error { _, err := study.Read(dir); return err },
		"Find of nothing": func() error {
			_, err := study.Find(filepath.Join(dir, "none"))
			return err
		},
		"Save of nothing":   func() error { return (&study.Results{}).Save(t.TempDir()) },
		"Save without runs": func() error { return empty.Save(t.TempDir()) },
		"page of nothing": func() error {
			return study.WritePage(filepath.Join(dir, "p.md"), "",
				[]string{dir + "/none"})
		},
		"page of one twice": func() error {
			return study.WritePage(filepath.Join(dir, "p.md"), "",
				[]string{dir, dir})
		},
		"run without a Task": func() error {
			return runOf(study.Study{Entries: make([]study.Entry, 1),
				Seeds: []uint64{1}, Dir: dir})
		},
		"run without a context": func() error { return runOf(newStudy(t, dir)) },
		"run of a zero Study":   func() error { return runOf(study.Study{}) },
		"figures without pairs": func() error { _, err := study.AUC.Paired("a", "b", nil, nil); return err },
		"findings of nil": func() error {
			_, err := study.FillFindings(`{{level "a" "b"}}`,
				nil)
			return err
		},
	} {
		if err := call(); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want an error in one line", name, err)
		}
	}
	for _, r := range []*study.Results{{}, empty} {
		if r.Markdown() == "" {
			t.Error("no text")
		}
	}
	if d, err := study.Metric("F1").Paired("a", "b", []float64{1, 2}, []float64{0, 1}); err != nil ||
		d.Mean != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}

func runOf(s study.Study) error {
	var none context.Context
	_, err := s.Run(none)
	return err
}
