// A custom attention score: a function from tokens to logits is all that nn.Attention needs; main_test.go
// tests it in one call.
//
// The score is distance attention, −s·‖q_i − k_j‖² with a learned sharpness s for each head: a token attends
// to those that are near it. It learns to find, among 12 vectors, the one nearest to the first, and to name
// its label.
//
//	go run ./examples/customscore          # beside the score DotProduct and no attention at all
//	go run ./examples/customscore -short   # a few steps of each
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
)

// Distance is the Score of logits −s·‖q_i − k_j‖², q = Linear(x), k = Linear(x), with the parameter scale
// (H), which starts at 1. The squared norms of the queries are the same along a row, so that the softmax
// loses them: they are left out.
func Distance(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	d := x.Shape()[2]
	q, err := nn.Linear{Out: d}.Forward(s.Sub("q"), x)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	k, err := nn.Linear{Out: d}.Forward(s.Sub("k"), x)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	twice, err := nn.HeadProducts(q, k, heads, 2) // (B, H, T, T): 2⟨q_i, k_j⟩
	if err != nil {
		return nn.AttentionScores{}, err
	}
	norms, err := normsOfKeys(k, heads) // (B, H, T, T): ‖k_j‖²
	if err != nil {
		return nn.AttentionScores{}, err
	}
	near, err := nn.Sub(twice, norms)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	scale, err := s.Param("scale", nn.ParamSpec{Shape: tensor.Shape{heads}, Dtype: x.Dtype(),
		Init: nn.Constant(1), NoDecay: true})
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := nn.ScaleHeads(near, scale, 1)
	return nn.AttentionScores{Logits: logits}, err
}

// normsOfKeys returns ‖k_j‖² of every head, (B, H, 1, T): a row that stands for all queries.
func normsOfKeys(k *G.Node, heads int) (*G.Node, error) {
	b, t, d := k.Shape()[0], k.Shape()[1], k.Shape()[2]
	n, err := nn.Mul(k, k)
	for _, next := range []func(n *G.Node) (*G.Node, error){
		func(n *G.Node) (*G.Node, error) { return nn.Reshape(n, b, t, heads, d/heads) },
		func(n *G.Node) (*G.Node, error) { return nn.Mean(n, 3) },                            // (B, T, H)
		func(n *G.Node) (*G.Node, error) { return nn.ScaleBy(n, float64(d)/float64(heads)) }, // a sum again
		func(n *G.Node) (*G.Node, error) { return nn.Transpose(n, 0, 2, 1) },
		func(n *G.Node) (*G.Node, error) { return nn.Reshape(n, b, heads, 1, t) },
	} {
		if err != nil {
			return nil, err
		}
		n, err = next(n)
	}
	return n, err
}

const (
	batch, tokens, classes = 64, 12, 4
	place                  = 3 // coordinates of a token
	width                  = place + classes
)

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	steps := 1500
	if *short {
		steps = 30
	}
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.LR, recipe.Schedule = steps, 0.01, "cosine:warmup=20" // an epoch is one step
	for _, m := range []struct {
		name  string
		score nn.Score
	}{{"distance", Distance}, {"dot product", nn.DotProduct}, {"uniform", nn.UniformScore}} {
		loop := train.Loop{Model: model(m.score), Recipe: recipe, Train: neighbours(batch)}
		report, err := loop.Run(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		loss, accuracy, last := 0.0, 0.0, steps/10
		for _, e := range report.History[steps-last:] {
			loss += e.Train.Loss / float64(last)
			accuracy += float64(e.Train.Accuracy) / float64(last)
		}
		fmt.Printf("%-11s  loss %.3f  accuracy %5.1f %%\n", m.name, loss, 100*accuracy)
	}
}

func model(score nn.Score) nn.Layer {
	return nn.Chain{
		nn.Linear{Out: 16},
		nn.Attention{Heads: 2, Score: score}, // (B, T, 16)
		nn.Token{Index: 0},
		nn.Linear{Out: classes},
	}
}

// neighbours are that many sequences, drawn anew in each epoch: a place and a label of one in each token, and
// as token 0 a place without label, close to that of another token, whose label is asked for.
type neighbours int

func (n neighbours) Len() int { return int(n) }

func (n neighbours) Spec() (train.Spec, error) {
	sequence := tensor.Shape{tokens, width}
	return train.Spec{Dtype: tensor.Float32, Inputs: []tensor.Shape{sequence}, Target: train.Classes}, nil
}

func (n neighbours) Fill(b *train.Batch) error {
	x := b.Inputs[0].Float32s()
	for i := range b.Rows {
		random, sequence := b.Random(i), x[i*tokens*width:][:tokens*width]
		asked := 1 + random.IntN(tokens-1)
		for t := 1; t < tokens; t++ {
			token, label := sequence[t*width:][:width], random.IntN(classes)
			token[place+label] = 1
			for j := range place {
				token[j] = float32(random.NormFloat64())
			}
			if t == asked {
				b.Labels[i] = label
			}
		}
		for j := range place {
			sequence[j] = sequence[asked*width+j] + 0.1*float32(random.NormFloat64())
		}
	}
	return nil
}
