package vit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Name returns what a model is called, which follows from what it is: a built-in name with as few changes as
// possible, such as hqvit, vit-m, hqvit:cosine or vit:mean, whatever the images and classes of its data. With
// the score dot it is called a vit, with the score swap an hqvit. A ViT that matches a built-in model is
// called so, such as vit-matched (see MatchedName). Another model is called by its kind and shape:
// vit-stem-p4-d64-b6-h4:mean is a ViT behind a stem with patches of side 4, width 64, 6 blocks and 4 heads,
// and cnn-32-64 has convolutions of 32 and 64 channels. Shots, noise and a built-in device are changes, too:
// hqvit:1000-shots:0.01-depolarizing; Mitigation is not. Named takes every name back but those of a shape,
// and of a device in a file.
func (c Config) Name() string {
	if changes := c.runChanges(); len(changes) > 0 {
		return strings.Join(append([]string{c.Exact().Name()}, changes...), ":")
	}
	if name := c.ownName(); name != "" {
		return name
	}
	if usual := c.canonical(); len(usual.Fields) > 0 {
		return usual.fieldsName(c)
	}
	if c.Ansatz != "" {
		ansatz := c.Ansatz
		c.Ansatz = ""
		return c.Name() + ":" + ansatz
	}
	name, fewest := "", 3
	for _, named := range c.names().All() {
		m := named.Config
		var changes []string
		if m.Score != c.Score && (c.Score == "dot" || c.Score == "swap") {
			continue
		}
		if c.Model == Transformer && m.Score != c.Score {
			changes = append(changes, c.Score)
		}
		if c.Model == Transformer && m.Pooling != c.Pooling {
			changes = append(changes, string(c.Pooling))
		}
		m = m.For(c)
		m.Score, m.Pooling = c.Score, c.Pooling
		if len(changes) < fewest && c.equal(m.In(c.names())) {
			name, fewest = strings.Join(append([]string{named.Name}, changes...), ":"), len(changes)
		}
	}
	if name == "" {
		name = c.matchName()
	}
	if name == "" {
		name = c.describe()
	}
	return name
}

// ownName returns the name that the catalog has for the model as it is; "" if it has none.
func (c Config) ownName() string {
	for _, m := range c.names().Models {
		named := m.Config.In(c.names()).For(c)
		if c.equal(named) {
			return m.Name
		}
	}
	return ""
}

// fieldsName returns the name of the Config c, of which c.canonical() has these fields.
func (usual Config) fieldsName(c Config) string {
	c.Fields = nil
	name := c.Name()
	for _, field := range usual.Fields.names() {
		value := usual.Fields[field]
		text, ok := value.(string)
		if !ok {
			written, _ := json.Marshal(value) // it comes from JSON
			text = string(written)
		}
		name += ":" + field + "=" + text
	}
	return name
}

// matchName returns the name of a ViT that matches a built-in model for the same images and classes, and was
// perhaps given another pooling after that; "" for any other.
func (c Config) matchName() string {
	if c.Model != Transformer || c.Score != "dot" || c.Check() != nil {
		return ""
	}
	for _, m := range builtIn() {
		reference := m.Config.For(c)
		if reference.Model != Transformer || reference.Score == "dot" || !c.mayMatch(reference) {
			continue
		}
		for _, pooling := range []Pooling{m.Config.Pooling, c.Pooling} {
			reference.Pooling = pooling
			match, _, err := Match(reference)
			if match.Pooling = c.Pooling; err == nil && c.equal(match) {
				return c.MatchedName(reference)
			}
		}
	}
	return ""
}

// mayMatch reports whether a ViT differs from a reference in nothing but what Match changes, and in the
// pooling: a cheap answer before Match, which builds models.
func (c Config) mayMatch(reference Config) bool {
	if c.Embed != reference.Embed && c.Embed >= reference.Width() {
		return false
	}
	c.Score, c.Layers, c.Hidden, c.Embed, c.Pooling = reference.Score, reference.Layers, reference.Hidden,
		reference.Embed, reference.Pooling
	return c.equal(reference)
}

// MatchedName returns what a model is called that Modify has matched to a reference: vit-matched,
// vit-matched-m, or the name of the reference with :matched, and its pooling if that has been changed
// since.
func (c Config) MatchedName(reference Config) string {
	name := reference.Name()
	switch name {
	case "hqvit":
		name = "vit-matched"
	case "hqvit-m":
		name = "vit-matched-m"
	default:
		name += ":" + matched
	}
	pooling := reference.Pooling
	if reference.Model != Transformer {
		pooling = PoolFlatten
	}
	if c.Pooling != pooling {
		name += ":" + string(c.Pooling)
	}
	return name
}

// describe names a model that is not built in.
func (c Config) describe() string {
	if c.Model != Transformer {
		name := string(c.Model)
		for i, width := range c.Stem {
			name += fmt.Sprint("-", width)
			if n := c.residualBlocks(i); n > 0 {
				name += fmt.Sprint("x", n)
			}
		}
		if c.Pooling != "" {
			name += ":" + string(c.Pooling)
		}
		return name
	}
	name, change := "hqvit", ""
	switch c.Score {
	case "swap":
	case "dot":
		name = "vit"
	default:
		change = ":" + c.Score
	}
	if len(c.Stem) > 0 {
		name += "-stem"
	}
	if c.Pooling != PoolFlatten {
		change += ":" + string(c.Pooling)
	}
	if c.Pictures() {
		name += fmt.Sprintf("-p%d", c.Patch)
	}
	return fmt.Sprintf("%s-d%d-b%d-h%d%s", name, c.Width(), c.Depth, c.Heads, change)
}

// equal says whether two Configs build the same model.
func (c Config) equal(other Config) bool { return reflect.DeepEqual(c.canonical(), other.canonical()) }

// canonical leaves out of a Config what builds the same model when it is left out.
func (c Config) canonical() Config {
	if len(c.Stem) == 0 {
		c.Stem = nil
	}
	usual := true
	for _, stride := range c.StemStride {
		usual = usual && stride == 2
	}
	if usual {
		c.StemStride = nil
	}
	if !slices.ContainsFunc(c.StemBlocks, func(n int) bool { return n != 0 }) {
		c.StemBlocks = nil
	}
	score, err := c.FindScore()
	if err == nil && !score.Circuits {
		c.Layers = 0
	}
	defaults := score.Fields
	if a, ok := c.FindArchitecture(); ok {
		defaults = a.Fields
	}
	c.Fields = c.Fields.changed(defaults)
	if c.HasUsualAnsatz() {
		c.Ansatz = ""
	}
	c.catalog = nil
	return c
}
