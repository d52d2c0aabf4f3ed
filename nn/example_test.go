package nn_test

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// A model is a chain of layers, and its parameters are in a Store.
func ExampleChain() {
	model := nn.Chain{nn.LayerNorm{}, nn.MLP{Hidden: 8, Out: 4}, nn.GELU{}, nn.Linear{Out: 2}}
	st := nn.NewStore(1)
	_, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewMatrix(g, tensor.Float32, G.WithShape(32, 6), G.WithName("x"))
		y, err := model.Forward(nn.NewScope(g, st), x)
		if err == nil {
			fmt.Println(y.Shape())
		}
		return err
	})
	for _, p := range st.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	fmt.Println(err)
	// Output:
	// (32, 2)
	// 0.weight (6)
	// 0.bias (6)
	// 1.0.weight (8, 6)
	// 1.0.bias (8)
	// 1.2.weight (4, 8)
	// 1.2.bias (4)
	// 3.weight (2, 4)
	// 3.bias (2)
	// <nil>
}

// A custom layer is a function: here one linear layer that is weighted by the softmax of another.
func ExampleFunc() {
	gated := nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		value, err := nn.Linear{Out: 3}.Forward(s.Sub("value"), x)
		if err != nil {
			return nil, err
		}
		gate, err := nn.Linear{Out: 3}.Forward(s.Sub("gate"), x)
		if err != nil {
			return nil, err
		}
		if gate, err = nn.Softmax(gate); err != nil {
			return nil, err
		}
		return nn.Mul(value, gate)
	})
	st := nn.NewStore(1)
	_, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewMatrix(g, tensor.Float32, G.WithShape(32, 6), G.WithName("x"))
		_, err := gated.Forward(nn.NewScope(g, st), x)
		return err
	})
	fmt.Println(st.Names(), err)
	// Output: [gate.bias gate.weight value.bias value.weight] <nil>
}
