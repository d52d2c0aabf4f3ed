package gradcheck_test

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
)

// The gradient of a function of two inputs, against central differences.
func ExampleCheck() {
	a := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, -2, 3, 0.5, 0.1, -0.7}))
	b := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{2, 1, -1, 0.2, 0.4, 1}))
	err := gradcheck.Check(gradcheck.Config{}, func(in ...*G.Node) (*G.Node, error) {
		product, err := nn.Mul(in[0], in[1])
		if err != nil {
			return nil, err
		}
		return nn.Softmax(product)
	}, a, b)
	fmt.Println(err)
	// Output: <nil>
}
