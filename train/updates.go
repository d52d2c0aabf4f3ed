package train

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
)

// Gradients pairs the trained parameters of a graph with the gradients that its last run left, for an Optimizer: what a training loop written by
// hand needs between the machine and Update.
//
//	grads  what op.Grad gave for s.Params(), in that order
//
// The gradients are the graph's own memory and last until its next run.
func Gradients(s *nn.Scope, grads G.Nodes) []optimizers.Param {
	trained := s.Trained()
	all := make([]optimizers.Param, min(len(grads), len(trained)))
	for i := range all {
		p := trained[i]
		all[i] = optimizers.Param{Name: p.Name, Value: p.Value, Grad: grads[i].Value(), NoDecay: p.NoDecay}
	}
	return all
}
