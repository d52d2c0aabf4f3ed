package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// Score says how the tokens of a sequence attend to each other: it maps x (B, T, D) to the AttentionScores of
// that many heads. D is a multiple of heads; a Score sees to it that head h looks at columns h·D/H to
// (h+1)·D/H.
type Score func(s *Scope, x *G.Node, heads int) (AttentionScores, error)

// call calls a score that a user gave.
func (f Score) call(s *Scope, x *G.Node, heads int) (w AttentionScores, err error) {
	defer foreign.Recover(&err, "score", f)
	return f(s, x, heads)
}

// AttentionScores is a Score's result, of shape (B, H, T, T). One of the two nodes is set.
type AttentionScores struct {
	Logits *G.Node // Softmax over the last axis makes attention coefficients of them
	Probs  *G.Node // attention coefficients already: not negative, rows of sum 1
}

// Attention mixes the tokens of a sequence: out = Linear(A·V) with V = Linear(x) and A = softmax(Score(x)),
// in heads side by side.
//
//	x    (B, T, D), offered as the Tap "tokens"
//	A    (B, H, T, T), offered as the Tap "attention"
//	out  (B, T, D)
//
// Head h mixes columns h·D/H to (h+1)·D/H of V. The parameters are v.weight, v.bias, o.weight, o.bias and
// those of the Score.
//
// Source: Vaswani et al., arXiv 1706.03762.
type Attention struct {
	Heads   int     // H, a divisor of D; 0 means 1
	Score   Score   // nil means DotProduct
	Dropout float64 // of A, a probability in [0,1)
}

// Forward returns the mixed tokens, differentiable in x and all parameters. It returns an error if x is not
// (B, T, D), H does not divide D, or the Score gives anything but (B, H, T, T).
func (a Attention) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return nil, err
	}
	if a.Heads == 0 {
		a.Heads = 1
	}
	d := x.Shape()[2]
	if _, err := op.HeadWidth(d, a.Heads); err != nil {
		return nil, err
	}
	coefficients, err := a.coefficients(s, x)
	if err != nil {
		return nil, err
	}
	s.Tap("tokens", TapTokens, x)
	s.Tap("attention", TapAttention, coefficients)
	if coefficients, err = (Dropout{P: a.Dropout}).Forward(s.Sub("attention"), coefficients); err != nil {
		return nil, err
	}
	v, err := Linear{Out: d}.Forward(s.Sub("v"), x)
	if err != nil {
		return nil, err
	}
	mixed, err := Mix(coefficients, v) // (B, T, D)
	if err != nil {
		return nil, err
	}
	return Linear{Out: d}.Forward(s.Sub("o"), mixed)
}

func (a Attention) coefficients(s *Scope, x *G.Node) (*G.Node, error) {
	score := a.Score
	if score == nil {
		score = DotProduct
	}
	w, err := score.call(s, x, a.Heads)
	if err != nil {
		return nil, errors.WithMessage(err, "score")
	}
	switch {
	case (w.Logits == nil) == (w.Probs == nil):
		return nil, errors.New("score: want either Logits or Probs")
	case w.Probs != nil:
		return w.Probs, nil
	}
	return Softmax(w.Logits)
}
