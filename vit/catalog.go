package vit

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
)

// Catalog is what names in a Config can mean beside what is built in: rows of a program's own. The zero value
// has none. A Config that comes from a Catalog, by Named or In, is built, checked and called by its names.
type Catalog struct {
	Scores        []Score
	Ansatzes      []Ansatz
	Architectures []Architecture
	Models        []Model
}

// Architecture is a model that is no Config of this package's Encoder: a layer of the program's own, from
// images (B, C, S, S) to logits (B, classes). It is a value of Config.Model. A Config of it has Image,
// Channels, Classes and Fields, and Named knows it by its name, for images of side Image.
type Architecture struct {
	Name   Kind
	Help   string
	Image  int // side of the images; 0: 32
	Fields any // a struct with the defaults of its own options; nil: none
	New    func(c Config, fields any) (nn.Layer, error)
}

// Model is a name for a Config, as Named has it.
type Model struct {
	Name, Help string
	Config     Config
}

// In returns the Config with its names read from a catalog, too.
func (c Config) In(names Catalog) Config {
	c = c.clone()
	c.catalog = nil
	if !names.empty() {
		c.catalog = &names
	}
	return c
}

// names returns the catalog of a Config.
func (c Config) names() Catalog {
	if c.catalog == nil {
		return Catalog{}
	}
	return *c.catalog
}

func (n Catalog) empty() bool {
	return len(n.Scores)+len(n.Ansatzes)+len(n.Architectures)+len(n.Models) == 0
}

// AllScores returns the built-in scores, and then those of the catalog.
func (n Catalog) AllScores() []Score { return append(Scores(), n.Scores...) }

// AllAnsatzes returns the built-in ansätze, and then those of the catalog.
func (n Catalog) AllAnsatzes() []Ansatz { return append(Ansatzes(), n.Ansatzes...) }

// FindArchitecture returns the row of the Config's own architecture, and false if it has none.
func (c Config) FindArchitecture() (Architecture, bool) {
	rows := c.names().Architectures
	i := slices.IndexFunc(rows, func(a Architecture) bool { return a.Name == c.Model })
	if i < 0 {
		return Architecture{}, false
	}
	return rows[i], true
}

// All returns the models that have names: the built-in ones, the architectures and the models of the catalog.
func (n Catalog) All() []Model {
	all := builtIn()
	for _, a := range n.Architectures {
		image := a.Image
		if image == 0 {
			image = 32
		}
		c := Config{Model: a.Name, Image: image, Channels: 1, Classes: 10}
		all = append(all, Model{string(a.Name), a.Help, c})
	}
	return append(all, n.Models...)
}

// ScoreNames returns the names of all scores, the built-in ones first.
func (n Catalog) ScoreNames() (names []string) {
	for _, s := range n.AllScores() {
		names = append(names, s.Name)
	}
	return names
}

// AnsatzNames returns the names of all ansätze, the built-in ones first.
func (n Catalog) AnsatzNames() (names []string) {
	for _, a := range n.AllAnsatzes() {
		names = append(names, a.Name)
	}
	return names
}

// Names returns the names of all models, in alphabetical order.
func (n Catalog) Names() []string {
	names := []string{"vit-matched", "vit-matched-m"}
	for _, m := range n.All() {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// Named is the function Named with the catalog's names, too.
func (n Catalog) Named(name string) (Config, error) {
	c, changes, err := n.ParseName(name)
	if err != nil || len(changes) == 0 {
		return c, err
	}
	c, _, err = Modify(c, changes...)
	return c, err
}

// legal is what a name can be, so that it is one in files, on the command line and in the name of a
// directory.
var legal = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Check returns an error that names the first row of which nothing can be made: with a name that is taken, or
// that is not lower-case letters, digits, - and _; without what makes it; with fields that JSON does not
// have.
func (n Catalog) Check() error {
	taken := map[string]string{"vit-matched": "model", "vit-matched-m": "model", matched: "change"}
	for _, m := range builtIn() {
		taken[m.Name] = "model"
	}
	for _, name := range Poolings() {
		taken[name] = "pooling"
	}
	for _, s := range Scores() {
		taken[s.Name] = "score"
	}
	for _, a := range Ansatzes() {
		taken[a.Name] = "ansatz"
	}
	for _, k := range []Kind{Transformer, CNN, LogReg} {
		taken[string(k)] = "model"
	}
	name := func(what, name string) error {
		switch {
		case !legal.MatchString(name):
			return errors.Errorf("vit: %s %q: want a name of lower-case letters, digits, - and _ that "+
				"begins with a letter", what, name)
		case isRunChange(name) || runSuffix(name):
			return errors.Errorf("vit: %s %q: want a name that is not that of a device and does not end "+
				"like shots or noise: such changes say how circuits are run", what, name)
		case taken[name] != "":
			return errors.Errorf("vit: %s %q: there is a %s of this name, want another one", what, name,
				taken[name])
		}
		taken[name] = what
		return nil
	}
	for _, s := range n.Scores {
		if err := name("score", s.Name); err != nil {
			return err
		}
		if err := rowError("score", s.Name, s.New == nil, s.Fields); err != nil {
			return err
		}
	}
	for _, a := range n.Ansatzes {
		if err := name("ansatz", a.Name); err != nil {
			return err
		}
		if err := rowError("ansatz", a.Name, a.New == nil, nil); err != nil {
			return err
		}
	}
	for _, a := range n.Architectures {
		if err := name("architecture", string(a.Name)); err != nil {
			return err
		}
		if a.Image < 0 {
			return errors.Errorf("vit: architecture %q: Image is %d, want at least 0", a.Name, a.Image)
		}
		if err := rowError("architecture", string(a.Name), a.New == nil, a.Fields); err != nil {
			return err
		}
	}
	for _, m := range n.Models {
		if err := name("model", m.Name); err != nil {
			return err
		}
		if err := m.Config.In(n).Check(); err != nil {
			return errors.WithMessagef(err, "model %s", m.Name)
		}
	}
	return nil
}

// runSuffix reports whether a name ends like a number of shots or of a noise.
func runSuffix(name string) bool {
	return slices.ContainsFunc(append(channelNames(), strings.TrimPrefix(shotsSuffix, "-")),
		func(end string) bool {
			return strings.HasSuffix(name, "-"+end)
		})
}

func rowError(what, name string, empty bool, fields any) error {
	if empty {
		return errors.Errorf("vit: %s %q has no New, want a function that makes it", what, name)
	}
	return errors.WithMessagef(checkDefaults(fields), "vit: %s %q", what, name)
}

// newLayer calls New.
func (a Architecture) newLayer(c Config) (layer nn.Layer, err error) {
	fields, err := c.Fields.read(a.Fields)
	if err != nil {
		return nil, errors.WithMessage(err, "vit")
	}
	defer foreign.Recover(&err, "function New of architecture "+string(a.Name), a.New)
	if layer, err = a.New(c, fields); err == nil && foreign.IsNil(layer) {
		err = errors.Errorf("vit: New of architecture %s returns nil, want a layer", a.Name)
	}
	return layer, err
}
