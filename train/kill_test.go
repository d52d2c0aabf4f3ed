package train_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// In a process of its own the test binary is a training run that can be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("HQVIT_TEST_STUCK"); dir != "" {
		stuck(dir)
	}
	if dir := os.Getenv("HQVIT_TEST_RUN"); dir != "" {
		epochs, err := strconv.Atoi(os.Getenv("HQVIT_TEST_EPOCHS"))
		if err == nil {
			k := long(dir, epochs)
			if os.Getenv("HQVIT_TEST_VERBOSE") != "" {
				k.Progress, k.Log = os.Stderr, slog.New(slog.NewJSONHandler(os.Stderr, nil))
			}
			_, err = k.Run(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// long is a run of some seconds that saves often.
func long(dir string, epochs int) train.Task {
	k := task(noTest{})
	k.Recipe.Epochs, k.Recipe.EMA, k.Recipe.KeepEpochs, k.Dir, k.Resume = epochs, 0.99, 2, dir, true
	return k
}

// noTest stands in for a test where there is none.
type noTest struct{ testing.TB }

func (noTest) Helper()                   {}
func (noTest) Fatal(args ...any)         { panic(fmt.Sprint(args...)) }
func (noTest) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func child(dir string, epochs int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HQVIT_TEST_RUN="+dir, fmt.Sprint("HQVIT_TEST_EPOCHS=", epochs))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKilledRunsEndBitIdentical kills a run at random moments, resumes it after each, and compares its files
// with those of an uninterrupted run. Once there is a checkpoint, there always is one that loads.
func TestKilledRunsEndBitIdentical(t *testing.T) {
	kills, epochs := 50, 600
	if testing.Short() {
		kills, epochs = 5, 120
	}
	whole := t.TempDir()
	began := time.Now()
	if err := child(whole, epochs).Run(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	// On average a kill comes after a share of the work. A machine that is faster now than it was for the
	// whole run ends it before its last kill: then smaller shares are tried.
	share := time.Since(began) / time.Duration(kills)
	killed := ""
	for ; killed == ""; share /= 2 {
		if share < time.Millisecond {
			t.Fatal("the run ends before it can be killed so often")
		}
		killed = survive(t, kills, epochs,
			func() time.Duration { return time.Duration(random.Float64() * 1.8 * float64(share)) })
	}
	if err := child(killed, epochs).Run(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{rundir.WeightsFile, fmt.Sprintf("epoch-%04d.safetensors", epochs),
		rundir.CurvesFile, rundir.ConfusionFile} {
		if file(t, killed, name) != file(t, whole, name) {
			t.Errorf("another %s than that of the uninterrupted run", name)
		}
	}
	a, err := rundir.ReadWeights(filepath.Join(killed, rundir.CheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	b, err := rundir.ReadWeights(filepath.Join(whole, rundir.CheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range b.Tensors {
		if fmt.Sprint(a.Tensors[name].Data()) != fmt.Sprint(v.Data()) {
			t.Errorf("checkpoint: another %s", name)
		}
	}
}

// survive starts a run and kills it, that many times, each after some time; it returns the run's directory,
// or "" if the run came to its end.
func survive(t *testing.T, kills, epochs int, after func() time.Duration) string {
	dir, saw, advanced, last := t.TempDir(), false, 0, ""
	for kill := range kills {
		cmd := child(dir, epochs)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after())
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			return ""
		}
		_, err := rundir.ReadWeights(filepath.Join(dir, rundir.CheckpointFile))
		if err != nil && saw {
			t.Fatalf("after kill %d there is no checkpoint that loads: %v", kill+1, err)
		}
		if err == nil {
			saw = true
			if text := file(t, dir, rundir.CheckpointFile); text != last {
				advanced, last = advanced+1, text
			}
		}
	}
	t.Logf("%d kills, %d of them behind a new checkpoint", kills, advanced)
	return dir
}
