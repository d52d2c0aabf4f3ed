package data

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
)

// Table says what the columns of a file of comma-separated values are. A model keeps it, so that another file
// means the same to it, whatever the order of its columns.
type Table struct {
	Columns []Column `json:"columns"` // that the features come from, in their order
	Targets []string `json:"targets"` // the columns that are predicted
}

// Column is a column of numbers, which is a feature, or of words. The words are as many features, of which
// that of a row's word is 1 and the others are 0.
type Column struct {
	Name  string   `json:"name"`
	Words []string `json:"words,omitempty"` // sorted; nil: numbers
}

// Features returns the names of all features: those of the columns, and column=word.
func (t *Table) Features() []string {
	var names []string
	if t == nil {
		return nil
	}
	for _, c := range t.Columns {
		if c.Words == nil {
			names = append(names, c.Name)
		}
		for _, w := range c.Words {
			names = append(names, c.Name+"="+w)
		}
	}
	return names
}

// width returns the number of features.
func (t *Table) width() int {
	n := 0
	for _, c := range t.Columns {
		n += max(1, len(c.Words))
	}
	return n
}

// missing are the cells that stand for no value, in lower case.
var missing = []string{"", "na", "n/a", "nan", "null", "?", "inf", "-inf", "+inf", "infinity", "-infinity",
	"+infinity"}

// isMissing reports whether a cell has no value.
func isMissing(cell string) bool { return slices.Contains(missing, strings.ToLower(cell)) }

// numberOf returns the number in a cell, and whether it is one that float32 holds.
func numberOf(cell string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(cell, 64)
	return v + 0, err == nil && float32(v)-float32(v) == 0 // −0 is 0
}

// isLarge reports whether a cell is a number that float32 does not hold.
func isLarge(cell string) bool {
	v, err := strconv.ParseFloat(cell, 64)
	return v-v == 0 && err == nil && float32(v)-float32(v) != 0 || errors.Is(err, strconv.ErrRange)
}

// errMissing says that a cell has no value, and what helps.
func errMissing(cell, column string) error {
	return errors.Errorf("column %s holds no value (%q): fill it in, leave the row out, or leave the "+
		"column out "+
		"with drop=%s", column, cell, column)
}

// encode appends the features of a row, of which at gives the places of the columns, to dst.
func (t *Table) encode(dst []float32, row []string, at []int) ([]float32, error) {
	for i, c := range t.Columns {
		cell := strings.TrimSpace(row[at[i]])
		if isMissing(cell) {
			return dst, errMissing(cell, c.Name)
		}
		if c.Words == nil {
			v, ok := numberOf(cell)
			if !ok {
				return dst, errors.Errorf("column %s holds %q, want a number", c.Name, cell)
			}
			dst = append(dst, float32(v))
			continue
		}
		word, known := slices.BinarySearch(c.Words, cell)
		if !known {
			return dst, errors.Errorf("column %s holds %q%s, want one of the words of training: %s", c.Name, cell,
				suggest.Among(cell, c.Words), list(c.Words))
		}
		from := len(dst)
		dst = append(dst, make([]float32, len(c.Words))...)
		dst[from+word] = 1
	}
	return dst, nil
}

// find returns the places of columns in a header.
func find(header, names []string) ([]int, error) {
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = slices.Index(header, name); at[i] < 0 {
			return nil, errors.Errorf("no column %q%s; there are %s", name, suggest.Among(name, header),
				list(header))
		}
	}
	return at, nil
}

// names returns those of the columns.
func (t *Table) names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}
