package train_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// pooled is a transformer whose parameters do not depend on the side of the picture, with dropout.
func pooled() nn.Layer {
	return nn.Chain{nn.Patches{Size: 2}, nn.Linear{Out: 8},
		nn.Residual{Layer: nn.Attention{Heads: 2, Score: nn.DotProduct}}, nn.Dropout{P: 0.2}, nn.MeanPool{},
		nn.Linear{Out: classes}}
}

// growing is a run of six epochs with pictures of sides 4, 6 and 8, two epochs each.
func growing(t testing.TB) train.Task {
	k := task(t)
	k.Model, k.Recipe.ImageSizes, k.Recipe.Epochs, k.Recipe.EMA = pooled(), "4, 6", 6, 0.9
	k.Augment.MixUp, k.Dir = 0.3, t.TempDir()
	return k
}

// A run with growing pictures has one result for any number of threads, and after it was stopped anywhere: in
// an epoch of small pictures, between two sizes, at the end.
func TestGrowingPicturesResumeToTheBit(t *testing.T) {
	whole := growing(t)
	var said bytes.Buffer
	whole.Progress = &said
	report := mustRun(t, whole)
	const want = "sides of 4 pixels in epochs 1 to 2, 6 pixels in epochs 3 to 4 and the full side from epoch 5 on"
	if !strings.Contains(said.String(), want) {
		t.Errorf("%s\nwant %q", said.String(), want)
	}
	if len(report.History) != 6 {
		t.Errorf("%d epochs", len(report.History))
	}
	fixed := growing(t)
	fixed.Recipe.ImageSizes = ""
	if digest(t, mustRun(t, fixed)) == digest(t, report) {
		t.Error("the sizes change nothing")
	}
	// 5 steps an epoch; the context is asked once before each
	for _, stops := range [][]int{{3}, {10}, {13, 9}, {20, 2}, {1, 9, 10, 7}} {
		t.Run(fmt.Sprint(stops), func(t *testing.T) {
			k := growing(t)
			for _, steps := range stops {
				_, err := k.Run(&countdown{context.Background(), steps})
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("error %v, want that of a context that is done", err)
				}
				k.Resume, k.Threads = true, k.Threads%3+1
			}
			mustRun(t, k)
			for _, name := range []string{rundir.WeightsFile} {
				if file(t, k.Dir, name) != file(t, whole.Dir, name) {
					t.Errorf("%s is not that of a run that was not stopped", name)
				}
			}
			if got, want := withoutSeconds(t, file(t, k.Dir, rundir.MetricsFile)),
				withoutSeconds(t, file(t, whole.Dir, rundir.MetricsFile)); got != want {
				t.Errorf("metrics\n%swant\n%s", got, want)
			}
		})
	}
	k := growing(t)
	k.Dir, k.Resume, k.Recipe.ImageSizes = whole.Dir, true, "6"
	if _, err := k.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "image_sizes") {
		t.Errorf("resumed with other sizes: %v", err)
	}
}

func digest(t testing.TB, r *train.Report) string {
	t.Helper()
	d, err := r.Weights.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// watched is a model that notes the sides of the pictures that it is built for.
type watched struct {
	nn.Layer
	sides *[]int
	err   error
}

func (w watched) ForSide(side int) (nn.Layer, error) {
	*w.sides = append(*w.sides, side)
	return w.Layer, w.err
}

// The model of each size is asked for by ForSide, and float64 and sharpness-aware steps work as they do
// elsewhere.
func TestGrowingPicturesAskForTheirModel(t *testing.T) {
	var sides []int
	k := growing(t)
	k.Model, k.Dtype, k.Recipe.SAM = watched{pooled(), &sides, nil}, tensor.Float64, 0.05
	mustRun(t, k)
	if fmt.Sprint(sides) != "[4 6]" {
		t.Errorf("asked for the sides %v", sides)
	}
}

func TestGrowingPicturesRefused(t *testing.T) {
	for want, change := range map[string]func(k *train.Task){
		`image_sizes is "6,4", want sides in pixels, each larger`: func(
			k *train.Task) {
			k.Recipe.ImageSizes = "6,4"
		},
		`image_sizes is "4,x", want sides`: func(
			k *train.Task) {
			k.Recipe.ImageSizes = "4,x"
		},
		`image_sizes is "0", want sides`: func(
			k *train.Task) {
			k.Recipe.ImageSizes = "0"
		},
		`image_sizes is ",", want sides`: func(
			k *train.Task) {
			k.Recipe.ImageSizes = ","
		},
		"2 sides before the model's own, and epochs is 2": func(k *train.Task) { k.Recipe.Epochs = 2 },
		"want sides below that of the model's pictures, 8": func(
			k *train.Task) {
			k.Recipe.ImageSizes = "4,8"
		},
		"side 4: no small one": func(
			k *train.Task) {
			k.Model = watched{pooled(), new([]int), errors.New("no small one")}
		},
		"side 4: ": func(k *train.Task) { k.Model = mlp() },
		"with a teacher": func(k *train.Task) {
			st := modelStore(t, 1, mlp(), tensor.Float32)
			k.Teacher = &train.Teacher{Model: mlp(), Weights: rundir.WeightsOf(st, nil), Weight: 0.5}
		},
	} {
		k := growing(t)
		change(&k)
		if _, err := k.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want an error in one line with %q", err, want)
		}
	}
	vectors := train.Loop{Model: mlp(), Recipe: growing(t).Recipe, Train: train.Arrays{
		Inputs: []*tensor.Dense{tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(make([]float32, 8)))},
		Labels: []int{0, 1, 2, 0}}}
	if _, err := vectors.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "no pictures") {
		t.Errorf("vectors: %v", err)
	}
}

// What is given to the model of a smaller side is the mean of areas of what the whole model would be given:
// of whole pixels at half the side, of parts of pixels in between.
func TestPicturesAreBroughtToTheirSide(t *testing.T) {
	const n = 3
	images := stripes(t, n, 5)
	seen := map[int][]float32{}
	for _, size := range []int{4, 5, side} {
		got, err := train.Shown(train.Images{Images: images, Augment: data.Augment{Shift: 2, Rotate: 0.3}},
			size, 9, 4)
		if err != nil {
			t.Fatal(err)
		}
		seen[size] = got
	}
	whole := seen[side]
	for _, size := range []int{4, 5, side} {
		ratio := float64(side) / float64(size)
		for i, got := range seen[size] {
			image, y, x := i/(size*size), i/size%size, i%size
			sum, area := 0.0, 0.0
			for v := range side {
				for u := range side {
					high := math.Min(float64(v+1), float64(y+1)*ratio) - math.Max(float64(v), float64(y)*ratio)
					wide := math.Min(float64(u+1), float64(x+1)*ratio) - math.Max(float64(u), float64(x)*ratio)
					if part := math.Max(high, 0) * math.Max(wide, 0); part > 0 {
						sum, area = sum+part*float64(whole[(image*side+v)*side+u]), area+part
					}
				}
			}
			if math.Abs(float64(got)-sum/area) > 1e-6 {
				t.Fatalf("side %d, value %d is %v, want %v", size, i, got, sum/area)
			}
		}
	}
}
