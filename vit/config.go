package vit

import (
	"sort"
	"strings"

	"github.com/pkg/errors"
)

// Kind names the attention of a model: it is all in which HQViT and the classical ViT of one Config differ.
type Kind string

const (
	Quantum    Kind = "hqvit" // attention coefficients from the quantum circuit
	DotProduct Kind = "vit"   // softmax(QKᵀ/√d), the classical ViT
)

// Readout says how the tokens of the last block become one vector for the classifier.
type Readout string

const (
	Flatten    Readout = "flatten"     // all tokens one after the other, (B, T·D)
	MeanPool   Readout = "mean"        // their mean, (B, D)
	FirstToken Readout = "first-token" // token 0 alone, (B, D)
)

// Config is all that defines a model. It is written into a run's config.yaml and into the metadata of its weights.
type Config struct {
	Model           Kind    `yaml:"model" json:"model"`
	Image           int     `yaml:"image" json:"image"`       // side of the square input, in pixels
	Channels        int     `yaml:"channels" json:"channels"` // 1 grey, 3 colour
	Classes         int     `yaml:"classes" json:"classes"`
	Patch           int     `yaml:"patch" json:"patch"`                         // side of a patch; the image holds T = (Image/Patch)² of them
	Embed           int     `yaml:"embed" json:"embed"`                         // width D after a linear embedding; 0: the raw pixels of a patch, D = Channels·Patch²
	Position        bool    `yaml:"position" json:"position"`                   // a learned position code is added to the tokens
	Depth           int     `yaml:"depth" json:"depth"`                         // blocks
	Hidden          int     `yaml:"hidden" json:"hidden"`                       // width of the MLP in a block
	Heads           int     `yaml:"heads" json:"heads"`                         // they divide D
	Layers          int     `yaml:"layers" json:"layers"`                       // of the circuits U_q and U_k (hqvit only)
	NoAttentionNorm bool    `yaml:"no_attention_norm" json:"no_attention_norm"` // the tokens reach the attention without a layer norm
	Readout         Readout `yaml:"readout" json:"readout"`
	Dropout         float64 `yaml:"dropout" json:"dropout"` // in the attention and MLP branches
	Batch           int     `yaml:"batch" json:"batch"`     // images of a training step
	Micro           int     `yaml:"micro" json:"micro"`     // images of a graph: a step is a fixed list of micro-batches, whatever the threads
}

// Names returns the names that Named knows.
func Names() []string {
	names := make([]string, 0, len(named))
	for n := range named {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Named returns a model of the house, for 32×32 grey images and 10 classes: set Image, Channels and Classes to those of the data.
//
//	hqvit-s, vit-s      patch 8, T=16, d=64 (raw pixels), 2 blocks, hidden 128
//	hqvit-m, vit-m      patch 4, T=64, d=128 (embedding and position code), 4 blocks, hidden 256
//	hqvit-paper         the form of the paper: one block, one head, raw pixels, no position code, no layer norm before the encoding
//	hqvit-paper-mean    the same with a mean-pool readout
//	hqvit, vit          short for size s
//
// It returns an error that lists the names for any other.
func Named(name string) (Config, error) {
	if c, ok := named[name]; ok {
		return c, nil
	}
	return Config{}, errors.Errorf("vit: no model %q; there are %s", name, strings.Join(Names(), ", "))
}

var named = models()

func models() map[string]Config {
	s := Config{Image: 32, Channels: 1, Classes: 10, Patch: 8, Depth: 2, Hidden: 128, Layers: 2, Readout: Flatten, Batch: 128, Micro: 32}
	m := Config{Image: 32, Channels: 1, Classes: 10, Patch: 4, Embed: 128, Position: true, Depth: 4, Hidden: 256, Layers: 2, Readout: Flatten, Batch: 64, Micro: 16}
	paper := s.with(Quantum, 1)
	paper.Depth, paper.NoAttentionNorm = 1, true
	mean := paper
	mean.Readout = MeanPool
	return map[string]Config{
		"hqvit": s.with(Quantum, 1), "hqvit-s": s.with(Quantum, 1), "hqvit-m": m.with(Quantum, 4),
		"vit": s.with(DotProduct, 4), "vit-s": s.with(DotProduct, 4), "vit-m": m.with(DotProduct, 4),
		"hqvit-paper": paper, "hqvit-paper-mean": mean,
	}
}

func (c Config) with(model Kind, heads int) Config {
	c.Model, c.Heads = model, heads
	return c
}

// Tokens returns T, the number of patches.
func (c Config) Tokens() int { return (c.Image / c.Patch) * (c.Image / c.Patch) }

// Width returns D, the width of a token.
func (c Config) Width() int {
	if c.Embed > 0 {
		return c.Embed
	}
	return c.Channels * c.Patch * c.Patch
}

// Check returns an error that names the first field a model cannot be built from.
func (c Config) Check() error {
	if c.Model != Quantum && c.Model != DotProduct {
		return errors.Errorf("vit: model %q, want %q or %q", c.Model, Quantum, DotProduct)
	}
	for _, f := range []struct {
		name       string
		value, min int
	}{
		{"image", c.Image, 1}, {"channels", c.Channels, 1}, {"classes", c.Classes, 2}, {"patch", c.Patch, 1}, {"embed", c.Embed, 0},
		{"depth", c.Depth, 1}, {"hidden", c.Hidden, 1}, {"heads", c.Heads, 1}, {"batch", c.Batch, 1}, {"micro", c.Micro, 1},
	} {
		if f.value < f.min {
			return errors.Errorf("vit: %s is %d, want at least %d", f.name, f.value, f.min)
		}
	}
	switch {
	case c.Image%c.Patch != 0:
		return errors.Errorf("vit: patches of %d do not tile an image of %d", c.Patch, c.Image)
	case c.Width()%c.Heads != 0:
		return errors.Errorf("vit: %d heads do not divide the width %d", c.Heads, c.Width())
	case c.Model == Quantum && c.Layers < 1:
		return errors.Errorf("vit: layers is %d, want at least 1 for the circuits of %s", c.Layers, Quantum)
	case c.Dropout < 0 || c.Dropout >= 1:
		return errors.Errorf("vit: dropout is %v, want [0,1)", c.Dropout)
	case c.Readout != Flatten && c.Readout != MeanPool && c.Readout != FirstToken:
		return errors.Errorf("vit: readout %q, want %q, %q or %q", c.Readout, Flatten, MeanPool, FirstToken)
	}
	return nil
}
