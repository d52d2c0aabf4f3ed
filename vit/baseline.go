package vit

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Baseline returns the models without attention, what any transformer of a Config has to beat: for Logistic the classifier on the pixels, for
// Conv the stem's convolutions before it. The parameters are stem.0.weight, stem.0.bias, …, with a norm stem.0.norm.weight, …, and head.weight, head.bias.
func Baseline(c Config) nn.Layer {
	return nn.Func(func(s *nn.Scope, images *G.Node) (*G.Node, error) {
		x, err := op.StopGradient(images)
		if err != nil {
			return nil, err
		}
		if x, err = c.stem().Forward(s.Sub("stem"), x); err != nil {
			return nil, err
		}
		if x, err = (nn.Flatten{}).Forward(s, x); err != nil {
			return nil, err
		}
		return nn.Linear{Out: c.Classes}.Forward(s.Sub("head"), x)
	})
}

// stem is the convolutions before the patches, (B, C, S, S) -> (B, planes, stemmed, stemmed), each with its norm, if there is one, and GELU.
func (c Config) stem() nn.Layer {
	var chain nn.Chain
	for i, width := range c.Stem {
		chain = append(chain, nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
			y, err := nn.Conv2D{Out: width, Kernel: 3, Stride: c.stride(i), Padding: 1}.Forward(s, x)
			if err == nil && c.StemNorm > 0 {
				y, err = nn.GroupNorm{Groups: c.StemNorm}.Forward(s.Sub("norm"), y)
			}
			if err != nil {
				return nil, err
			}
			return nn.GELU{}.Forward(s, y)
		}))
	}
	return chain
}
