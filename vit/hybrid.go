package vit

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
)

// Hybrid returns HQViT: attention coefficients softmax(s·T²·|<q_i|k_j>|²) of quantum queries q_i = U_q x_i and keys k_j = U_k x_j, where the
// x_i are the patches of the whole image as one amplitude-encoded state, and s is a learned scale of each head. U_q and U_k are Layers times
// RY on every qubit and a ring of CNOT; the rest of the model is the classical one. With Config.Score it is HQViT with another score.
//
// Its Forward returns an error for a score that Scores does not name.
func Hybrid(c Config) nn.Layer {
	c.Model = Quantum
	return Encoder{c, nn.Attention{Heads: c.Heads, Score: func(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
		score, err := c.score()
		if err != nil {
			return nn.AttentionScores{}, err
		}
		return score(s, x, heads)
	}}}
}
