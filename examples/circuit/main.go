// A quantum layer in a plain Gorgonia graph: a classifier of two interleaved spirals, trained with Gorgonia's
// own machine, and with an optimizer of this module in the place of its solver.
//
//	go run ./examples/circuit
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
)

func main() {
	points, labels := spirals(200)
	g := G.NewGraph()
	x := G.NewMatrix(g, tensor.Float64, G.WithShape(200, 2), G.WithName("x"), G.WithValue(points))
	y := G.NewVector(g, tensor.Float64, G.WithShape(200), G.WithName("y"), G.WithValue(labels))

	model := nn.Chain{
		nn.Linear{Out: 16}, nn.GELU{},
		qlayer.Circuit{Ansatz: qlayer.Entangling(3)}, // (200, 16) -> 4 qubits, by amplitudes -> (200, 4)
		nn.Linear{Out: 2},
	}
	s := nn.NewScope(g, nn.NewStore(7))
	logits, err := model.Forward(s, x)
	check(err)
	loss, err := losses.CrossEntropy{}.Mean(logits, y)
	check(err)
	_, err = G.Grad(loss, s.Params()...) // plain Gorgonia from here
	check(err)
	machine := G.NewTapeMachine(g, G.BindDualValues(s.Params()...))
	defer machine.Close()
	adam, err := optimizers.DefaultAdamW().New(0.03)
	check(err)
	const steps = 400
	// or G.NewAdamSolver
	solver := &optimizers.Solver{Optimizer: adam, Schedule: optimizers.Cosine{}, Total: steps + 1}
	for step := 0; step <= steps; step++ {
		check(machine.RunAll())
		if step%100 == 0 {
			fmt.Printf("step %3d  loss %.4f  accuracy %.1f %%\n",
				step, loss.Value().Data(), 100*accuracy(logits.Value(), labels))
		}
		check(solver.Step(G.NodesToValueGrads(s.Params())))
		machine.Reset()
	}
}

// spirals returns n points on two arms that wind around each other, and their arm.
func spirals(n int) (points, labels *tensor.Dense) {
	r := rand.New(rand.NewPCG(1, 1))
	p, l := make([]float64, 2*n), make([]float64, n)
	for i := range n {
		arm, t := float64(i%2), 0.5+3.5*r.Float64()
		sin, cos := math.Sincos(t + math.Pi*arm)
		p[2*i], p[2*i+1], l[i] = t*cos/4+0.02*r.NormFloat64(), t*sin/4+0.02*r.NormFloat64(), arm
	}
	points = tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(p))
	return points, tensor.New(tensor.WithShape(n), tensor.WithBacking(l))
}

func accuracy(logits G.Value, labels *tensor.Dense) float64 {
	z, right := logits.Data().([]float64), 0.0
	for i, label := range labels.Float64s() {
		if (z[2*i+1] > z[2*i]) == (label == 1) {
			right++
		}
	}
	return right / float64(labels.Shape()[0])
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
