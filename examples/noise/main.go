// Noise: a quantum layer whose gates and readout have errors, trained without them and with them.
//
//	go run ./examples/noise          # how strong the noise may be, and that training with it brings little here
//	go run ./examples/noise -short   # a few steps
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
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/train"
)

const points = 400

// model maps points (B, 2) to logits (B, 2) through a circuit of 4 qubits with noise: each gate is followed
// by a random Pauli error with probability p, and each qubit is misread with p. Its values come from 200
// shots if it is evaluated, and are exact in training.
func model(p float64, shots int) nn.Layer {
	noise, err := circuit.ParseNoise(fmt.Sprintf("depolarizing=%g,readout=%g", p, p))
	check(err)
	quantum := qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(3), Noise: noise, Shots: shots}
	return nn.Chain{nn.Linear{Out: 4}, quantum, nn.Linear{Out: 2}}
}

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.LR = 100, 32, 0.1
	if *short {
		recipe.Epochs = 2
	}
	parts, err := moons(3*points).Split(1, 1./3, 1./3, 1./3)
	check(err)
	fmt.Println("trained with  evaluated with  accuracy of unseen points, 200 shots")
	for _, trained := range []float64{0, 0.03, 0.06} {
		store := nn.NewStore(recipe.Seed)
		loop := train.Loop{Model: model(trained, 0), Recipe: recipe, Train: parts[0], Val: parts[1], Store: store}
		_, err := loop.Run(context.Background())
		check(err)
		for _, p := range []float64{0, 0.003, 0.01, 0.03, 0.06, 0.1} {
			fmt.Printf("p = %-8g  p = %-10g  %5.1f %%\n", trained, p, 100*accuracy(store, p, parts[2]))
		}
	}
}

// accuracy evaluates the weights with noise of that strength.
func accuracy(store *nn.Store, strength float64, data train.Data) float64 {
	spec, err := data.Spec()
	check(err)
	p, err := train.NewPredictor(store, train.PredictorConfig{Model: model(strength, 200), Spec: spec})
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
