package qlayer

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// Attention is nn.Attention with quantum attention coefficients: softmax(s·T²·|⟨q_i|k_j⟩|²), the score Swap
// with its defaults. Values, mixing and output projection are classical.
//
//	x    (B, T, D)
//	out  (B, T, D)
//
// The parameters are q.theta and k.theta (H, P), scale (H), v.weight, v.bias, o.weight, o.bias. For another
// score write nn.Attention{Score: qlayer.Hadamard{…}.Score}.
//
// Source: HQViT, arXiv:2504.02730.
type Attention struct {
	Heads   int           // a divisor of D; 0 means 1
	Query   Ansatz        // nil: RealAmplitudes(2)
	Key     Ansatz        // nil: Query
	Dropout float64       // of the attention map, a probability in [0,1)
	Shots   int           // runs of each head's circuit for each image, as in Swap; 0: exact values
	Noise   circuit.Noise // of the circuits, as in Swap

	Gradient   qops.Gradient // by the angles, as in Swap
	Mitigation mitigate.Plan // of the errors of Noise, as in Swap
}

// Forward returns the mixed tokens, differentiable in x and all parameters. It returns the errors of
// nn.Attention and Swap.
func (a Attention) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	score := Swap{Query: a.Query, Key: a.Key, Shots: a.Shots, Noise: a.Noise, Gradient: a.Gradient,
		Mitigation: a.Mitigation}.Score
	return nn.Attention{Heads: a.Heads, Score: score, Dropout: a.Dropout}.Forward(s, x)
}
