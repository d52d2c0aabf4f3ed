package vit

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Score is an attention score that a Config can name: a rung of the ladder from the quantum score down to
// none. All read the same tokens in the same backbone, so what the circuit does beyond a simpler score
// shows in the difference.
type Score struct {
	Name, Help string
	Circuits   bool // it has circuits, of Config.Layers layers
	Noise      bool // and they can be noisy
	New        func(o ScoreOptions) nn.Score
}

// ScoreOptions are the fields of a Config that are the score's.
type ScoreOptions struct {
	Layers, Shots int
	Noise         circuit.Noise
	Compile       qops.Compile
}

// Scores returns the scores that Config.Score knows, from the quantum one down. The slice is the caller's.
func Scores() []Score {
	test := func(query qlayer.Ansatz, o ScoreOptions) qlayer.Swap {
		return qlayer.Swap{Query: query, Shots: o.Shots, Noise: o.Noise, Compile: o.Compile}
	}
	swap := func(o ScoreOptions) nn.Score { return test(qlayer.RealAmplitudes(o.Layers), o).Score }
	hadamard := func(o ScoreOptions) nn.Score {
		return qlayer.Hadamard{Query: qlayer.RealAmplitudes(o.Layers), Shots: o.Shots}.Score
	}
	frozen := func(o ScoreOptions) nn.Score {
		t := test(qlayer.RealAmplitudes(o.Layers), o)
		t.Frozen = true
		return t.Score
	}
	product := func(o ScoreOptions) nn.Score { return test(qlayer.Product(o.Layers), o).Score }
	classical := func(s nn.Score) func(ScoreOptions) nn.Score {
		return func(ScoreOptions) nn.Score { return s }
	}
	return []Score{
		{"swap", "|<q_i|k_j>|² of two circuits, as in HQViT", true, true, swap},
		{"hadamard", "Re<q_i|k_j>, with the sign that a swap test loses", true, false, hadamard},
		{"frozen", "swap with angles that stay at their random initial values", true, true, frozen},
		{"product", "swap without entangling gates (the same as swap with 1 layer)", true, true, product},
		{"orthogonal", "(x_iᵀWx_j)² with a learned orthogonal matrix W", false, false,
			classical(qlayer.Orthogonal{}.Score)},
		{"cosine", "s·cos(q_i, k_j) of linear queries and keys", false, false, classical(nn.Cosine)},
		{"dot", "q_i·k_j/√d of linear queries and keys, as in the ViT", false, false, classical(nn.DotProduct)},
		{"uniform", "every token attends to all tokens equally", false, false, classical(nn.UniformScore)},
		{"identity", "every token attends to itself", false, false, classical(nn.IdentityScore)},
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

// namesOf returns the names of the Scores that a function holds for.
func namesOf(holds func(s Score) bool) []string {
	var names []string
	for _, s := range Scores() {
		if holds(s) {
			names = append(names, s.Name)
		}
	}
	return names
}

func scoreNamed(name string) (Score, error) {
	for _, s := range Scores() {
		if s.Name == name {
			return s, nil
		}
	}
	if name == "" {
		return Score{}, errors.Errorf("vit: no score is given, want one of %s", strings.Join(ScoreNames(), ", "))
	}
	return Score{}, errors.Errorf("vit: no score %q%s; there are %s",
		name, suggest.Among(name, ScoreNames()), strings.Join(ScoreNames(), ", "))
}
