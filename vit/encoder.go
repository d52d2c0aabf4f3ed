package vit

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// New returns the model of a Config: a layer from images (B, C, S, S) to logits (B, classes).
//
// Differentiable in its parameters; images get no gradient (put the Encoder's parts together yourself where that is wanted).
// It returns an error if the Config is not sound (Config.Check).
func New(c Config) (nn.Layer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	switch c.Model {
	case Quantum:
		return Hybrid(c), nil
	case DotProduct:
		return Classical(c), nil
	}
	return Baseline(c), nil
}

// Encoder is the backbone that all models share: patches, blocks of attention and MLP, a readout. What is swapped is the attention.
type Encoder struct {
	Config
	Attention nn.Layer // (B, T, D) -> (B, T, D)
}

// Forward returns the logits (B, classes) of images (B, C, S, S).
// It returns an error if the images are not of the size in the Config.
func (e Encoder) Forward(s *nn.Scope, images *G.Node) (*G.Node, error) {
	if sh := images.Shape(); sh.Dims() != 4 || sh[1] != e.Channels || sh[2] != e.Image || sh[3] != e.Image {
		return nil, errors.Errorf("vit: images of shape %v, want (B, %d, %d, %d)", sh, e.Channels, e.Image, e.Image)
	}
	x, err := op.StopGradient(images)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name  string
		layer nn.Layer
	}{
		{"stem", e.stem()},                  // (B, planes, stemmed, stemmed)
		{"", e.tokens()},                    // (B, T, D)
		{"blocks", e.blocks()},              // (B, T, D)
		{"norm", nn.LayerNorm{}},            // (B, T, D)
		{"", e.readout()},                   // (B, T·D) or (B, D)
		{"head", nn.Linear{Out: e.Classes}}, // (B, classes)
	} {
		if x, err = part.layer.Forward(s.Sub(part.name), x); err != nil {
			return nil, errors.WithMessage(err, "vit")
		}
	}
	return x, nil
}

// tokens cuts the picture into tokens: raw patches, or their linear embedding, with or without a position code.
func (e Encoder) tokens() nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		x, err := nn.Patches{Size: e.Patch}.Forward(s, x)
		if err == nil && e.Embed > 0 {
			x, err = nn.Linear{Out: e.Embed}.Forward(s.Sub("embed"), x)
		}
		if err == nil && e.Position {
			x, err = nn.Position{}.Forward(s, x)
		}
		return x, err
	})
}

// blocks are Depth of Block, one after the other.
func (e Encoder) blocks() nn.Layer {
	chain := make(nn.Chain, e.Depth)
	for i := range chain {
		drop := e.DropPath * float64(i+1) / float64(e.Depth)
		chain[i] = Block{Attention: e.Attention, Hidden: e.Hidden, Dropout: e.Dropout, DropPath: drop, NoAttentionNorm: e.NoAttentionNorm}
	}
	return chain
}

func (e Encoder) readout() nn.Layer {
	switch e.Pooling {
	case PoolMean:
		return nn.MeanPool{}
	case PoolFirstToken:
		return nn.Token{Index: 0}
	}
	return nn.Flatten{}
}
