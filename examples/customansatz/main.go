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
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
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
	xs, ys := rings()
	for _, m := range []struct {
		name   string
		ansatz qlayer.Ansatz
	}{{"Ring", Ring(layers)}, {"RealAmplitudes", qlayer.RealAmplitudes(layers)}} {
		st := nn.NewStore(1)
		learn(m.ansatz, st, xs[:shown*beads], ys[:shown], steps)
		fmt.Printf("%-14s  %3d angles  %5.1f %% of the rings it has seen, %5.1f %% of the others\n",
			m.name, st.Count("quantum"),
			100*accuracy(m.ansatz, st, xs[:shown*beads], ys[:shown]),
			100*accuracy(m.ansatz, st, xs[shown*beads:], ys[shown:]))
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

// rings returns all rings in random order, a row of bits each, and whether two neighbours are 1.
func rings() (xs, ys []float64) {
	for _, ring := range rand.New(rand.NewPCG(1, 1)).Perm(1 << beads) {
		y := 0.0
		for q := range beads {
			xs = append(xs, float64(ring>>q&1))
			if ring>>q&1 == 1 && ring>>((q+1)%beads)&1 == 1 {
				y = 1
			}
		}
		ys = append(ys, y)
	}
	return xs, ys
}

// forward puts the model into a graph over rings.
func forward(g *G.ExprGraph, s *nn.Scope, a qlayer.Ansatz, xs []float64) (*G.Node, error) {
	rows := len(xs) / beads
	return model(a).Forward(s, G.NewMatrix(g, tensor.Float64, G.WithShape(rows, beads), G.WithName("x"),
		G.WithValue(tensor.New(tensor.WithShape(rows, beads), tensor.WithBacking(xs)))))
}

func learn(a qlayer.Ansatz, st *nn.Store, xs, ys []float64, steps int) {
	var s *nn.Scope
	g, err := op.Build(func(g *G.ExprGraph) error {
		s = nn.NewScope(g, st)
		logits, err := forward(g, s, a, xs)
		if err != nil {
			return err
		}
		labels := G.NewVector(g, tensor.Float64, G.WithShape(len(ys)), G.WithName("y"),
			G.WithValue(tensor.New(tensor.WithShape(len(ys)), tensor.WithBacking(ys))))
		loss, err := losses.CrossEntropy{}.Mean(logits, labels)
		if err != nil {
			return err
		}
		_, err = op.Grad(loss, s.Params()...)
		return err
	})
	check(err)
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	opt, err := optimizers.DefaultAdamW().New(0.05)
	check(err)
	for step := range steps {
		vm.Reset()
		check(vm.RunAll())
		check(opt.Update(train.Gradients(s), optimizers.Cosine{}.At(step, steps)))
	}
}

func accuracy(a qlayer.Ansatz, st *nn.Store, xs, ys []float64) (right float64) {
	var logits *G.Node
	g, err := op.Build(func(g *G.ExprGraph) (err error) {
		logits, err = forward(g, nn.NewEvalScope(g, st), a, xs)
		return err
	})
	check(err)
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	check(vm.RunAll())
	z := logits.Value().Data().([]float64)
	for i, y := range ys {
		if (z[2*i+1] > z[2*i]) == (y == 1) {
			right += 1 / float64(len(ys))
		}
	}
	return right
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
