package data

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// maxWords bounds the different words of a column that is a feature.
const maxWords = 256

// maxClassNumbers is how many different whole numbers are read as classes unless the user says what they are.
const maxClassNumbers = 20

// columnSeen is what a column holds in all rows of all files.
type columnSeen struct {
	name          string
	numbers       int             // cells that are numbers
	words         map[string]bool // others, at most maxClasses+1
	training      map[string]bool // those of the training split
	wordLine      string          // of the first word
	commas        bool            // every word is a number with a comma
	whole, binary bool            // all numbers are whole; 0 or 1
	values        map[float64]bool
	large         string // where there is a number beyond float32, first; empty: nowhere
	foreign       string // where there is a word that is not UTF-8, first; empty: nowhere
	exact         bool   // no whole number is one of several that float64 does not tell apart
	missing       string // where there is no value, first; empty: nowhere
	cell          string // that stands there
}

// scanCSV looks at all rows of a file, and adds what it sees to the columns, which are those of the first
// file, that of the training split.
func scanCSV(ctx context.Context, path string, columns []*columnSeen, rows int) ([]*columnSeen, int, error) {
	f, err := openCSV(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.close()
	training := columns == nil
	if training {
		for _, name := range f.header {
			columns = append(columns, &columnSeen{name: name, words: map[string]bool{}, values: map[float64]bool{},
				training: map[string]bool{}, whole: true, binary: true, commas: true, exact: true})
		}
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	at, err := find(f.header, names)
	if err != nil {
		return nil, 0, errors.WithMessage(err, path)
	}
	kept, checked := 0, 0
	for {
		ok, err := f.next()
		if err == nil && rows%1024 == 0 {
			err = ctx.Err()
		}
		if err == nil && kept-checked > maxRow {
			checked = kept
			err = errors.WithMessage(checkMemory(float64(kept)), "the different words of the columns")
		}
		if err != nil {
			return nil, 0, errors.WithMessage(err, path)
		}
		if !ok {
			return columns, rows, nil
		}
		rows++
		for i, c := range columns {
			kept += c.see(strings.TrimSpace(f.cells[at[i]]), f, path, training)
		}
	}
}

// see looks at a cell, and returns how many bytes of it are kept.
func (c *columnSeen) see(cell string, f *csvFile, path string, training bool) (kept int) {
	if isMissing(cell) {
		if c.missing == "" {
			c.missing, c.cell = filepath.Base(path)+", "+f.line(), cell
		}
		return 0
	}
	v, isNumber := numberOf(cell)
	if !isNumber {
		if c.large == "" && isLarge(cell) {
			c.large = fmt.Sprintf("%s: column %s holds %s", filepath.Base(path)+", "+f.line(), c.name, cell)
		}
		if len(c.words) == 0 {
			c.wordLine = filepath.Base(path) + ", " + f.line()
		}
		left, right, comma := strings.Cut(cell, ",")
		_, digits := numberOf(left + "." + right)
		c.commas = c.commas && comma && digits
		if c.foreign == "" && !utf8.ValidString(cell) {
			c.foreign = fmt.Sprintf("%s: column %s", filepath.Base(path)+", "+f.line(), c.name)
		}
		if len(c.words) <= maxClasses && !c.words[cell] {
			cell = strings.Clone(cell)
			c.words[cell], kept = true, len(cell)
			if training {
				c.training[cell] = true
			}
		}
		return kept
	}
	c.numbers++
	c.whole = c.whole && v == float64(int64(v))
	c.exact = c.exact && math.Abs(v) < 1<<53
	c.binary = c.binary && (v == 0 || v == 1)
	if len(c.values) <= maxClasses {
		c.values[v] = true
	}
	return 0
}

// check returns an error for numbers that are not held, and for words that are not what they seem.
func (c *columnSeen) check() error {
	if c.foreign != "" {
		return errNoUTF8(c.foreign)
	}
	if c.large != "" {
		return errors.Errorf("%s, which is beyond float32 (±3.4e38): scale the column, or leave it out "+
			"with drop=%s", c.large, c.name)
	}
	return nil
}

// feature returns the column as one that features come from.
func (c *columnSeen) feature() (Column, error) {
	if err := c.check(); err != nil {
		return Column{}, err
	}
	switch {
	case c.missing != "":
		return Column{}, errors.WithMessage(errMissing(c.cell, c.name), c.missing)
	case len(c.words) == 0:
		return Column{Name: c.name}, nil
	case c.numbers > 0:
		return Column{}, errors.Errorf("column %s holds numbers and words (%s, the first word): want one "+
			"of the two, or "+
			"drop=%s", c.name, c.wordLine, c.name)
	case c.commas:
		return Column{}, errors.Errorf("column %s holds numbers with a decimal comma (%s), want a point",
			c.name, c.wordLine)
	case len(c.training) > maxWords:
		return Column{}, errors.Errorf("column %s holds more than %d different words: want categories, or drop=%s",
			c.name, maxWords, c.name)
	}
	return Column{c.name, sortedKeys(c.training)}, nil
}

func sortedKeys(set map[string]bool) []string {
	var keys []string
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
