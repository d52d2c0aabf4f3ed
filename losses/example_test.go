package losses_test

import (
	"fmt"
	"log"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn/op"
)

// The mean loss of two rows of logits, the second of which is masked, and its gradient.
func ExampleCrossEntropy() {
	logits := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{2, 0, 0, 5, 5, 5}))
	labels := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{0, -1}))
	var x, loss *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x = G.NodeFromAny(g, logits, G.WithName("logits"))
		var err error
		loss, err = losses.CrossEntropy{}.Mean(x, G.NodeFromAny(g, labels, G.WithName("labels")))
		return op.Outputs{Cost: loss, WRT: G.Nodes{x}}, err
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n%.3f\n", loss.Value().Data(), p.Grad(x).Data())
	// Output:
	// 0.2395
	// [-0.213 0.107 0.107 0.000 0.000 0.000]
}

// A loss by its name, as a recipe has it.
func ExampleParse() {
	loss, canonical, err := losses.Parse("cross-entropy:smoothing=0.10", losses.Table())
	fmt.Printf("%+v %s %v\n", loss, canonical, err)
	// Output: {Smoothing:0.1} cross-entropy:smoothing=0.1 <nil>
}
