package cli

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
)

// ends are the values of a dimension that are checked before a search begins: all choices, or both ends of a
// range. What lies between two numbers that are right is right.
func (d dimension) ends() []string {
	switch {
	case d.choices != nil:
		all := make([]string, len(d.choices))
		for i, c := range d.choices {
			all[i] = strings.TrimSpace(c)
		}
		return all
	case d.whole:
		return []string{strconv.Itoa(int(d.low)), strconv.Itoa(int(d.high))}
	}
	return []string{strconv.FormatFloat(d.low, 'g', -1, 64), strconv.FormatFloat(d.high, 'g', -1, 64)}
}

// allOf says of how many things something is said: all 3 trials, or the only one.
func allOf(n int, noun string) string {
	if n == 1 {
		return "the only " + noun
	}
	return "all " + words.Count(n, noun)
}

// recipe returns the resolved config of some values, fitted to a set unless that is nil.
func (c config) recipe(space []dimension, values []string, set *data.Set) (config, error) {
	c, err := c.with(space, values)
	if err != nil {
		return c, err
	}
	if c, err = c.resolve(); err != nil || set == nil {
		return c, err
	}
	return c.fit(set)
}

// combinations returns the values of all dimensions with which one of a dimension is tried: beside the first
// ends of the others, and beside their last ones, since what is right may depend on them.
func combinations(space []dimension, at int, value string) (all [2][]string) {
	for i, d := range space {
		ends := d.ends()
		first, last := ends[0], ends[len(ends)-1]
		if i == at {
			first, last = value, value
		}
		all[0], all[1] = append(all[0], first), append(all[1], last)
	}
	return all
}

// checkSpace returns an error that names the first end of a range, or choice, of which no recipe can be made,
// alone or beside some ends of the other ranges; a nil set leaves out what depends on it. It returns a recipe
// of the search.
func (c config) checkSpace(space []dimension, set *data.Set) (one config, err error) {
	for i, d := range space {
		for _, value := range d.ends() {
			if _, err := c.recipe(space[i:i+1], []string{value}, set); err == nil {
				continue
			}
			tried := combinations(space, i, value)
			_, err := c.recipe(space, tried[0], set)
			if err != nil {
				_, err = c.recipe(space, tried[1], set)
			}
			if err != nil {
				return one, usageError{errors.Errorf("--over %s=%s: %s", d.key, value,
					strings.TrimPrefix(oneLine(err), "--over: line 1: "))}
			}
		}
	}
	tried := combinations(space, -1, "")
	if one, err = c.recipe(space, tried[0], set); err != nil {
		one, err = c.recipe(space, tried[1], set)
	}
	return one, err
}
