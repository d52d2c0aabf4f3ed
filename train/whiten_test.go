package train_test

import (
	"context"
	"slices"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// convolving is a task whose model begins with a convolution of seven filters, of which whitening sets six.
func convolving(t *testing.T) train.Task {
	k := task(t)
	k.Model = nn.Chain{nn.Conv2D{Out: 7, Kernel: 3, Padding: 1}, nn.GELU{}, nn.Flatten{},
		nn.Linear{Out: classes}}
	k.Recipe.Whiten = true
	return k
}

func TestWhitenedFirstLayer(t *testing.T) {
	for _, ema := range []float64{0, 0.9} {
		k := convolving(t)
		k.Recipe.EMA, k.Recipe.Optimizer, k.Recipe.LR = ema, "sgd", 1e-30 // nothing moves
		got := mustRun(t, k).Weights.Tensors["0.weight"].Float32s()
		want, err := k.Train.Whitening(3, 3)
		if err != nil {
			t.Fatal(err)
		}
		own := modelStore(t, k.Recipe.Seed, k.Model, tensor.Float32).Param("0.weight").Value.Float32s()
		want = append(want, own[6*9:]...) // the seventh stays
		for i, w := range want {
			if d := got[i] - w; d > 1e-6 || d < -1e-6 {
				t.Fatalf("ema %v: value %d is %v, want %v", ema, i, got[i], w)
			}
		}
		if slices.Equal(got[:9], own[:9]) {
			t.Error("the first filter is the random one")
		}
	}
}

func TestWhitenedRunResumes(t *testing.T) {
	whole, stopped := convolving(t), convolving(t)
	whole.Dir, stopped.Dir, whole.Threads = t.TempDir(), t.TempDir(), 1
	mustRun(t, whole)
	if _, err := stopped.Run(&countdown{context.Background(), 7}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	stopped.Resume = true
	other := stopped
	other.Recipe.Whiten = false
	wantError(t, other, "is of another run: whiten was")
	mustRun(t, stopped)
	if file(t, whole.Dir, rundir.WeightsFile) != file(t, stopped.Dir, rundir.WeightsFile) {
		t.Error("other weights than those of a run that was not stopped")
	}
}

func TestWhiteningIsRefused(t *testing.T) {
	k := task(t)
	k.Recipe.Whiten = true
	wantError(t, k, "no convolution of 1 channels")
	k = convolving(t)
	k.From = firstWeights(t, k)
	wantError(t, k, "want one of the two")
}
