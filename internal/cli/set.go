package cli

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/vit"
)

// The blocks of a configuration file whose keys have no flags of their own.
const (
	architectureBlock = "architecture"
	augmentationBlock = "augmentation"
)

// settings are the values of --set: BLOCK.KEY=VALUE, one for each flag.
type settings []string

// register binds the flag.
func (s *settings) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar((*[]string)(s), "set", nil, "set a key of a block of the configuration, as "+
		"`BLOCK.KEY=VALUE` in YAML, such as architecture.stem_blocks=[1,2] or augmentation.cutmix=1; can "+
		"be repeated")
}

// check returns an error for a setting that is none.
func (s settings) check() error {
	for _, one := range s {
		block, rest, _ := strings.Cut(one, ".")
		key, _, ok := strings.Cut(rest, "=")
		if block != architectureBlock && block != augmentationBlock || !ok || strings.TrimSpace(key) == "" {
			return usageError{errors.Errorf("--set %q, want BLOCK.KEY=VALUE with the block %s or %s, such as "+
				"augmentation.cutmix=1", one, architectureBlock, augmentationBlock)}
		}
	}
	return nil
}

// of returns what is set of a block, as KEY: VALUE.
func (s settings) of(block string) (lines []string) {
	for _, one := range s {
		if rest, ok := strings.CutPrefix(one, block+"."); ok {
			key, value, _ := strings.Cut(rest, "=")
			lines = append(lines, key+": "+value)
		}
	}
	return lines
}

// change sets the keys of a block, each of which may be set once.
func (s settings) change(block string, to any) error {
	lines := s.of(block)
	if len(lines) == 0 {
		return nil
	}
	if err := readYAML([]byte(strings.Join(lines, "\n")+"\n"), to); err != nil {
		return usageError{errors.WithMessagef(err, "--set %s", block)}
	}
	return nil
}

// setArchitecture sets what is set of the architecture. Of a model that matches another one in parameters it
// is set of that one, and the model is matched anew.
func (c *config) setArchitecture() error {
	lines := c.sets.of(architectureBlock)
	if len(lines) == 0 {
		return nil
	}
	of := *c.Architecture
	if c.Match != nil {
		of = *c.Match
	}
	changed := of.In(c.names) // which shares no memory
	if err := c.sets.change(architectureBlock, &changed); err != nil {
		return err
	}
	if c.Match == nil {
		c.Architecture = &changed
		return nil
	}
	found, _, err := vit.Match(changed)
	if err != nil {
		return usageError{errors.WithMessage(err, "--set architecture, of what the model matches")}
	}
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "pooling:") }) {
		found.Pooling = c.Architecture.Pooling // which may have been changed after the match
	}
	c.Architecture, c.Match = &found, &changed
	return nil
}

// setAugmentation returns the augmentation with what is set of it.
func (c config) setAugmentation() (*data.Augment, error) {
	if len(c.sets.of(augmentationBlock)) == 0 {
		return c.Augmentation, nil
	}
	if !c.Augment || c.Augmentation == nil {
		return nil, usageError{errors.New("--set augmentation: only pictures are augmented, and not with " +
			"--augment=false")}
	}
	a := *c.Augmentation
	if err := c.sets.change(augmentationBlock, &a); err != nil {
		return nil, err
	}
	if err := a.Check(); err != nil {
		return nil, usageError{err}
	}
	return &a, nil
}
