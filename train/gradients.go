package train

import (
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
)

// Gradients pairs the parameters that a graph trains with the gradients that its last run left, for an
// Optimizer: what a training loop written by hand needs between the run and Update. A parameter that the
// graph was not differentiated by has none, and Update refuses it by name.
//
// The gradients are the graph's own memory and last until its next run.
func Gradients(s *nn.Scope) []optimizers.Param {
	var all []optimizers.Param
	for _, leaf := range s.Trained() {
		p := optimizers.Param{Name: leaf.Name, Value: leaf.Value, NoDecay: leaf.NoDecay}
		if grad := leaf.Node.Deriv(); grad != nil {
			p.Grad = grad.Value()
		}
		all = append(all, p)
	}
	return all
}
