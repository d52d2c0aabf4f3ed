package vit

import (
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
)

// Hybrid returns HQViT: attention coefficients softmax(s·T²·|<q_i|k_j>|²) of quantum queries q_i = U_q x_i and keys k_j = U_k x_j, where the
// x_i are the patches of the whole image as one amplitude-encoded state, and s is a learned scale of each head. U_q and U_k are Layers times
// RY on every qubit and a ring of CNOT; the rest of the model is the classical one.
func Hybrid(c Config) nn.Layer {
	return Encoder{c, qlayer.Attention{Heads: c.Heads, Query: qlayer.RealAmplitudes(c.Layers)}}
}
