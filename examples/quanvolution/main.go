// Quanvolution: windows of an image through one small circuit, beside an ordinary convolution and no filter
// at all, with the same classifier behind each.
//
// The circuit has four qubits, one for each pixel of a 2×2 window, and four channels; it is trained with the
// classifier, or kept at its random first angles. On the complete MNIST its filters help a little, trained or
// not, and cost much: 92.7 % with either, 92.3 % by convolution, 92.0 % without (seed 1, 2026-11-24).
//
//	go run ./examples/quanvolution          # two epochs of the complete MNIST each
//	go run ./examples/quanvolution -short   # 3,200 images, one epoch
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
)

// filter returns a circuit for windows: the pixels, between 0 and 1, rotate its qubits by up to π.
func filter(frozen bool) nn.Layer {
	return qlayer.Circuit{Encoder: qlayer.Basis{}, Ansatz: qlayer.Entangling(1), Frozen: frozen}
}

// models end in the same classifier, (B, 4, 14, 14) -> (B, 10).
var models = []struct {
	name  string
	layer nn.Layer
}{
	{"trained circuit", nn.Chain{qlayer.Quanvolution{Size: 2, Filter: filter(false)}, nn.Flatten{},
		nn.Linear{Out: 10}}},
	{"frozen circuit", nn.Chain{qlayer.Quanvolution{Size: 2, Filter: filter(true)}, nn.Flatten{},
		nn.Linear{Out: 10}}},
	{"convolution", nn.Chain{qlayer.Quanvolution{Size: 2, Filter: nn.Chain{nn.Linear{Out: 4}, nn.GELU{}}},
		nn.Flatten{}, nn.Linear{Out: 10}}},
	{"no filter", nn.Chain{nn.Flatten{}, nn.Linear{Out: 10}}},
}

func main() {
	short := flag.Bool("short", false, "a part of the data, one epoch")
	flag.Parse()
	set, err := data.Load(context.Background(), "mnist", data.Options{Seed: 1})
	check(err)
	epochs := 2
	if *short {
		set.Train, epochs = set.Train.First(3200), 1
	}
	images, err := data.Transform{Size: 28}.Apply(set.Train)
	check(err)
	held, err := data.Transform{Size: 28}.Apply(set.Val)
	check(err)
	tests, err := data.Transform{Size: 28}.Apply(set.Test)
	check(err)
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.LR = epochs, 5e-3
	for _, m := range models {
		loop := train.Loop{Model: m.layer, Recipe: recipe}
		report, err := train.Task{Loop: loop, Train: images, Val: held, Test: tests}.Run(context.Background())
		check(err)
		fmt.Printf("%-15s  %5d parameters, %d of them angles: %.2f %% of the test images, %.0f images/s\n",
			m.name, report.Parameters, report.Groups["quantum"], 100*report.TestAccuracy,
			report.TrainExamplesPerSecond)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
