package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// QPSAN is the score Σ_d f(q_d, k_d) of joint measurements of two qubits, one of which holds an element of a
// linear query and the other the same element of a key:
//
//	a = π/4 + eq + g(q−k) + s(q+k)    b = π/4 + ek − g(q−k) + s(q+k)    c = α(q+k)
//	f = ½[1 + cos²2β cos a − sin²2β(cos c cos a sin b + sin c cos b)]
//
// over the first 16 elements of a head, with e, g, s, α and β of each head. Its softmax has no scale.
//
// It is computed as a product of functions of q_d and of k_d, into which f falls apart. Source:
// QPSAN, arXiv:2605.25365, by its authors' code; the closed form is that of notes on it, equal to the circuit
// to rounding. How the published circuit is written gate by gate is not known here, so no circuit is drawn or
// counted, and there are no shots.
type QPSAN struct {
	Elements int // of a head that are compared; 0: 16, or all if they are fewer
}

// Score returns the logits (B, H, T, T) of x (B, T, D). The parameters are those of linear queries and keys,
// as nn.DotProduct has them, and joint (H, 5), the numbers e, g, s, α and β: ½, and normal of standard
// deviation 0.1.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D,
// or for more elements than a head has.
func (w QPSAN) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	h, err := newHeads(x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if w.Elements == 0 {
		w.Elements = min(16, h.HeadWidth())
	}
	if w.Elements < 0 || w.Elements > h.HeadWidth() {
		return nn.AttentionScores{}, errors.Errorf("QPSAN: want 1 to %d elements of a head, or 0 for 16 of "+
			"them, got %d", h.HeadWidth(), w.Elements)
	}
	project := nn.Linear{Out: h.Width}
	q, err := project.Forward(s.Sub("q"), x)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	k, err := project.Forward(s.Sub("k"), x)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	joint, err := s.Param("joint", nn.ParamSpec{Shape: tensor.Shape{heads, 5}, Dtype: x.Dtype(),
		Init: firstJoint, NoDecay: true, Group: "quantum"})
	if err != nil {
		return nn.AttentionScores{}, err
	}
	u, err := op.ByDtype(q, jointFeatures[float32](h, w.Elements, true),
		jointFeatures[float64](h, w.Elements, true), joint)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	v, err := op.ByDtype(k, jointFeatures[float32](h, w.Elements, false),
		jointFeatures[float64](h, w.Elements, false), joint)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	s.Note("qubits", 2) // of a pair of elements; its gates are not known
	logits, err := nn.HeadProducts(u, v, heads, 1)
	return nn.AttentionScores{Logits: logits}, err
}
