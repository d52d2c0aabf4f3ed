// Associative recall: a task that only attention can solve, and a training loop written by hand.
//
// Patch 0 holds a key, every other patch a key and a class; the label is the class stored with the key of patch 0. A model that averages
// over the patches, or looks at each alone, cannot do better than a guess from the classes; one that attends can.
//
//	go run ./examples/recall              # about two minutes
//	go run ./examples/recall -short       # a few steps of each model
package main

import (
	"flag"
	"fmt"
	"log"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/vit"
)

const (
	tokens  = 16
	width   = 64
	classes = 4
	batch   = 128
)

// models are one block each, alike but for the attention.
var models = []struct {
	name  string
	layer nn.Layer
}{
	{"hqvit", model(qlayer.Attention{Heads: 1, Query: qlayer.RealAmplitudes(2)})},
	{"vit", model(nn.Attention{Heads: 1, Score: nn.DotProduct})},
	{"uniform", model(nn.Attention{Heads: 1, Score: nn.UniformScore})},
	{"identity", model(nn.Attention{Heads: 1, Score: nn.IdentityScore})},
}

func model(attention nn.Layer) nn.Layer {
	return nn.Chain{
		vit.Block{Attention: attention, Hidden: 128}, // (B, T, D)
		nn.Token{Index: 0},                           // (B, D)
		nn.LayerNorm{},
		nn.Linear{Out: classes}, // (B, classes)
	}
}

func main() {
	short := flag.Bool("short", false, "a few steps only")
	seed := flag.Uint64("seed", 1, "of weights and data")
	flag.Parse()
	steps := 1500
	if *short {
		steps = 20
	}
	for _, m := range models {
		r, err := train(m.layer, steps, *seed)
		if err != nil {
			log.Fatalf("%s: %v", m.name, err)
		}
		fmt.Printf("%-8s  accuracy %5.1f %%  last loss %.3f  learned scale %.1f\n", m.name, 100*r.accuracy, r.loss, r.scale)
	}
}
