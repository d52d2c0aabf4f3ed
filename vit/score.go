package vit

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// Score is an attention score that a Config can name: a rung of the ladder from the quantum score down to
// none, or an attention that others have published. All read the same tokens in the same backbone, so what
// the circuit does beyond a simpler score shows in the difference.
type Score struct {
	Name, Help string
	Circuits   bool   // it has circuits, of Config.Layers layers
	Noise      bool   // and they can be noisy
	Ansatz     bool   // and they have the form of Config.Ansatz
	Usual      string // the ansatz of a Config that names none; empty: real-amplitudes
	Source     string // of an attention that others have published; empty: a rung of the ladder
	Fields     any    // a struct with the defaults of options of its own, see Config.Fields; nil: none
	New        func(o ScoreOptions) nn.Score
}

// ScoreOptions are the fields of a Config that are the score's.
type ScoreOptions struct {
	Layers, Shots int
	Ansatz        qlayer.Ansatz // of that many layers
	Noise         circuit.Noise
	Compile       qops.Compile
	Fields        any // of the type of Score.Fields, with those of the Config set
	Mitigation    mitigate.Plan
}

// Scores returns the scores that Config.Score knows, from the quantum one down. The slice is the caller's.
func Scores() []Score {
	test := func(query qlayer.Ansatz, o ScoreOptions) qlayer.Swap {
		return qlayer.Swap{Query: query, Shots: o.Shots, Noise: o.Noise, Compile: o.Compile,
			Mitigation: o.Mitigation}
	}
	swap := func(o ScoreOptions) nn.Score { return test(o.Ansatz, o).Score }
	hadamard := func(o ScoreOptions) nn.Score {
		return qlayer.Hadamard{Query: o.Ansatz, Shots: o.Shots}.Score
	}
	frozen := func(o ScoreOptions) nn.Score {
		t := test(o.Ansatz, o)
		t.Frozen = true
		return t.Score
	}
	product := func(o ScoreOptions) nn.Score { return test(qlayer.Product(o.Layers), o).Score }
	quantum := func(name, help string, noise, ansatz bool, score func(ScoreOptions) nn.Score) Score {
		return Score{Name: name, Help: help, Circuits: true, Noise: noise, Ansatz: ansatz, New: score}
	}
	classical := func(name, help string, s nn.Score) Score {
		return Score{Name: name, Help: help, New: func(ScoreOptions) nn.Score { return s }}
	}
	ladder := []Score{
		quantum("swap", "|<q_i|k_j>|² of two circuits, as in HQViT", true, true, swap),
		quantum("hadamard", "Re<q_i|k_j>, with the sign that a swap test loses", false, true, hadamard),
		quantum("frozen", "swap with angles that stay at their random initial values", true, true, frozen),
		quantum("product", "swap without entangling gates (the same as swap with 1 layer)", true, false, product),
		classical("orthogonal", "(x_iᵀWx_j)² with a learned orthogonal matrix W", qlayer.Orthogonal{}.Score),
		classical("cosine", "s·cos(q_i, k_j) of linear queries and keys", nn.Cosine),
		classical("dot", "q_i·k_j/√d of linear queries and keys, as in the ViT", nn.DotProduct),
		classical("uniform", "every token attends to all tokens equally", nn.UniformScore),
		classical("identity", "every token attends to itself", nn.IdentityScore),
	}
	return append(ladder, rivals()...)
}

// ScoreNames returns the names of Scores.
func ScoreNames() []string { return Catalog{}.ScoreNames() }

// scoresWith returns the names of the scores that a function holds for.
func (n Catalog) scoresWith(holds func(s Score) bool) string {
	var names []string
	for _, s := range n.AllScores() {
		if holds(s) {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ", ")
}

// FindScore returns the row of the Config's score, and an error if no score has its name.
func (c Config) FindScore() (Score, error) {
	n := c.names()
	for _, s := range n.AllScores() {
		if s.Name == c.Score {
			return s, nil
		}
	}
	names := n.ScoreNames()
	if c.Score == "" {
		return Score{}, errors.Errorf("vit: no score is given, want one of %s", strings.Join(names, ", "))
	}
	return Score{}, errors.Errorf("vit: no score %q%s; there are %s",
		c.Score, orElsewhere(suggest.Among(c.Score, names)), strings.Join(names, ", "))
}

// orElsewhere returns the suggestions for a wrong name, or, without any, where the name may be known.
func orElsewhere(suggestions string) string {
	if suggestions == "" {
		return " (if it is a program's own, use that program, see hqvit.Main)"
	}
	return suggestions
}
