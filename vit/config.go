package vit

import "github.com/pkg/errors"

// Kind says what a model is made of. HQViT and the classical ViT of one Config differ in their attention coefficients and in nothing else.
type Kind string

const (
	Quantum    Kind = "hqvit"  // attention coefficients from the quantum circuit, or by another Score
	DotProduct Kind = "vit"    // softmax(QKᵀ/√d), the classical ViT
	Conv       Kind = "cnn"    // the stem's convolutions and a classifier: no attention
	Logistic   Kind = "logreg" // a classifier on the pixels: logistic regression
)

// Pooling says how the tokens of the last block become one vector for the classifier.
type Pooling string

const (
	PoolFlatten    Pooling = "flatten"     // all tokens one after the other, (B, T·D)
	PoolMean       Pooling = "mean"        // their mean, (B, D)
	PoolFirstToken Pooling = "first-token" // token 0 alone, (B, D)
)

// Config is all that defines a model. It is written into a run's config.yaml and into the metadata of its weights.
type Config struct {
	Model           Kind    `yaml:"model" json:"model"`
	Image           int     `yaml:"image" json:"image"`       // side of the square input, in pixels
	Channels        int     `yaml:"channels" json:"channels"` // 1 grey, 3 colour
	Classes         int     `yaml:"classes" json:"classes"`
	Patch           int     `yaml:"patch" json:"patch"`                                 // side of a patch; the image holds T = (Image/Patch)² of them
	Embed           int     `yaml:"embed" json:"embed"`                                 // width D after a linear embedding; 0: the raw pixels of a patch, D = Channels·Patch²
	Position        bool    `yaml:"position" json:"position"`                           // a learned position code is added to the tokens
	Depth           int     `yaml:"depth" json:"depth"`                                 // blocks
	Hidden          int     `yaml:"hidden" json:"hidden"`                               // width of the MLP in a block
	Heads           int     `yaml:"heads" json:"heads"`                                 // they divide D
	Layers          int     `yaml:"layers" json:"layers"`                               // of the circuits U_q and U_k (hqvit only)
	Score           string  `yaml:"score,omitempty" json:"score,omitempty"`             // of hqvit: a name that Scores returns; empty: swap
	Stem            []int   `yaml:"stem,omitempty" json:"stem,omitempty"`               // channels of 3×3 convolutions before the patches, each followed by GELU; Patch counts their pixels
	StemStride      []int   `yaml:"stem_stride,omitempty" json:"stem_stride,omitempty"` // of each of them, by which it divides the side; empty: 2 each
	StemNorm        int     `yaml:"stem_norm,omitempty" json:"stem_norm,omitempty"`     // groups of channels that are normalised before each GELU, see nn.GroupNorm; 0: none are
	NoAttentionNorm bool    `yaml:"no_attention_norm" json:"no_attention_norm"`         // the tokens reach the attention without a layer norm
	Pooling         Pooling `yaml:"readout" json:"readout"`
	Dropout         float64 `yaml:"dropout" json:"dropout"`                         // in the attention and MLP branches
	DropPath        float64 `yaml:"drop_path,omitempty" json:"drop_path,omitempty"` // an image goes without an attention or MLP branch with this probability in the last block, in proportion less in those before
	Batch           int     `yaml:"batch" json:"batch"`                             // images of a training step
	Micro           int     `yaml:"micro" json:"micro"`                             // images of a graph: a step is a fixed list of micro-batches, whatever the threads
}

// Tokens returns T, the number of patches.
func (c Config) Tokens() int {
	side := c.stemmed() / c.Patch
	return side * side
}

// stemmed returns the side of the picture that is cut into patches.
func (c Config) stemmed() int {
	side := c.Image
	for i := range c.Stem {
		side /= c.stride(i)
	}
	return side
}

// stride returns that of a convolution of the stem.
func (c Config) stride(i int) int {
	if len(c.StemStride) == 0 {
		return 2
	}
	return c.StemStride[i]
}

// planes returns the channels of that picture.
func (c Config) planes() int {
	if n := len(c.Stem); n > 0 {
		return c.Stem[n-1]
	}
	return c.Channels
}

// Width returns D, the width of a token.
func (c Config) Width() int {
	if c.Embed > 0 {
		return c.Embed
	}
	return c.planes() * c.Patch * c.Patch
}

// Check returns an error that names the first field a model cannot be built from. Conv reads the stem and no field of the blocks, Logistic neither.
func (c Config) Check() error {
	if err := c.checkFields([]field{{"image", c.Image, 1}, {"channels", c.Channels, 1}, {"classes", c.Classes, 2}}); err != nil {
		return err
	}
	if err := c.checkStem(); err != nil {
		return err
	}
	switch c.Model {
	case Quantum, DotProduct:
		if err := c.checkBlocks(); err != nil {
			return err
		}
	case Conv, Logistic:
		if c.Model == Logistic && len(c.Stem) > 0 || c.Model == Conv && len(c.Stem) == 0 {
			return errors.Errorf("vit: stem %v for %s, want one for %s and none for %s", c.Stem, c.Model, Conv, Logistic)
		}
	default:
		return errors.Errorf("vit: model %q, want %q, %q, %q or %q", c.Model, Quantum, DotProduct, Conv, Logistic)
	}
	return c.checkFields([]field{{"batch", c.Batch, 1}, {"micro", c.Micro, 1}})
}

// checkStem also refuses a stride or a norm of a stem that is not there.
func (c Config) checkStem() error {
	if n := len(c.StemStride); n > 0 && n != len(c.Stem) {
		return errors.Errorf("vit: stem_stride %v for the stem %v, want one for each, or none for 2", c.StemStride, c.Stem)
	}
	if c.StemNorm < 0 || c.StemNorm > 0 && len(c.Stem) == 0 {
		return errors.Errorf("vit: stem_norm is %d for the stem %v, want groups of its channels, or 0 for none", c.StemNorm, c.Stem)
	}
	side := c.Image
	for i, width := range c.Stem {
		stride := c.stride(i)
		if width < 1 || stride < 1 || side%stride != 0 {
			return errors.Errorf("vit: stem %v with strides of %d for an image of %d, want channels of at least 1, and a stride that divides the side each time", c.Stem, stride, c.Image)
		}
		if c.StemNorm > 0 && width%c.StemNorm != 0 {
			return errors.Errorf("vit: stem_norm is %d for the stem %v, want a divisor of the channels", c.StemNorm, c.Stem)
		}
		side /= stride
	}
	return nil
}

type field struct {
	name       string
	value, min int
}

func (c Config) checkFields(fields []field) error {
	for _, f := range fields {
		if f.value < f.min {
			return errors.Errorf("vit: %s is %d, want at least %d", f.name, f.value, f.min)
		}
	}
	return nil
}

func (c Config) checkBlocks() error {
	if err := c.checkFields([]field{{"patch", c.Patch, 1}, {"embed", c.Embed, 0}, {"depth", c.Depth, 1}, {"hidden", c.Hidden, 1}, {"heads", c.Heads, 1}}); err != nil {
		return err
	}
	switch {
	case c.stemmed()%c.Patch != 0:
		return errors.Errorf("vit: patches of %d do not tile a picture of side %d", c.Patch, c.stemmed())
	case c.Width()%c.Heads != 0:
		return errors.Errorf("vit: %d heads do not divide the width %d", c.Heads, c.Width())
	case c.Model == DotProduct && c.Score != "":
		return errors.Errorf("vit: score %q for %s, which is the dot product; a score is a choice of %s", c.Score, DotProduct, Quantum)
	case c.Model == Quantum && c.Layers < 1:
		return errors.Errorf("vit: layers is %d, want at least 1 for the circuits of %s", c.Layers, Quantum)
	case c.Dropout < 0 || c.Dropout >= 1:
		return errors.Errorf("vit: dropout is %v, want [0,1)", c.Dropout)
	case !(c.DropPath >= 0 && c.DropPath < 1):
		return errors.Errorf("vit: drop_path is %v, want [0,1)", c.DropPath)
	case c.Pooling != PoolFlatten && c.Pooling != PoolMean && c.Pooling != PoolFirstToken:
		return errors.Errorf("vit: readout %q, want %q, %q or %q", c.Pooling, PoolFlatten, PoolMean, PoolFirstToken)
	}
	_, err := c.score()
	return err
}
