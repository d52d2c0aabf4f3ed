// Associative recall: a task that only attention can solve.
//
// Token 0 holds a key, every other token a key and a class; the label is the class stored with the key of
// token 0. A model that averages over the tokens, or sees each alone, can only guess from the classes; a
// model with attention can find the key.
//
//	go run ./examples/recall              # about two minutes
//	go run ./examples/recall -short       # a few steps of each model
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
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
		weights := nn.NewStore(*seed)
		report, err := fit(m.layer, weights, steps, *seed)
		if err != nil {
			log.Fatalf("%s: %v", m.name, err)
		}
		scale := 0.0 // learned, of the attention logits
		if p := weights.Param("0.attn.scale"); p != nil {
			scale = p.Values()[0]
		}
		fmt.Printf("%-8s  accuracy %5.1f %%  last loss %.3f  learned scale %.1f\n",
			m.name, 100*report.TestAccuracy, report.Best.Train.Loss, scale)
	}
}

// fit trains a model for that many steps, and tests it on 4,000 other sequences.
func fit(model nn.Layer, weights *nn.Store, steps int, seed uint64) (*train.Report, error) {
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Seed, recipe.LR, recipe.Optimizer = steps, seed, 3e-3, "adamw:decay=0"
	return train.Loop{ // an epoch is one step
		Model: model, Store: weights, Recipe: recipe, Train: sequences(batch), Test: sequences(4000),
	}.Run(context.Background())
}
