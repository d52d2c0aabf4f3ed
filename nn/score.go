package nn

import (
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// DotProduct is the classical Score: logits QKᵀ/√(D/H) of Q = Linear(x) and K = Linear(x), with parameters
// q.weight, q.bias, k.weight, k.bias.
//
// Source: Vaswani et al., arXiv 1706.03762.
func DotProduct(s *Scope, x *G.Node, heads int) (AttentionScores, error) {
	h, err := headsOf(x, heads)
	if err != nil {
		return AttentionScores{}, err
	}
	q, k, err := queryAndKey(s, x)
	if err != nil {
		return AttentionScores{}, err
	}
	logits, err := HeadProducts(q, k, heads, 1/math.Sqrt(float64(h.HeadWidth())))
	return AttentionScores{Logits: logits}, err
}

// Cosine is a Score of logits s·cos(qᵢ, kⱼ) with the queries and keys of DotProduct and a learned scale s of
// each head, the parameter scale (H). It starts at √(D/H), where the logits of random vectors have the
// variance that DotProduct gives them.
//
// Source: Henry et al., Query-Key Normalization for Transformers, arXiv 2010.04245.
func Cosine(s *Scope, x *G.Node, heads int) (AttentionScores, error) {
	h, err := headsOf(x, heads)
	if err != nil {
		return AttentionScores{}, err
	}
	q, k, err := queryAndKey(s, x)
	if err != nil {
		return AttentionScores{}, err
	}
	if q, err = UnitHeads(q, heads); err != nil {
		return AttentionScores{}, err
	}
	if k, err = UnitHeads(k, heads); err != nil {
		return AttentionScores{}, err
	}
	cosines, err := HeadProducts(q, k, heads, 1)
	if err != nil {
		return AttentionScores{}, err
	}
	first := Constant(math.Sqrt(float64(h.HeadWidth())))
	spec := ParamSpec{Shape: tensor.Shape{heads}, Dtype: x.Dtype(), Init: first, NoDecay: true}
	scale, err := s.Param("scale", spec)
	if err != nil {
		return AttentionScores{}, err
	}
	s.Tap("scale", TapValue, scale)
	logits, err := ScaleHeads(cosines, scale, 1)
	return AttentionScores{Logits: logits}, err
}

// UniformScore lets every token attend to all tokens alike: coefficients 1/T, no parameters. It is what
// attention has to beat.
func UniformScore(_ *Scope, x *G.Node, heads int) (AttentionScores, error) {
	return fixedScore(x, heads, func(_, _, tokens int) float64 { return 1 / float64(tokens) })
}

// IdentityScore lets every token attend to itself only: no tokens mix, no parameters.
func IdentityScore(_ *Scope, x *G.Node, heads int) (AttentionScores, error) {
	return fixedScore(x, heads, func(i, j, _ int) float64 {
		if i == j {
			return 1
		}
		return 0
	})
}

// queryAndKey returns Linear(x) for queries and for keys.
func queryAndKey(s *Scope, x *G.Node) (q, k *G.Node, err error) {
	project := Linear{Out: x.Shape()[2]}
	if q, err = project.Forward(s.Sub("q"), x); err != nil {
		return nil, nil, err
	}
	k, err = project.Forward(s.Sub("k"), x)
	return q, k, err
}

// fixedScore returns coefficients that depend on the positions of two tokens only.
func fixedScore(x *G.Node, heads int, prob func(i, j, tokens int) float64) (AttentionScores, error) {
	h, err := headsOf(x, heads)
	if err != nil {
		return AttentionScores{}, err
	}
	probs, err := op.ByDtype(x, constantMaps[float32](h, prob), constantMaps[float64](h, prob))
	return AttentionScores{Probs: probs}, err
}

func constantMaps[T op.Float](h op.Heads, prob func(i, j, tokens int) float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:  "FixedAttention",
			Shape: h.MapShape(),
			Forward: func(out []T, _ [][]T) error {
				for i := range out {
					out[i] = T(prob(i/h.Tokens%h.Tokens, i%h.Tokens, h.Tokens))
				}
				return nil
			},
			Constant: []int{0},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				maps := make([]float64, h.Tokens*h.Tokens)
				for i := range maps {
					maps[i] = prob(i/h.Tokens, i%h.Tokens, h.Tokens)
				}
				return b.Expand(b.Const(maps, 1, 1, h.Tokens, h.Tokens), in[0], h.MapShape()...)
			},
		}, x...)
	}
}
