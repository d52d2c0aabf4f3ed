package study

import (
	"fmt"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
)

// overviews say which models differ from the reference, a sentence for each metric; metrics in which the same
// models do share one.
func (r *Results) overviews() []string {
	var order []string // of what the sentences say, without the metrics
	metrics := map[string][]string{}
	for _, m := range r.metrics() {
		text := r.overview(m)
		if text == "" {
			continue
		}
		if metrics[text] == nil {
			order = append(order, text)
		}
		metrics[text] = append(metrics[text], m.title())
	}
	var all []string
	for _, text := range order {
		names := words.List(metrics[text], "and")
		all = append(all, fmt.Sprintf("%s against %s: %s.", strings.ToUpper(names[:1])+names[1:], r.Reference,
			text))
	}
	return all
}

// overview says which models differ from the reference in a metric; "" if no model has an interval.
func (r *Results) overview(m Metric) string {
	var above, below, level []string
	seeds := 0
	for _, model := range r.Models {
		d := model.Differences[m]
		if d == nil || d.Low == nil {
			continue
		}
		seeds = max(seeds, d.N)
		switch {
		case !d.Distinct():
			level = append(level, model.Name)
		case d.Mean > 0:
			above = append(above, model.Name)
		default:
			below = append(below, model.Name)
		}
	}
	var clauses []string
	for _, c := range []struct {
		names []string
		what  string
	}{{above, "above it"}, {below, "below it"}, {level,
		fmt.Sprintf("not distinguishable from it with %d seeds", seeds)}} {
		switch len(c.names) {
		case 0:
		case 1:
			clauses = append(clauses, c.names[0]+" is "+c.what)
		default:
			clauses = append(clauses, words.List(c.names, "and")+" are "+c.what)
		}
	}
	return strings.Join(clauses, "; ")
}

// notes say what must be known about the models besides their figures.
func (r *Results) notes() []string {
	var notes []string
	if differences := r.recipeDifferences(); differences != "" {
		notes = append(notes, differences)
	}
	for _, m := range r.metrics() {
		if text := r.corrected(m); text != "" {
			notes = append(notes, text)
		}
	}
	if text := r.resolution(r.metrics()[0]); text != "" {
		notes = append(notes, text)
	}
	for _, m := range r.Models {
		if m.Recipe.Matches > 0 {
			notes = append(notes, fmt.Sprintf("%s has %d parameters, %s the %d of the model it matches.",
				m.Name, m.Parameters, moreOrFewer(m.Parameters-m.Recipe.Matches), m.Recipe.Matches))
		}
		if note := m.chance(r.Metadata.Classes); note != "" {
			notes = append(notes, note)
		}
		if len(m.Runs) < len(r.Seeds) {
			notes = append(notes, fmt.Sprintf("%s has %d of %d runs: the others failed.", m.Name, len(m.Runs),
				len(r.Seeds)))
		}
	}
	return notes
}

// chance says how many runs of a model were no better than chance; empty for none.
func (m Model) chance(classes []string) string {
	runs, text := 0, ""
	for _, r := range m.Runs {
		if one := r.Test.Chance(classes); one != "" {
			runs, text = runs+1, one
		}
	}
	if runs == 0 {
		return ""
	}
	return fmt.Sprintf("%s was near chance in %d of %s: %s.", m.Name, runs, words.Count(len(m.Runs), "run"),
		text)
}

func moreOrFewer(n int) string {
	switch {
	case n < 0:
		return fmt.Sprintf("%d fewer than", -n)
	case n > 0:
		return fmt.Sprintf("%d more than", n)
	}
	return "exactly"
}
