// Package parquet reads columns of Parquet files, one value at a time.
//
// It is for files of strangers: every length is checked against the bytes that are there and against a limit
// of memory, and what is wrong is an error. It holds one page of a column at a time. It reads what writers of
// tables with pictures write: flat columns and members of structures, of any type but INT96; all encodings
// but the deprecated BIT_PACKED; pages of both versions; Snappy, gzip and Zstandard. It does not read lists,
// Brotli, LZ4 and encrypted files, and says so.
//
// Source: github.com/apache/parquet-format, README.md, Encodings.md, Compression.md and parquet.thrift.
package parquet

import (
	"encoding/binary"
	"io"

	"github.com/pkg/errors"
)

// Magic is how a Parquet file begins and ends.
const Magic = "PAR1"

// Kind is what the values of a column are.
type Kind int

// The kinds of columns.
const (
	Unreadable Kind = iota // INT96, or of a type that nobody knows
	Bool
	Int
	Float
	Bytes
)

// Column describes a column that holds values.
type Column struct {
	Name     string // with those of the structures that it is in: image.bytes
	Kind     Kind
	Text     bool // bytes that are marked as text
	Repeated bool // in a list: there may be several values in a row, which are not read

	index  int // among the columns of a row group
	narrow bool
	size   int // of a value of fixed size, in bytes
	levels int // the definition level of a value; any below is a null
}

// File is an open Parquet file. Several goroutines may read it at the same time, each with Cursors of its
// own.
type File struct {
	Rows     int64             // as the file says: a Cursor counts them
	Metadata map[string]string // key-value metadata
	Columns  []Column

	source io.ReaderAt
	size   int64
	limit  int64
	groups []group
}

// group is a row group.
type group struct {
	rows   int64
	chunks []chunk
}

// chunk is a column in a row group.
type chunk struct {
	codec          int64
	values         int64
	start, length  int64 // of its pages, in the file
	elsewhere, key bool  // in another file; encrypted
}

// Open reads the description of a Parquet file of some bytes. No page of it may take more than limit bytes of
// memory. It returns an error if the file is not a Parquet file, cut short, damaged or encrypted.
func Open(source io.ReaderAt, size, limit int64) (*File, error) {
	f := &File{source: source, size: size, limit: limit, Metadata: map[string]string{}}
	ends := make([]byte, 12)
	if size < int64(len(ends)) {
		return nil, errors.Errorf("%d bytes, which is too short for a Parquet file", size)
	}
	if err := f.read(ends[:4], 0); err != nil {
		return nil, err
	}
	if err := f.read(ends[4:], size-8); err != nil {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(ends[4:]))
	switch start, end := string(ends[:4]), string(ends[8:]); {
	case start == "PARE" || end == "PARE":
		return nil, errors.New("the file is encrypted, which is not read")
	case start != Magic:
		return nil, errors.Errorf("no Parquet file: it begins with %q, want %q", start, Magic)
	case end != Magic:
		return nil, errors.Errorf("the file is cut short: it ends with %q, want %q", end, Magic)
	case length > size-int64(len(ends)) || length > limit:
		return nil, errors.Errorf("the file is damaged: it says that its description takes %d of its %d bytes",
			length, size)
	}
	text := make([]byte, length)
	if err := f.read(text, size-8-length); err != nil {
		return nil, err
	}
	return f, errors.WithMessage(f.describe(text), "the file is damaged: its description")
}

// read fills b from a place in the file.
func (f *File) read(b []byte, at int64) error {
	n, err := f.source.ReadAt(b, at)
	if n == len(b) { // io.EOF may come with the last bytes
		return nil
	}
	return errors.WithStack(err)
}

// describe reads FileMetaData.
func (f *File) describe(text []byte) error {
	c := &compact{b: text}
	var elements []element
	c.fields(func(id int64, kind byte) {
		switch id {
		case 2:
			c.list(kind, func(kind byte) { elements = append(elements, c.element(kind)) })
		case 3:
			f.Rows = c.number(kind)
		case 4:
			c.list(kind, func(kind byte) { f.groups = append(f.groups, c.group(kind)) })
		case 5:
			c.list(kind, func(kind byte) {
				var pair [2]string
				c.structure(kind, func(id int64, kind byte) {
					if id != 1 && id != 2 {
						c.skip(kind)
						return
					}
					pair[id-1] = c.text(kind)
				})
				f.Metadata[pair[0]] = pair[1]
			})
		default:
			c.skip(kind)
		}
	})
	if c.err != nil {
		return c.err
	}
	if err := f.columns(elements); err != nil {
		return err
	}
	return f.checkGroups()
}

func (f *File) checkGroups() error {
	rows := int64(0)
	for i, g := range f.groups {
		if g.rows < 0 || g.rows > f.Rows-rows {
			return errors.Errorf("it says that there are %d rows, and row group %d alone has %d", f.Rows, i, g.rows)
		}
		if len(g.chunks) != len(f.Columns) {
			return errors.Errorf("it says that there are %d columns, and row group %d has %d", len(f.Columns), i,
				len(g.chunks))
		}
		rows += g.rows
	}
	if rows != f.Rows {
		return errors.Errorf("it says that there are %d rows, and its row groups have %d", f.Rows, rows)
	}
	return nil
}

// element is a SchemaElement: a column, or a structure of so many elements that follow.
type element struct {
	name           string
	kind           int64 // −1: none is given, as for a structure
	size           int64
	repetition     int64
	children       int64
	converted      int64
	logicalText    bool
	hasRepetition  bool
	isConvertedSet bool
}

func (c *compact) element(kind byte) element {
	e := element{kind: -1}
	c.structure(kind, func(id int64, kind byte) {
		switch id {
		case 1:
			e.kind = c.number(kind)
		case 2:
			e.size = c.number(kind)
		case 3:
			e.repetition, e.hasRepetition = c.number(kind), true
		case 4:
			e.name = c.text(kind)
		case 5:
			e.children = c.number(kind)
		case 6:
			e.converted, e.isConvertedSet = c.number(kind), true
		case 10:
			c.structure(kind, func(id int64, kind byte) {
				e.logicalText = id == 1
				c.skip(kind)
			})
		default:
			c.skip(kind)
		}
	})
	return e
}

func (c *compact) group(kind byte) (g group) {
	c.structure(kind, func(id int64, kind byte) {
		switch id {
		case 1:
			c.list(kind, func(kind byte) { g.chunks = append(g.chunks, c.chunk(kind)) })
		case 3:
			g.rows = c.number(kind)
		default:
			c.skip(kind)
		}
	})
	return g
}

func (c *compact) chunk(kind byte) (k chunk) {
	var pages, dictionary int64
	c.structure(kind, func(id int64, kind byte) {
		switch id {
		case 1:
			k.elsewhere = c.text(kind) != ""
		case 3:
			c.structure(kind, func(id int64, kind byte) {
				switch id {
				case 4:
					k.codec = c.number(kind)
				case 5:
					k.values = c.number(kind)
				case 7:
					k.length = c.number(kind)
				case 9:
					pages = c.number(kind)
				case 11:
					dictionary = c.number(kind)
				default:
					c.skip(kind)
				}
			})
		case 8, 9:
			k.key = true
			c.skip(kind)
		default:
			c.skip(kind)
		}
	})
	k.start = pages
	if dictionary > 0 && dictionary < pages {
		k.start = dictionary
	}
	return k
}
