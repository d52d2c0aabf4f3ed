package nn

import (
	G "gorgonia.org/gorgonia"
)

// SequencePool is the mean of all tokens, weighted by a softmax of a linear score of each: (B, T, D) -> (B,
// D),
//
//	y = Σ_t a_t x_t,  a = softmax over tokens of x·w + b
//
// Its parameters are those of a Linear with one output.
//
// Source: Hassani et al., Escaping the Big Data Paradigm with Compact Transformers, arXiv 2104.05704.
type SequencePool struct{}

// Forward returns the weighted mean, differentiable in x and the parameters. It returns an error if x is not
// (B, T, D).
func (SequencePool) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return nil, err
	}
	score, err := Linear{Out: 1}.Forward(s, x)
	if err != nil {
		return nil, err
	}
	batch, tokens := x.Shape()[0], x.Shape()[1]
	if score, err = Reshape(score, batch, 1, tokens); err != nil {
		return nil, err
	}
	weights, err := Softmax(score)
	if err != nil {
		return nil, err
	}
	y, err := MatMul(weights, x)
	if err != nil {
		return nil, err
	}
	return Reshape(y, batch, x.Shape()[2])
}
