package train_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// withoutSeconds is a metrics.csv without the one column in which equal runs differ.
func withoutSeconds(t *testing.T, csv string) string {
	t.Helper()
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(csv), "\n") {
		cells := strings.Split(line, ",")
		b.WriteString(strings.Join(append(cells[:7:7], cells[8:]...), ",") + "\n")
	}
	return b.String()
}

func TestOneResultForAnyNumberOfThreads(t *testing.T) {
	for name, change := range map[string]func(*train.Task){
		"labels":  func(*train.Task) {},
		"mixup":   func(task *train.Task) { task.Augment = data.Augment{MixUp: 0.4} },
		"float64": func(task *train.Task) { task.Dtype = tensor.Float64 },
	} {
		t.Run(name, func(t *testing.T) {
			var weights, metrics string
			for threads := 1; threads <= 4; threads++ {
				task := task(t)
				change(&task)
				task.Threads, task.Dir = threads, t.TempDir()
				mustRun(t, task)
				w, m := file(t, task.Dir, rundir.WeightsFile),
					withoutSeconds(t, file(t, task.Dir, rundir.MetricsFile))
				if threads == 1 {
					weights, metrics = w, m
					continue
				}
				if w != weights {
					t.Errorf("%d threads: other weights than 1 thread", threads)
				}
				if m != metrics {
					t.Errorf("%d threads:\n%swant\n%s", threads, m, metrics)
				}
			}
		})
	}
}

func TestLearns(t *testing.T) {
	task := task(t)
	task.Recipe.Epochs = 12
	report := mustRun(t, task)
	if a := report.TestAccuracy; !(a >= 0.9) {
		t.Errorf("test accuracy %v after %d epochs, want 0.9", a, task.Recipe.Epochs)
	}
	if first, last := report.History[0].Train.Loss, report.History[11].Train.Loss; !(last < first/2) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
}

// A masked row must count for nothing: training on one image in micro-batches of 1 and of 4 is the same but
// for rounding.
func TestMaskedRowsCountForNothing(t *testing.T) {
	var losses []float64
	for _, micro := range []int{1, 4} {
		task := task(t)
		task.Model = mlp()
		task.Recipe.Micro, task.Dtype = micro, tensor.Float64
		losses = append(losses, mustRun(t, task).History[2].Train.Loss)
	}
	if math.Abs(losses[0]-losses[1]) > 1e-12 {
		t.Errorf("loss %v with full micro-batches, %v with masked rows", losses[0], losses[1])
	}
}

func TestResumedRunEndsBitIdentical(t *testing.T) {
	task := func(t testing.TB) train.Task {
		k := task(t)
		k.Recipe.EMA = 0.9
		return k
	}
	whole := task(t)
	whole.Dir = t.TempDir()
	mustRun(t, whole)
	// 5 steps an epoch; the context is asked once before each.
	for _, stops := range [][]int{{0}, {3}, {5}, {7, 2}, {1, 1, 1, 9}, {15}} {
		t.Run(fmt.Sprint(stops), func(t *testing.T) {
			task := task(t)
			task.Dir = t.TempDir()
			for _, steps := range stops {
				_, err := task.Run(&countdown{context.Background(), steps})
				if steps < 15 && !errors.Is(err, context.Canceled) {
					t.Fatalf("error %v, want that of a context that is done", err)
				}
				task.Resume, task.Threads = true, task.Threads+1
			}
			mustRun(t, task)
			if file(t, task.Dir, rundir.WeightsFile) != file(t, whole.Dir, rundir.WeightsFile) {
				t.Error("other weights than those of a run that was not stopped")
			}
			got, want := withoutSeconds(t, file(t, task.Dir, rundir.MetricsFile)),
				withoutSeconds(t, file(t, whole.Dir, rundir.MetricsFile))
			if got != want {
				t.Errorf("metrics\n%swant\n%s", got, want)
			}
			for _, name := range []string{rundir.CurvesFile, rundir.ConfusionFile} {
				if file(t, task.Dir, name) != file(t, whole.Dir, name) {
					t.Errorf("another %s", name)
				}
			}
		})
	}
}

func TestFilesOfARun(t *testing.T) {
	task := task(t)
	task.Dir = filepath.Join(t.TempDir(), "a", "b")
	task.Config = map[string]int{"epochs": 3}
	report := mustRun(t, task)

	lines := strings.Split(strings.TrimSpace(file(t, task.Dir, rundir.MetricsFile)), "\n")
	want := "epoch,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,gradient_norm,seconds," +
		"val_auc,2.attention.entropy.0,2.attention.entropy.1,4.gain"
	if lines[0] != want {
		t.Errorf("columns\n%s, want\n%s", lines[0], want)
	}
	if len(lines) != 4 {
		t.Errorf("%d lines for 3 epochs", len(lines))
	}
	var summary map[string]any
	if err := json.Unmarshal([]byte(file(t, task.Dir, rundir.SummaryFile)), &summary); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"model": "small", "data": "stripes", "seed": 11.0, "parameters": float64(report.Parameters),
		"groups": map[string]any{}, "notes": map[string]any{},
		"train_examples": 100.0, "val_examples": 37.0, "test_examples": 41.0, "epochs": 3.0,
		"seconds":  report.Seconds,
		"val_loss": report.Best.Val.Loss, "val_accuracy": float64(report.Best.Val.Accuracy),
		"test_loss": report.Test.Loss, "test_accuracy": report.Test.Metrics.Accuracy,
		"test_balanced_accuracy": report.Test.Metrics.BalancedAccuracy,
		"test_auc":               float64(report.Test.Metrics.AUC),
		"train_examples_per_s":   report.TrainExamplesPerSecond, "peak_rss_bytes": float64(report.PeakRSS),
		"kernels": []any{dense.CPU()},
	} {
		if !reflect.DeepEqual(summary[key], want) {
			t.Errorf("summary %s is %v, want %v", key, summary[key], want)
		}
		delete(summary, key)
	}
	delete(summary, "sha256")
	if len(summary) > 0 {
		t.Errorf("more keys than agreed: %v", summary)
	}
	if got := file(t, task.Dir, rundir.ConfigFile); !strings.HasPrefix(got, "epochs: 3\n# sha256 ") {
		t.Errorf("config.yaml holds %q", got)
	}
	saved, err := rundir.ReadWeights(filepath.Join(task.Dir, rundir.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	var validated train.Validated
	if err := json.Unmarshal([]byte(saved.Meta[train.MetricsKey]), &validated); err != nil {
		t.Fatal(err)
	}
	if best := report.Best; validated.Epoch != best.Epoch || float64(validated.Loss) != best.Val.Loss ||
		validated.Accuracy != best.Val.Accuracy || validated.AUC != best.ValAUC {
		t.Errorf("the weights hold %+v, the best epoch is %+v", validated, best)
	}
	if len(saved.Meta) != 2 || saved.Meta["architecture"] != "small" {
		t.Errorf("metadata %v, want that of the Task and the metrics", saved.Meta)
	}
	for name, want := range map[string]string{
		rundir.CurvesFile: "small on stripes, seed 11<",
		rundir.ConfusionFile: fmt.Sprintf("small on stripes, seed 11: test accuracy %.2f %%<",
			100*report.Test.Metrics.Accuracy),
	} {
		if got := file(t, task.Dir, name); !strings.Contains(got, want) {
			t.Errorf("%s is not titled %q", name, want)
		}
	}
	entries, _ := os.ReadDir(task.Dir)
	if len(entries) != 9 {
		t.Errorf("%d files, want 9: %v", len(entries), entries)
	}
}

func TestDirectoryThatHoldsARun(t *testing.T) {
	first := task(t)
	first.Dir, first.Recipe.Epochs = t.TempDir(), 1
	mustRun(t, first)
	before := file(t, first.Dir, rundir.WeightsFile)

	again := first
	again.Recipe.Seed = 12
	wantError(t, again, "holds a run already")
	again.Resume = true
	wantError(t, again, `is of another run: seed was "11", now it is "12"`)
	if file(t, first.Dir, rundir.WeightsFile) != before {
		t.Error("a refused run changed the weights")
	}
	again.Resume, again.Overwrite = false, true
	mustRun(t, again)
	if file(t, first.Dir, rundir.WeightsFile) == before {
		t.Error("an overwritten run kept its weights")
	}
	first.Dir, first.Resume = t.TempDir(), true
	mustRun(t, first)
	if file(t, first.Dir, rundir.WeightsFile) != before {
		t.Error("resuming where there is no checkpoint is not starting")
	}
}

func wantError(t *testing.T, task train.Task, parts ...string) {
	t.Helper()
	_, err := task.Run(context.Background())
	if err == nil {
		t.Fatalf("no error, want %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of several lines: %q", err)
	}
}

func TestUnsoundTasks(t *testing.T) {
	for want, change := range map[string]func(*train.Task){
		"want a Model":       func(k *train.Task) { k.Model = nil },
		"epochs is 0":        func(k *train.Task) { k.Recipe.Epochs = 0 },
		"batch is -1":        func(k *train.Task) { k.Recipe.Batch = -1 },
		"micro is 25":        func(k *train.Task) { k.Recipe.Micro = 25 },
		"Threads is -2":      func(k *train.Task) { k.Threads = -2 },
		"exclude each other": func(k *train.Task) { k.Resume, k.Overwrite = true, true },
		"test split: is empty": func(k *train.Task) {
			k.Test = planesOf(t, data.Split{Shape: data.Shape{Height: 8, Width: 8, Channels: 1},
				Labels: []int{}})
		},
		"validation split: has examples of float32 [(3, 8, 8)]": func(k *train.Task) {
			k.Val = planesOf(t, data.Split{Shape: data.Shape{Height: 8, Width: 8, Channels: 3},
				Images: make([]uint8, 192), Labels: []int{0}})
		},
		"crop -1": func(k *train.Task) { k.Augment.Crop = -1 },
		"has the label 3, the model tells 3 classes apart": func(k *train.Task) { k.Train.Labels[50] = 3 },
		"ema is 1":                    func(k *train.Task) { k.Recipe.EMA = 1 },
		"patience is -1":              func(k *train.Task) { k.Recipe.Patience = -1 },
		"patience needs a validation": func(k *train.Task) { k.Recipe.Patience, k.Val = 1, nil },
		`select is "f1"`:              func(k *train.Task) { k.Recipe.Select = "f1" },
		"Smoothing 2":                 func(k *train.Task) { k.Recipe.Loss = "cross-entropy:smoothing=2" },
	} {
		k := task(t)
		change(&k)
		wantError(t, k, want)
	}
}

// floats are images of real numbers, with one that is not finite.
func floats(t *testing.T, bad int) *data.Images {
	split := data.Split{Shape: data.Shape{Height: side, Width: side, Channels: 1},
		Floats: make([]float32, 20*side*side), Labels: make([]int, 20)}
	split.Floats[bad*side*side+5] = float32(math.NaN())
	return planesOf(t, split)
}

func TestPixelThatIsNotFinite(t *testing.T) {
	task := task(t)
	task.Train, task.Augment = floats(t, 13), data.Augment{}
	wantError(t, task, "epoch 1, step 1 of 1",
		"image 13 of the train split holds NaN at value 5 of 64 of its input", "no checkpoint yet")
	task.Train, task.Val = task.Val, task.Train
	wantError(t, task, "epoch 1, validation", "image 13 of the validation split holds NaN")
}

func TestRunThatDivergesKeepsItsCheckpoint(t *testing.T) {
	task := task(t)
	task.Dir = t.TempDir()
	task.Recipe.Schedule, task.Tables = "diverging", train.Tables{Schedules: []optimizers.ScheduleRow{
		{Name: "diverging", New: func() optimizers.Schedule { return diverging{} }},
	}}
	wantError(t, task, "epoch 2, step", "images [", "of the train split",
		"the last checkpoint is "+filepath.Join(task.Dir, rundir.CheckpointFile))
	task.Resume = true
	wantError(t, task, "epoch 2, step")
}
