package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/vit"
)

// resolve returns a built-in model with changes, such as hqvit-m:mean:cosine, in a size and with a pooling if they are
// given, and the model that it matches in parameters, if it is to match one.
func resolve(model, size, pooling string) (vit.Config, *vit.Config, error) {
	c, changes, err := vit.ParseName(inSize(model, size))
	if err != nil {
		return c, nil, usageError{err}
	}
	return modify(c, pooling, changes)
}

// inSize puts a size into a model's name: hqvit:mean and m make hqvit-m:mean.
func inSize(model, size string) string {
	if size == "" {
		return model
	}
	base, changes, changed := strings.Cut(model, ":")
	if changed {
		changes = ":" + changes
	}
	return base + "-" + size + changes
}

// modify returns a model with its pooling set, if one is given and it has one, and then the changes made.
func modify(c vit.Config, pooling string, changes []string) (vit.Config, *vit.Config, error) {
	if pooling != "" && c.Model == vit.Transformer {
		changes = append([]string{pooling}, changes...)
	}
	c, match, err := vit.Modify(c, changes...)
	if err != nil {
		return c, nil, usageError{err}
	}
	return c, match, nil
}

// entry returns the recipe of one of a comparison's models, and what the report calls it: [NAME=]MODEL[:CHANGE…], where
// MODEL is a built-in model or a recipe file.
func (c *config) entry(text, pooling string, cmd *cobra.Command) (name string, one config, err error) {
	name, expression, ok := strings.Cut(strings.TrimSpace(text), "=")
	if !ok {
		name, expression = "", name
	}
	one = *c
	if path, changes := recipeFile(expression); path != "" {
		name = cmp.Or(name, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))+strings.TrimPrefix(expression, path))
		one, err = c.fromRecipe(path, pooling, changes, cmd)
	} else {
		one.Model = expression
		if strings.HasSuffix(one.Model, "-s") || strings.HasSuffix(one.Model, "-m") || !sized(one.Model) {
			one.Size = ""
		}
		name = cmp.Or(name, inSize(one.Model, one.Size))
		err = one.setModel(pooling)
	}
	if err == nil {
		one, err = one.resolve()
		err = errors.WithMessage(err, text)
	}
	return name, one, err
}

// fromRecipe returns the recipe of a file over the comparison's, its model with a pooling and changes.
func (c *config) fromRecipe(path, pooling string, changes []string, cmd *cobra.Command) (config, error) {
	one, err := c.under(path, cmd)
	if err != nil {
		return one, err
	}
	if one.Architecture == nil {
		if err := one.setModel(pooling); err != nil {
			return one, err
		}
		pooling = ""
	}
	architecture, match, err := modify(*one.Architecture, pooling, changes)
	if err != nil {
		return one, errors.WithMessage(err, path)
	}
	one.Architecture = &architecture
	if match != nil {
		one.Match = match
	}
	return one, nil
}

// setModel makes the named model the architecture.
func (c *config) setModel(pooling string) error {
	architecture, match, err := resolve(c.Model, c.Size, pooling)
	c.Architecture, c.Match = &architecture, match
	return err
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
	one := *c
	flags := pflag.NewFlagSet(path, pflag.ContinueOnError)
	one.register(flags)
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
