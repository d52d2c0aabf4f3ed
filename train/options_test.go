package train_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

// The average is tested against its definition: with a learning rate of nearly 0 it stays what the weights
// are; with an ordinary one it differs from them, and a decay of nearly 0 gives the weights of the last step.
func TestAverageOfWeights(t *testing.T) {
	plain := task(t)
	plain.Recipe.Epochs, plain.Val = 1, nil
	last := mustRun(t, plain).Weights
	for decay, same := range map[float64]bool{1e-12: true, 0.9: false} {
		k := plain
		k.Recipe.EMA = decay
		mean := mustRun(t, k).Weights
		far := 0.0
		for name, v := range last.Tensors {
			for i, w := range v.Float32s() {
				far = max(far, math.Abs(float64(w-mean.Tensors[name].Float32s()[i])))
			}
		}
		if same != (far < 1e-6) {
			t.Errorf("EMA %v: the average is %v off the last weights", decay, far)
		}
	}
	still := plain
	still.Recipe.EMA, still.Recipe.Optimizer, still.Recipe.LR = 0.9, "sgd", 1e-30
	k := still
	k.Recipe.EMA = 0
	a, b := mustRun(t, still).Weights, mustRun(t, k).Weights
	for name, v := range a.Tensors {
		for i, w := range v.Float32s() {
			if math.Abs(float64(w-b.Tensors[name].Float32s()[i])) > 1e-6 {
				t.Fatalf("%s: the average of equal weights is another", name)
			}
		}
	}
}

func TestPatienceEndsARun(t *testing.T) {
	k := task(t)
	k.Recipe.Epochs, k.Recipe.Patience, k.Dir = 50, 2, t.TempDir()
	k.Recipe.Optimizer, k.Recipe.LR = "sgd", 1e-30 // nothing gets better
	report := mustRun(t, k)
	if len(report.History) != 3 || report.Best.Epoch != 1 || report.Epochs != 3 {
		t.Errorf("%d epochs with epoch %d the best, want 3 with the first",
			len(report.History), report.Best.Epoch)
	}
	k.Resume = true
	if again := mustRun(t, k); len(again.History) != 3 {
		t.Errorf("resumed, it goes on to epoch %d", len(again.History))
	}
}

func TestSelectionChoosesByItsMeasure(t *testing.T) {
	for _, by := range []string{"", "accuracy", "loss", "auc"} {
		k := task(t)
		k.Recipe.Epochs, k.Recipe.Select = 6, by
		report := mustRun(t, k)
		for _, e := range report.History {
			better := map[string]bool{
				"":         e.Val.Accuracy > report.Best.Val.Accuracy,
				"accuracy": e.Val.Accuracy > report.Best.Val.Accuracy,
				"loss":     e.Val.Loss < report.Best.Val.Loss,
				"auc":      e.ValAUC > report.Best.ValAUC,
			}[by]
			if better {
				t.Errorf("by %s: epoch %d is better than %d, the best", by, e.Epoch, report.Best.Epoch)
			}
		}
	}
}

func TestKeptEpochs(t *testing.T) {
	k := task(t)
	k.Recipe.Epochs, k.Recipe.KeepEpochs, k.Dir, k.Val = 4, 2, t.TempDir(), nil
	mustRun(t, k)
	names, err := filepath.Glob(filepath.Join(k.Dir, "epoch-*"))
	if err != nil || len(names) != 2 || filepath.Base(names[0]) != "epoch-0003.safetensors" ||
		filepath.Base(names[1]) != "epoch-0004.safetensors" {
		t.Fatalf("kept %v (%v), want the weights of epochs 3 and 4", names, err)
	}
	if file(t, k.Dir, "epoch-0004.safetensors") != file(t, k.Dir, rundir.WeightsFile) {
		t.Error("without validation, the last epoch's weights are not the best")
	}
}

func TestDivergedLossStopsTheRun(t *testing.T) {
	k := task(t)
	k.Dir, k.Recipe.Clip, k.Augment.Shift = t.TempDir(), 1, 0
	k.Recipe.Optimizer, k.Recipe.LR, k.Recipe.Schedule = "sgd", 1e4, "constant"
	wantError(t, k, "epoch 1, step",
		"images [", "loss diverged", "at the first step (limit 100×)", "no checkpoint yet")
	k.Recipe.MaxLossRatio = 0
	if _, err := k.Run(t.Context()); err != nil && strings.Contains(err.Error(), "diverged") {
		t.Errorf("with no limit: %v", err)
	}
}

func TestLinesOfMetrics(t *testing.T) {
	k := task(t)
	k.Dir, k.Val = t.TempDir(), nil
	report := mustRun(t, k)
	lines := strings.Split(strings.TrimSpace(file(t, k.Dir, rundir.LinesFile)), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines for 3 epochs", len(lines))
	}
	var last map[string]*float64
	if err := json.Unmarshal([]byte(lines[2]), &last); err != nil {
		t.Fatal(err)
	}
	if v, has := last["val_loss"]; !has || v != nil || *last["epoch"] != 3 ||
		*last["train_loss"] != report.History[2].Train.Loss {
		t.Errorf("line %s", lines[2])
	}
}

// field reads the next field of a protocol buffer: its number, and its content as bytes.
func field(t *testing.T, b []byte) (number int, content, rest []byte) {
	t.Helper()
	key, n := binary.Uvarint(b)
	b = b[n:]
	size := uint64(0)
	switch key & 7 {
	case 0:
		_, n = binary.Uvarint(b)
		return int(key >> 3), b[:n], b[n:]
	case 1:
		size = 8
	case 5:
		size = 4
	case 2:
		size, n = binary.Uvarint(b)
		b = b[n:]
	default:
		t.Fatalf("wire type %d", key&7)
	}
	return int(key >> 3), b[:size], b[size:]
}

// TestEventsForTensorBoard decodes the file by the descriptions of its formats.
func TestEventsForTensorBoard(t *testing.T) {
	k := task(t)
	k.Dir = t.TempDir()
	report := mustRun(t, k)
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	sum := func(b []byte) uint32 { c := crc32.Checksum(b, castagnoli); return (c>>15 | c<<17) + 0xa282ead8 }
	rest := []byte(file(t, k.Dir, rundir.EventsFile))
	points := map[string][]float32{}
	for records := 0; len(rest) > 0; records++ {
		size := binary.LittleEndian.Uint64(rest)
		content := rest[12 : 12+size]
		if sum(rest[:8]) != binary.LittleEndian.Uint32(rest[8:]) ||
			sum(content) != binary.LittleEndian.Uint32(rest[12+size:]) {
			t.Fatalf("record %d: wrong checksum", records)
		}
		rest = rest[16+size:]
		if records == 0 {
			if number, version, _ := field(t, content); number != 3 || string(version) != "brain.Event:2" {
				t.Fatalf("first record %q", content)
			}
			continue
		}
		_, _, content = field(t, content)
		_, step, content := field(t, content)
		_, summary, _ := field(t, content)
		_, value, _ := field(t, summary)
		_, tag, value := field(t, value)
		_, number, _ := field(t, value)
		name := string(tag)
		points[name] = append(points[name], math.Float32frombits(binary.LittleEndian.Uint32(number)))
		if got, _ := binary.Uvarint(step); int(got) != len(points[name]) {
			t.Errorf("%s: step %d at place %d", name, got, len(points[name]))
		}
	}
	for i, e := range report.History {
		if points["train_loss"][i] != float32(e.Train.Loss) || points["val_auc"][i] != float32(e.ValAUC) {
			t.Errorf("epoch %d: %v, %v; want %v, %v",
				e.Epoch, points["train_loss"][i], points["val_auc"][i], e.Train.Loss, e.ValAUC)
		}
	}
}

func TestLogOfARun(t *testing.T) {
	var text bytes.Buffer
	k := task(t)
	k.Log = slog.New(slog.NewJSONHandler(&text, nil))
	mustRun(t, k)
	for _, want := range []string{`"msg":"epoch","epoch":3`, `"val_accuracy":`, `"msg":"done"`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %s in the log:\n%s", want, text.String())
		}
	}
}
