package data

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// loadCSV fills a set of vectors from a file of comma-separated values with a header, or from a folder with
// train.csv and, if there are, val.csv and test.csv. The options of its name:
//
//	target=NAME[,NAME…]          the columns to be predicted; without, the last one
//	drop=NAME[,NAME…]            columns that are left out
//	as=classes|labels|values     what the targets are; without, what decide says
//
// Files are read twice, row by row: first to see what the columns are, then for their numbers.
func loadCSV(ctx context.Context, set *Set, path string, o Options) error {
	paths, err := csvPaths(path)
	if err != nil {
		return err
	}
	var columns []*columnSeen
	rows := 0
	for i, p := range paths {
		if p == "" || i > 0 && columns == nil {
			continue
		}
		if columns, rows, err = scanCSV(ctx, p, columns, rows); err != nil {
			return err
		}
	}
	if rows == 0 {
		return errors.New("no rows behind the names of the columns")
	}
	c, err := newCSVPlan(set, columns, o)
	if err != nil {
		return err
	}
	if err := checkMemory(4 * float64(rows) * float64(c.table.width()+len(c.table.Targets))); err != nil {
		return err
	}
	for i, p := range paths {
		if p == "" {
			continue
		}
		if err := c.fill(ctx, set.splits()[i], p); err != nil {
			return err
		}
	}
	set.Table = c.table
	if set.Unsplit = paths[1] == "" && paths[2] == ""; set.Unsplit && !o.Whole {
		return set.holdOut(&set.Test, set.Train.Len()/5, o.Seed)
	}
	return nil
}

// csvPaths returns the files of the splits; empty where there is none.
func csvPaths(path string) (paths [3]string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return paths, errors.WithStack(err)
	}
	if !info.IsDir() {
		paths[0] = path
		return paths, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return paths, errors.WithStack(err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(strings.TrimSuffix(strings.ToLower(e.Name()), ".gz"), ".csv")
		split, known := splitOf(name)
		if !ok || !known {
			continue
		}
		if paths[split] != "" {
			return paths, errors.Errorf("both %s and %s, want one of them", filepath.Base(paths[split]), e.Name())
		}
		paths[split] = filepath.Join(path, e.Name())
	}
	if paths[0] == "" {
		return paths, errors.New("the folder has no train.csv: want that and, if there are, val.csv and " +
			"test.csv, or the name of a file")
	}
	return paths, nil
}

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
		return errors.Errorf("targets %s hold more than 0 and 1, want these for labels: has it, or has it not", name)
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
			"numbers: want classes as "+
			"text, such as id9007199254740993", column.name)
	}
	if n := len(column.words) + len(column.values); n > maxClasses {
		return errors.Errorf("target %s: more than %d different ones, want at most that many classes; "+
			"as=values reads "+
			"numbers as values", column.name, maxClasses)
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

// fill reads the rows of a file into a split.
func (c *csvPlan) fill(ctx context.Context, s *Split, path string) error {
	f, err := openCSV(path)
	if err != nil {
		return err
	}
	defer f.close()
	return errors.WithMessage(c.read(ctx, s, f), path)
}

func (c *csvPlan) read(ctx context.Context, s *Split, f *csvFile) error {
	at, err := find(f.header, append(c.table.names(), c.table.Targets...))
	if err != nil {
		return err
	}
	features, targets := at[:len(c.table.Columns)], at[len(c.table.Columns):]
	s.Shape, s.Target = Shape{Channels: c.table.width()}, c.target
	for n := 0; ; n++ {
		ok, err := f.next()
		if err == nil && n%1024 == 0 {
			err = ctx.Err()
		}
		if err != nil || !ok {
			return err
		}
		if s.Floats, err = c.table.encode(s.Floats, f.cells, features); err != nil {
			return errors.WithMessage(err, f.line())
		}
		for _, at := range targets {
			if err := c.addTarget(s, strings.TrimSpace(f.cells[at])); err != nil {
				return errors.WithMessage(err, f.line())
			}
		}
	}
}

// addTarget appends one target of a row.
func (c *csvPlan) addTarget(s *Split, cell string) error {
	v, isNumber := numberOf(cell)
	if c.target != TargetClasses {
		if !isNumber {
			return errors.Errorf("the target is %q, want a number", cell)
		}
		s.Targets = append(s.Targets, float32(v))
		return nil
	}
	if isNumber {
		cell = number(v)
	}
	label, known := c.labels[cell]
	if !known {
		return errors.Errorf("the target %q changed while the file was read", cell)
	}
	s.Labels = append(s.Labels, label)
	return nil
}

// ReadRows reads the features of rows of comma-separated values as those of a table: vectors without targets.
// The columns of targets need not be there. It returns an error that names the line for a row that a model of
// the table cannot take, and for more rows than there is memory for.
func ReadRows(r io.Reader, t *Table) (Split, error) {
	if t == nil || len(t.Columns) == 0 {
		return Split{}, errors.New("data: no table, want that of a model")
	}
	f, err := readCSV(r)
	if err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	at, err := find(f.header, t.names())
	if err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	s := Split{Shape: Shape{Channels: t.width()}}
	for n := 0; ; n++ {
		ok, err := f.next()
		if err != nil {
			return Split{}, errors.WithMessage(err, "data")
		}
		if !ok {
			return s, nil
		}
		if n%1024 == 0 {
			if err := checkMemory(8 * float64(len(s.Floats))); err != nil {
				return Split{}, errors.WithMessage(err, "data")
			}
		}
		if s.Floats, err = t.encode(s.Floats, f.cells, at); err != nil {
			return Split{}, errors.WithMessagef(err, "data: %s", f.line())
		}
	}
}
