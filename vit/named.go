package vit

import (
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/qops/device"
)

// Names returns the names of the built-in models.
func Names() []string { return Catalog{}.Names() }

// Named returns a built-in model, for 32×32 grey images and 10 classes: set Image, Channels and Classes to
// those of the data.
//
//	hqvit, vit                  size s: patch 8, T=16, D=64 (raw pixels), 2 blocks, hidden 128, 4 heads
//	hqvit-m, vit-m              size m: patch 4, T=64, D=128 (embedding and position code), 4 blocks,
//	                            hidden 256, 4 heads
//	hqvit-stem, vit-stem        size s behind two convolutions of 16 channels: patch 2 of their output
//	hqvit-stem-norm,            the same with a group norm of 8 groups after each convolution
//	vit-stem-norm
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
func Named(name string) (Config, error) { return Catalog{}.Named(name) }

// builtIn returns the table of models. Of two names for one model, the first is what Config.Name returns.
func builtIn() []Model {
	s := Config{Model: Transformer, Image: 32, Channels: 1, Classes: 10,
		Patch: 8, Depth: 2, Hidden: 128, Heads: 4, Score: "swap", Layers: 2, Pooling: PoolFlatten}
	m, paper, stem := s, s, s
	m.Patch, m.Embed, m.Position, m.Depth, m.Hidden = 4, 128, true, 4, 256
	paper.Depth, paper.Heads, paper.NoAttentionNorm = 1, 1, true
	stem.Stem, stem.Patch = []int{16, 16}, 2
	norm := stem
	norm.StemNorm = 8
	mean := paper
	mean.Pooling = PoolMean
	logreg := Config{Model: LogReg, Image: 32, Channels: 1, Classes: 10}
	cnn := logreg
	cnn.Model, cnn.Stem = CNN, []int{16, 32, 48, 64}
	dot := func(c Config) Config {
		c.Score = "dot"
		return c
	}
	const quantum, classical = "quantum attention", "the attention of a ViT"
	return []Model{
		{"hqvit", quantum + ", size s", s}, {"hqvit-s", "the same as hqvit", s},
		{"vit", classical + ", size s", dot(s)}, {"vit-s", "the same as vit", dot(s)},
		{"hqvit-m", quantum + ", size m", m}, {"vit-m", classical + ", size m", dot(m)},
		{"hqvit-stem", quantum + " behind a stem", stem}, {"vit-stem", classical + " behind a stem", dot(stem)},
		{"hqvit-stem-norm", quantum + " behind a stem with norms", norm},
		{"vit-stem-norm", classical + " behind a stem with norms", dot(norm)},
		{"hqvit-paper", "the form of the paper", paper}, {"hqvit-paper-mean", "the same with mean pooling", mean},
		{"vit-paper", "hqvit-paper with " + classical, dot(paper)},
		{"cnn", "four convolutions and a classifier", cnn}, {"logreg", "logistic regression", logreg},
	}
}

// matched is the change that makes of a model the ViT with as many parameters.
const matched = "matched"

// ParseName splits NAME[:CHANGE…] into the built-in model and the changes that Modify makes to it.
// vit-matched is short for hqvit:matched, and vit-matched-m for hqvit-m:matched. It returns an error that
// lists the names for any other; it does not look at the changes.
func ParseName(name string) (c Config, changes []string, err error) { return Catalog{}.ParseName(name) }

// ParseName is the function ParseName with the catalog's names, too.
func (n Catalog) ParseName(name string) (c Config, changes []string, err error) {
	words := strings.Split(name, ":")
	base, changes := words[0], words[1:]
	if size, ok := strings.CutPrefix(base, "vit-matched"); ok {
		base, changes = "hqvit"+size, append([]string{matched}, changes...)
	}
	for _, m := range n.All() {
		if m.Name == base {
			return m.Config.In(n), changes, nil
		}
	}
	if isShape.MatchString(base) {
		return c, nil, errors.Errorf("vit: %s is what a model of that shape is called, which does not say "+
			"all of it: want the file with its architecture, such as the config.yaml of its run", base)
	}
	return c, nil, errors.Errorf("vit: no model %q%s; there are %s",
		base, suggest.Among(base, n.Names()), strings.Join(n.Names(), ", "))
}

// Modify returns the model after the changes, in their order, and the model that it matches in parameters,
// nil if none of them is matched. A change is
//
//	a score    one of Scores
//	an ansatz  one of Ansatzes, of the circuits of the score
//	a pooling  one of Poolings
//	matched    the ViT with as many parameters (see Match)
//	N-shots    N shots of each head's circuit (see Config.Shots)
//	F=VALUE    field F of a custom score or architecture (see Config.Fields)
//	P-CHANNEL  noise, such as 0.01-depolarizing; several numbers as in 0.02_0.01-readout (see Config.Noise)
//	a device   one of device.Names (see Config.Device)
//
// It returns an error for another change, for two scores or two ansätze, for a model without attention, for a
// score after matched, and if the result is not sound. A new score begins with the defaults of its own
// fields.
func Modify(c Config, changes ...string) (modified Config, match *Config, err error) {
	modified = c.clone()
	if err := c.checkOnce(changes); err != nil {
		return modified, nil, err
	}
	for _, change := range changes {
		switch {
		case change == matched:
			reference := modified
			match = &reference
			modified, _, err = Match(reference)
		default:
			modified, err = modified.change(change, match != nil)
		}
		if err != nil {
			return modified, nil, err
		}
	}
	if modified.Ansatz == modified.usualAnsatz() {
		modified.Ansatz = ""
	}
	return modified, match, modified.Check()
}

// checkOnce returns an error for changes of which one undoes another: two scores, or two ansätze.
func (c Config) checkOnce(changes []string) error {
	for _, kind := range []struct {
		noun  string
		known []string
	}{{"scores", c.names().ScoreNames()}, {"ansätze", c.names().AnsatzNames()}} {
		first := ""
		for _, change := range changes {
			switch {
			case !slices.Contains(kind.known, change):
			case first != "":
				return errors.Errorf("vit: two %s, %s and %s: want one of them", kind.noun, first, change)
			default:
				first = change
			}
		}
	}
	var fields []string // before the score they would be of another one
	for _, change := range changes {
		field, _, isField := strings.Cut(change, "=")
		switch {
		case isField && slices.Contains(fields, field):
			return errors.Errorf("vit: %s is given twice, want it once", field)
		case isField:
			fields = append(fields, field)
		case len(fields) > 0 && slices.Contains(c.names().ScoreNames(), change):
			return errors.Errorf("vit: %s stands before the score %s, want fields behind their score: %s:%s=…",
				fields[0], change, change, fields[0])
		}
	}
	return nil
}

// change returns the Config after a change that is not matched, or of a model that has been matched.
func (c Config) change(change string, isMatch bool) (Config, error) {
	n := c.names()
	field, value, isField := strings.Cut(change, "=")
	_, custom := c.FindArchitecture()
	switch {
	case isField && (custom || c.Model == Transformer):
		c.Fields = c.Fields.set(field, value)
	case c.Model != Transformer:
		return c, errors.Errorf("vit: %s: %s has no attention to change", change, c.Name())
	case slices.Contains(Poolings(), change):
		c.Pooling = Pooling(change)
	case isRunChange(change):
		if err := c.changeRun(change); err != nil {
			return c, err
		}
	case slices.Contains(n.AnsatzNames(), change):
		c.Ansatz = change
	case !slices.Contains(n.ScoreNames(), change):
		known := slices.Concat(n.ScoreNames(), n.AnsatzNames(), Poolings(), device.Names(), []string{matched})
		return c, errors.Errorf("vit: no change %q%s; there are the scores %s, the ansätze %s, the "+
			"poolings %s, %s, shots such as 1000%s, noise such as 0.01-depolarizing, and the devices %s",
			change,
			suggest.Among(change, known), strings.Join(n.ScoreNames(), ", "), strings.Join(n.AnsatzNames(), ", "),
			strings.Join(Poolings(), ", "), matched, shotsSuffix, strings.Join(device.Names(), ", "))
	case isMatch:
		return c, errors.Errorf("vit: %s after %s: a matched model has the score dot", change, matched)
	default:
		c.Score, c.Fields = change, nil
	}
	return c, nil
}
