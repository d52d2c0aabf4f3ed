// Shots: a trained quantum layer read from a finite number of runs of its circuit, as on a device.
//
//	go run ./examples/shots          # trains on exact values, then asks how many shots keep the accuracy
//	go run ./examples/shots -short   # a few steps
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
)

const points = 400

// model maps points (B, 2) to logits (B, 2) through a circuit of 4 qubits that is run so many times for each
// point; 0 shots are exact values.
func model(shots int) nn.Layer {
	quantum := qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(3), Shots: shots}
	return nn.Chain{nn.Linear{Out: 4}, quantum, nn.Linear{Out: 2}}
}

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.LR = 60, 32, 0.03
	if *short {
		recipe.Epochs = 2
	}
	parts, err := moons(3*points).Split(1, 1./3, 1./3, 1./3)
	check(err)
	fmt.Println("trained on     evaluated on   accuracy of unseen points")
	for _, trained := range []int{0, 20} {
		store := nn.NewStore(recipe.Seed)
		loop := train.Loop{Model: model(trained), Recipe: recipe, Train: parts[0], Val: parts[1], Store: store}
		_, err := loop.Run(context.Background())
		check(err)
		for _, shots := range []int{0, 10, 30, 100, 1000, 10000} {
			fmt.Printf("%-13s  %-13s  %5.1f %%\n", name(trained), name(shots), 100*accuracy(store, shots, parts[2]))
		}
	}
}

func name(shots int) string {
	if shots == 0 {
		return "exact values"
	}
	return fmt.Sprint(shots, " shots")
}

// accuracy evaluates the weights with that many shots.
func accuracy(store *nn.Store, shots int, data train.Data) float64 {
	spec, err := data.Spec()
	check(err)
	p, err := train.NewPredictor(store, train.PredictorConfig{Model: model(shots), Spec: spec})
	check(err)
	defer p.Close()
	e, err := p.Evaluate(context.Background(), data)
	check(err)
	return e.Metrics.Accuracy
}

// moons returns n points on two half circles that reach into each other, blurred by noise of standard
// deviation 0.2, labelled by their circle.
func moons(n int) train.Arrays {
	r := rand.New(rand.NewPCG(1, 1))
	x, labels := make([]float64, 2*n), make([]int, n)
	for i := range labels {
		sin, cos := math.Sincos(math.Pi * r.Float64())
		if i%2 == 1 {
			labels[i], sin, cos = 1, 0.5-sin, 1-cos
		}
		x[2*i], x[2*i+1] = cos+0.2*r.NormFloat64(), sin+0.2*r.NormFloat64()
	}
	xs := tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(x))
	return train.Arrays{Inputs: []*tensor.Dense{xs}, Labels: labels}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
