// Data re-uploading: a single qubit tells two interleaved half-moons apart by taking the point again in every
// layer.
//
//	go run ./examples/twomoons          # above 97 % of points it has not seen
//	go run ./examples/twomoons -short   # a few steps
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
)

const points = 400

// model maps points (B, 2) to logits (B, 2).
var model = qlayer.ReuploadingClassifier{Classes: 2, Layers: 4}

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	steps := 600
	if *short {
		steps = 20
	}
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch = steps+1, points // an epoch is one step
	recipe.LR, recipe.Schedule = 0.03, "cosine"
	parts, err := moons(2*points).Split(1, 0.5, 0.5)
	if err != nil {
		log.Fatal(err)
	}
	report, err := train.Loop{
		Model: model, Recipe: recipe, Train: parts[0], Val: parts[1],
		OnEpoch: func(e train.Epoch) error {
			if e.Epoch%(steps/4) == 1 {
				fmt.Printf("step %3d  loss %.4f  accuracy %5.1f %%, of unseen points %5.1f %%\n",
					e.Epoch-1, e.Train.Loss, 100*e.Train.Accuracy, 100*e.Val.Accuracy)
			}
			return nil
		},
	}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(report.Layers)
}

// moons returns n points on two half circles that reach into each other, blurred by noise of standard
// deviation 0.1, labelled by their circle.
func moons(n int) train.Arrays {
	r := rand.New(rand.NewPCG(1, 1))
	x, labels := make([]float64, 2*n), make([]int, n)
	for i := range labels {
		sin, cos := math.Sincos(math.Pi * r.Float64())
		if i%2 == 1 {
			labels[i], sin, cos = 1, 0.5-sin, 1-cos
		}
		x[2*i], x[2*i+1] = cos+0.1*r.NormFloat64(), sin+0.1*r.NormFloat64()
	}
	xs := tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(x))
	return train.Arrays{Inputs: []*tensor.Dense{xs}, Labels: labels}
}
