package vit

import (
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
)

// stem is the convolutions before the patches, each with its norm, if there is one, and GELU, or a stage of
// residual blocks in its place.
func (e Encoder) stem() nn.Layer {
	var chain nn.Chain
	for i, width := range e.Stem {
		if e.residualBlocks(i) > 0 {
			chain = append(chain, e.residualStage(i))
			continue
		}
		chain = append(chain, e.stemConv(width, e.stride(i)))
	}
	return chain
}

// stemConv is a 3×3 convolution, norm and GELU.
func (e Encoder) stemConv(width, stride int) nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		y, err := nn.Conv2D{Out: width, Kernel: 3, Stride: stride, Padding: 1}.Forward(s, x)
		if err == nil && e.StemNorm > 0 {
			y, err = nn.GroupNorm{Groups: e.StemNorm}.Forward(s.Sub("norm"), y)
		}
		if err != nil {
			return nil, err
		}
		return nn.GELU{}.Forward(s, y)
	})
}

// residualStage is stage i of a residual network. The first one begins with a convolution, whose parameters
// are under "in".
func (e Encoder) residualStage(i int) nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		err := error(nil)
		if i == 0 {
			if x, err = e.stemConv(e.Stem[0], 1).Forward(s.Sub("in"), x); err != nil {
				return nil, err
			}
		}
		stride := e.stride(i)
		for j := range e.residualBlocks(i) {
			block := nn.ResidualConv{Out: e.Stem[i], Stride: stride, Groups: e.StemNorm}
			if x, err = block.Forward(s.Sub(strconv.Itoa(j)), x); err != nil {
				return nil, err
			}
			stride = 1
		}
		return x, nil
	})
}

// residualBlocks returns the number of residual blocks of stage i; 0 for a plain convolution.
func (c Config) residualBlocks(i int) int {
	if i < len(c.StemBlocks) {
		return c.StemBlocks[i]
	}
	return 0
}

// stemSide returns the side of what is cut into patches, the output of the stem.
func (c Config) stemSide() int {
	side := c.Image
	for i := range c.Stem {
		side /= max(1, c.stride(i))
	}
	return side
}

// stride returns the stride of convolution i of the stem.
func (c Config) stride(i int) int {
	if i < len(c.StemStride) {
		return c.StemStride[i]
	}
	return 2
}

// stemChannels returns the channels of the stem's output.
func (c Config) stemChannels() int {
	if n := len(c.Stem); n > 0 {
		return c.Stem[n-1]
	}
	return c.Channels
}

// addStem adds the stem to a Size, and returns the values of a channel of its output and how many channels
// there are.
func (c Config) addStem(s *Size) (area, channels float64) {
	side, channels := float64(c.Image), float64(c.Channels)
	conv := func(out, kernel float64) {
		s.Weights += kernel * kernel * channels * out
		channels = out
		s.Values += 3 * channels * side * side // with its norm and GELU
	}
	for i, width := range c.Stem {
		out, blocks := float64(width), c.residualBlocks(i)
		if blocks > 0 && i == 0 {
			conv(out, 3)
		}
		side = float64(int(side) / max(1, c.stride(i)))
		if blocks > 0 && (channels != out || c.stride(i) > 1) {
			s.Weights += channels * out
			s.Values += 2 * out * side * side
		}
		conv(out, 3)
		if blocks > 0 {
			// the rest of the blocks are alike: so much for each convolution
			rest := 2*float64(blocks) - 1
			s.Weights += rest * 9 * out * out
			s.Values += rest * 3 * out * side * side
		}
	}
	return side * side, channels
}

// checkStem also refuses strides, blocks or a norm without a stem.
func (c Config) checkStem() error {
	for _, list := range []struct {
		name, none string
		values     []int
		min        int
	}{{"stem_stride", "2", c.StemStride, 1}, {"stem_blocks", "plain convolutions", c.StemBlocks, 0}} {
		if n := len(list.values); n > 0 && n != len(c.Stem) {
			return errors.Errorf("vit: %s %v for the stem %v, want one for each, or none for %s",
				list.name, list.values, c.Stem, list.none)
		}
	}
	if c.StemNorm < 0 || c.StemNorm > 0 && len(c.Stem) == 0 {
		return errors.Errorf("vit: stem_norm is %d for the stem %v, want groups of channels, or 0 for none",
			c.StemNorm, c.Stem)
	}
	side := c.Image
	for i, width := range c.Stem {
		stride := c.stride(i)
		switch {
		case width < 1:
			return errors.Errorf("vit: stem %v, want channels of at least 1", c.Stem)
		case stride < 1 || side%stride != 0:
			return errors.Errorf("vit: stem_stride %d for a side of %d, want one that divides the side",
				stride, side)
		case c.StemNorm > 0 && width%c.StemNorm != 0:
			return errors.Errorf("vit: stem_norm is %d for the stem %v, want a divisor of the channels",
				c.StemNorm, c.Stem)
		case c.residualBlocks(i) < 0 || c.residualBlocks(i) > maxBlocks:
			return errors.Errorf("vit: stem_blocks %v, want 0 to %d", c.StemBlocks, maxBlocks)
		}
		side /= stride
	}
	return nil
}

// maxBlocks bounds the residual blocks of a stage, each of which is a dozen nodes of a graph.
const maxBlocks = 200
