package vit

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
)

// Score is an attention score that a Config can name: a rung of the ladder from the quantum score down to
// none. All read the same tokens in the same backbone, so what the circuit does beyond a simpler score
// shows in the difference.
type Score struct {
	Name, Help string
	Circuits   bool // it has circuits, of Config.Layers layers
	New        func(layers int) nn.Score
}

// Scores returns the scores that Config.Score knows, from the quantum one down. The slice is the caller's.
func Scores() []Score {
	return []Score{
		{"swap", "|<q_i|k_j>|² of two circuits: HQViT", true, func(n int) nn.Score {
			return qlayer.Swap{Query: qlayer.RealAmplitudes(n)}.Score
		}},
		{"hadamard", "Re<q_i|k_j>, with the sign that a SWAP test loses", true, func(n int) nn.Score {
			return qlayer.Hadamard{Query: qlayer.RealAmplitudes(n)}.Score
		}},
		{"frozen", "swap with angles that stay at their random initial values", true, func(n int) nn.Score {
			return qlayer.Swap{Query: qlayer.RealAmplitudes(n), Frozen: true}.Score
		}},
		{"product", "swap by circuits without an entangling gate; differs from swap from 2 layers on", true, func(n int) nn.Score {
			return qlayer.Swap{Query: qlayer.Product(n)}.Score
		}},
		{"orthogonal", "(x_iᵀWx_j)² with any orthogonal matrix W, the classical twin of swap", false, func(int) nn.Score {
			return qlayer.Orthogonal{}.Score
		}},
		{"cosine", "s·cos(q_i, k_j) of linear queries and keys", false, func(int) nn.Score { return nn.Cosine }},
		{"dot", "q_i·k_j/√d of linear queries and keys: the classical ViT", false, func(int) nn.Score { return nn.DotProduct }},
		{"uniform", "every token attends to all tokens equally", false, func(int) nn.Score { return nn.UniformScore }},
		{"identity", "every token attends to itself", false, func(int) nn.Score { return nn.IdentityScore }},
	}
}

// ScoreNames returns the names of Scores.
func ScoreNames() []string {
	var names []string
	for _, s := range Scores() {
		names = append(names, s.Name)
	}
	return names
}

func scoreNamed(name string) (Score, error) {
	for _, s := range Scores() {
		if s.Name == name {
			return s, nil
		}
	}
	return Score{}, errors.Errorf("vit: no score %q; there are %s", name, strings.Join(ScoreNames(), ", "))
}
