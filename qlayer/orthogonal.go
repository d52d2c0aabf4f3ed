package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
)

// Orthogonal is the classical twin of Swap: the same score s·T²·(e_iᵀWe_j)² with a trained orthogonal matrix
// W instead of a circuit's.
type Orthogonal struct {
	Reflections int     // whose product is W; 0: D/H, which reaches every orthogonal matrix
	InitScale   float64 // first value of the scale s; 0: a quarter of the head's width
}

// Score returns the logits (B, H, T, T) of x (B, T, D). The parameters are reflections (H, R, D/H), normal at
// first, of which only the directions matter, and the tapped scale (H).
//
// Differentiable once in x and the parameters. It returns an error if x has other axes or H does not divide
// D.
func (w Orthogonal) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	h, err := newHeads(x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	width, count := h.HeadWidth(), w.Reflections
	if count < 0 {
		return nn.AttentionScores{}, errors.Errorf("Reflections is %d, want 1 or more, or 0 for D/H", count)
	}
	if count == 0 {
		count = width
	}
	v, err := s.Param("reflections", nn.ParamSpec{Shape: tensor.Shape{heads, count, width}, Dtype: x.Dtype(),
		Init: nn.Normal(1), NoDecay: true})
	if err != nil {
		return nn.AttentionScores{}, err
	}
	matrix, err := qops.Reflections(v)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	scale, err := learnedScale(s, x, heads, w.InitScale, float64(width)/4)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := qops.Scores(x, matrix, qops.ScoreOptions{Gain: float64(h.Tokens * h.Tokens), Scale: scale})
	return nn.AttentionScores{Logits: logits}, err
}
