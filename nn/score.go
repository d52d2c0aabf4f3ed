package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// DotProduct is the classical Score: logits QKᵀ/√(D/H) of Q = Linear(x) and K = Linear(x), with parameters q.weight, q.bias, k.weight, k.bias.
//
// Source: Vaswani et al., arXiv 1706.03762.
func DotProduct(s *Scope, x *G.Node, heads int) (AttentionScores, error) {
	q, k, err := queryAndKey(s, x, func(n *G.Node) (*G.Node, error) { return n, nil })
	if err != nil {
		return AttentionScores{}, err
	}
	logits, err := HeadProducts(q, k, heads, 1/math.Sqrt(headWidth(x, heads)))
	return AttentionScores{Logits: logits}, err
}

// Cosine is a Score of logits s·cos(qᵢ, kⱼ) with the queries and keys of DotProduct and a learned scale s of each head, the parameter scale
// (H). It starts at √(D/H), where the logits of random vectors have the variance that DotProduct gives them.
//
// Source: Henry et al., Query-Key Normalization for Transformers, arXiv 2010.04245.
func Cosine(s *Scope, x *G.Node, heads int) (AttentionScores, error) {
	q, k, err := queryAndKey(s, x, func(n *G.Node) (*G.Node, error) { return unitHeads(n, heads) })
	if err != nil {
		return AttentionScores{}, err
	}
	cosines, err := HeadProducts(q, k, heads, 1)
	if err != nil {
		return AttentionScores{}, err
	}
	first := Constant(math.Sqrt(headWidth(x, heads)))
	scale, err := s.Param("scale", ParamSpec{Shape: tensor.Shape{heads}, Dtype: x.Dtype(), Init: first, NoDecay: true})
	if err != nil {
		return AttentionScores{}, err
	}
	s.Tap("scale", TapValue, scale)
	logits, err := ScaleHeads(cosines, scale, 1)
	return AttentionScores{Logits: logits}, err
}

// UniformScore lets every token attend to all tokens alike: probabilities 1/T, no parameters. What such a model reaches it reaches without
// any attention worth the name.
func UniformScore(_ *Scope, x *G.Node, heads int) (AttentionScores, error) {
	return fixed(x, heads, func(_, _, tokens int) float64 { return 1 / float64(tokens) })
}

// IdentityScore lets every token attend to itself only: no tokens mix, no parameters.
func IdentityScore(_ *Scope, x *G.Node, heads int) (AttentionScores, error) {
	return fixed(x, heads, func(i, j, _ int) float64 {
		if i == j {
			return 1
		}
		return 0
	})
}

func headWidth(x *G.Node, heads int) float64 { return float64(x.Shape()[2]) / float64(heads) }

// queryAndKey returns then(Linear(x)) for queries and for keys.
func queryAndKey(s *Scope, x *G.Node, then func(n *G.Node) (*G.Node, error)) (q, k *G.Node, err error) {
	if err := want(x, "(B, T, D)", 3); err != nil {
		return nil, nil, err
	}
	both := [2]*G.Node{}
	for i, name := range []string{"q", "k"} {
		n, err := Linear{Out: x.Shape()[2]}.Forward(s.Sub(name), x)
		if err != nil {
			return nil, nil, err
		}
		if both[i], err = then(n); err != nil {
			return nil, nil, err
		}
	}
	return both[0], both[1], nil
}

// fixed returns Weights that depend on the positions of two tokens only.
func fixed(x *G.Node, heads int, prob func(i, j, tokens int) float64) (AttentionScores, error) {
	if err := want(x, "(B, T, D)", 3); err != nil {
		return AttentionScores{}, err
	}
	probs, err := op.ByDtype(x, constantRows[float32](heads, prob), constantRows[float64](heads, prob))
	return AttentionScores{Probs: probs}, err
}

func constantRows[T op.Float](heads int, prob func(i, j, tokens int) float64) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		batch, tokens := x[0].Shape()[0], x[0].Shape()[1]
		if heads < 1 {
			return nil, errors.Errorf("%d heads, want at least 1", heads)
		}
		return op.Apply(op.Kernel[T]{
			Name:  "FixedAttention",
			Shape: tensor.Shape{batch, heads, tokens, tokens},
			Forward: func(out []T, _ [][]T) error {
				for i := range out {
					out[i] = T(prob(i/tokens%tokens, i%tokens, tokens))
				}
				return nil
			},
			Constant: []int{0},
		}, x...)
	}
}
