package nn

import (
	"slices"

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

// AttentionScores is a Score's result. One of Logits and Probs is set, of shape (B, H, T, T). The others are
// for a score whose circuits give more than coefficients.
type AttentionScores struct {
	Logits *G.Node // Softmax over the last axis makes attention coefficients of them
	Probs  *G.Node // attention coefficients already: not negative, rows of sum 1

	// Values, unless it is nil, is V (B, T, W), of which head h mixes columns h·W/H to (h+1)·W/H.
	Values *G.Node
	// Mixed, unless it is nil, is the mixed tokens (B, T, W): the coefficients are there to be looked at alone,
	// and Attention.Dropout has no effect.
	Mixed *G.Node
}

// Attention mixes the tokens of a sequence: out = Linear(A·V) with V = Linear(x) and A = softmax(Score(x)),
// in heads side by side.
//
//	x    (B, T, D), offered as the Tap "tokens"
//	A    (B, H, T, T), offered as the Tap "attention"
//	out  (B, T, D)
//
// Head h mixes columns h·D/H to (h+1)·D/H of V. The parameters are v.weight, v.bias, o.weight, o.bias and
// those of the Score. A Score that gives Values or Mixed tokens of its own takes the place of Linear(x) or
// A·V.
//
// Source: Vaswani et al., arXiv 1706.03762.
type Attention struct {
	Heads   int     // H, a divisor of D; 0 means 1
	Score   Score   // nil means DotProduct
	Dropout float64 // of A, a probability in [0,1)
}

// Forward returns the mixed tokens, differentiable in x and all parameters. It returns an error if x is not
// (B, T, D), H does not divide D, or the Score gives anything but (B, H, T, T), or values that are not of (B,
// T).
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
	w, err := a.scores(s, x)
	if err != nil {
		return nil, err
	}
	s.Tap("tokens", TapTokens, x)
	s.Tap("attention", TapAttention, w.Probs)
	if w.Mixed == nil {
		if w.Mixed, err = a.mix(s, x, w); err != nil {
			return nil, err
		}
	}
	return Linear{Out: d}.Forward(s.Sub("o"), w.Mixed)
}

// mix returns the values mixed by the coefficients, (B, T, W).
func (a Attention) mix(s *Scope, x *G.Node, w AttentionScores) (*G.Node, error) {
	coefficients, err := Dropout{P: a.Dropout}.Forward(s.Sub("attention"), w.Probs)
	if err != nil {
		return nil, err
	}
	if w.Values == nil {
		if w.Values, err = (Linear{Out: x.Shape()[2]}).Forward(s.Sub("v"), x); err != nil {
			return nil, err
		}
	}
	return Mix(coefficients, w.Values)
}

// scores returns what the Score gives, with the attention coefficients as Probs.
func (a Attention) scores(s *Scope, x *G.Node) (AttentionScores, error) {
	score := a.Score
	if score == nil {
		score = DotProduct
	}
	w, err := score.call(s, x, a.Heads)
	if err != nil {
		return w, errors.WithMessage(err, "score")
	}
	if (w.Logits == nil) == (w.Probs == nil) {
		return w, errors.New("score: want either Logits or Probs")
	}
	for _, n := range []*G.Node{w.Values, w.Mixed} {
		if n != nil && (n.Dims() != 3 || !slices.Equal(n.Shape()[:2], x.Shape()[:2])) {
			return w, errors.Errorf("score: want Values and Mixed (%d, %d, W) for x %v, got %v", x.Shape()[0],
				x.Shape()[1], x.Shape(), n.Shape())
		}
	}
	if w.Probs == nil {
		w.Probs, err = Softmax(w.Logits)
	}
	return w, err
}
