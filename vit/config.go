package vit

import (
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// Kind says what a model is made of.
type Kind string

const (
	// patches, blocks of attention and MLP; Config.Score says which attention
	Transformer Kind = "transformer"
	CNN         Kind = "cnn"    // the convolutions of the stem and a classifier
	LogReg      Kind = "logreg" // a classifier on the pixels: logistic regression
)

// Config is all that defines a model. It is written into a run's config.yaml and into the metadata of its
// weights. A field at its zero value is not written, and a CNN or LogReg reads none of those from Patch on,
// but for the Pooling of a CNN.
type Config struct {
	Model Kind `yaml:"model" json:"model"`

	// What becomes tokens: the patches of a picture of Image and Channels, the steps of a sequence of Steps and
	// Features, or the features of a vector of Features. The fields of the others are 0.
	Image    int `yaml:"image,omitempty" json:"image,omitempty"`       // side of the square input, in pixels
	Channels int `yaml:"channels,omitempty" json:"channels,omitempty"` // 1 grey, 3 colour
	Steps    int `yaml:"steps,omitempty" json:"steps,omitempty"`
	Features int `yaml:"features,omitempty" json:"features,omitempty"` // numbers of a step, or of a vector

	Classes int    `yaml:"classes" json:"classes"` // how many, or labels or values, as Output says
	Output  Output `yaml:"output,omitempty" json:"output,omitempty"`

	// Stem is the channels of 3×3 convolutions before the patches, each followed by GELU; empty: no stem.
	Stem []int `yaml:"stem,omitempty" json:"stem,omitempty"`
	// StemStride is the stride of each of them, which divides the side; empty: 2 each.
	StemStride []int `yaml:"stem_stride,omitempty" json:"stem_stride,omitempty"`
	// StemNorm is the groups of the nn.GroupNorm before each GELU; 0: no norm.
	StemNorm int `yaml:"stem_norm,omitempty" json:"stem_norm,omitempty"`
	// StemBlocks makes a stage of a residual network of each convolution: so many nn.ResidualConv, the first of
	// them with its stride, in its place. Where the first stage has blocks, a convolution of stride 1 comes
	// before it. Empty: plain convolutions.
	StemBlocks []int `yaml:"stem_blocks,omitempty" json:"stem_blocks,omitempty"`

	// Patch is the side of a patch, in pixels of the stem's output: T = (its side / Patch)². 0 for what is no
	// picture.
	Patch int `yaml:"patch,omitempty" json:"patch,omitempty"`
	// Embed is the width D of tokens after a linear embedding; 0: the raw values of a patch, D =
	// channels·Patch², or of a step, D = Features. The tokens of a vector have one always.
	Embed int `yaml:"embed,omitempty" json:"embed,omitempty"`
	// Position adds a learned position code to the tokens.
	Position bool `yaml:"position,omitempty" json:"position,omitempty"`
	// Depth is the number of blocks, Hidden the width of the MLP in each.
	Depth  int `yaml:"depth,omitempty" json:"depth,omitempty"`
	Hidden int `yaml:"hidden,omitempty" json:"hidden,omitempty"`
	// Heads is the attention heads of a block; they divide D.
	Heads int `yaml:"heads,omitempty" json:"heads,omitempty"`
	// Score is the name of one of Scores.
	Score string `yaml:"score,omitempty" json:"score,omitempty"`
	// Layers is that of the circuits U_q and U_k, for the scores that have them.
	Layers int `yaml:"layers,omitempty" json:"layers,omitempty"`
	// Ansatz is the name of one of Ansatzes, the form of these circuits; empty: real-amplitudes.
	Ansatz string `yaml:"ansatz,omitempty" json:"ansatz,omitempty"`
	// Shots is the runs of each head's circuit for each image that the scores are estimated from, as on a
	// device, for the scores that have circuits; 0: exact values. See qlayer.Swap.
	Shots int `yaml:"shots,omitempty" json:"shots,omitempty"`
	// Noise is the model of noise of the circuits, as circuit.ParseNoise reads it, such as depolarizing=0.01.
	Noise string `yaml:"noise,omitempty" json:"noise,omitempty"`
	// Device is the device that the circuits are compiled for and run on, in place of Noise: the name of a
	// built-in one, or a file, see qops/device.
	Device string `yaml:"device,omitempty" json:"device,omitempty"`
	// Mitigation is what is done against the errors of Noise or Device, as mitigate.Parse reads it, such as
	// zne=1,3+readout.
	Mitigation string `yaml:"mitigation,omitempty" json:"mitigation,omitempty"`
	// NoAttentionNorm leaves out the layer norm before the attention.
	NoAttentionNorm bool `yaml:"no_attention_norm,omitempty" json:"no_attention_norm,omitempty"`
	// Beside is one of Besides, a layer beside the attention of each block, whose result is added to that of the
	// attention: depthwise is nn.DepthwiseTokens, for pictures; empty: none.
	Beside string `yaml:"beside,omitempty" json:"beside,omitempty"`
	// LayerScale is what the learned scales of the features of each branch start at, such as 0.1, see
	// nn.LayerScale; 0: there are none.
	LayerScale float64 `yaml:"layer_scale,omitempty" json:"layer_scale,omitempty"`
	// Pooling makes one vector of the tokens, or, mean, of the places of a CNN's images.
	Pooling Pooling `yaml:"pooling,omitempty" json:"pooling,omitempty"`
	// Dropout is the probability, in [0,1), of dropping a value in the attention and MLP branches.
	Dropout float64 `yaml:"dropout,omitempty" json:"dropout,omitempty"`
	// DropPath is the probability, in [0,1), that an image skips a branch of the last block. It falls
	// linearly towards the first, see nn.DropPath.
	DropPath float64 `yaml:"drop_path,omitempty" json:"drop_path,omitempty"`

	// Fields are options of a custom score or architecture, see Catalog; those left out have their defaults.
	Fields Fields `yaml:"fields,omitempty" json:"fields,omitempty"`

	catalog *Catalog // that names are of; nil: what is built in
}

// Tokens returns T, the number of patches, of steps, or of features of a vector; 0 for a Config without
// tokens.
func (c Config) Tokens() int {
	switch {
	case c.Model == Transformer && !c.Pictures():
		return c.InputShape()[0]
	case c.Patch < 1:
		return 0
	}
	side := c.stemSide() / c.Patch
	return side * side
}

// Width returns D, the width of a token; 0 for a Config without tokens.
func (c Config) Width() int {
	switch {
	case c.Model == Transformer && !c.Pictures() && c.Embed == 0:
		return c.Features
	case c.Patch < 1 && (c.Pictures() || c.Model != Transformer):
		return 0
	case c.Embed > 0:
		return c.Embed
	}
	return c.stemChannels() * c.Patch * c.Patch
}

// Exact returns the model with its circuits run exactly: without Shots, Noise, Device and Mitigation.
func (c Config) Exact() Config {
	c = c.clone()
	c.Shots, c.Noise, c.Device, c.Mitigation = 0, "", "", ""
	return c
}

// clone returns a Config that shares no memory with c.
func (c Config) clone() Config {
	c.Stem, c.StemStride, c.StemBlocks = slices.Clone(c.Stem), slices.Clone(c.StemStride),
		slices.Clone(c.StemBlocks)
	c.Fields = maps.Clone(c.Fields)
	return c
}

// DefaultBatch returns how many images a training step of the model takes unless the recipe says otherwise,
// and how many of them go through the graph at once: 128 and 32, or 64 and 16 if an image has more than
// 16,384 values in the tokens of all blocks together, as in size m.
func DefaultBatch(c Config) (batch, micro int) {
	if c.Depth*c.Tokens()*c.Width() > 1<<14 {
		return 64, 16
	}
	return 128, 32
}

// Check returns an error that names the first field from which no model can be built, and one for a model
// above MaxSize, with the estimate of what it would take. It allocates nothing.
func (c Config) Check() error {
	if err := c.checkBackbone(); err != nil || c.Model != Transformer {
		return err
	}
	return c.checkAttention()
}

// checkBackbone checks all but the attention.
func (c Config) checkBackbone() error {
	if err := c.checkInput(); err != nil {
		return err
	}
	if err := c.checkStem(); err != nil {
		return err
	}
	plain := Config{Model: c.Model, Stem: c.Stem, StemStride: c.StemStride, StemNorm: c.StemNorm,
		StemBlocks: c.StemBlocks}.For(c)
	if c.Model == CNN && c.Pooling == PoolMean {
		plain.Pooling = PoolMean
	}
	architecture, custom := c.FindArchitecture()
	if custom {
		plain = Config{Model: c.Model, Fields: c.Fields, catalog: c.catalog}.For(c)
	}
	switch {
	case c.Model == Transformer:
		if err := c.checkBlocks(); err != nil {
			return err
		}
	case c.Model != CNN && c.Model != LogReg && !custom:
		kinds := []string{string(Transformer), string(CNN), string(LogReg)}
		for _, a := range c.names().Architectures {
			kinds = append(kinds, string(a.Name))
		}
		return errors.Errorf("vit: model %q%s, want one of %s", c.Model,
			orElsewhere(suggest.Among(string(c.Model), kinds)), strings.Join(kinds, ", "))
	case c.Shots != 0 || c.Noise+c.Device+c.Mitigation != "":
		return errors.Errorf("vit: a %s has no circuits: want no shots, noise, device and mitigation", c.Model)
	case custom && !c.equal(plain):
		return errors.Errorf("vit: of a %s what an example is, classes, output and fields are read alone: want "+
			"the others left out", c.Model)
	case custom:
		_, err := c.Fields.read(architecture.Fields)
		return errors.WithMessage(err, "vit")
	case !c.equal(plain):
		return errors.Errorf("vit: a %s has no patches, blocks, score, fields or pooling (but for the mean of a "+
			"%s): want these left out", c.Model, CNN)
	case c.Model == LogReg && len(c.Stem) > 0:
		return errors.Errorf("vit: stem %v, want none for %s", c.Stem, LogReg)
	case c.Model == CNN && len(c.Stem) == 0:
		return errors.Errorf("vit: no stem, want the channels of its convolutions for %s", CNN)
	}
	return c.checkSize()
}

func (c Config) checkBlocks() error {
	fields := []field{{"patch", c.Patch, 1}, {"embed", c.Embed, 0}, {"depth", c.Depth, 1},
		{"hidden", c.Hidden, 1}}
	if !c.Pictures() {
		fields = fields[1:]
	}
	if err := checkFields(fields); err != nil {
		return err
	}
	switch {
	case c.Pictures() && c.stemSide()%c.Patch != 0:
		return errors.Errorf("vit: patches of %d do not tile a picture of side %d", c.Patch, c.stemSide())
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return errors.Errorf("vit: dropout is %v, want [0,1)", c.Dropout)
	case !(c.DropPath >= 0 && c.DropPath < 1):
		return errors.Errorf("vit: drop_path is %v, want [0,1)", c.DropPath)
	case c.LayerScale != 0 && !(c.LayerScale > 0 && c.LayerScale <= 1):
		return errors.Errorf("vit: layer_scale is %v, want above 0 and at most 1, or 0 for none", c.LayerScale)
	case c.Beside != "" && c.beside() == nil:
		return errors.Errorf("vit: beside %q%s, want %s, or nothing", c.Beside, suggest.Among(c.Beside, Besides()),
			words.List(Besides(), "or"))
	case c.Beside != "" && !c.Pictures():
		return errors.Errorf("vit: beside %q for %s, want it left out: it is for the grid of a picture's patches",
			c.Beside, c.InputText())
	case !slices.Contains(Poolings(), string(c.Pooling)):
		return errors.Errorf("vit: pooling %q%s, want %s", c.Pooling, suggest.Among(string(c.Pooling), Poolings()),
			words.List(Poolings(), "or"))
	}
	return nil
}

type field struct {
	name       string
	value, min int
}

func checkFields(fields []field) error {
	for _, f := range fields {
		if f.value < f.min {
			return errors.Errorf("vit: %s is %d, want at least %d", f.name, f.value, f.min)
		}
	}
	return nil
}
