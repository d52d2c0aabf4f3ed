package train_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// taught is the run of task with a teacher, who has not learned much.
func taught(t testing.TB) train.Task {
	k := task(t)
	k.Teacher = &train.Teacher{Model: mlp(),
		Weights: rundir.WeightsOf(modelStore(t, 5, mlp(), tensor.Float32), nil), Weight: 0.5, Temperature: 2}
	return k
}

func TestTaughtRunHasOneResultForAnyNumberOfThreads(t *testing.T) {
	for name, augment := range map[string]data.Augment{"labels": {Shift: 1}, "mixup": {MixUp: 0.4},
		"cutmix": {CutMix: 1}} {
		t.Run(name, func(t *testing.T) {
			var weights, metrics string
			for threads := 1; threads <= 3; threads++ {
				k := taught(t)
				k.Augment, k.Threads, k.Dir = augment, threads, t.TempDir()
				mustRun(t, k)
				w, m := file(t, k.Dir, rundir.WeightsFile),
					withoutSeconds(t, file(t, k.Dir, rundir.MetricsFile))
				if threads > 1 && (w != weights || m != metrics) {
					t.Errorf("%d threads: other weights or metrics than 1 thread", threads)
				}
				weights, metrics = w, m
			}
			k := taught(t)
			k.Augment, k.Teacher, k.Dir = augment, nil, t.TempDir()
			mustRun(t, k)
			if file(t, k.Dir, rundir.WeightsFile) == weights {
				t.Error("without the teacher, the same weights")
			}
		})
	}
}

func TestTaughtRunResumesBitIdentical(t *testing.T) {
	whole := taught(t)
	whole.Dir = t.TempDir()
	mustRun(t, whole)
	k := taught(t)
	k.Dir = t.TempDir()
	if _, err := k.Run(&countdown{context.Background(), 7}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want that of a context that is done", err)
	}
	k.Resume, k.Threads = true, 3
	for what, change := range map[string]func(*train.Teacher){
		"teacher was": func(o *train.Teacher) {
			o.Weights = rundir.WeightsOf(modelStore(t, 6, mlp(),
				tensor.Float32), nil)
		},
		"distillation was": func(o *train.Teacher) { o.Temperature = 3 },
	} {
		other, teacher := k, *k.Teacher
		change(&teacher)
		other.Teacher = &teacher
		if _, err := other.Run(context.Background()); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("another teacher: %v, want an error with %q", err, what)
		}
	}
	none := k
	none.Teacher = nil
	if _, err := none.Run(context.Background()); err == nil ||
		!strings.Contains(err.Error(), `now it is none`) {
		t.Errorf("no teacher: %v, want an error", err)
	}
	mustRun(t, k)
	if file(t, k.Dir, rundir.WeightsFile) != file(t, whole.Dir, rundir.WeightsFile) {
		t.Error("other weights than those of a run that was not stopped")
	}
}

// Without a true label, a student learns from the teacher alone what the teacher knows.
func TestStudentLearnsFromTeacherAlone(t *testing.T) {
	master := task(t)
	master.Model, master.Recipe.Epochs = mlp(), 12
	known := mustRun(t, master)
	k := task(t)
	k.Recipe.Epochs, k.Val = 12, nil
	k.Train.Labels = make([]int, k.Train.Len()) // all of class 0
	if blind := mustRun(t, k).TestAccuracy; !(blind <= 0.5) {
		t.Fatalf("test accuracy %v without labels and teacher, want that of guessing", blind)
	}
	k.Teacher = &train.Teacher{Model: mlp(), Weights: known.Weights, Weight: 1, Temperature: 3}
	if got := mustRun(t, k).TestAccuracy; !(got >= 0.9) {
		t.Errorf("test accuracy %v of the student, %v of the teacher, want 0.9", got, known.TestAccuracy)
	}
}

// A student with the teacher's weights has no loss, however images are augmented: both see the same ones, and
// the teacher in its own scale.
func TestTeacherSeesWhatTheStudentSees(t *testing.T) {
	rescaled := nn.Chain{nn.Func(func(_ *nn.Scope, x *G.Node) (*G.Node,
		error) {
		return nn.ScaleBy(x, 0.25)
	})}
	for _, c := range []struct {
		name    string
		augment data.Augment
		teacher train.Teacher
		none    bool
	}{
		{"augmented", data.Augment{Shift: 2, Rotate: 0.2, Flip: true, Cutout: 3}, train.Teacher{}, true},
		{"mixed", data.Augment{MixUp: 0.4}, train.Teacher{}, true},
		{"scaled", data.Augment{Shift: 1}, train.Teacher{Model: append(rescaled, mlp()), Scale: []float32{4},
			Shift: []float32{0}}, true},
		{"shifted", data.Augment{}, train.Teacher{Scale: []float32{1}, Shift: []float32{0.5}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := task(t)
			k.Model, k.Recipe.Epochs, k.Augment = mlp(), 1, c.augment
			k.Recipe.Optimizer, k.Recipe.LR = "adamw:decay=0", 1e-9
			weights := rundir.WeightsOf(modelStore(t, k.Recipe.Seed, mlp(), tensor.Float32), nil)
			if c.teacher.Model == nil {
				c.teacher.Model = mlp()
			} else {
				inner := weights.Tensors
				weights.Tensors = map[string]*tensor.Dense{}
				for name, v := range inner {
					weights.Tensors["1."+name] = v
				}
			}
			c.teacher.Weights, c.teacher.Weight, c.teacher.Temperature = weights, 1, 2
			k.Teacher = &c.teacher
			if loss := mustRun(t, k).History[0].Train.Loss; math.Abs(loss) > 1e-6 == c.none {
				t.Errorf("loss %v, want none: %v", loss, c.none)
			}
		})
	}
}

func TestTeacherIsRefused(t *testing.T) {
	blind := rundir.WeightsOf(modelStore(t, 5, mlp(), tensor.Float32), nil)
	blind.Tensors["1.bias"].Float32s()[0] = float32(math.NaN())
	for want, change := range map[string]func(*train.Task){
		"needs a Model and its Weights": func(k *train.Task) { k.Teacher.Weights = nil },
		"a Teacher with Weight 1.5":     func(k *train.Task) { k.Teacher.Weight = 1.5 },
		"Temperature -1":                func(k *train.Task) { k.Teacher.Temperature = -1 },
		"want one for each of 1 channels": func(k *train.Task) {
			k.Teacher.Scale, k.Teacher.Shift = []float32{1, 1}, []float32{0, 0}
		},
		"teacher tells 8 classes apart, the student 3": func(k *train.Task) { k.Teacher.Model = mlp()[:3] },
		"teacher: weights: parameter 1.bias of the": func(k *train.Task) {
			delete(k.Teacher.Weights.Tensors, "1.bias")
		},
		"weights: 1.weight is float32":       func(k *train.Task) { k.Dtype = tensor.Float64 },
		"teacher: parameter 1.bias holds Na": func(k *train.Task) { k.Teacher.Weights = blind },
	} {
		k := taught(t)
		change(&k)
		if _, err := k.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
