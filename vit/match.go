package vit

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

// Parameters returns how many trained values the model of a Config has, and how many of them are angles of
// circuits. It builds the graph of one image. It returns an error if the Config is not sound.
func Parameters(c Config) (all, quantum int, err error) {
	layer, err := New(c)
	if err != nil {
		return 0, 0, err
	}
	g, st := G.NewGraph(), nn.NewStore(0)
	images := G.NewTensor(g, tensor.Float32, 4, G.WithName("images"), G.WithShape(1, c.Channels, c.Image, c.Image))
	if _, err := layer.Forward(nn.NewEvalScope(g, st), images); err != nil {
		return 0, 0, err
	}
	return st.Count(), st.Count("quantum"), nil
}

// Match returns the classical ViT of about as many parameters as the given model: that of its Config with
// the width of the MLP, Hidden, that comes nearest. Where an MLP as wide as the tokens is too much already,
// as with the raw patches of a colour image, an embedding makes the tokens narrower first. gap is the
// parameters it has more; at most half of what one unit of Hidden costs. It returns an error if the Config
// is not sound, or if no ViT of its depth is so small.
func Match(reference Config) (c Config, gap int, err error) {
	want, _, err := Parameters(reference)
	if err != nil {
		return c, 0, err
	}
	c = reference.clone()
	c.Score = "dot"
	for width := c.Width(); width > 0; width -= c.Heads {
		if width < c.Width() {
			c.Embed = width
		}
		narrow, err := c.parametersOf(width)
		if err != nil {
			return c, 0, err
		}
		wider, err := c.parametersOf(width + 1)
		if err != nil {
			return c, 0, err
		}
		unit := wider - narrow
		if narrow > want+unit/2 {
			continue
		}
		c.Hidden = width + (want-narrow+unit/2)/unit
		got, err := c.parametersOf(c.Hidden)
		return c, got - want, err
	}
	return c, 0, errors.Errorf("vit: no classical ViT of depth %d with %d heads has as few as %d parameters", c.Depth, c.Heads, want)
}

// parametersOf counts the parameters with an MLP of that width.
func (c Config) parametersOf(hidden int) (int, error) {
	c.Hidden = hidden
	n, _, err := Parameters(c)
	return n, err
}
