package qlayer_test

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// A classical layer, a circuit on the 4 qubits that hold its 16 features, and a classical layer.
func ExampleCircuit() {
	model := nn.Chain{nn.Linear{Out: 16}, qlayer.Circuit{Ansatz: qlayer.Entangling(2)}, nn.Linear{Out: 1}}
	st := nn.NewStore(1)
	_, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewMatrix(g, tensor.Float64, G.WithShape(32, 6), G.WithName("x"))
		y, err := model.Forward(nn.NewScope(g, st), x)
		if err == nil {
			fmt.Println(y.Shape(), st.Count("quantum"), "angles")
		}
		return err
	})
	fmt.Println(err)
	// Output:
	// (32, 1) 16 angles
	// <nil>
}

// A custom ansatz is a function.
func ExampleAnsatz() {
	brick := func(n int) *circuit.Circuit {
		c := circuit.New(n)
		for q := range n {
			c.RY(q, circuit.Theta(q))
		}
		for q := 1; q < n; q += 2 {
			c.CZ(q-1, q)
		}
		return c
	}
	layer := nn.Attention{Heads: 4, Score: qlayer.Swap{Query: brick}.Score}
	st := nn.NewStore(1)
	_, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewTensor(g, tensor.Float32, 3, G.WithShape(8, 16, 32), G.WithName("tokens"))
		_, err := layer.Forward(nn.NewScope(g, st), x)
		return err
	})
	fmt.Println(st.Param("q.theta").Value.Shape(), err)
	// Output: (4, 3) <nil>
}
