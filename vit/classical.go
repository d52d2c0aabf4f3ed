package vit

import "github.com/hqvit/hqvit/nn"

// Classical returns the classical vision transformer: attention coefficients softmax(QKᵀ/√(D/H)) of linear queries and keys.
func Classical(c Config) nn.Layer {
	return Encoder{c, nn.Attention{Heads: c.Heads, Score: nn.DotProduct}}
}
