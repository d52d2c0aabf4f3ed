package vit

import "github.com/pkg/errors"

// Match returns the ViT with about as many parameters as the given model: that of its Config with the score
// dot and the width of the MLP, Hidden, that comes nearest. Where an MLP as wide as the tokens is too much
// already, as with the raw patches of a colour image, an embedding makes the tokens narrower first. For a
// model that is no transformer, the ViT has otherwise the form of hqvit, for images of the next multiple of
// its patch.
//
// gap is how many parameters the ViT has more; at most half of what one unit of Hidden costs. It returns an
// error if the Config is not sound, or if no ViT of its depth is so small.
func Match(reference Config) (c Config, gap int, err error) {
	want, _, err := Parameters(reference)
	if err != nil {
		return c, 0, err
	}
	c = reference.Exact()
	if c.Model != Transformer {
		s := builtIn()[0].Config.In(c.names())
		c = s.For(reference)
		if c.Pictures() {
			c.Image = (reference.Image + c.Patch - 1) / c.Patch * c.Patch
		}
	}
	c.Score, c.Ansatz, c.Fields = "dot", "", nil
	for width := c.Width(); width > 0; width -= c.Heads {
		if width < c.Width() {
			c.Embed = width
		}
		narrow, err := c.countWith(width)
		if err != nil {
			return c, 0, err
		}
		wider, err := c.countWith(width + 1)
		if err != nil {
			return c, 0, err
		}
		unit := wider - narrow
		if narrow > want+unit/2 {
			continue
		}
		c.Hidden = width + (want-narrow+unit/2)/unit
		got, err := c.countWith(c.Hidden)
		return c, got - want, err
	}
	return c, 0, errors.Errorf("vit: no ViT of depth %d with %d heads has as few as %d parameters",
		c.Depth, c.Heads, want)
}

// countWith counts the parameters of the model with an MLP of that width.
func (c Config) countWith(hidden int) (int, error) {
	c.Hidden = hidden
	n, _, err := Parameters(c)
	return n, err
}
