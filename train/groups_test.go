package train_test

import (
	"bytes"
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

// firstWeights are those of the task's model before any step.
func firstWeights(t *testing.T, k train.Task) *rundir.Weights {
	t.Helper()
	return rundir.WeightsOf(modelStore(t, k.Recipe.Seed, k.Model, tensor.Float32), nil)
}

func equalTensors(a, b *tensor.Dense) bool { return slices.Equal(a.Float32s(), b.Float32s()) }

// What is frozen stays as it was to the bit, and the rest moves; learning rates are those of the factors.
func TestFrozenParameters(t *testing.T) {
	k := task(t)
	before := firstWeights(t, k)
	var names []string
	for name := range before.Tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	k.Recipe.Freeze = " 1.*,"
	var said bytes.Buffer
	k.Progress = &said
	after := mustRun(t, k).Weights
	frozen := 0
	for _, name := range names {
		still := equalTensors(before.Tensors[name], after.Tensors[name])
		if strings.HasPrefix(name, "1.") {
			frozen++
		}
		if still != (strings.HasPrefix(name, "1.") || name == "gain" || strings.HasSuffix(name, ".gain")) {
			t.Errorf("%s: unchanged %v", name, still)
		}
	}
	if frozen == 0 || !strings.Contains(said.String(), fmt.Sprintf(" weights, in %d tensors\n", frozen)) {
		t.Errorf("%d frozen of %v; said %s", frozen, names, said.String())
	}
}

// A step of plain descent is proportional to the learning rate, so a factor is seen in it; the last pattern
// that fits counts.
func TestLearningRateFactors(t *testing.T) {
	k := task(t)
	k.Recipe.Epochs, k.Recipe.Batch, k.Recipe.Optimizer, k.Recipe.Schedule, k.Val = 1, 100, "sgd", "constant",
		nil
	k.Recipe.LR, k.Recipe.Micro = 0.25, 25
	before, plain := firstWeights(t, k), mustRun(t, k).Weights
	k.Recipe.LRFactor = "*=0.5,1.weight=0.25,6.*=2"
	scaled := mustRun(t, k).Weights
	for name, w := range before.Tensors {
		want := 0.5
		switch {
		case name == "1.weight":
			want = 0.25
		case strings.HasPrefix(name, "6."):
			want = 2
		}
		for i, start := range w.Float32s() {
			a := float64(plain.Tensors[name].Float32s()[i] - start)
			b := float64(scaled.Tensors[name].Float32s()[i] - start)
			if math.Abs(b-want*a) > 1e-6 {
				t.Fatalf("%s moves by %v, with its factor by %v, want %v times that", name, a, b, want)
			}
		}
	}
}

func TestWrongGroups(t *testing.T) {
	for want, change := range map[string]func(r *train.Recipe){
		`freeze: pattern "[", want a name`:              func(r *train.Recipe) { r.Freeze = "[" },
		`freeze: "," holds no pattern, want one`:        func(r *train.Recipe) { r.Freeze = "," },
		`lr_factor: " " holds no pattern, want one`:     func(r *train.Recipe) { r.LRFactor = " " },
		`"*=1e-37" makes a learning rate of 1e-39, too`: func(r *train.Recipe) { r.LRFactor = "*=1e-37" },
		`lr_factor: pattern "blocks.["`:                 func(r *train.Recipe) { r.LRFactor = "blocks.[=1" },
		`lr_factor: "a", want PATTERN=FACTOR`:           func(r *train.Recipe) { r.LRFactor = "a" },
		`lr_factor: "a=0", want PATTERN=FACTOR`:         func(r *train.Recipe) { r.LRFactor = "*=1,a=0" },
		`lr_factor: "a=NaN", want`:                      func(r *train.Recipe) { r.LRFactor = "a=NaN" },
		`freeze: no parameter fits "blocks.*"; the`:     func(r *train.Recipe) { r.Freeze = "blocks.*" },
		`no parameter fits "1.wieght" (did you mean 1.`: func(r *train.Recipe) { r.LRFactor = "1.wieght=1" },
		"freeze leaves no parameter to train":           func(r *train.Recipe) { r.Freeze = "*" },
	} {
		k := task(t)
		change(&k.Recipe)
		wantError(t, k, want)
	}
}

// With weights to start from, frozen parameters, factors and an average, a run that is stopped and resumed
// ends with the bits of one that was not.
func TestResumeWithGroupsIsExact(t *testing.T) {
	donor := task(t)
	donor.Recipe.Seed = 99
	weights := mustRun(t, donor).Weights
	fresh := func() train.Task {
		k := task(t)
		k.Recipe.Freeze, k.Recipe.LRFactor, k.Recipe.EMA = "1.*", "*=0.5,6.*=1", 0.9
		k.From, k.Dir = weights, t.TempDir()
		return k
	}
	whole := fresh()
	mustRun(t, whole)
	stopped := fresh()
	if _, err := stopped.Run(&countdown{context.Background(), 7}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	other := stopped
	other.Resume, other.From = true, firstWeights(t, other)
	wantError(t, other, "is of another run: from was ")
	other = stopped
	other.Resume, other.Recipe.Freeze = true, ""
	wantError(t, other, "is of another run: freeze was \"1.*\", now it is none")
	stopped.Resume, stopped.From = true, nil // which may be gone by then
	if _, err := stopped.Run(&countdown{context.Background(), 3}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	mustRun(t, stopped)
	if file(t, whole.Dir, rundir.WeightsFile) != file(t, stopped.Dir, rundir.WeightsFile) {
		t.Error("other weights than those of a run that was not stopped")
	}
}

// A run starts from what fits, says what does not, and refuses weights of which nothing fits.
func TestStartFromWeights(t *testing.T) {
	k := task(t)
	k.Recipe.Epochs, k.Recipe.LR, k.Recipe.Optimizer, k.Val = 1, 1e-30, "sgd", nil // nothing moves
	k.Recipe.MaxLossRatio = 0
	donor := task(t)
	donor.Recipe.Seed = 5
	given := mustRun(t, donor).Weights
	given.Tensors["6.weight"] = tensor.New(tensor.WithShape(4, 32), tensor.Of(tensor.Float32))
	given.Tensors["extra"] = tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32))
	delete(given.Tensors, "6.bias")
	first := firstWeights(t, k)
	var said bytes.Buffer
	k.From, k.Progress = given, &said
	after := mustRun(t, k).Weights
	for name, w := range after.Tensors {
		want := given
		if strings.HasPrefix(name, "6.") {
			want = first
		}
		if !equalTensors(w, want.Tensors[name]) {
			t.Errorf("%s is not where it should start", name)
		}
	}
	for _, want := range []string{"tensors start from the given weights; anew: 6.", "6.bias (not among them)",
		"6.weight (float32 (4, 32) there, float32 (3, 32) here)", "; not used: extra\n"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("does not say %q: %s", want, said.String())
		}
	}
	k.From = &rundir.Weights{Tensors: rundir.Tensors{"x": given.Tensors["extra"]}}
	wantError(t, k, "none of the 1 tensors to start from fits the model")
	k.From, k.Store = given, nn.NewStore(3)
	mustRun(t, k)
	if k.Store.Param("1.weight") == nil || !equalTensors(k.Store.Param("1.weight").Value,
		given.Tensors["1.weight"]) {
		t.Error("with a Store, the weights are not in it")
	}
}

// A run with more epochs than it had goes on by the schedule of all of them. With a schedule that does not
// depend on them it is the longer run, to the bit; with another one it is a run of its own, which resumes
// exactly.
func TestExtendedRun(t *testing.T) {
	fresh := func(epochs int, schedule string) train.Task {
		k := task(t)
		k.Recipe.Epochs, k.Recipe.Schedule, k.Dir = epochs, schedule, t.TempDir()
		return k
	}
	extend := func(k *train.Task, epochs int) string {
		var said bytes.Buffer
		k.Recipe.Epochs, k.Resume, k.Progress = epochs, true, &said
		mustRun(t, *k)
		return said.String()
	}
	long, short := fresh(4, "constant"), fresh(2, "constant")
	mustRun(t, long)
	mustRun(t, short)
	if said := extend(&short, 4); !strings.Contains(said,
		"extended from 2 to 4 epochs: the schedule is that of 4 "+
			"epochs from step 11 on; the learning rate was 0.01 and is now 0.01\n") {
		t.Error(said)
	}
	if file(t, short.Dir, rundir.WeightsFile) != file(t, long.Dir, rundir.WeightsFile) ||
		withoutSeconds(t, file(t, short.Dir, rundir.MetricsFile)) !=
			withoutSeconds(t, file(t, long.Dir, rundir.MetricsFile)) {
		t.Error("with a constant rate, the extended run is not the longer one")
	}

	whole, stopped := fresh(2, "one-cycle"), fresh(2, "one-cycle")
	mustRun(t, whole)
	mustRun(t, stopped)
	extend(&whole, 4)
	stopped.Recipe.Epochs, stopped.Resume = 4, true
	if _, err := stopped.Run(&countdown{context.Background(), 3}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if said := extend(&stopped, 4); strings.Contains(said, "extended") {
		t.Error("extended twice: ", said)
	}
	if file(t, whole.Dir, rundir.WeightsFile) != file(t, stopped.Dir, rundir.WeightsFile) {
		t.Error("an extended run that was stopped ends with other weights")
	}
	stopped.Recipe.Epochs = 3
	wantError(t, stopped, `is of another run: epochs was "4", now it is "3"`)
}
