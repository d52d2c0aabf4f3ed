// The ground state of a quantum magnet: a variational circuit minimises the energy of a transverse-field
// Ising chain, beside the exact one.
//
// The chain is H = −Σ Z_q Z_q+1 − h·Σ X_q, open, with the field h = 1 of its phase transition. The ansatz is
// the evolution under its two halves alternately, with an angle for each gate.
//
//	go run ./examples/groundstate          # to 1e-6 of the exact energy
//	go run ./examples/groundstate -short   # a few steps
package main

import (
	"flag"
	"fmt"
	"log"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/train"
)

const (
	qubits = 6
	layers = 8
	field  = 1.0
)

// ising is the energy, an observable of weighted Pauli strings.
func ising() (energy statevec.Observable) {
	for q := range qubits {
		energy = append(energy, statevec.Term{Coefficient: -field, Pauli: letters('X', q)})
		if q+1 < qubits {
			energy = append(energy, statevec.Term{Coefficient: -1, Pauli: letters('Z', q, q+1)})
		}
	}
	return energy
}

// letters returns the Pauli string with that letter on some qubits.
func letters(pauli byte, targets ...int) string {
	s := []byte(strings.Repeat("I", qubits))
	for _, q := range targets {
		s[q] = pauli
	}
	return string(s)
}

// evolution is the ansatz: layers × (RZZ between neighbours, RX on every qubit).
func evolution(n int) *circuit.Circuit {
	c, angle := circuit.New(n), 0
	next := func() circuit.Angle { angle++; return circuit.Theta(angle - 1) }
	for range layers {
		for q := 1; q < n; q++ {
			c.RZZ(q-1, q, next())
		}
		for q := range n {
			c.RX(q, next())
		}
	}
	return c
}

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	steps := 2000
	if *short {
		steps = 50
	}
	exact := exactEnergy()

	// The angles start at 0.5, a steady evolution.
	layer := qlayer.Circuit{Ansatz: evolution, Measure: qops.Expectations(ising()), Init: nn.Constant(0.5)}
	plus := ones(1 << qubits) // |+…+⟩, the ground state of the field alone
	start := tensor.New(tensor.WithShape(1, 1<<qubits), tensor.WithBacking(plus))
	st := nn.NewStore(1)
	var energy *G.Node
	var s *nn.Scope
	program, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		psi := G.NewMatrix(g, tensor.Float64, G.WithShape(1, 1<<qubits), G.WithName("start"), G.WithValue(start))
		s = nn.NewScope(g, st)
		out, err := layer.Forward(s, psi) // (1, 1)
		check(err)
		energy, err = nn.Sum(out)
		return op.Outputs{Cost: energy, WRT: s.Params()}, err
	})
	check(err)
	defer program.Close()
	opt, err := optimizers.DefaultAdamW().New(0.05)
	check(err)
	for step := 0; step <= steps; step++ {
		check(program.Run())
		if e := energy.Value().Data().(float64); step%(steps/5) == 0 {
			fmt.Printf("step %4d  energy %.8f  above the exact one by %.1e\n", step, e, e-exact)
		}
		check(opt.Update(train.Gradients(s), optimizers.Cosine{}.At(step, steps+1)))
	}
	fmt.Printf("exact      energy %.8f\n", exact)
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
