package data

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
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
