// Custom gates in a layer: one given by its matrix, one by its generator, with gradients.
//
// The gates are the square root of SWAP and the exchange exp(−iθ(XX+YY+ZZ)/4) between neighbouring spins. The
// layer learns the angles of a chain of spins from measurements of it.
//
//	go run ./examples/customgate          # finds the angles to four digits
//	go run ./examples/customgate -short   # a few steps
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
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
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
	seen, measured, err := forward(layer, truth)
	check(err)
	learn(layer, found, seen, measured, steps)
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

// forward returns a batch of directions and what the layer measures for them with the weights of st.
func forward(layer nn.Layer, st *nn.Store) (x, y *tensor.Dense, err error) {
	x = directions(batch)
	g := G.NewGraph()
	in := G.NewMatrix(g, tensor.Float64, G.WithShape(batch, 2*qubits), G.WithName("x"), G.WithValue(x))
	out, err := layer.Forward(nn.NewEvalScope(g, st), in)
	if err != nil {
		return nil, nil, err
	}
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return nil, nil, err
	}
	return x, out.Value().(*tensor.Dense).Clone().(*tensor.Dense), nil
}

// learn fits the weights of st.
func learn(layer nn.Layer, st *nn.Store, seen, measured *tensor.Dense, steps int) {
	var s *nn.Scope
	var loss *G.Node
	g, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewMatrix(g, tensor.Float64, G.WithShape(seen.Shape()...), G.WithName("x"), G.WithValue(seen))
		y := G.NewMatrix(g, tensor.Float64, G.WithShape(measured.Shape()...), G.WithName("y"),
			G.WithValue(measured))
		s = nn.NewScope(g, st)
		out, err := layer.Forward(s, x)
		if err != nil {
			return err
		}
		if loss, err = (losses.MSE{}).Mean(out, y); err != nil {
			return err
		}
		_, err = op.Grad(loss, s.Params()...)
		return err
	})
	check(err)
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	opt, err := optimizers.DefaultAdamW().New(0.1)
	check(err)
	theta := s.Trained()[0]
	for step := range steps + 1 {
		vm.Reset()
		check(vm.RunAll())
		if step%(steps/4) == 0 {
			fmt.Printf("step %3d  loss %.1e\n", step, loss.Value().Data())
		}
		update := optimizers.Param{Name: theta.Name, Value: theta.Value, Grad: theta.Node.Deriv().Value(),
			NoDecay: theta.NoDecay}
		check(opt.Update([]optimizers.Param{update}, optimizers.Cosine{}.At(step, steps+1)))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
