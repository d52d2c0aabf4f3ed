package vit

import (
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
)

// ladder is the scores that can stand in HQViT's place, from the quantum one down to none: what the circuit does beyond a simpler one shows in
// the difference. All read the same tokens in the same backbone.
var ladder = map[string]func(layers int) nn.Score{
	"swap":       func(n int) nn.Score { return qlayer.Swap{Query: qlayer.RealAmplitudes(n)}.Score },
	"hadamard":   func(n int) nn.Score { return qlayer.Hadamard{Query: qlayer.RealAmplitudes(n)}.Score },
	"frozen":     func(n int) nn.Score { return qlayer.Swap{Query: qlayer.RealAmplitudes(n), Frozen: true}.Score },
	"product":    func(n int) nn.Score { return qlayer.Swap{Query: qlayer.Product(n)}.Score },
	"orthogonal": func(int) nn.Score { return qlayer.Orthogonal{}.Score },
	"cosine":     func(int) nn.Score { return nn.Cosine },
	"dot":        func(int) nn.Score { return nn.DotProduct },
	"uniform":    func(int) nn.Score { return nn.UniformScore },
	"identity":   func(int) nn.Score { return nn.IdentityScore },
}

// Scores returns the names that Config.Score knows.
//
//	swap        |<q_i|k_j>|² of two circuits, HQViT's own
//	hadamard    Re<q_i|k_j>, with the sign that a SWAP test loses
//	frozen      swap with angles that stay at their random first values
//	product     swap by circuits without an entangling gate; it takes 2 layers to differ from swap
//	orthogonal  (x_iᵀWx_j)² with any orthogonal matrix W, the classical twin of swap
//	cosine      s·cos(q_i, k_j) of linear queries and keys
//	dot         q_i·k_j/√d of linear queries and keys, as in the classical ViT
//	uniform     every token attends to all alike
//	identity    every token attends to itself
func Scores() []string { return slices.Sorted(maps.Keys(ladder)) }

// score returns the attention score of the model.
func (c Config) score() (nn.Score, error) {
	name := c.Score
	switch {
	case c.Model == DotProduct:
		name = "dot"
	case name == "":
		name = "swap"
	}
	of, known := ladder[name]
	if !known {
		return nil, errors.Errorf("vit: no score %q; there are %s", name, strings.Join(Scores(), ", "))
	}
	return of(c.Layers), nil
}
