package study_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// shifting is an entry whose augmentation moves and mirrors.
func shifting(t testing.TB, name string, hidden int) study.Entry {
	plain := entry(t, name, hidden)
	return study.Entry{Name: name, Task: func(seed uint64) (train.Task, error) {
		task, err := plain.Task(seed)
		task.Augment = data.Augment{Flip: true, Crop: 1}
		return task, err
	}}
}

// Views have a column beside the plain accuracy, which stays what it is. They are evaluated once for each
// run, of runs that have ended too, and results without them have no column.
func TestViewsHaveAColumn(t *testing.T) {
	s := newStudy(t, t.TempDir())
	s.Entries = []study.Entry{shifting(t, "a", 8), shifting(t, "b", 2)}
	without := finished(t, s)
	if text := without.Markdown(); strings.Contains(text, "with views") || without.Models[0].WithViews != nil {
		t.Errorf("views that nobody asked for:\n%s", text)
	}
	s.Views = true
	with := finished(t, s)
	for i, m := range with.Models {
		if m.Accuracy != without.Models[i].Accuracy {
			t.Errorf("%s: accuracy %v with views beside it, %v before", m.Name, m.Accuracy,
				without.Models[i].Accuracy)
		}
		sum := 0.0
		for k, r := range m.Runs {
			if len(r.Viewed.Views) != 6 || r.Viewed.Views[5] != (data.View{Mirrored: true, X: 1, Y: 1,
				Weight: 0.125}) {
				t.Errorf("%s has the views %+v", m.Name, r.Viewed.Views)
			}
			task, err := s.Entries[i].Task(s.Seeds[k])
			if err != nil {
				t.Fatal(err)
			}
			task.Dir = filepath.Join(s.Dir, "runs", m.Name, "s"+string(rune('0'+s.Seeds[k])))
			p, err := task.OpenBest(1)
			if err != nil {
				t.Fatal(err)
			}
			e, err := p.EvaluateViews(context.Background(), train.Images{Images: task.Test}, task.Augment.Views())
			p.Close()
			if err != nil || e.Metrics.Accuracy != r.Viewed.Test.Accuracy || e.Loss != r.Viewed.Test.Loss {
				t.Errorf("%s: %+v, want %+v (%v)", m.Name, r.Viewed.Test, e.Metrics, err)
			}
			sum += e.Metrics.Accuracy
		}
		if mean := sum / 3; m.WithViews == nil || m.WithViews.N != 3 || m.WithViews.Mean != mean {
			t.Errorf("%s: with views %+v, want the mean %v", m.Name, m.WithViews, mean)
		}
	}
	if err := with.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "page.md")
	if err := study.WritePage(page, "", []string{s.Dir}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		filepath.Join(s.Dir, study.TextFile): {"| test accuracy | with views | balanced |",
			"averaged over 6 views"},
		filepath.Join(s.Dir, study.HTMLFile): {"<th>accuracy</th><th>with views</th><th>balanced accuracy</th>",
			"averaged over 6 views"},
		page: {"| test accuracy | difference | with views |", "averaged over 6 views"},
	} {
		text := readFile(t, path)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %q", path, part)
			}
		}
	}
	again, err := study.Read(s.Dir)
	if err != nil || *again.Models[0].WithViews != *with.Models[0].WithViews {
		t.Errorf("read again: %+v (%v)", again.Models[0].WithViews, err)
	}
	// A run whose weights are gone keeps what it has; with other weights it is evaluated again.
	path := filepath.Join(s.Dir, "runs", "a", "s1", study.ViewsFile)
	before := readFile(t, path)
	s.Views = false
	if kept := finished(t, s); *kept.Models[0].WithViews != *with.Models[0].WithViews {
		t.Errorf("without Views: %+v", kept.Models[0].WithViews)
	}
	weights := filepath.Join(s.Dir, "runs", "a", "s1", rundir.WeightsFile)
	other := readFile(t, filepath.Join(s.Dir, "runs", "a", "s2", rundir.WeightsFile))
	if err := os.WriteFile(weights, []byte(other), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Views = true
	finished(t, s)
	if after := readFile(t, path); after == before {
		t.Error("the views of other weights were kept")
	}
	if err := os.Remove(weights); err != nil {
		t.Fatal(err)
	}
	if kept := finished(t, s); kept.Models[0].WithViews == nil {
		t.Error("without weights the views are lost")
	}
}

// Results of before there were views read as they did, and the column has a dash for a model without.
func TestResultsWithoutViews(t *testing.T) {
	s := newStudy(t, t.TempDir())
	s.Entries = []study.Entry{shifting(t, "a", 8), shifting(t, "b", 2)}
	s.Views = true
	r := finished(t, s)
	for i := range r.Models[1].Runs {
		r.Models[1].Runs[i].Viewed = nil
	}
	save := func(r *study.Results) *study.Results {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, study.ResultsFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		again, err := study.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	if text := save(r).Markdown(); !strings.Contains(text, "| with views |") ||
		!strings.Contains(text, " % | – | ") {
		t.Errorf("no dash for the model without views:\n%s", text)
	}
	for i := range r.Models[0].Runs {
		r.Models[0].Runs[i].Viewed = nil
	}
	old := save(r)
	var page bytes.Buffer
	page.WriteString(old.Markdown())
	if old.Models[0].WithViews != nil || strings.Contains(page.String(), "views") {
		t.Errorf("views out of nothing:\n%s", page.String())
	}
}
