package vit

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"
)

// Names returns the names that Named knows, without those of a score or a match.
func Names() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(named())), maps.Keys(matched))
	slices.Sort(names)
	return names
}

// Named returns a model of the house, for 32×32 grey images and 10 classes: set Image, Channels and Classes to those of the data.
//
//	hqvit-s, vit-s      patch 8, T=16, d=64 (raw pixels), 2 blocks, hidden 128
//	hqvit-m, vit-m      patch 4, T=64, d=128 (embedding and position code), 4 blocks, hidden 256
//	hqvit-paper         the form of the paper: one block, one head, raw pixels, no position code, no layer norm before the encoding
//	hqvit-paper-mean    the same with a mean-pool readout
//	hqvit-stem, vit-stem  size s behind two convolutions of 16 channels: patch 2 of the smaller picture, T=16, d=64
//	hqvit, vit          short for size s
//	cnn                 four convolutions of stride 2 and a classifier, with about as many parameters as hqvit-s
//	logreg              logistic regression
//	vit-matched, vit-matched-m  the classical ViT with as many parameters as hqvit-s or hqvit-m (see Match)
//
// NAME:SCORE is an hqvit with another score (Scores has their names), such as hqvit:cosine or hqvit-m:uniform. It returns an error that lists
// the names for any other.
func Named(name string) (Config, error) {
	base, score, scored := strings.Cut(name, ":")
	c, err := plain(base)
	if err != nil {
		return c, err
	}
	if !scored {
		return c, nil
	}
	if c.Model != Quantum {
		return c, errors.Errorf("vit: model %q: a score is a choice of %s models", name, Quantum)
	}
	c.Score = score
	return c, c.Check()
}

// plain returns the model of a name without a score.
func plain(name string) (Config, error) {
	if reference, ok := matched[name]; ok { // matching builds graphs, so only where it is asked for
		c, _, err := Match(named()[reference])
		return c, err
	}
	c, known := named()[name]
	if !known {
		return c, errors.Errorf("vit: no model %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return c, nil
}

// matched is the reference of each model that Match makes.
var matched = map[string]string{"vit-matched": "hqvit-s", "vit-matched-m": "hqvit-m"}

var named = sync.OnceValue(models)

func models() map[string]Config {
	s := Config{Image: 32, Channels: 1, Classes: 10, Patch: 8, Depth: 2, Hidden: 128, Layers: 2, Readout: Flatten, Batch: 128, Micro: 32}
	m := Config{Image: 32, Channels: 1, Classes: 10, Patch: 4, Embed: 128, Position: true, Depth: 4, Hidden: 256, Layers: 2, Readout: Flatten, Batch: 64, Micro: 16}
	paper := s.with(Quantum, 1)
	paper.Depth, paper.NoAttentionNorm = 1, true
	mean := paper
	mean.Readout = MeanPool
	stem := s
	stem.Stem, stem.Patch = []int{16, 16}, 2
	cnn := s.with(Conv, 0)
	cnn.Stem = []int{16, 32, 48, 64}
	return map[string]Config{
		"hqvit": s.with(Quantum, 1), "hqvit-s": s.with(Quantum, 1), "hqvit-m": m.with(Quantum, 4), "hqvit-stem": stem.with(Quantum, 4),
		"vit": s.with(DotProduct, 4), "vit-s": s.with(DotProduct, 4), "vit-m": m.with(DotProduct, 4), "vit-stem": stem.with(DotProduct, 4),
		"hqvit-paper": paper, "hqvit-paper-mean": mean,
		"cnn": cnn, "logreg": s.with(Logistic, 0),
	}
}

func (c Config) with(model Kind, heads int) Config {
	c.Model, c.Heads = model, heads
	return c
}
