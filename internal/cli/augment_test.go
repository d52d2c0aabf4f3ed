package cli

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// The cost of augmentation in training: how many images a second fewer, in per cent, the median over
// interleaved rounds. The numbers in docs/benchmarks.md are from
//
//	go test ./internal/cli -run '^$' -bench Augmentation/hqvit-s -benchtime 15x
func BenchmarkAugmentation(b *testing.B) {
	for _, c := range []struct{ model, set string }{
		{"hqvit-s", "mnist"}, {"vit-s", "mnist"}, {"hqvit-s", "cifar10"}, {"hqvit-m", "mnist"},
		{"vit-m", "mnist"}, {"hqvit-m", "cifar10"}, {"vit-m", "cifar10"},
	} {
		b.Run(c.model+"/"+c.set, func(b *testing.B) {
			plain, augmented := augmentationTask(b, c.model, c.set)
			var rates, costs []float64
			for b.Loop() {
				was, now := trainRate(b, plain), trainRate(b, augmented)
				rates, costs = append(rates, was), append(costs, 100*(1-now/was))
			}
			slices.Sort(rates)
			slices.Sort(costs)
			b.ReportMetric(rates[len(rates)/2], "images/s")
			b.ReportMetric(costs[len(costs)/2], "%slower")
			b.ReportMetric(costs[len(costs)/4], "%quartile1")
			b.ReportMetric(costs[len(costs)*3/4], "%quartile3")
		})
	}
}

// augmentationTask returns a run on noise images of a set's shape, without augmentation and with the set's.
func augmentationTask(b *testing.B, model, set string) (plain, augmented train.Task) {
	b.Helper()
	architecture, err := vit.Named(model)
	if err != nil {
		b.Fatal(err)
	}
	d, err := data.Describe(set)
	if err != nil {
		b.Fatal(err)
	}
	architecture.Channels, architecture.Classes = d.Channels, len(d.Classes)
	random := rand.New(rand.NewPCG(1, 2))
	images := data.Split{Shape: d.Shape, Images: make([]uint8, 512*d.Shape.Len()), Labels: make([]int, 512)}
	for i := range images.Images {
		images.Images[i] = uint8(random.IntN(256))
	}
	for i := range images.Labels {
		images.Labels[i] = i % len(d.Classes)
	}
	input, err := data.Transform{Size: architecture.Image}.Apply(images)
	if err != nil {
		b.Fatal(err)
	}
	layer, err := vit.New(architecture)
	if err != nil {
		b.Fatal(err)
	}
	batch, micro := vit.DefaultBatch(architecture)
	recipe := train.DefaultRecipe()
	recipe.Batch, recipe.Micro, recipe.LR, recipe.Schedule = batch, micro, 1e-4, "constant"
	plain = train.Task{Loop: train.Loop{Model: layer, Recipe: recipe, Threads: runtime.GOMAXPROCS(0)},
		Train: input}
	augmented = plain
	augmented.Augment = d.Augment
	if augmented.Augment == (data.Augment{}) {
		b.Fatal(fmt.Sprint(set, " is not augmented"))
	}
	return plain, augmented
}

func trainRate(b *testing.B, t train.Task) float64 {
	b.Helper()
	rate, err := t.Bench(b.Context(), 100*time.Millisecond)
	if err != nil {
		b.Fatal(err)
	}
	return rate.Train
}
