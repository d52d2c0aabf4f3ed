package train_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
)

const side, classes = 8, 3

// stripes returns grey images of a bright stripe whose place is the label, in noise.
func stripes(t testing.TB, n int, seed uint64) *data.Images {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	split := data.Split{Shape: data.Shape{Height: side, Width: side, Channels: 1}}
	for range n {
		label := random.IntN(classes)
		for i := range side * side {
			pixel := random.IntN(120)
			if i/side/3 == label {
				pixel += 60
			}
			split.Images = append(split.Images, uint8(pixel))
		}
		split.Labels = append(split.Labels, label)
	}
	return planesOf(t, split)
}

func planesOf(t testing.TB, split data.Split) *data.Images {
	t.Helper()
	planes, err := data.Transform{Size: side}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	return planes
}

// small is a transformer of one block with dropout, whose attention is tapped.
func small() nn.Layer {
	return nn.Chain{
		nn.Patches{Size: 4},
		nn.Linear{Out: 8},
		nn.Residual{Layer: nn.Attention{Heads: 2, Score: nn.DotProduct}},
		nn.Dropout{P: 0.2},
		nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
			gain, err := s.Param("gain", nn.ParamSpec{Shape: []int{1}, Dtype: x.Dtype(), Init: nn.Constant(1),
				Frozen: true})
			s.Tap("gain", nn.TapValue, gain)
			return x, err
		}),
		nn.Flatten{},
		nn.Linear{Out: classes},
	}
}

// task is a run of 100 images in steps of 24: the last step of an epoch and its last micro-batch are not
// full.
func task(t testing.TB) train.Task {
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.Micro, recipe.Seed, recipe.LR, recipe.Clip = 3, 24, 5, 11, 1e-2, 1
	return train.Task{
		Loop: train.Loop{
			Model: small(), Recipe: recipe, Threads: 2, Name: "small", DataName: "stripes",
			Meta: map[string]string{"architecture": "small"},
		},
		Train: stripes(t, 100, 1), Val: stripes(t, 37, 2), Test: stripes(t, 41, 3),
		Augment: data.Augment{Shift: 1},
	}
}

func mustRun(t testing.TB, task train.Task) *train.Report {
	t.Helper()
	report, err := task.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// file returns what a file of a run holds.
func file(t testing.TB, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// modelStore returns the Store of a new model of some seed.
func modelStore(t testing.TB, seed uint64, layer nn.Layer, dtype tensor.Dtype) *nn.Store {
	t.Helper()
	st, spec := nn.NewStore(seed), train.ImageSpec(1, side)
	spec.Dtype = dtype
	p, err := train.NewPredictor(st, train.PredictorConfig{Model: layer, Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	return st
}

// countdown is a context that is done after its error was asked for some times: once before each step.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// mlp is a model without attention and dropout.
func mlp() nn.Chain {
	return nn.Chain{nn.Flatten{}, nn.Linear{Out: 8}, nn.GELU{}, nn.Linear{Out: classes}}
}

// diverging raises the learning rate beyond all bounds in the second epoch.
type diverging struct{}

func (diverging) At(step, _ int) optimizers.Rates {
	if step < 6 {
		return optimizers.Rates{Factor: 1}
	}
	return optimizers.Rates{Factor: 1e38}
}
