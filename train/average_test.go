package train_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// distance is the largest difference of two sets of weights.
func distance(a, b rundir.Tensors) float64 {
	far := 0.0
	for name, v := range a {
		for i, w := range v.Float32s() {
			far = max(far, math.Abs(float64(w-b[name].Float32s()[i])))
		}
	}
	return far
}

// The definition, from the weights that runs of 2, 3 and 4 epochs end with.
func TestStochasticWeightAveraging(t *testing.T) {
	of := func(epochs, swa int) rundir.Tensors {
		k := task(t)
		k.Recipe.Epochs, k.Recipe.SWA, k.Recipe.Schedule, k.Val = epochs, swa, "constant", nil
		return mustRun(t, k).Weights.Tensors
	}
	want := rundir.Tensors{}
	for epochs := 2; epochs <= 4; epochs++ {
		for name, v := range of(epochs, 0) {
			if want[name] == nil {
				want[name] = tensor.New(tensor.WithShape(v.Shape()...), tensor.Of(tensor.Float32))
			}
			for i, w := range v.Float32s() {
				want[name].Float32s()[i] += w / 3
			}
		}
	}
	got := of(4, 2)
	if far := distance(got, want); far > 1e-6 {
		t.Errorf("the mean is off by %v", far)
	}
	if far := distance(got, of(4, 0)); far < 1e-4 {
		t.Errorf("the mean differs by %v from the last weights", far)
	}
	if far := distance(of(4, 4), of(4, 0)); far != 0 {
		t.Errorf("the mean of one epoch is off by %v", far)
	}
}

// SAM's step is that of the gradient at w + ρ·g/‖g‖. Plain descent with a rate of 1 shows gradients.
func TestSharpnessAwareStep(t *testing.T) {
	const rho = 0.5
	step := func(from *rundir.Weights, sam float64) rundir.Tensors {
		k := task(t)
		k.Recipe.Epochs, k.Recipe.Batch, k.Recipe.Clip, k.Recipe.LR = 1, 100, 0, 1
		k.Recipe.Optimizer, k.Recipe.Schedule, k.Recipe.SAM, k.Val = "sgd", "constant", sam, nil
		k.From = from
		return mustRun(t, k).Weights.Tensors
	}
	k := task(t)
	start := firstWeights(t, k)
	norm, moved := 0.0, step(start, 0)
	for name, w := range start.Tensors {
		for i, v := range w.Float32s() {
			d := float64(v - moved[name].Float32s()[i])
			norm += d * d
		}
	}
	norm = math.Sqrt(norm)
	worst := &rundir.Weights{Tensors: rundir.Tensors{}}
	for name, w := range start.Tensors {
		values := slices.Clone(w.Float32s())
		for i, v := range values {
			values[i] += float32(rho / norm * float64(v-moved[name].Float32s()[i]))
		}
		worst.Tensors[name] = tensor.New(tensor.WithShape(w.Shape()...), tensor.WithBacking(values))
	}
	want := rundir.Tensors{}
	for name, after := range step(worst, 0) { // the step from the worst point, taken from the start
		values := slices.Clone(start.Tensors[name].Float32s())
		for i := range values {
			values[i] += after.Float32s()[i] - worst.Tensors[name].Float32s()[i]
		}
		want[name] = tensor.New(tensor.WithShape(after.Shape()...), tensor.WithBacking(values))
	}
	got := step(start, rho)
	if far := distance(got, want); far > 1e-5 {
		t.Errorf("the step is off by %v", far)
	}
	if far := distance(got, moved); far < 1e-3 {
		t.Errorf("the step differs by %v from that of plain descent", far)
	}
}

// What is averaged, and what has a state of its own, ends after an interruption with the bits of a run
// without one, whatever the number of threads.
func TestResumeOfPartsIsExact(t *testing.T) {
	for name, change := range map[string]func(r *train.Recipe){
		"swa":           func(r *train.Recipe) { r.SWA = 1 },
		"sam":           func(r *train.Recipe) { r.SAM = 0.05 },
		"muon":          func(r *train.Recipe) { r.Optimizer = "muon" },
		"schedule-free": func(r *train.Recipe) { r.Optimizer, r.Schedule = "schedule-free", "constant:warmup=3" },
	} {
		t.Run(name, func(t *testing.T) {
			fresh := func(threads int) train.Task {
				k := task(t)
				change(&k.Recipe)
				k.Dir, k.Threads = t.TempDir(), threads
				return k
			}
			whole, stopped := fresh(1), fresh(3)
			mustRun(t, whole)
			for _, steps := range []int{7, 3} { // within an epoch, and in the next one
				if _, err := stopped.Run(&countdown{context.Background(), steps}); !errors.Is(err,
					context.Canceled) {
					t.Fatal(err)
				}
				stopped.Resume = true
			}
			mustRun(t, stopped)
			if file(t, whole.Dir, rundir.WeightsFile) != file(t, stopped.Dir, rundir.WeightsFile) {
				t.Error("other weights than those of a run that was not stopped")
			}
		})
	}
}

// The weights that schedule-free AdamW is evaluated with are its mean, x = z + (y − z)/β₁.
func TestScheduleFreeIsEvaluatedAtItsMean(t *testing.T) {
	k := task(t)
	k.Recipe.Optimizer, k.Recipe.Schedule, k.Val, k.Dir = "schedule-free:beta1=0.8", "constant", nil, t.TempDir()
	k.Recipe.Freeze = "1.bias"
	got := mustRun(t, k).Weights.Tensors
	c := checkpointOf(t, k)
	for name, x := range got {
		y := c["model"][name].Float32s()
		z := c["optimizer"]["z."+name]
		for i, v := range x.Float32s() {
			want := float64(y[i]) // of what is not trained
			if z != nil {
				want = float64(z.Float32s()[i]) + (float64(y[i])-float64(z.Float32s()[i]))/0.8
			}
			if math.Abs(float64(v)-want) > 1e-6 {
				t.Fatalf("%s, element %d: %v, want %v", name, i, v, want)
			}
		}
	}
}

// checkpointOf returns the tensors in the checkpoint of a run.
func checkpointOf(t *testing.T, k train.Task) map[string]rundir.Tensors {
	t.Helper()
	id, err := k.Identity()
	if err != nil {
		t.Fatal(err)
	}
	var position json.RawMessage
	c, err := rundir.ReadCheckpoint(k.Dir+"/"+rundir.CheckpointFile, id, &position)
	if err != nil {
		t.Fatal(err)
	}
	return c.Groups
}

func TestOneAverageAtATime(t *testing.T) {
	for want, change := range map[string]func(r *train.Recipe){
		"ema and swa": func(r *train.Recipe) { r.EMA, r.SWA = 0.9, 2 },
		"swa is 9":    func(r *train.Recipe) { r.SWA = 9 },
		"want one average of the weights": func(r *train.Recipe) {
			r.EMA, r.Optimizer = 0.9, "schedule-free"
		},
	} {
		k := task(t)
		change(&k.Recipe)
		wantError(t, k, want)
	}
}
