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
	Beside          nn.Layer // of the same input, added to the attention; nil: none
	Hidden          int      // width of the MLP
	LayerScale      float64  // what the scales of the branches start at, see nn.LayerScale; 0: none
	Dropout         float64  // probability of dropping a value of a branch in training, see nn.Dropout
	DropPath        float64  // probability that an image skips a branch in training, see nn.DropPath
	NoAttentionNorm bool     // the attention gets x itself
}

// Forward returns the block's result. Its parameters are n1, attn, beside, ls1, n2, mlp and ls2.
func (b Block) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	if s == nil || x == nil || b.Attention == nil {
		return nil, errors.New("vit: Block: no scope, input or Attention, want all three")
	}
	y, err := b.branch(s, x, "1", b.NoAttentionNorm, "attn", b.Attention)
	if err != nil {
		return nil, err
	}
	return b.branch(s, y, "2", false, "mlp", nn.MLP{Hidden: b.Hidden})
}

// branch returns x + DropPath(Dropout(LayerScale(layer(LayerNorm(x))))), without what there is none of.
func (b Block) branch(s *nn.Scope, x *G.Node, number string, bare bool, name string, layer nn.Layer) (*G.Node,
	error) {
	y, err := x, error(nil)
	if !bare {
		if y, err = (nn.LayerNorm{}).Forward(s.Sub("n"+number), x); err != nil {
			return nil, err
		}
	}
	input := y
	if y, err = layer.Forward(s.Sub(name), y); err != nil {
		return nil, errors.WithMessage(err, name)
	}
	if b.Beside != nil && name == "attn" {
		beside, err := b.Beside.Forward(s.Sub("beside"), input)
		if err != nil {
			return nil, errors.WithMessage(err, "beside")
		}
		if y, err = nn.Add(y, beside); err != nil {
			return nil, err
		}
	}
	if b.LayerScale > 0 {
		if y, err = (nn.LayerScale{Start: b.LayerScale}).Forward(s.Sub("ls"+number), y); err != nil {
			return nil, err
		}
	}
	if y, err = (nn.Dropout{P: b.Dropout}).Forward(s.Sub(name), y); err != nil {
		return nil, err
	}
	if y, err = (nn.DropPath{P: b.DropPath}).Forward(s.Sub(name), y); err != nil {
		return nil, err
	}
	return nn.Add(x, y)
}

// besides is the table of what can stand beside the attention, by the names of Config.Beside.
var besides = []struct {
	name  string
	layer nn.Layer // (B, T, D) -> (B, T, D)
}{
	{"depthwise", nn.DepthwiseTokens{}},
}

// Besides returns the names that Config.Beside takes.
func Besides() []string {
	var names []string
	for _, row := range besides {
		names = append(names, row.name)
	}
	return names
}

// beside returns the layer of Config.Beside, nil if there is none.
func (c Config) beside() nn.Layer {
	for _, row := range besides {
		if row.name == c.Beside {
			return row.layer
		}
	}
	return nil
}
