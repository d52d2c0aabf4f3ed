package train_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// broken models fail while they are built.
var brokenModel = nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) {
	return nil,
		errors.New("no such layer")
})

// A run that fails before its first checkpoint leaves its directory as it was, so that the next one can start
// there; one that has a checkpoint leaves it.
func TestFailedStartLeavesNoRun(t *testing.T) {
	diverging := func(k *train.Task) {
		k.Recipe.Optimizer, k.Recipe.LR, k.Recipe.Schedule = "sgd", 1e30, "constant"
	}
	for name, fail := range map[string]func(k *train.Task){
		"built": func(k *train.Task) { k.Model = brokenModel }, "diverged": diverging,
	} {
		for _, before := range []bool{false, true} {
			k := task(t)
			k.Dir = filepath.Join(t.TempDir(), "a")
			if before {
				if err := os.MkdirAll(k.Dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(k.Dir, "mine.txt"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			good := k
			fail(&k)
			if _, err := k.Run(t.Context()); err == nil {
				t.Fatal(name, "trains")
			}
			if _, err := os.Stat(k.Dir); before != (err == nil) || rundir.Holds(k.Dir) {
				t.Errorf("%s, directory there %v: afterwards %v, holds a run %v",
					name, before, err, rundir.Holds(k.Dir))
			}
			mustRun(t, good)
			if before {
				file(t, k.Dir, "mine.txt")
			}
		}
	}
}

// A run is overwritten when the new one starts, not before its model is built.
func TestOverwriteNeedsAModel(t *testing.T) {
	k := task(t)
	k.Dir = t.TempDir()
	mustRun(t, k)
	want := file(t, k.Dir, rundir.WeightsFile)
	k.Overwrite, k.Model = true, brokenModel
	wantError(t, k, "no such layer")
	if file(t, k.Dir, rundir.WeightsFile) != want {
		t.Error("the old run is gone")
	}
}

// An interrupt does not wait for a model that takes long to build.
func TestInterruptWhileBuilding(t *testing.T) {
	k := task(t)
	ctx, cancel := context.WithCancel(t.Context())
	building, finish := make(chan bool), make(chan bool)
	defer close(finish)
	model := k.Model
	k.Dir = filepath.Join(t.TempDir(), "a")
	first := true
	k.Model = nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		if first {
			first = false
			close(building)
			<-finish
		}
		return model.Forward(s, x)
	})
	go func() {
		<-building
		cancel()
	}()
	_, err := k.Run(ctx)
	if !errors.Is(err, context.Canceled) || err.Error() !=
		"train: stopped while the model was built: context canceled" {
		t.Error(err)
	}
	if _, err := os.Stat(k.Dir); err == nil {
		t.Error("there is a directory of a run that has not begun")
	}
}

// Equal values of the metric are no improvement, whatever the loss does; of equal epochs that of the lowest
// loss is the best.
func TestPatienceWithEqualValues(t *testing.T) {
	k := task(t)
	k.Recipe.Epochs, k.Recipe.Patience, k.Recipe.Select = 50, 2, "same"
	k.Metrics = []train.Metric{{Name: "same", Value: func(*train.Evaluation) (float64, error) { return 1, nil }}}
	report := mustRun(t, k)
	if len(report.History) != 3 {
		t.Errorf("%d epochs, want 3", len(report.History))
	}
	for _, e := range report.History {
		if e.Val.Loss < report.Best.Val.Loss {
			t.Errorf("epoch %d has a lower loss than the best, %d", e.Epoch, report.Best.Epoch)
		}
	}
}
