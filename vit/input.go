package vit

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/words"
)

// Output says what the numbers mean that a model gives for an example. The words are those of data.Target.
type Output string

const (
	OutputClasses Output = ""       // logits of classes, one of which is right
	OutputLabels  Output = "labels" // logits of labels, each of which is right or not
	OutputValues  Output = "values" // numbers
)

// Pictures reports whether the model is for pictures, and not for sequences or vectors.
func (c Config) Pictures() bool { return c.Steps == 0 && c.Features == 0 }

// InputShape returns the shape of an example: (Channels, Image, Image) of a picture, (Steps, Features) of a
// sequence, (Features) of a vector.
func (c Config) InputShape() tensor.Shape {
	switch {
	case c.Pictures():
		return tensor.Shape{c.Channels, c.Image, c.Image}
	case c.Steps > 0:
		return tensor.Shape{c.Steps, c.Features}
	}
	return tensor.Shape{c.Features}
}

// For returns the model for the examples and the outputs of another one. A transformer for pictures whose
// other is for sequences or vectors gets tokens as wide as its patches: a linear embedding of each step, with
// a position code, or of each feature (nn.FeatureTokens), which needs none. Check says what cannot be
// changed, such as a stem, or a model of sequences for pictures.
func (c Config) For(other Config) Config {
	if c = c.clone(); c.Model == Transformer && c.Pictures() && !other.Pictures() {
		c.Embed, c.Patch = c.Width(), 0
		c.Position = other.Steps > 0
	}
	c.Image, c.Channels, c.Steps, c.Features = other.Image, other.Channels, other.Steps, other.Features
	c.Classes, c.Output = other.Classes, other.Output
	return c
}

// InputText says in words what the model is for: pictures of side 32 with 1 channel.
func (c Config) InputText() string {
	switch {
	case c.Pictures():
		return "pictures of side " + words.Count(c.Image, "pixel") + " with " + words.Count(c.Channels, "channel")
	case c.Steps > 0:
		return "sequences of " + words.Count(c.Steps, "step") + " of " + words.Count(c.Features, "feature")
	}
	return "vectors of " + words.Count(c.Features, "feature")
}

// OutputText says in words what the model gives: 10 classes.
func (c Config) OutputText() string {
	switch c.Output {
	case OutputLabels:
		return words.Count(c.Classes, "label")
	case OutputValues:
		return words.Count(c.Classes, "value")
	}
	return words.Count(c.Classes, "class")
}

// checkInput checks what an example is, and what is said of it.
func (c Config) checkInput() error {
	least := 2
	switch c.Output {
	case OutputClasses:
	case OutputLabels, OutputValues:
		least = 1
	default:
		return errors.Errorf("vit: output is %q, want %s or %s, or nothing for classes", c.Output, OutputLabels,
			OutputValues)
	}
	fields := []field{{"image", c.Image, 1}, {"channels", c.Channels, 1}, {"classes", c.Classes, least}}
	if c.Pictures() {
		return checkFields(fields)
	}
	fields = []field{{"steps", c.Steps, 0}, {"features", c.Features, 1}, {"classes", c.Classes, least}}
	if err := checkFields(fields); err != nil {
		return err
	}
	switch {
	case c.Image != 0 || c.Channels != 0:
		return errors.Errorf("vit: image is %d and channels %d beside steps %d and features %d: want those of "+
			"pictures or those of sequences or vectors", c.Image, c.Channels, c.Steps, c.Features)
	case c.Model == CNN || len(c.Stem) > 0:
		return errors.Errorf("vit: a stem has convolutions over pictures, and the model is for %s: want %s or %s "+
			"without a stem, such as hqvit, vit or logreg", c.InputText(), Transformer, LogReg)
	case c.Patch != 0:
		return errors.Errorf("vit: patch is %d, and the model is for %s: want 0", c.Patch, c.InputText())
	case c.Model == Transformer && c.Steps == 0 && c.Embed < 1:
		return errors.Errorf("vit: embed is %d for %s: want the width of the token that a feature becomes", c.Embed,
			c.InputText())
	}
	return nil
}
