package parquet

import (
	"strings"

	"github.com/pkg/errors"
)

// columns makes the columns of the elements of a schema, which are a tree in the order of a walk that visits
// a structure before its members.
func (f *File) columns(elements []element) error {
	if len(elements) == 0 {
		return errors.New("it names no columns")
	}
	type level struct {
		left     int64 // members that are still to come
		name     string
		levels   int
		repeated bool
	}
	stack := []level{{left: elements[0].children}}
	for _, e := range elements[1:] {
		for len(stack) > 0 && stack[len(stack)-1].left == 0 {
			stack = stack[:len(stack)-1]
		}
		if len(stack) == 0 || len(stack) > maxDepth {
			return errors.New("it has columns that do not fit together")
		}
		top := &stack[len(stack)-1]
		top.left--
		in := *top
		in.name = strings.TrimPrefix(in.name+"."+e.name, ".")
		if e.hasRepetition && e.repetition != 0 { // 1: may be missing; 2: any number of them
			in.levels++
			in.repeated = in.repeated || e.repetition != 1
		}
		if e.kind < 0 {
			in.left = e.children
			stack = append(stack, in)
			continue
		}
		column := Column{Name: in.name, Repeated: in.repeated, levels: in.levels, index: len(f.Columns)}
		if err := column.setType(e); err != nil {
			return err
		}
		f.Columns = append(f.Columns, column)
	}
	for _, open := range stack {
		if open.left != 0 {
			return errors.New("it has columns that do not fit together")
		}
	}
	return nil
}

// setType says what values a column has. Type is the enumeration of the format.
func (c *Column) setType(e element) error {
	switch e.kind {
	case 0:
		c.Kind = Bool
	case 1, 2:
		c.Kind, c.narrow, c.size = Int, e.kind == 1, 4*int(e.kind)
	case 4, 5:
		c.Kind, c.narrow, c.size = Float, e.kind == 4, 4*(int(e.kind)-3)
	case 6:
		c.Kind = Bytes
	case 7:
		if e.size < 1 || e.size > 1<<30 {
			return errors.Errorf("it says that values of %s have %d bytes", shown(c.Name), e.size)
		}
		c.Kind, c.size = Bytes, int(e.size)
	}
	c.Text = e.logicalText || e.isConvertedSet && e.converted == 0
	return nil
}
