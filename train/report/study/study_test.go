package study_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// stripes are grey images of 6×6 whose bright half is the label.
func stripes(t testing.TB, n int, seed uint64) *data.Images {
	t.Helper()
	noise := splitmix.Source(seed)
	split := data.Split{Shape: data.Shape{Height: 6, Width: 6, Channels: 1}}
	for i := range n {
		label := i % 2
		for p := range 36 {
			v := 100 * noise.Float64()
			if p/18 == label {
				v += 40
			}
			split.Images = append(split.Images, uint8(v))
		}
		split.Labels = append(split.Labels, label)
	}
	images, err := data.Transform{Size: 6}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	return images
}

// entry is a small network; built counts the runs that were made ready.
func entry(t testing.TB, name string, hidden int) study.Entry {
	return study.Entry{Name: name, Task: func(seed uint64) (train.Task, error) {
		recipe := train.DefaultRecipe()
		recipe.Epochs, recipe.Batch, recipe.Seed, recipe.LR, recipe.Schedule = 2, 20, seed, 1e-3, "constant"
		return train.Task{
			Loop: train.Loop{
				Model:  nn.Chain{nn.Flatten{}, nn.MLP{Hidden: hidden, Out: 2}},
				Recipe: recipe, Threads: 1, Name: name, DataName: "stripes",
			},
			Train: stripes(t, 60, 1), Val: stripes(t, 20, 2), Test: stripes(t, 40, 3),
		}, nil
	}}
}

func newStudy(t testing.TB, dir string) study.Study {
	return study.Study{
		Entries: []study.Entry{entry(t, "wide:one", 8), entry(t, "narrow", 2)}, Seeds: []uint64{1, 2, 3},
		Dir: dir,
		Metadata: study.Metadata{Data: "stripes", Title: "Stripes <made here>",
			Classes: []string{"top", "bottom"}, Command: "go test", Machine: "any", Date: "2026-11-24",
			Version: "test"},
	}
}

// after is a context that is done when it has been asked a number of times.
type after struct {
	context.Context
	asked *int
}

func (c after) Err() error {
	if *c.asked--; *c.asked < 0 {
		return context.Canceled
	}
	return nil
}

// sentence returns what is said about the accuracy of a model.
func sentence(m study.Model) string {
	if d := m.Differences[study.Accuracy]; d != nil {
		return d.Sentence
	}
	return ""
}

func TestStudyGoesOnAndRepeatsNothing(t *testing.T) {
	whole := newStudy(t, t.TempDir())
	want, err := whole.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cut := newStudy(t, t.TempDir())
	var results *study.Results
	written := map[string]os.FileInfo{} // when a record was, and which file it is
	stops := 0
	for ; results == nil; stops++ {
		asked := 11
		results, err = cut.Run(after{context.Background(), &asked})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		records, err := filepath.Glob(filepath.Join(cut.Dir, "runs", "*", "*", study.RecordFile))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range records {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if before, was := written[path]; was && !os.SameFile(before, info) {
				t.Errorf("%s was written again", path)
			}
			written[path] = info
		}
		if stops > 100 {
			t.Fatal("the study never ends")
		}
	}
	if len(written) != 6 || stops < 3 {
		t.Errorf("%d records after %d stops, want 6 after some", len(written), stops)
	}
	for i, m := range results.Models {
		if m.Accuracy != want.Models[i].Accuracy || sentence(m) != sentence(want.Models[i]) {
			t.Errorf("%s: %v, %s; uninterrupted %v, %s", m.Name, m.Accuracy, sentence(m),
				want.Models[i].Accuracy, sentence(want.Models[i]))
		}
		for j, r := range m.Runs {
			if r.Test.Loss != want.Models[i].Runs[j].Test.Loss {
				t.Errorf("%s, seed %d: loss %v, uninterrupted %v",
					m.Name, r.Summary.Seed, r.Test.Loss, want.Models[i].Runs[j].Test.Loss)
			}
		}
	}
	cut.Entries[1] = entry(t, "narrow", 2)
	task := cut.Entries[1].Task
	cut.Entries[1].Task = func(seed uint64) (train.Task, error) {
		k, err := task(seed)
		k.Recipe.Epochs = 3
		return k, err
	}
	if _, err := cut.Run(context.Background()); err == nil ||
		!strings.Contains(err.Error(), `epochs was "2", now it is "3"`) {
		t.Errorf("with other epochs: %v", err)
	}
}

func TestAFailingModelLosesNoOther(t *testing.T) {
	s := newStudy(t, t.TempDir())
	s.Entries = append([]study.Entry{}, s.Entries...)
	s.Entries[1].Task = func(uint64) (train.Task, error) { return train.Task{}, errors.New("no such model") }
	results, err := s.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "3 of 6 runs failed: narrow, seed 1: no such model") ||
		len(results.Models) != 1 {
		t.Errorf("%v, %d models", err, len(results.Models))
	}
}

// The golden is worked out by hand: differences 2, 4, 3, 5, 1 points have mean 3 and standard deviation √2.5;
// t of 4 degrees at 0.975 is 2.776445 (any table), so half the interval is 2.776445·√2.5/√5 = 1.963243
// points.
func TestPairedDifference(t *testing.T) {
	d, err := study.Accuracy.Paired("a", "b", []float64{0.92, 0.94, 0.93, 0.95, 0.91},
		[]float64{0.9, 0.9, 0.9, 0.9, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(d.Mean-0.03) > 1e-12 || math.Abs(*d.Low-(0.03-0.01963243)) > 1e-8 ||
		math.Abs(*d.High-(0.03+0.01963243)) > 1e-8 || !d.Distinct() {
		t.Errorf("%+v, interval %v to %v", d, *d.Low, *d.High)
	}
	if want := "a is 3.00 points above b over 5 seeds (95 % interval +1.04 to +4.96)."; d.Sentence != want {
		t.Errorf("%q, want %q", d.Sentence, want)
	}
	for _, c := range []struct {
		of, from []float64
		want     string
	}{
		{[]float64{0.9}, []float64{0.95}, "a is 5.00 points below b with one seed, which gives no interval."},
		{[]float64{0.9, 0.95}, []float64{0.92, 0.94},
			"a is 0.50 points below b, not distinguishable with 2 seeds (95 % interval -19.56 to +18.56)."},
		{[]float64{0.9, 0.91}, []float64{0.91, 0.9},
			"a is level with b, not distinguishable with 2 seeds (95 % interval -12.71 to +12.71)."},
	} {
		d, err := study.Accuracy.Paired("a", "b", c.of, c.from)
		if err != nil || d.Sentence != c.want {
			t.Errorf("%q (%v), want %q", d.Sentence, err, c.want)
		}
	}
	if _, err := study.Accuracy.Paired("a", "b", []float64{1}, nil); err == nil {
		t.Error("accuracies without pairs are accepted")
	}
}

func TestReportSaysWhatTheResultsSay(t *testing.T) {
	s := newStudy(t, t.TempDir())
	results, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := results.Save(s.Dir); err != nil {
		t.Fatal(err)
	}
	again, err := study.Read(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Markdown() != results.Markdown() {
		t.Error("results.json gives another report")
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(s.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page, text := read(study.HTMLFile), read(study.TextFile)
	for _, m := range results.Models {
		accuracy := fmt.Sprintf("%.2f ± %.2f %%", 100*m.Accuracy.Mean, 100*m.Accuracy.SD)
		if !strings.Contains(page, accuracy) || !strings.Contains(text, accuracy) {
			t.Errorf("%s: no %q in the reports", m.Name, accuracy)
		}
	}
	sentence := sentence(results.Models[1])
	if !strings.Contains(text, sentence) || strings.Count(page, "<svg") != 6 ||
		!strings.Contains(page, "Stripes &lt;made here&gt;") {
		t.Errorf("the page has %d pictures, want 6; or it lacks %q or its title",
			strings.Count(page, "<svg"), sentence)
	}
	for _, web := range []string{"http-equiv", "<script", "src=", "@import", "url("} {
		if strings.Contains(page, web) {
			t.Errorf("the page has %q: it should need no other file", web)
		}
	}
}

func TestUnsoundStudies(t *testing.T) {
	for want, change := range map[string]func(*study.Study){
		"0 models":    func(s *study.Study) { s.Entries = nil },
		"0 seeds":     func(s *study.Study) { s.Seeds = nil },
		"given twice": func(s *study.Study) { s.Entries = slices.Repeat(s.Entries[:1], 2) },
		"want a name of one line": func(s *study.Study) {
			s.Entries[1].Name = "two\nlines"
		},
		"seed 1 is": func(s *study.Study) { s.Seeds = []uint64{1, 1} },
		"no test split": func(s *study.Study) {
			task := s.Entries[0].Task
			s.Entries[0].Task = func(seed uint64) (train.Task, error) {
				k, err := task(seed)
				k.Test = nil
				return k, err
			}
		},
	} {
		s := newStudy(t, t.TempDir())
		change(&s)
		if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// A study keeps other processes out of its directory, and leaves nothing of a start that failed.
func TestDirectoryOfAStudyIsLocked(t *testing.T) {
	s := newStudy(t, filepath.Join(t.TempDir(), "runs", "s"))
	release, err := rundir.Lock(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "is writing "+
		"there since") {
		t.Errorf("a locked directory: %v", err)
	}
	release()
	wrong := s
	wrong.Entries = slices.Clone(s.Entries)
	for i := range wrong.Entries {
		wrong.Entries[i].Task = func(uint64) (train.Task, error) {
			return train.Task{}, errors.New("no such model")
		}
	}
	if _, err := wrong.Run(context.Background()); err == nil {
		t.Error("a study without a model that can be trained")
	}
	if left, err := os.ReadDir(filepath.Dir(filepath.Dir(s.Dir))); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// A damaged run is not reused, and that is said; it does not keep the others from being.
func TestDamagedRunIsNotReused(t *testing.T) {
	s := newStudy(t, t.TempDir())
	if _, err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, "runs", "narrow", "s1", rundir.CheckpointFile)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-3] ^= 4
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	again := newStudy(t, t.TempDir())
	again.From, again.Progress = []string{s.Dir}, &log
	if _, err := again.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "not reused: checkpoint "+path+" is damaged") ||
		strings.Count(text, "\nreused: ")+strings.Count(text, "was done") != 10 {
		t.Error(text)
	}
}
