package vit

import (
	"math"
	"math/bits"

	"github.com/pkg/errors"
)

// Size is an estimate of what a model takes, before anything of it is built.
type Size struct {
	Weights float64 // parameters, and 64 for each gate of a circuit, which is about what that takes
	Values  float64 // of the layers of one image
}

// MaxSize is the largest sum of weights and values of an image that Config.Check lets pass: 0.5 GiB in
// float32.
const MaxSize = 1 << 27

// Memory returns about how many bytes training takes in float32 with so many images in a graph: gradients,
// moments and copies of the weights, and the values with their gradients.
func (s Size) Memory(micro int) float64 { return 4 * (6*s.Weights + 2*float64(micro)*s.Values) }

// Size estimates the model. It does not look at whether one can be built.
func (c Config) Size() Size {
	s := Size{Values: float64(c.Channels) * float64(c.Image) * float64(c.Image)}
	if !c.Pictures() {
		s.Values = float64(max(1, c.Steps)) * float64(c.Features)
	}
	area, channels := c.addStem(&s)
	side := math.Sqrt(area)
	features := channels * area
	if c.Model == CNN && c.Pooling == PoolMean {
		features = channels
	}
	if !c.Pictures() {
		features = s.Values
	}
	if c.Model == Transformer {
		patch := math.Max(1, float64(c.Patch))
		raw := channels * patch * patch
		tokens := math.Pow(math.Floor(side/patch), 2)
		switch {
		case c.Steps > 0:
			raw, tokens = float64(c.Features), float64(c.Steps)
		case c.Features > 0:
			raw, tokens = float64(c.Features), float64(c.Features)
		}
		width := raw
		if c.Embed > 0 {
			width = float64(c.Embed)
			s.Weights += raw * width
		}
		if c.Position {
			s.Weights += tokens * width
		}
		heads, depth, hidden := math.Max(1, float64(c.Heads)), float64(c.Depth), float64(c.Hidden)
		block := 2*width*width + 2*width*hidden
		if score, err := c.FindScore(); err == nil && score.Circuits {
			qubits := float64(bits.Len(uint(width / heads)))
			block += float64(c.Layers) * qubits * (2*heads + 4*64)
		} else {
			block += 2 * width * width
		}
		if c.Beside != "" {
			block += 10 * width
		}
		s.Weights += depth * block
		s.Values += depth * tokens * (heads*tokens + 4*width + hidden)
		features = tokens * width
		if c.Pooling != PoolFlatten {
			features = width
		}
	}
	s.Weights += features * float64(c.Classes)
	return s
}

// checkSize refuses what would only run out of memory, or be built for hours.
func (c Config) checkSize() error {
	s := c.Size()
	if s.Weights+s.Values <= MaxSize { // false for NaN
		return nil
	}
	const micro = 32
	return errors.Errorf("vit: about %.3g weights and %.3g values for an image, %.3g GiB in training with "+
		"%d images at once; want at most %.3g weights and values: a smaller image, depth, hidden, embed, "+
		"layers or stem, or a larger patch",
		s.Weights, s.Values, s.Memory(micro)/(1<<30), micro, float64(MaxSize))
}
