// HQViT beside the classical ViT on MNIST: the same encoder, the same training, another attention.
//
//	go run ./examples/mnist            # the complete training set, two epochs of each model
//	go run ./examples/mnist -short     # 3,200 images, one epoch
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

func main() {
	short := flag.Bool("short", false, "a part of the data, one epoch")
	flag.Parse()
	set, err := data.Load(context.Background(), "mnist", data.Options{Seed: 1})
	check(err)
	epochs := 2
	if *short {
		set.Train, epochs = set.Train.First(3200), 1
	}
	input := data.Transform{Size: 32} // 28×28, padded
	images, err := input.Apply(set.Train)
	check(err)
	held, err := input.Apply(set.Val)
	check(err)
	tests, err := input.Apply(set.Test)
	check(err)

	for _, name := range []string{"hqvit", "vit"} {
		cfg, err := vit.Named(name)
		check(err)
		model, err := vit.New(cfg)
		check(err)
		recipe := train.DefaultRecipe()
		recipe.Epochs = epochs
		recipe.Batch, recipe.Micro = vit.DefaultBatch(cfg)
		report, err := train.Task{
			Loop:  train.Loop{Model: model, Recipe: recipe},
			Train: images, Val: held, Test: tests,
		}.Run(context.Background())
		check(err)
		fmt.Printf("%-8s %6d parameters, %3d of them angles: %.2f %% of the test images, %.0f images/s\n",
			name, report.Parameters, report.Groups["quantum"], 100*report.TestAccuracy,
			report.TrainExamplesPerSecond)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
