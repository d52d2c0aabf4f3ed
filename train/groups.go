package train

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/single"
	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/nn"
)

// groups are the parameters that a recipe treats in another way than the rest, by patterns over their names.
type groups struct {
	freeze  []string
	factors []factor
}

// factor multiplies the learning rate of the parameters that a pattern fits.
type factor struct {
	pattern string
	factor  float64
}

// parseGroups reads Recipe.Freeze and Recipe.LRFactor, and returns them in their one canonical form.
func (r Recipe) parseGroups() (g groups, canonical Recipe, err error) {
	for key, text := range map[string]string{"freeze": r.Freeze, "lr_factor": r.LRFactor} {
		if text != "" && len(listOf(text)) == 0 {
			return g, r, errors.Errorf("%s: %q holds no pattern, want one such as blocks.*", key, text)
		}
	}
	for _, pattern := range listOf(r.Freeze) {
		if err := checkPattern("freeze", pattern); err != nil {
			return g, r, err
		}
		g.freeze = append(g.freeze, pattern)
	}
	factors := listOf(r.LRFactor)
	for _, text := range factors {
		pattern, number, _ := strings.Cut(text, "=")
		value, err := strconv.ParseFloat(number, 64)
		if pattern == "" || err != nil || !(value > 0) || value > 1e6 {
			return g, r, errors.Errorf("lr_factor: %q, want PATTERN=FACTOR with a factor above 0 and at "+
				"most 1e6, such as blocks.*=0.1", text)
		}
		if err := checkPattern("lr_factor", pattern); err != nil {
			return g, r, err
		}
		if err := single.Check(r.LR * value); err != nil {
			return g, r, errors.Errorf("lr_factor: %q makes a learning rate of %.3g, %v", text, r.LR*value, err)
		}
		g.factors = append(g.factors, factor{pattern, value})
	}
	r.Freeze, r.LRFactor = strings.Join(g.freeze, ","), strings.Join(factors, ",")
	return g, r, nil
}

// checkPattern returns an error for a pattern that is none; key is that of its option.
func checkPattern(key, pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil {
		return errors.Errorf("%s: pattern %q, want a name, with * for any letters", key, pattern)
	}
	return nil
}

// listOf splits a text at its commas.
func listOf(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// fits reports whether a pattern fits a name: * is any letters, full stops too.
func fits(pattern, name string) bool {
	ok, _ := path.Match(pattern, name) // parseGroups has seen the pattern
	return ok
}

// frozen reports whether a parameter stays as it is.
func (g groups) frozen(name string) bool {
	return slices.ContainsFunc(g.freeze, func(pattern string) bool { return fits(pattern, name) })
}

// factor returns what a parameter's learning rate is multiplied by: the factor of the last pattern that fits.
func (g groups) factor(name string) float64 {
	f := 1.0
	for _, one := range g.factors {
		if fits(one.pattern, name) {
			f = one.factor
		}
	}
	return f
}

// check returns an error for a pattern that fits no parameter.
func (g groups) check(st *nn.Store) error {
	var names []string
	for _, p := range st.Params() {
		names = append(names, p.Name)
	}
	patterns := map[string][]string{"freeze": g.freeze}
	for _, f := range g.factors {
		patterns["lr_factor"] = append(patterns["lr_factor"], f.pattern)
	}
	for _, key := range []string{"freeze", "lr_factor"} {
		for _, pattern := range patterns[key] {
			if !slices.ContainsFunc(names, func(name string) bool { return fits(pattern, name) }) {
				return errors.Errorf("train: %s: no parameter fits %q%s; the first of %d is %s",
					key, pattern, suggest.Among(pattern, names), len(names), names[0])
			}
		}
	}
	return nil
}

// text says how much is frozen; empty: nothing.
func (g groups) text(st *nn.Store) string {
	tensors, values, all := 0, 0, 0
	for _, p := range st.Params() {
		n := p.Value.Shape().TotalSize()
		all += n
		if g.frozen(p.Name) {
			tensors, values = tensors+1, values+n
		}
	}
	if tensors == 0 {
		return ""
	}
	return fmt.Sprintf("frozen: %d of %d weights, in %s", values, all, words.Count(tensors, "tensor"))
}
