package train_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// flips calls try with a file in which one bit is another, that many times, and restores the file.
func flips(t *testing.T, path string, times int, try func(bit int)) {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, uint64(len(whole))))
	header := min(len(whole), 8+int(whole[0])+int(whole[1])<<8) // in which half of them are
	for n := range times {
		at := random.IntN(len(whole))
		if n%2 == 0 {
			at = random.IntN(header)
		}
		bit := random.IntN(8)
		whole[at] ^= 1 << bit
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		try(8*at + bit)
		whole[at] ^= 1 << bit
	}
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
}

// helpful checks that an error is one line, names the file and says what to do.
func helpful(t *testing.T, bit int, path string, err error, advice string) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, path) ||
		!strings.Contains(text, advice) {
		t.Errorf("bit %d: the error is %q, want one line with %s and %q", bit, text, path, advice)
	}
}

// A run whose checkpoint has one wrong bit ends with an error, or with the weights it would have had; stopped
// in the first epoch, between two epochs, in the last one, and when it had ended.
func TestFlippedBitInACheckpoint(t *testing.T) {
	whole := task(t)
	whole.Recipe.EMA, whole.Dir = 0.9, t.TempDir()
	mustRun(t, whole)
	want := file(t, whole.Dir, rundir.WeightsFile)
	refused := 0
	for _, steps := range []int{2, 5, 12, 15} {
		k := whole
		k.Dir = t.TempDir()
		_, err := k.Run(&countdown{context.Background(), steps})
		if steps < 15 && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		k.Resume = true
		path := filepath.Join(k.Dir, rundir.CheckpointFile)
		keep := t.TempDir()
		if err := rundir.Copy(k.Dir, keep); err != nil {
			t.Fatal(err)
		}
		flips(t, path, 50, func(bit int) {
			_, err := k.Run(context.Background())
			if err != nil {
				refused++
				helpful(t, bit, path, err, "start the run anew")
				return
			}
			if file(t, k.Dir, rundir.WeightsFile) != want {
				t.Errorf("bit %d: resumed to other weights, without a word", bit)
			}
			if err := os.RemoveAll(k.Dir); err != nil {
				t.Fatal(err)
			}
			if err := rundir.Copy(keep, k.Dir); err != nil {
				t.Fatal(err)
			}
		})
		mustRun(t, k)
		if file(t, k.Dir, rundir.WeightsFile) != want {
			t.Error("whole again, it ends with other weights")
		}
	}
	if refused < 190 {
		t.Errorf("%d of 200 refused, want nearly all", refused)
	}
	t.Logf("%d of 200 refused, the others resumed to the same weights", refused)
}

// Weights with one wrong bit are an error, or the same weights.
func TestFlippedBitInWeights(t *testing.T) {
	k := task(t)
	k.Dir = t.TempDir()
	report := mustRun(t, k)
	path := filepath.Join(k.Dir, rundir.WeightsFile)
	want, err := report.Weights.Digest()
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	flips(t, path, 200, func(bit int) {
		w, err := rundir.ReadWeights(path)
		if err != nil {
			refused++
			helpful(t, bit, path, err, "train again")
			if !errors.Is(err, rundir.ErrDamaged) {
				t.Errorf("bit %d: %v is no ErrDamaged", bit, err)
			}
			return
		}
		for key := range w.Meta {
			if _, known := report.Weights.Meta[key]; !known {
				delete(w.Meta, key) // the digest, under a name that has a wrong bit
			}
		}
		if got, err := w.Digest(); err != nil || got != want {
			t.Errorf("bit %d: other weights, without a word (%v)", bit, err)
		}
	})
	if refused < 180 {
		t.Errorf("%d of 200 refused, want nearly all", refused)
	}
	flips(t, path, 5, func(int) {
		if p, err := k.OpenBest(1); err == nil {
			p.Close()
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("OpenBest: %v", err)
		}
	})
}

// Text files of a run with one wrong bit are an error, or the same text.
func TestFlippedBitInTextFiles(t *testing.T) {
	k := task(t)
	k.Dir = t.TempDir()
	report := mustRun(t, k)
	config, err := rundir.ReadConfig(filepath.Join(k.Dir, rundir.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(k.Dir, rundir.SummaryFile)
	flips(t, path, 100, func(bit int) {
		var s train.Summary
		if err := rundir.ReadJSON(path, "train again", &s); err != nil {
			helpful(t, bit, path, err, "train again")
		} else if s.Seed != report.Seed || s.TestLoss != report.TestLoss || s.Epochs != report.Epochs ||
			s.Seconds != report.Seconds || s.Model != report.Model {
			t.Errorf("bit %d: another summary, without a word", bit)
		}
	})
	path = filepath.Join(k.Dir, rundir.ConfigFile)
	flips(t, path, 100, func(bit int) {
		text, err := rundir.ReadConfig(path)
		if err != nil {
			helpful(t, bit, path, err, "restore it")
		} else if !strings.HasPrefix(string(text), string(config)) {
			t.Errorf("bit %d: another config.yaml, without a word:\n%s", bit, text)
		}
	})
}

// A checkpoint is refused if its parts do not fit each other, whoever wrote it; here the same file is read
// for a shorter run and for fewer examples.
func TestOldCheckpointIsRefused(t *testing.T) {
	k := task(t)
	k.Dir = t.TempDir()
	mustRun(t, k)
	path := filepath.Join(k.Dir, rundir.CheckpointFile)
	w, err := rundir.ReadWeights(path)
	if err != nil {
		t.Fatal(err)
	}
	delete(w.Meta, "format") // as the files before had none
	if err := w.Save(path); err != nil {
		t.Fatal(err)
	}
	k.Resume = true
	wantError(t, k, path, "is of another version", "start the run anew")
}
