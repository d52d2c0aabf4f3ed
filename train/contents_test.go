package train_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
)

// A run on images goes on with the same images only, and with the same labels of every split; a batch larger
// than any number of examples is one step.
func TestResumeWantsTheSameContents(t *testing.T) {
	split := func(change int) train.Data {
		s := data.Split{Shape: data.Shape{Height: 4, Width: 4, Channels: 1}, Images: make([]uint8, 16*12),
			Labels: make([]int, 12)}
		for i := range s.Images {
			s.Images[i] = uint8(i * 37)
		}
		for i := range s.Labels {
			s.Labels[i] = i % 2
		}
		if change > 0 {
			s.Images[change]++
		}
		if change < 0 {
			s.Labels[-change] = 1 - s.Labels[-change]
		}
		images, err := data.Transform{Size: 4}.Apply(s)
		if err != nil {
			t.Fatal(err)
		}
		return train.Images{Images: images}
	}
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.Micro = 2, 1<<62, 4
	loop := train.Loop{
		Model: nn.Chain{nn.Flatten{}, nn.Linear{Out: 2}}, Recipe: recipe, Dir: t.TempDir(),
		Train: split(0), Val: split(0), Test: split(0),
	}
	if _, err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	loop.Resume = true
	if _, err := loop.Run(context.Background()); err != nil {
		t.Errorf("the same images: %v", err)
	}
	for name, change := range map[string]func(l *train.Loop){
		"train contents":      func(l *train.Loop) { l.Train = split(5) },
		"validation contents": func(l *train.Loop) { l.Val = split(7) },
		"test contents":       func(l *train.Loop) { l.Test = split(-3) },
	} {
		other := loop
		change(&other)
		if _, err := other.Run(context.Background()); err == nil || !strings.Contains(err.Error(), name+" was") {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}
