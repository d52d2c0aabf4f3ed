package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// csvPlan says what becomes of the rows of the files of a set.
type csvPlan struct {
	table  *Table
	target Target
	labels map[string]int // of classes
}

// newCSVPlan chooses features and targets, by the options of a name or the table of a model, and writes the
// classes, and what is to be known of the choice, into the set.
func newCSVPlan(set *Set, columns []*columnSeen, o Options) (*csvPlan, error) {
	c := &csvPlan{table: &Table{}}
	var names []string
	for _, column := range columns {
		names = append(names, column.name)
	}
	targets, drop := split(o.form["target"]), split(o.form["drop"])
	if targets == nil {
		targets = names[len(names)-1:]
	}
	if o.Table != nil {
		targets, drop = o.Table.Targets, nil
	}
	at, err := find(names, append(slices.Clone(targets), drop...))
	if err != nil {
		return nil, err
	}
	c.table.Targets = targets
	var wanted []*columnSeen
	for i, name := range targets {
		switch column := columns[at[i]]; {
		case slices.Contains(targets[:i], name) || slices.Contains(drop, name):
			return nil, errors.Errorf("column %s is named twice, want a target or one that is left out", name)
		case column.missing != "":
			return nil, errors.WithMessage(errMissing(column.cell, name), column.missing)
		default:
			wanted = append(wanted, column)
		}
	}
	if err := c.decide(set, wanted, o); err != nil {
		return nil, err
	}
	if o.Table != nil {
		c.table.Columns = o.Table.Columns
		return c, nil
	}
	for i, column := range columns {
		if slices.Contains(at, i) {
			continue
		}
		feature, err := column.feature()
		if err != nil {
			return nil, err
		}
		c.table.Columns = append(c.table.Columns, feature)
	}
	if len(c.table.Columns) == 0 {
		return nil, errors.Errorf("no column is left for features beside the target %s", list(targets))
	}
	if w := c.table.width(); w > len(c.table.Columns) {
		set.note(fmt.Sprintf("%s became %s: words are one feature each, 0 or 1",
			words.Count(len(c.table.Columns), "column"), words.Count(w, "feature")))
	}
	return c, nil
}

// split returns the names of a list.
func split(text string) []string {
	if text == "" {
		return nil
	}
	names := strings.Split(text, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// decide says what the target columns are. Unless the user says so by as=, one column of words is classes;
// one of whole numbers of which there are at most 20 different ones is classes, too, and any other is values.
// Several columns of 0 and 1 are labels, and several of other numbers are values.
func (c *csvPlan) decide(set *Set, columns []*columnSeen, o Options) error {
	first, numbers, binary := columns[0], true, true
	for _, column := range columns {
		numbers = numbers && len(column.words) == 0
		binary = binary && numbers && column.binary
	}
	few := first.whole && len(first.values) <= maxClassNumbers
	as, said := o.form["as"]
	var err error
	switch {
	case o.Table != nil:
		c.target = o.Target
	case said:
		c.target, err = parseTarget(as)
	case len(columns) == 1 && (!numbers || few):
		c.target = TargetClasses
	case len(columns) > 1 && binary:
		c.target = TargetLabels
	default:
		c.target = TargetValues
	}
	name := list(c.table.Targets)
	switch {
	case err != nil:
		return err
	case c.target == TargetClasses && len(columns) > 1:
		return errors.Errorf("targets %s: classes stand in one column, want one target", name)
	case c.target == TargetLabels && !binary:
		return errors.Errorf("targets %s hold more than 0 and 1, want these for labels: has it, or has it not",
			name)
	case c.target == TargetValues && !numbers:
		return errors.Errorf("targets %s hold words, want numbers for values", name)
	case c.target != TargetClasses:
		set.Classes = slices.Clone(c.table.Targets)
	default:
		if err := c.setClasses(set, first); err != nil {
			return err
		}
	}
	if o.Table == nil && !said && numbers && first.whole {
		set.note(fmt.Sprintf("target %s holds whole numbers, %d different ones: read as %s; as=%s reads "+
			"them otherwise",
			name, len(first.values), map[Target]string{TargetClasses: "classes", TargetLabels: "labels",
				TargetValues: "values"}[c.target], map[Target]string{TargetClasses: "values",
				TargetLabels: "values",
				TargetValues: "classes"}[c.target]))
	}
	set.Target = c.target
	return nil
}

// setClasses makes classes of what a column holds.
func (c *csvPlan) setClasses(set *Set, column *columnSeen) error {
	if err := column.check(); err != nil {
		return err
	}
	if !column.exact && len(column.values) > 0 {
		return errors.Errorf("target %s: whole numbers of 2^53 and more, which are not told apart as "+
			"numbers: want classes as text, such as id9007199254740993", column.name)
	}
	if n := len(column.words) + len(column.values); n > maxClasses {
		return errors.Errorf("target %s: more than %d different ones, want at most that many classes; "+
			"as=values reads numbers as values", column.name, maxClasses)
	}
	var values []float64
	for v := range column.values {
		values = append(values, v)
	}
	slices.Sort(values)
	for _, v := range values {
		set.Classes = append(set.Classes, number(v))
	}
	if len(column.words) > 0 {
		set.Classes = append(set.Classes, sortedKeys(column.words)...)
		slices.Sort(set.Classes)
	}
	c.labels = map[string]int{}
	for label, name := range set.Classes {
		c.labels[name] = label
	}
	return nil
}
