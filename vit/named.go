package vit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
)

// Names returns the names of the built-in models.
func Names() []string {
	names := []string{"vit-matched", "vit-matched-m"}
	for _, m := range builtIn() {
		names = append(names, m.name)
	}
	slices.Sort(names)
	return names
}

// Named returns a built-in model, for 32×32 grey images and 10 classes: set Image, Channels and Classes to
// those of the data.
//
//	hqvit, vit                  size s: patch 8, T=16, D=64 (raw pixels), 2 blocks, hidden 128, 4 heads
//	hqvit-m, vit-m              size m: patch 4, T=64, D=128 (embedding and position code), 4 blocks,
//	                            hidden 256, 4 heads
//	hqvit-stem, vit-stem        size s behind two convolutions of 16 channels: patch 2 of their output
//	hqvit-paper                 the form of the paper: one block, one head, raw pixels, no position code,
//	                            no layer norm before the encoding
//	hqvit-paper-mean            the same with mean pooling
//	vit-paper                   hqvit-paper with the score of a ViT
//	cnn                         four convolutions of stride 2 and a classifier, about as large as hqvit
//	logreg                      logistic regression
//	vit-matched, vit-matched-m  the ViT with as many parameters as hqvit or hqvit-m (see Match)
//
// hqvit-s and vit-s are hqvit and vit. A vit differs from the hqvit of the same size in its score alone.
//
// NAME:CHANGE… is one of them with changes, such as hqvit:cosine, hqvit-m:uniform or hqvit:mean:matched:
// see ParseName and Modify. It returns an error that lists the names for any other.
func Named(name string) (Config, error) {
	c, changes, err := ParseName(name)
	if err != nil || len(changes) == 0 {
		return c, err
	}
	c, _, err = Modify(c, changes...)
	return c, err
}

type model struct {
	name string
	Config
}

// builtIn returns the table of models. Of two names for one model, the first is what Config.Name returns.
func builtIn() []model {
	s := Config{Model: Transformer, Image: 32, Channels: 1, Classes: 10,
		Patch: 8, Depth: 2, Hidden: 128, Heads: 4, Score: "swap", Layers: 2, Pooling: PoolFlatten}
	m, paper, stem := s, s, s
	m.Patch, m.Embed, m.Position, m.Depth, m.Hidden = 4, 128, true, 4, 256
	paper.Depth, paper.Heads, paper.NoAttentionNorm = 1, 1, true
	stem.Stem, stem.Patch = []int{16, 16}, 2
	mean := paper
	mean.Pooling = PoolMean
	logreg := Config{Model: LogReg, Image: 32, Channels: 1, Classes: 10}
	cnn := logreg
	cnn.Model, cnn.Stem = CNN, []int{16, 32, 48, 64}
	dot := func(c Config) Config {
		c.Score = "dot"
		return c
	}
	return []model{
		{"hqvit", s}, {"hqvit-s", s}, {"vit", dot(s)}, {"vit-s", dot(s)},
		{"hqvit-m", m}, {"vit-m", dot(m)}, {"hqvit-stem", stem}, {"vit-stem", dot(stem)},
		{"hqvit-paper", paper}, {"hqvit-paper-mean", mean}, {"vit-paper", dot(paper)},
		{"cnn", cnn}, {"logreg", logreg},
	}
}

// shotsSuffix ends the change that is a number of shots.
const shotsSuffix = "-shots"

// matched is the change that makes of a model the ViT with as many parameters.
const matched = "matched"

// ParseName splits NAME[:CHANGE…] into the built-in model and the changes that Modify makes to it.
// vit-matched is short for hqvit:matched, and vit-matched-m for hqvit-m:matched. It returns an error that
// lists the names for any other; it does not look at the changes.
func ParseName(name string) (c Config, changes []string, err error) {
	words := strings.Split(name, ":")
	base, changes := words[0], words[1:]
	if size, ok := strings.CutPrefix(base, "vit-matched"); ok {
		base, changes = "hqvit"+size, append([]string{matched}, changes...)
	}
	for _, m := range builtIn() {
		if m.name == base {
			return m.Config, changes, nil
		}
	}
	return c, nil, errors.Errorf("vit: no model %q%s; there are %s",
		base, suggest.Among(base, Names()), strings.Join(Names(), ", "))
}

// Modify returns the model after the changes, in their order, and the model that it matches in parameters,
// nil if none of them is matched. A change is
//
//	a score    one of Scores
//	a pooling  one of Poolings
//	matched    the ViT with as many parameters (see Match)
//	N-shots    N shots of each head's circuit (see Config.Shots)
//
// It returns an error for another change, for a model without attention, for a score after matched, and if
// the result is not sound.
func Modify(c Config, changes ...string) (modified Config, match *Config, err error) {
	modified = c.clone()
	for _, change := range changes {
		if modified.Model != Transformer {
			return modified, nil, errors.Errorf("vit: %s: %s has no attention to change",
				change, modified.Name())
		}
		switch {
		case change == matched:
			reference := modified
			match = &reference
			modified, _, err = Match(reference)
		case slices.Contains(Poolings(), change):
			modified.Pooling = Pooling(change)
		case strings.HasSuffix(change, shotsSuffix):
			modified.Shots, err = parseShots(change)
		case !slices.Contains(ScoreNames(), change):
			err = errors.Errorf("vit: no change %q%s; there are the scores %s, the poolings %s, %s, "+
				"and shots such as 1000%s",
				change, suggest.Among(change, append(append(ScoreNames(), Poolings()...), matched)),
				strings.Join(ScoreNames(), ", "), strings.Join(Poolings(), ", "), matched, shotsSuffix)
		case match != nil:
			err = errors.Errorf("vit: %s after %s: a matched model has the score dot", change, matched)
		default:
			modified.Score = change
		}
		if err != nil {
			return modified, nil, err
		}
	}
	return modified, match, modified.Check()
}

// parseShots returns the number of a change such as 1000-shots.
func parseShots(change string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(change, shotsSuffix))
	if err != nil || n < 1 {
		return 0, errors.Errorf("vit: change %q, want a number of shots of at least 1, such as 1000%s", change,
			shotsSuffix)
	}
	return n, nil
}
