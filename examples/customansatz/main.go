// A custom ansatz: a function from a number of qubits to a circuit is all that a layer needs; main_test.go
// tests it in one call.
//
// A ring of beads looks the same from each of them, and so does this circuit: the gates of a layer share
// their angle. From 24 of the 256 rings of 8 beads it learns whether two neighbours are both black, as in 209
// of them, with 12 angles where RealAmplitudes with the same number of layers has 32.
//
//	go run ./examples/customansatz          # beside RealAmplitudes
//	go run ./examples/customansatz -short   # a few steps of each
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"strings"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/train"
)

// Ring returns the ansatz of layers × (RZZ between neighbours on a ring, then RX and RY on every qubit), with
// one angle for all RZZ of a layer, one for all RX and one for all RY: rotating the ring changes nothing. It
// has 3·layers angles, for any number of qubits.
func Ring(layers int) qlayer.Ansatz {
	return func(n int) *circuit.Circuit {
		c := circuit.New(n)
		for l := range layers {
			for q := 0; q < n && n > 1; q++ {
				c.RZZ(q, (q+1)%n, circuit.Theta(3*l)) // one index is one parameter
			}
			for q := range n {
				c.RX(q, circuit.Theta(3*l+1)).RY(q, circuit.Theta(3*l+2))
			}
		}
		return c
	}
}

const beads, layers, shown = 8, 4, 24

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	steps := 400
	if *short {
		steps = 20
	}
	fmt.Println(Ring(1)(3))
	seen, others := rings()
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.LR, recipe.Schedule = steps, 0.05, "cosine" // an epoch is one step
	for _, m := range []struct {
		name   string
		ansatz qlayer.Ansatz
	}{{"Ring", Ring(layers)}, {"RealAmplitudes", qlayer.RealAmplitudes(layers)}} {
		report, err := train.Loop{
			Model: model(m.ansatz), Recipe: recipe, Train: seen, Test: others,
		}.Run(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-14s  %3d angles  %5.1f %% of the rings it has seen, %5.1f %% of the others\n",
			m.name, report.Groups["quantum"], 100*report.Best.Train.Accuracy, 100*report.TestAccuracy)
	}
}

// model is a circuit whose measurements do not tell the beads apart either, and a line for each of the two
// answers.
func model(a qlayer.Ansatz) nn.Layer {
	means := qops.Expectations(mean("Z"), mean("X"), mean("ZZ"))
	return nn.Chain{qlayer.Circuit{Encoder: qlayer.Basis{}, Ansatz: a, Measure: means}, nn.Linear{Out: 2}}
}

// mean is the observable of a word of Pauli letters, averaged over all places on the ring.
func mean(word string) (sum statevec.Observable) {
	for q := range beads {
		letters := strings.Split(strings.Repeat("I", beads), "")
		for i, p := range word {
			letters[(q+i)%beads] = string(p)
		}
		sum = append(sum, statevec.Term{Coefficient: 1.0 / beads, Pauli: strings.Join(letters, "")})
	}
	return sum
}

// rings returns all rings in random order, a row of bits each, labelled by whether two neighbours are 1: the
// ones that are shown, and the others.
func rings() (seen, others train.Arrays) {
	var bits []float64
	var labels []int
	for _, ring := range rand.New(rand.NewPCG(1, 1)).Perm(1 << beads) {
		label := 0
		for q := range beads {
			bits = append(bits, float64(ring>>q&1))
			if ring>>q&1 == 1 && ring>>((q+1)%beads)&1 == 1 {
				label = 1
			}
		}
		labels = append(labels, label)
	}
	return rows(bits[:shown*beads], labels[:shown]), rows(bits[shown*beads:], labels[shown:])
}

func rows(bits []float64, labels []int) train.Arrays {
	x := tensor.New(tensor.WithShape(len(labels), beads), tensor.WithBacking(bits))
	return train.Arrays{Inputs: []*tensor.Dense{x}, Labels: labels}
}
