package cli

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/vit"
)

// ladder is every model that a comparison of attention asks for: hqvit with each rung, and the baselines.
func ladder(names vit.Catalog) []string {
	models := append([]string{"hqvit", "vit", "vit-matched"}, withScores(names, false)...)
	return append(models, "cnn", "logreg")
}

// rivals is hqvit with each published attention.
func rivals(names vit.Catalog) []string { return withScores(names, true) }

// withScores returns hqvit with each score that is published by others or is not, but for hqvit and vit
// themselves.
func withScores(names vit.Catalog, published bool) (models []string) {
	for _, score := range names.AllScores() {
		c, err := names.Named("hqvit:" + score.Name)
		if name := c.Name(); err == nil && (score.Source != "") == published && name != "hqvit" && name != "vit" {
			models = append(models, name)
		}
	}
	return models
}

// expand returns the models of a comma-separated list, with those that ladder and rivals stand for, which are
// left out where they are in the list already.
func expand(names vit.Catalog, list string) (models []string) {
	for text := range strings.SplitSeq(list, ",") {
		group, changes, changed := strings.Cut(strings.TrimSpace(text), ":")
		members, known := map[string]func(vit.Catalog) []string{"ladder": ladder, "rivals": rivals}[group]
		if !known {
			models = append(models, text)
			continue
		}
		for _, member := range members(names) {
			if changed {
				member += ":" + changes
			}
			if !slices.Contains(models, member) {
				models = append(models, member)
			}
		}
	}
	return models
}

// parseModel returns a built-in model with changes, such as hqvit-m:mean:cosine, in a size and with a pooling
// if they are given, and the model that it matches in parameters, nil if it matches none.
func parseModel(names vit.Catalog, model, size, pooling string) (c vit.Config, match *vit.Config, err error) {
	if err := checkSize(names, model, size); err != nil {
		return c, nil, usageError{err}
	}
	c, changes, err := names.ParseName(inSize(model, size))
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

// hasSizes reports whether a model comes in sizes, and its name says none.
func hasSizes(model string) bool {
	base, _, _ := strings.Cut(model, ":")
	return base == "hqvit" || base == "vit" || base == "vit-matched"
}

// checkSize returns an error for a size that the model does not come in.
func checkSize(names vit.Catalog, model, size string) error {
	base, _, _ := strings.Cut(model, ":")
	switch known := slices.Contains(names.Names(), base); {
	case size == "":
		return nil
	case size != "s" && size != "m":
		return errors.Errorf("size is %q, want s or m", size)
	case known && !hasSizes(model):
		return errors.Errorf("size is %q, but %s comes in one size: leave out the size", size, base)
	}
	return nil
}

// modify returns a model with the pooling, if one is given and the model has tokens, and then the changes.
func modify(c vit.Config, pooling string, changes []string) (modified vit.Config, match *vit.Config,
	err error) {
	if pooling != "" && c.Model == vit.Transformer {
		changes = append([]string{pooling}, changes...)
	}
	modified, match, err = vit.Modify(c, changes...)
	if err != nil {
		return modified, nil, usageError{err}
	}
	return modified, match, nil
}

// setModel makes the named model the architecture.
func (c *config) setModel(pooling string) error {
	architecture, match, err := parseModel(c.names, c.Model, c.Size, pooling)
	c.Architecture, c.Match = &architecture, match
	return err
}

// entry returns the config of one of a comparison's models, and what the report calls it. It is written
// [NAME=]MODEL[:CHANGE…], where MODEL is a built-in model or a recipe file.
func (c config) entry(text, pooling string, cmd *cobra.Command) (name string, one config, err error) {
	name, expression, named := strings.Cut(strings.TrimSpace(text), "=")
	if named && strings.TrimSpace(name) == "" {
		return "", c, usageError{errors.Errorf("models: %q has no name before the =, want NAME=MODEL or "+
			"MODEL", text)}
	}
	if !named || strings.Contains(name, ":") && !c.isModel(expression) { // of a field, as in hqvit:mine:scale=2
		name, expression = "", strings.TrimSpace(text)
	}
	if path, changes := recipeFile(expression); path != "" {
		base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		name = cmp.Or(name, base+strings.TrimPrefix(expression, path))
		one, err = c.fromRecipe(path, pooling, changes, cmd)
	} else {
		one = c
		one.Model = expression
		if !hasSizes(expression) {
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

// isModel reports whether an expression begins with a model or a recipe.
func (c config) isModel(expression string) bool {
	_, _, err := c.names.ParseName(expression)
	path, _ := recipeFile(expression)
	return err == nil || path != ""
}

// recipeFile splits PATH.yaml:CHANGE:…; the path is "" if there is none.
func recipeFile(expression string) (path string, changes []string) {
	for _, suffix := range []string{".yaml", ".yml"} {
		end := strings.Index(expression, suffix)
		if end < 0 {
			continue
		}
		end += len(suffix)
		if end == len(expression) {
			return expression, nil
		}
		if expression[end] == ':' {
			return expression[:end], strings.Split(expression[end+1:], ":")
		}
	}
	return "", nil
}

// fromRecipe returns the recipe of a file over the comparison's config, its model with a pooling and changes.
func (c config) fromRecipe(path, pooling string, changes []string, cmd *cobra.Command) (config, error) {
	one, err := c.under(path, cmd)
	if err != nil {
		return one, err
	}
	if one.Architecture == nil {
		if err := one.setModel(pooling); err != nil {
			return one, err
		}
		pooling = ""
	} else if err := one.checkArchitecture(); err != nil {
		return one, err
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

// under returns the comparison's config with the recipe of a file over it, and the flags that were given over
// both. What the models of a comparison share stays the comparison's: the data, how much of it, the seed.
func (c config) under(path string, cmd *cobra.Command) (config, error) {
	one := c
	flags := pflag.NewFlagSet(path, pflag.ContinueOnError)
	one.register(flags)
	one.Architecture, one.Match, one.Augmentation, one.Normalize = nil, nil, nil, nil
	text, err := readRecipe(path, cmd.ErrOrStderr())
	if err != nil {
		return one, errors.Wrap(err, "models")
	}
	one.Data = ""
	if err := one.parseModel("models: "+path, text, true); err != nil {
		return one, usageError{err}
	}
	other := one.Data != "" && one.Data != c.Data // what suits those data may not suit these
	if one.Augmentation == nil || other {
		one.Augmentation = c.Augmentation
	}
	if one.Normalize == nil || other {
		one.Normalize = c.Normalize
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		to := flags.Lookup(f.Name)
		if to == nil || err != nil {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			err = to.Value.(pflag.SliceValue).Replace(list.GetSlice())
		} else {
			err = flags.Set(f.Name, f.Value.String())
		}
	})
	one.limitMicro(cmd.Flags())
	one.Data, one.Limit, one.Seed = c.Data, c.Limit, c.Seed
	return one, errors.Wrap(err, path)
}
