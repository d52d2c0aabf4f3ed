// Custom gates in a layer: one given by its matrix, one by its generator, with gradients.
//
// The gates are the square root of SWAP and the exchange exp(−iθ(XX+YY+ZZ)/4) between neighbouring spins. The
// layer learns the angles of a chain of spins from measurements of it.
//
//	go run ./examples/customgate          # finds the angles to four digits
//	go run ./examples/customgate -short   # a few steps
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/train"
)

var rootSwap = circuit.Matrix{
	1, 0, 0, 0,
	0, 0.5 + 0.5i, 0.5 - 0.5i, 0,
	0, 0.5 - 0.5i, 0.5 + 0.5i, 0,
	0, 0, 0, 1,
}

// exchange is (XX+YY+ZZ)/4.
var exchange = circuit.Matrix{
	0.25, 0, 0, 0,
	0, -0.25, 0.5, 0,
	0, 0.5, -0.25, 0,
	0, 0, 0, 0.25,
}

// spins is the ansatz: exchanges along the chain, the root of SWAP between its ends, and exchanges again.
func spins(n int) *circuit.Circuit {
	c, angle := circuit.New(n), 0
	chain := func() {
		for q := 1; q < n; q++ {
			c.Evolution(exchange, circuit.Theta(angle), q-1, q)
			angle++
		}
	}
	chain()
	c.Unitary(rootSwap, 0, n-1)
	chain()
	return c
}

const batch, qubits = 64, 3

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	steps := 1000
	if *short {
		steps = 20
	}
	fmt.Println(spins(qubits))

	layer := qlayer.Circuit{Encoder: qlayer.DenseAngle{}, Ansatz: spins}
	check(gradcheck.Graph(gradcheck.Config{},
		func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
			s := nn.NewScope(g, nn.NewStore(1))
			x := gradcheck.Leaf(g, dt, 0, directions(2))
			y, err := layer.Forward(s, x)
			return y, append(G.Nodes{x}, s.Params()...), err
		}))
	fmt.Println("gradients of the layer equal central differences")

	truth, found := nn.NewStore(2), nn.NewStore(1)
	seen := train.Arrays{Inputs: []*tensor.Dense{directions(batch)}}
	seen.Values = measure(layer, truth, seen)
	learn(layer, found, seen, steps)
	fmt.Printf("angles of the chain  %.4f\nangles found         %.4f\n", truth.Param("theta").Values(),
		found.Param("theta").Values())
}

// directions returns rows of latitudes and longitudes of the spins.
func directions(rows int) *tensor.Dense {
	r, x := rand.New(rand.NewPCG(1, 1)), make([]float64, rows*2*qubits)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return tensor.New(tensor.WithShape(rows, 2*qubits), tensor.WithBacking(x))
}

// measure returns what the layer measures for the directions with the weights of st.
func measure(layer nn.Layer, st *nn.Store, seen train.Arrays) *tensor.Dense {
	spec, err := seen.Spec()
	check(err)
	p, err := train.NewPredictor(st, train.PredictorConfig{Model: layer, Spec: spec})
	check(err)
	defer p.Close()
	e, err := p.Evaluate(context.Background(), seen)
	check(err)
	return tensor.New(tensor.WithShape(batch, e.Width), tensor.WithBacking(e.Predictions))
}

// learn fits the weights of st.
func learn(layer nn.Layer, st *nn.Store, seen train.Arrays, steps int) {
	recipe := train.DefaultRecipe()
	recipe.Epochs = steps + 1 // of one step each
	recipe.LR, recipe.Loss, recipe.Schedule = 0.1, "mse", "cosine"
	_, err := train.Loop{
		Model: layer, Recipe: recipe, Store: st, Train: seen,
		OnEpoch: func(e train.Epoch) error {
			if step := e.Epoch - 1; step%(steps/4) == 0 {
				fmt.Printf("step %3d  loss %.1e\n", step, e.Train.Loss)
			}
			return nil
		},
	}.Run(context.Background())
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
