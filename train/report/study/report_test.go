package study_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// attending is a small transformer of one block with three heads over four patches.
func attending(t testing.TB, name string, score nn.Score) study.Entry {
	plain := entry(t, name, 2)
	return study.Entry{Name: name, Task: func(seed uint64) (train.Task, error) {
		task, err := plain.Task(seed)
		task.Model = nn.Chain{nn.Patches{Size: 3}, nn.Attention{Heads: 3, Score: score}, nn.Flatten{},
			nn.Linear{Out: 2}}
		return task, err
	}}
}

// attentive is a study of two models with attention and one without.
func attentive(t testing.TB, dir string) study.Study {
	s := newStudy(t, dir)
	s.Entries = []study.Entry{attending(t, "dot", nn.DotProduct), attending(t, "self", nn.IdentityScore),
		entry(t, "plain", 4)}
	return s
}

func finished(t testing.TB, s study.Study) *study.Results {
	t.Helper()
	results, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// All models have samples of the same images: the first of each class that are not taken, three of class 0
// and two of class 1, whose labels alternate.
func TestAllModelsHaveTheSameSamples(t *testing.T) {
	s := attentive(t, t.TempDir())
	results := finished(t, s)
	for _, m := range results.Models {
		var indices []int
		for _, l := range m.Attention.Images {
			indices = append(indices, l.Index)
			if l.Label != l.Index%2 || !(l.Probability > 0.5 && l.Probability <= 1) {
				t.Errorf("%s, image %d: label %d, probability %v", m.Name, l.Index, l.Label, l.Probability)
			}
			if img, err := png.Decode(bytes.NewReader(l.Picture)); err != nil || img.Bounds().Dx() != 6 {
				t.Errorf("%s, image %d: no picture of 6×6 (%v)", m.Name, l.Index, err)
			}
			if (l.Rollout == nil) != (m.Name == "plain") {
				t.Errorf("%s: rollout %v", m.Name, l.Rollout)
			}
			if m.Name == "self" && !slices.Equal(l.Rollout, []float64{1, 1, 1, 1}) {
				t.Errorf("attention to oneself gives each patch an even share, got %v", l.Rollout)
			}
			sum := 0.0
			for _, block := range l.Blocks {
				for _, v := range block {
					sum += v
				}
			}
			if m.Name == "dot" && (len(l.Blocks) != 1 || math.Abs(sum-4) > 1e-3) {
				t.Errorf("%s: blocks %v, want one of mean 1", m.Name, l.Blocks)
			}
		}
		if !slices.Equal(indices, []int{0, 2, 4, 1, 3}) {
			t.Errorf("%s has samples %v", m.Name, indices)
		}
	}
}

// A finished run without the file gets it from its weights, with the same values; one that is reused brings
// it along. Without weights the figures are complete and the maps are missing.
func TestAttentionOfRunsThatHaveEnded(t *testing.T) {
	s := attentive(t, t.TempDir())
	want := finished(t, s)
	path := func(dir, model string) string {
		return filepath.Join(dir, "runs", model, "s1",
			study.AttentionFile)
	}
	before, err := os.ReadFile(path(s.Dir, "dot"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path(s.Dir, "dot")); err != nil {
		t.Fatal(err)
	}
	again := finished(t, s)
	if after, err := os.ReadFile(path(s.Dir, "dot")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("from the weights: %s, when the run ended: %s (%v)", after, before, err)
	}
	reusing := attentive(t, t.TempDir())
	reusing.From = []string{s.Dir}
	reused := finished(t, reusing)
	for i := range want.Models {
		if fmt.Sprint(again.Models[i].Attention.Images) != fmt.Sprint(want.Models[i].Attention.Images) ||
			fmt.Sprint(reused.Models[i].Attention.Images) != fmt.Sprint(want.Models[i].Attention.Images) {
			t.Errorf("%s has other samples the second time", want.Models[i].Name)
		}
	}
	for _, name := range []string{study.AttentionFile, rundir.WeightsFile} {
		if err := os.Remove(filepath.Join(s.Dir, "runs", "dot", "s1", name)); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	s.Progress = &log
	without := finished(t, s)
	if without.Models[0].Attention != nil || without.Models[0].Accuracy != want.Models[0].Accuracy ||
		!strings.Contains(log.String(), "dot, seed 1: no attention maps: ") {
		t.Errorf("without weights: attention %v; %s", without.Models[0].Attention, log.String())
	}
	if err := without.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(s.Dir, study.HTMLFile))
	if err != nil ||
		!strings.Contains(string(page),
			"Without maps, because they have no attention over patches or no file with it: dot and plain.") {
		t.Errorf("the report does not say that dot has no maps (%v)", err)
	}
}

// The report of models with attention has all its charts, each of which is XML, and the intervals of all
// metrics: as a table in the page, and as sentences in the text.
func TestReportHasAllCharts(t *testing.T) {
	s := attentive(t, t.TempDir())
	results := finished(t, s)
	if err := results.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(s.Dir, study.HTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(string(text))
	pictures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(string(text), -1)
	// differences, sizes, curves, maps, blocks of each image, confusions
	if want := 1 + 1 + 2 + 1 + 5 + 3; len(pictures) != want {
		t.Errorf("%d charts, want %d", len(pictures), want)
	}
	for i, picture := range pictures {
		for d := xml.NewDecoder(strings.NewReader(picture)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("chart %d: %v", i, err)
			}
		}
	}
	for _, m := range results.Models[1:] {
		for _, metric := range study.Metrics() {
			d := m.Differences[metric]
			if d == nil || !strings.Contains(results.Markdown(), d.Sentence) || len(d.Each) != 3 {
				t.Fatalf("%s of %s: not in the report: %+v", metric, m.Name, d)
			}
			interval := regexp.MustCompile(`interval (.*)\)`).FindStringSubmatch(d.Sentence)[1]
			if want := `<span class="interval">` + interval + "</span>"; !strings.Contains(page, want) {
				t.Errorf("%s of %s: the page has no %s", metric, m.Name, want)
			}
		}
	}
	dot := results.Models[0]
	if len(dot.Entropies) != 1 || len(dot.Entropies[0]) != 3 || dot.Entropies[0][0].N != 3 {
		t.Fatalf("entropies %v, want those of a block of three heads over three seeds", dot.Entropies)
	}
	if want := "| " + dot.EntropyText()[0] + " |"; !strings.Contains(results.Markdown(), want) {
		t.Errorf("the table has no %q", want)
	}
	if self := results.Models[1].Entropies[0]; self[0].Mean != 0 {
		t.Errorf("attention to oneself has the entropy %v", self)
	}
}

// The sentences of a metric name it, and an AUC is not in points.
func TestSentencesOfMetrics(t *testing.T) {
	for metric, want := range map[study.Metric]string{
		study.BalancedAccuracy: "In balanced accuracy a is 0.50 points below b, not distinguishable with 2 " +
			"seeds (95 % interval -19.56 to +18.56).",
		study.AUC: "In AUC a is 0.0050 below b, not distinguishable with 2 seeds (95 % interval -0.1956 to " +
			"+0.1856).",
	} {
		if d, err := metric.Paired("a", "b", []float64{0.9, 0.95}, []float64{0.92, 0.94}); err != nil ||
			d.Sentence != want {
			t.Errorf("%q (%v), want %q", d.Sentence, err, want)
		}
	}
	if d, err := study.AUC.Paired("a", "b", []float64{0.90001, 0.90002}, []float64{0.9, 0.9}); err != nil ||
		!strings.HasPrefix(d.Sentence, "In AUC a is level with b") {
		t.Errorf("%q (%v)", d.Sentence, err)
	}
}

// results.json is what went into it, with the numbers of a list on one line, whatever the texts contain.
// Figures that follow from the runs are computed again when it is read.
func TestResultsAreReadableAndComputedAgain(t *testing.T) {
	s := attentive(t, t.TempDir())
	s.Metadata.Remark = `brackets [1, 2] and "quotes" [` + "\n3]"
	results := finished(t, s)
	if err := results.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, study.ResultsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`"rollout": \[[\d., e-]+\]`).Match(text) {
		t.Error("a list of numbers takes several lines")
	}
	again, err := study.Read(s.Dir)
	if err != nil || again.Metadata.Remark != results.Metadata.Remark ||
		again.Markdown() != results.Markdown() {
		t.Fatalf("read again: %v, remark %q", err, again.Metadata.Remark)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	for _, m := range raw["models"].([]any) {
		for _, key := range []string{"notes", "entropies", "differences", "attention"} {
			delete(m.(map[string]any), key)
		}
	}
	stripped, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, stripped, 0o644); err != nil {
		t.Fatal(err)
	}
	made, err := study.Read(s.Dir)
	if err != nil || made.Markdown() != results.Markdown() || made.Models[1].Differences[study.AUC] == nil {
		t.Errorf("a file without them gives another report (%v)", err)
	}
	if err := made.Save(s.Dir); err != nil {
		t.Errorf("without attention: %v", err)
	}
}

// What nobody said leaves no gap in a report, and what a model does not have is a dash in all forms of it.
func TestReportWithoutMetadata(t *testing.T) {
	s := newStudy(t, t.TempDir())
	s.Metadata = study.Metadata{}
	results := finished(t, s)
	if err := results.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	text := results.Markdown()
	if !strings.HasPrefix(text, "## stripes: 3 seeds\n") || strings.Contains(text, ", , ") ||
		!strings.HasSuffix(text, "with `hqvit bench`.\n") {
		t.Error(text)
	}
	page, err := os.ReadFile(filepath.Join(s.Dir, study.HTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<h1></h1>", "<code></code>", "; ;", "<title>:"} {
		if strings.Contains(string(page), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	m := results.Models[0]
	if want := fmt.Sprintf("| %d | – | – |", m.Parameters); !strings.Contains(text, want) {
		t.Errorf("no row with %s:\n%s", want, text)
	}
	if want := fmt.Sprintf("<td>%d</td><td>–</td>", m.Parameters); !strings.Contains(
		string(page), want) {
		t.Errorf("the page has no %s", want)
	}
	results.Metadata.Date, results.Models[0].Runs[0].Summary.Data = "2026-11-24", ""
	text = results.Markdown()
	if !strings.HasPrefix(text, "## 3 seeds\n") || !strings.HasSuffix(text, "\n\n2026-11-24.\n") {
		t.Error(text)
	}
}

// The report names every option in which recipes differ, models with the same ones together.
func TestReportSaysWhereRecipesDiffer(t *testing.T) {
	s := newStudy(t, t.TempDir())
	s.Seeds = s.Seeds[:1]
	other := entry(t, "other", 3)
	s.Entries = append(s.Entries, study.Entry{Name: "other", Task: func(seed uint64) (train.Task, error) {
		task, err := other.Task(seed)
		task.Recipe.Optimizer, task.Recipe.Epochs, task.Recipe.Micro = "sgd", 1, 5
		task.Augment.Shift = 1
		return task, err
	}})
	want := "* Recipes differ: wide:one and narrow have epochs 2, optimizer adamw, no augmentation; other " +
		"has epochs 1, optimizer sgd, augmentation {Shift:1 "
	if text := finished(t, s).Markdown(); !strings.Contains(text, want) {
		t.Errorf("want %s\n%s", want, text)
	}
}

// If the reference failed, nothing is compared with whichever model comes next, then or when the results are
// read again.
func TestNothingIsComparedWithoutTheReference(t *testing.T) {
	s := attentive(t, t.TempDir())
	s.Entries[0].Task = func(uint64) (train.Task, error) { return train.Task{}, io.ErrUnexpectedEOF }
	results, err := s.Run(context.Background())
	if err == nil {
		t.Fatal("the reference did not fail")
	}
	if err := results.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	again, err := study.Read(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*study.Results{results, again} {
		if len(r.Models) != 2 || r.Models[1].Differences != nil || r.Reference != "dot" {
			t.Errorf("%d models, reference %q, %v", len(r.Models), r.Reference, r.Models[1].Differences)
		}
	}
}
