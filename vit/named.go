package vit

import (
	"maps"
	"slices"
	"sync"
)

// Names returns the names that Named knows, without those with changes.
func Names() []string {
	names := append(slices.Collect(maps.Keys(named())), "vit-matched", "vit-matched-m")
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
// NAME:CHANGE… is one of them with changes, such as hqvit:cosine, hqvit-m:uniform or hqvit:mean:matched: see Parse and Vary. It returns an error
// that lists the names for any other.
func Named(name string) (Config, error) {
	c, changes, err := ParseName(name)
	if err != nil || len(changes) == 0 {
		return c, err
	}
	c, _, err = Modify(c, changes...)
	return c, err
}

var named = sync.OnceValue(models)

func models() map[string]Config {
	s := Config{Image: 32, Channels: 1, Classes: 10, Patch: 8, Depth: 2, Hidden: 128, Layers: 2, Pooling: PoolFlatten, Batch: 128, Micro: 32}
	m := Config{Image: 32, Channels: 1, Classes: 10, Patch: 4, Embed: 128, Position: true, Depth: 4, Hidden: 256, Layers: 2, Pooling: PoolFlatten, Batch: 64, Micro: 16}
	paper := s.with(Quantum, 1)
	paper.Depth, paper.NoAttentionNorm = 1, true
	mean := paper
	mean.Pooling = PoolMean
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
