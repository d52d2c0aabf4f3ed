// Data re-uploading: a single qubit tells two interleaved half-moons apart by taking the point again in every
// layer.
//
//	go run ./examples/twomoons          # above 97 % of points it has not seen
//	go run ./examples/twomoons -short   # a few steps
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
)

const points = 400

// model maps points (B, 2) to logits (B, 2).
var model = qlayer.ReuploadingClassifier{Classes: 2, Layers: 4}

// half is the model in a graph over points of its own.
type half struct {
	scope  *nn.Scope
	logits *G.Node
	loss   *G.Node
	labels []float64
	vm     G.VM
}

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	steps := 600
	if *short {
		steps = 20
	}
	weights := nn.NewStore(1)
	seen, unseen := build(weights, 1), build(weights, 2) // over the same weights
	defer seen.vm.Close()
	defer unseen.vm.Close()
	opt, err := optimizers.DefaultAdamW().New(0.03)
	check(err)
	for step := range steps + 1 {
		seen.run()
		if step%(steps/4) == 0 {
			unseen.run()
			fmt.Printf("step %3d  loss %.4f  accuracy %5.1f %%, of unseen points %5.1f %%\n",
				step, seen.loss.Value().Data(), 100*seen.accuracy(), 100*unseen.accuracy())
		}
		check(opt.Update(train.Gradients(seen.scope), optimizers.Cosine{}.At(step, steps+1)))
	}
	fmt.Print(seen.scope.Summary())
}

func build(weights *nn.Store, seed uint64) *half {
	xs, ys := moons(seed)
	h := &half{labels: ys.Float64s()}
	g, err := op.Build(func(g *G.ExprGraph) (err error) {
		x := G.NewMatrix(g, tensor.Float64, G.WithShape(points, 2), G.WithName("x"), G.WithValue(xs))
		y := G.NewVector(g, tensor.Float64, G.WithShape(points), G.WithName("y"), G.WithValue(ys))
		h.scope = nn.NewScope(g, weights)
		if h.logits, err = model.Forward(h.scope, x); err != nil {
			return err
		}
		if h.loss, err = (losses.CrossEntropy{}).Mean(h.logits, y); err != nil {
			return err
		}
		_, err = op.Grad(h.loss, h.scope.Params()...)
		return err
	})
	check(err)
	h.vm = G.NewTapeMachine(g)
	return h
}

func (h *half) run() {
	h.vm.Reset()
	check(h.vm.RunAll())
}

func (h *half) accuracy() float64 {
	z, right := h.logits.Value().Data().([]float64), 0.0
	for i, label := range h.labels {
		if (z[2*i+1] > z[2*i]) == (label == 1) {
			right++
		}
	}
	return right / points
}

// moons returns points on two half circles that reach into each other, blurred by noise of standard deviation
// 0.1, and their circle.
func moons(seed uint64) (xs, ys *tensor.Dense) {
	r := rand.New(rand.NewPCG(seed, 1))
	x, y := make([]float64, 2*points), make([]float64, points)
	for i := range y {
		sin, cos := math.Sincos(math.Pi * r.Float64())
		if i%2 == 1 {
			y[i], sin, cos = 1, 0.5-sin, 1-cos
		}
		x[2*i], x[2*i+1] = cos+0.1*r.NormFloat64(), sin+0.1*r.NormFloat64()
	}
	return tensor.New(tensor.WithShape(points, 2),
		tensor.WithBacking(x)), tensor.New(tensor.WithShape(points), tensor.WithBacking(y))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
