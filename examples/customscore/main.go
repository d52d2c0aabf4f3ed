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
	"flag"
	"fmt"
	"log"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	training "github.com/hqvit/hqvit/train"
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
		steps = 20
	}
	for _, m := range []struct {
		name  string
		score nn.Score
	}{{"distance", Distance}, {"dot product", nn.DotProduct}, {"uniform", nn.UniformScore}} {
		loss, right := train(m.score, steps)
		fmt.Printf("%-11s  loss %.3f  accuracy %5.1f %%\n", m.name, loss, 100*right)
	}
}

// train returns the mean loss and the accuracy of the last tenth of the steps, each on tokens that are drawn
// anew.
func train(score nn.Score, steps int) (loss, right float64) {
	model := nn.Chain{
		nn.Linear{Out: 16},
		nn.Attention{Heads: 2, Score: score}, // (B, T, 16)
		nn.Token{Index: 0},
		nn.Linear{Out: classes},
	}
	x, y := make([]float32, batch*tokens*width), make([]float32, batch)
	var s *nn.Scope
	var logits, cost *G.Node
	g, err := op.Build(func(g *G.ExprGraph) (err error) {
		in := tensor.New(tensor.WithShape(batch, tokens, width), tensor.WithBacking(x))
		want := tensor.New(tensor.WithShape(batch), tensor.WithBacking(y))
		s = nn.NewScope(g, nn.NewStore(1))
		if logits, err = model.Forward(s, G.NewTensor(g, tensor.Float32, 3, G.WithShape(batch, tokens, width),
			G.WithName("x"), G.WithValue(in))); err != nil {
			return err
		}
		if cost, err = (losses.CrossEntropy{}).Mean(logits,
			G.NewVector(g, tensor.Float32, G.WithShape(batch), G.WithName("y"),
				G.WithValue(want))); err != nil {
			return err
		}
		_, err = op.Grad(cost, s.Params()...)
		return err
	})
	check(err)
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	opt, err := optimizers.DefaultAdamW().New(0.01)
	check(err)
	r, last := rand.New(rand.NewPCG(1, 1)), steps/10
	for step := range steps {
		draw(r, x, y)
		vm.Reset()
		check(vm.RunAll())
		if step >= steps-last {
			loss += float64(cost.Value().Data().(float32)) / float64(last)
			right += accuracy(logits.Value().Data().([]float32), y) / float64(last)
		}
		check(opt.Update(training.Gradients(s), optimizers.Cosine{Warmup: 20}.At(step, steps)))
	}
	return loss, right
}

// draw fills a batch: a place and a label of one in each token, and as token 0 a place without label, close
// to that of another token, whose label is asked for.
func draw(r *rand.Rand, x, y []float32) {
	clear(x)
	for b := range batch {
		sample := x[b*tokens*width:][:tokens*width]
		asked := 1 + r.IntN(tokens-1)
		for t := 1; t < tokens; t++ {
			token, label := sample[t*width:][:width], r.IntN(classes)
			token[place+label] = 1
			for i := range place {
				token[i] = float32(r.NormFloat64())
			}
			if t == asked {
				y[b] = float32(label)
			}
		}
		for i := range place {
			sample[i] = sample[asked*width+i] + 0.1*float32(r.NormFloat64())
		}
	}
}

func accuracy(logits, labels []float32) (right float64) {
	for b, label := range labels {
		row, best := logits[b*classes:][:classes], 0
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		if best == int(label) {
			right += 1.0 / batch
		}
	}
	return right
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
