package vit_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

// The flops of a training step were counted by hand for the measurements against PyTorch; those of inference
// follow from the shapes.
func TestFlopsAreThoseOfTheYardstick(t *testing.T) {
	for _, want := range []struct {
		name  string
		heads int
		mega  float64
	}{{"hqvit", 4, 5.37}, {"hqvit", 1, 5.96}, {"vit", 4, 6.75}, {"hqvit-m", 4, 184}, {"vit-m", 4, 228}} {
		name, mega := want.name, want.mega
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		c.Heads = want.heads
		_, micro := vit.DefaultBatch(c)
		inference, training, err := vit.Flops(c, micro)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(training) / 1e6; math.Abs(got-mega) > 0.005*mega {
			t.Errorf("%s: %.3f Mflop of a training step, want %v", name, got, mega)
		}
		if training != 3*inference {
			t.Errorf("%s: %d and %d", name, inference, training)
		}
	}
}

func TestFlopsByHand(t *testing.T) {
	for name, want := range map[string]int{
		"logreg": 2 * 1024 * 10,
		// 3×3 filters at 16², 8², 4² and 2² places, then the classifier
		"cnn": 2 * (16*9*256 + 32*16*9*64 + 48*32*9*16 + 64*48*9*4 + 256*10),
	} {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := vit.Flops(c, 16); err != nil || got != want {
			t.Errorf("%s: %d flops, %v, want %d", name, got, err, want)
		}
	}
}
