package vit

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// matched is the change that makes of a model the classical ViT with as many parameters.
const matched = "matched"

// Poolings returns the names of the readouts.
func Poolings() []string {
	return []string{string(PoolFlatten), string(PoolMean), string(PoolFirstToken)}
}

// Transformer reports whether a model has blocks of attention, and with them a readout and a score.
func (c Config) Transformer() bool { return c.Model == Quantum || c.Model == DotProduct }

// ParseName splits NAME[:CHANGE…] into the model of the house that Names lists and the changes that Vary makes of it. vit-matched is short for
// hqvit:matched, and vit-matched-m for hqvit-m:matched. It returns an error that lists the names for any other; it looks at no change.
func ParseName(name string) (c Config, changes []string, err error) {
	parts := strings.Split(name, ":")
	base, changes := parts[0], parts[1:]
	if size, ok := strings.CutPrefix(base, "vit-matched"); ok {
		base, changes = "hqvit"+size, append([]string{matched}, changes...)
	}
	c, known := named()[base]
	if !known {
		return c, nil, errors.Errorf("vit: no model %q; there are %s", base, strings.Join(Names(), ", "))
	}
	return c, changes, nil
}

// Modify returns a model changed in the order of the changes, and the model that it matches in parameters, nil if it is to match none. A change is
//
//	a score    that of an hqvit (Scores has their names)
//	a readout  that of any transformer (Readouts)
//	matched    the classical ViT with as many parameters (see Match)
//
// It returns an error for another change, for one that the model has no use for, and if the result is not sound.
func Modify(c Config, changes ...string) (varied Config, match *Config, err error) {
	for _, change := range changes {
		switch {
		case !c.Transformer():
			return c, nil, errors.Errorf("vit: %s: a %s model has no attention to change", change, c.Model)
		case change == matched:
			reference := c
			if c, _, err = Match(reference); err != nil {
				return c, nil, err
			}
			match = &reference
		case slices.Contains(Poolings(), change):
			c.Pooling = Pooling(change)
		case slices.Contains(Scores(), change):
			if c.Model != Quantum {
				return c, nil, errors.Errorf("vit: %s: a score is a choice of %s models", change, Quantum)
			}
			c.Score = change
		default:
			return c, nil, errors.Errorf("vit: no change %q of a model; there are the scores %s, the readouts %s, and %s",
				change, strings.Join(Scores(), ", "), strings.Join(Poolings(), ", "), matched)
		}
	}
	return c, match, c.Check()
}
