package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/vit"
)

// resolve returns the model of a name of the house with changes, such as hqvit-m:mean:cosine, in a size and with a readout if they are given, and
// the model that it matches in parameters, if it is to match one.
func resolve(model, size, readout string) (vit.Config, *vit.Config, error) {
	if size != "" {
		base, changes, changed := strings.Cut(model, ":")
		if model = base + "-" + size; changed {
			model += ":" + changes
		}
	}
	c, changes, err := vit.ParseName(model)
	if err != nil {
		return c, nil, usageError{err}
	}
	return vary(c, readout, changes)
}

// vary returns a model with its readout set, if one is given and it has one, and then changed.
func vary(c vit.Config, readout string, changes []string) (vit.Config, *vit.Config, error) {
	if readout != "" && c.Transformer() {
		changes = append([]string{readout}, changes...)
	}
	c, match, err := vit.Modify(c, changes...)
	if err != nil {
		return c, nil, usageError{err}
	}
	return c, match, nil
}

// entry returns the run of one of a comparison's models: [NAME=]MODEL[:CHANGE…], where MODEL is a name of the house or a recipe file.
func (c *config) entry(text, readout string, cmd *cobra.Command) (config, error) {
	title, expression, ok := strings.Cut(strings.TrimSpace(text), "=")
	if !ok {
		title, expression = "", title
	}
	path, changes := recipeFile(expression)
	one := *c
	if path != "" {
		var err error
		if one, err = c.under(path, cmd); err != nil {
			return one, err
		}
		if title == "" {
			title = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + strings.Join(append([]string{""}, changes...), ":")
		}
	} else {
		one.Model = expression
		if strings.HasSuffix(one.Model, "-s") || strings.HasSuffix(one.Model, "-m") || !sized(one.Model) {
			one.Size = ""
		}
	}
	var err error
	if one.Architecture == nil {
		var architecture vit.Config
		if architecture, one.Match, err = resolve(one.Model, one.Size, readout); err != nil {
			return one, err
		}
		one.Architecture, readout = &architecture, ""
	}
	if path != "" {
		architecture, match, err := vary(*one.Architecture, readout, changes)
		if err != nil {
			return one, errors.WithMessage(err, path)
		}
		one.Architecture = &architecture
		if match != nil {
			one.Match = match
		}
	}
	if title != "" {
		one.Model, one.Size = title, ""
	}
	return one, errors.WithMessage(one.check(), text)
}

// recipeFile splits PATH.yaml:CHANGE:…; the path is "" if there is none.
func recipeFile(expression string) (path string, changes []string) {
	for _, suffix := range []string{".yaml", ".yml"} {
		at := strings.Index(expression, suffix)
		if at < 0 {
			continue
		}
		at += len(suffix)
		if at == len(expression) {
			return expression, nil
		}
		if expression[at] == ':' {
			return expression[:at], strings.Split(expression[at+1:], ":")
		}
	}
	return "", nil
}

// under returns the comparison's config with the recipe of a file over it, and the flags that were given over that. What all models of a
// comparison share stays the comparison's: the data, how much of it, the seed.
func (c *config) under(path string, cmd *cobra.Command) (config, error) {
	var one config
	flags := pflag.NewFlagSet(path, pflag.ContinueOnError)
	one.register(flags)
	one = *c
	one.Architecture, one.Match, one.Augmentation, one.Normalize = nil, nil, nil, nil
	text, err := os.ReadFile(path)
	if err != nil {
		return one, usageError{errors.Wrap(err, "models")}
	}
	one.Data = ""
	if err := one.parse("models: "+path, text); err != nil {
		return one, usageError{err}
	}
	other := one.Data != "" && one.Data != c.Data // what suits that may not suit these
	if one.Augmentation == nil || other {
		one.Augmentation = c.Augmentation
	}
	if one.Normalize == nil || other {
		one.Normalize = c.Normalize
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if flags.Lookup(f.Name) != nil && err == nil {
			err = flags.Set(f.Name, f.Value.String())
		}
	})
	one.Data, one.Limit, one.Seed = c.Data, c.Limit, c.Seed
	return one, errors.Wrap(err, path)
}
