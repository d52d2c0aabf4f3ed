package vit

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
)

// Block is one layer of a transformer encoder, (B, T, D) -> (B, T, D): x + Attention(LayerNorm(x)), then
// x + MLP(LayerNorm(x)).
type Block struct {
	Attention       nn.Layer // (B, T, D) -> (B, T, D)
	Hidden          int      // width of the MLP
	Dropout         float64  // probability of dropping a value of a branch in training, see nn.Dropout
	DropPath        float64  // probability that an image skips a branch in training, see nn.DropPath
	NoAttentionNorm bool     // the attention gets x itself
}

// Forward returns the block's result. Its parameters are n1, attn, n2 and mlp.
func (b Block) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	if s == nil || x == nil || b.Attention == nil {
		return nil, errors.New("vit: Block: no scope, input or Attention, want all three")
	}
	y, err := b.branch(s, x, "n1", b.NoAttentionNorm, "attn", b.Attention)
	if err != nil {
		return nil, err
	}
	return b.branch(s, y, "n2", false, "mlp", nn.MLP{Hidden: b.Hidden})
}

// branch returns x + DropPath(Dropout(layer(LayerNorm(x)))), or the same without the norm.
func (b Block) branch(s *nn.Scope, x *G.Node, norm string, bare bool, name string, layer nn.Layer) (*G.Node,
	error) {
	y, err := x, error(nil)
	if !bare {
		if y, err = (nn.LayerNorm{}).Forward(s.Sub(norm), x); err != nil {
			return nil, err
		}
	}
	if y, err = layer.Forward(s.Sub(name), y); err != nil {
		return nil, errors.WithMessage(err, name)
	}
	if y, err = (nn.Dropout{P: b.Dropout}).Forward(s.Sub(name), y); err != nil {
		return nil, err
	}
	if y, err = (nn.DropPath{P: b.DropPath}).Forward(s.Sub(name), y); err != nil {
		return nil, err
	}
	return nn.Add(x, y)
}
