package train_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

func TestCallbacks(t *testing.T) {
	l := loops(t)["values"]
	var steps, epochs []string
	l.OnStep = func(s train.Step) error {
		steps = append(steps, fmt.Sprint(s.Epoch, s.Step, s.Steps))
		if !(s.Loss > 0) || !(s.GradientNorm > 0) || !(s.LearningRate >= 0) {
			t.Errorf("step %+v", s)
		}
		return nil
	}
	l.OnEpoch = func(e train.Epoch) error { epochs = append(epochs, fmt.Sprint(e.Epoch)); return nil }
	report := mustLoop(t, l)
	if len(steps) != 15 || steps[4] != "2 2 3" || !slices.Equal(epochs, []string{"1", "2", "3", "4", "5"}) {
		t.Errorf("steps %v, epochs %v", steps, epochs)
	}
	if plain := mustLoop(t, loops(t)["values"]); plain.Best.Val.Loss != report.Best.Val.Loss {
		t.Error("callbacks change the result")
	}
	l.OnEpoch = func(train.Epoch) error { return errors.New("no more room") }
	if _, err := l.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "no more room") {
		t.Errorf("a callback's error: %v", err)
	}
}

// A callback ends a run in good order, and it stays ended.
func TestCallbackStopsARun(t *testing.T) {
	for name, l := range map[string]train.Loop{"step": loops(t)["values"], "epoch": loops(t)["values"]} {
		l.Dir = t.TempDir()
		if name == "step" {
			l.OnStep = func(s train.Step) error {
				if s.Epoch == 3 && s.Step == 2 {
					return train.Stop
				}
				return nil
			}
		} else {
			l.OnEpoch = func(e train.Epoch) error {
				if e.Epoch == 3 {
					return errors.WithMessage(train.Stop, "enough")
				}
				return nil
			}
		}
		report := mustLoop(t, l)
		if len(report.History) != 3 || !strings.Contains(file(t, l.Dir, rundir.SummaryFile), `"epochs": 3`) {
			t.Errorf("%s: %d epochs, want 3", name, len(report.History))
		}
		l.Resume, l.OnStep, l.OnEpoch = true, nil, nil
		if again := mustLoop(t, l); len(again.History) != 3 {
			t.Errorf("%s: resumed, it goes on to epoch %d", name, len(again.History))
		}
	}
}

func TestCustomMetricSelectsTheBestEpoch(t *testing.T) {
	for _, lower := range []bool{true, false} {
		l := loops(t)["values"]
		l.Dir = t.TempDir()
		l.Metrics = []train.Metric{{Name: "mean", Lower: lower,
			Value: func(e *train.Evaluation) (float64, error) {
				sum := 0.0
				for i, v := range e.Predictions {
					sum += v - e.Targets[i]
				}
				return sum / float64(len(e.Predictions)), nil
			}}}
		l.Recipe.Select = "mean"
		report := mustLoop(t, l)
		best := report.Best.ValMetrics["mean"]
		for _, e := range report.History {
			if v := e.ValMetrics["mean"]; lower && v < best || !lower && v > best {
				t.Errorf("lower %v: epoch %d has %v, the best %v", lower, e.Epoch, v, best)
			}
		}
		if head, _, _ := strings.Cut(file(t, l.Dir, rundir.MetricsFile), "\n"); !strings.HasSuffix(head,
			"val_auc,val_mae,val_mean,val_r2,val_rmse") {
			t.Errorf("columns %s", head)
		}
	}
}

// The Store of a Loop ends with the best weights, and a Loop begins with those in its Store.
func TestStoreOfALoop(t *testing.T) {
	for _, ema := range []float64{0, 0.9} {
		l := loops(t)["values"]
		l.Store, l.Recipe.EMA = nn.NewStore(1), ema
		report := mustLoop(t, l)
		got, want := rundir.WeightsOf(l.Store, nil).Tensors["2.weight"], report.Weights.Tensors["2.weight"]
		if fmt.Sprint(got.Data()) != fmt.Sprint(want.Data()) {
			t.Errorf("EMA %v: the Store does not hold the best weights", ema)
		}
		l.Recipe.LR, l.Recipe.Epochs = 1e-12, 1
		if tuned := mustLoop(t, l); math.Abs(tuned.Best.Val.Loss-report.Best.Val.Loss) > 1e-6 {
			t.Errorf("EMA %v: it goes on with loss %v, the Store's weights have %v",
				ema, tuned.Best.Val.Loss, report.Best.Val.Loss)
		}
	}
}

// OpenBest predicts what the run itself evaluated.
func TestOpenBest(t *testing.T) {
	l := loops(t)["classes"]
	l.Dir = t.TempDir()
	report := mustLoop(t, l)
	p, err := l.OpenBest(2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, labels := range [][]int{l.Test.(train.Arrays).Labels, nil} {
		again, err := p.Evaluate(context.Background(),
			train.Arrays{Inputs: l.Test.(train.Arrays).Inputs, Labels: labels})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(again.Predictions, report.Test.Predictions) || labels != nil &&
			again.Loss != report.Test.Loss {
			t.Error("other predictions than those of the run")
		}
	}
	if _, err := p.Evaluate(context.Background(),
		train.Arrays{Inputs: []*tensor.Dense{normal[float64](1, 4, 5)}}); err == nil {
		t.Error("examples of another shape are predicted")
	}
}

// A Data that draws its examples draws others for training, validation and test.
func TestSplitsOfDrawnDataDiffer(t *testing.T) {
	l := loops(t)["drawn"]
	var seeds []uint64
	l.Threads, l.Recipe.Epochs, l.Recipe.Schedule = 1, 1, "constant"
	for _, d := range []*train.Data{&l.Train, &l.Val, &l.Test} {
		*d = broken{drawn: drawn{5}, fill: func(b *train.Batch) error {
			if !slices.Contains(seeds, b.Seed) {
				seeds = append(seeds, b.Seed)
			}
			return drawn{5}.Fill(b)
		}}
	}
	mustLoop(t, l)
	if len(seeds) != 3 || seeds[0] != l.Recipe.Seed {
		t.Errorf("seeds %v, want that of the recipe and two others", seeds)
	}
}

// A run that a callback has stopped in the middle of its first epoch, and that is interrupted before the
// validation of that epoch, is validated when it is resumed.
func TestStoppedAndThenInterrupted(t *testing.T) {
	k := task(t)
	k.Dir = t.TempDir()
	k.OnStep = func(s train.Step) error {
		if s.Step == 2 {
			return train.Stop
		}
		return nil
	}
	whole := k
	whole.Dir = ""
	want := mustRun(t, whole)
	ctx, cancel := context.WithCancel(context.Background())
	stop := k.OnStep
	k.OnStep = func(s train.Step) error {
		err := stop(s)
		if err != nil {
			cancel()
		}
		return err
	}
	if _, err := k.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want that of a context that is done", err)
	}
	k.Resume, k.OnStep = true, nil
	for range 2 {
		if got := mustRun(t, k); len(got.History) != 1 || got.Test.Loss != want.Test.Loss {
			t.Errorf("%d epochs, test loss %v, uninterrupted 1 and %v", len(got.History), got.Test.Loss,
				want.Test.Loss)
		}
	}
}
