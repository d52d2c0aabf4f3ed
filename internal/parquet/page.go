package parquet

import (
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/pkg/errors"
)

// Cursor reads a column from its first row to its last.
type Cursor struct {
	file   *File
	column Column

	group      int   // the next row group
	at, end    int64 // of the pages of the chunk that are to come, in the file
	codec      int64
	left       int64 // values of the chunk that are to come
	inPage     int64 // of the page
	dictionary []Value
	levels     *hybrid // nil if no value can be missing
	values     decoder
}

// Cursor returns a cursor before the first row of a column. It returns an error if the column is of a kind
// that is not read.
func (f *File) Cursor(column Column) (*Cursor, error) {
	switch {
	case column.Repeated:
		return nil, errors.Errorf("column %s holds lists, which are not read: want one value in a row",
			shown(column.Name))
	case column.Kind == Unreadable:
		return nil, errors.Errorf("column %s is of a type that is not read: want bytes, text, integers, "+
			"real numbers or truth values", shown(column.Name))
	}
	return &Cursor{file: f, column: column}, nil
}

// Next returns the value of the next row, and io.EOF after the last. Another error says what is damaged, or
// not read, and where.
func (c *Cursor) Next() (Value, error) {
	v, err := c.next()
	if err != nil && err != io.EOF {
		damaged := "the file is damaged: "
		if errors.As(err, new(notRead)) {
			damaged = ""
		}
		err = errors.WithMessagef(err, "%scolumn %s, row group %d", damaged, shown(c.column.Name), c.group-1)
	}
	return v, err
}

func (c *Cursor) next() (Value, error) {
	for c.inPage == 0 {
		var err error
		if c.left == 0 {
			err = c.nextGroup()
		} else {
			err = c.nextPage()
		}
		if err != nil {
			return Value{}, err
		}
	}
	c.inPage--
	c.left--
	if c.levels != nil {
		level, err := c.levels.number()
		switch {
		case err != nil:
			return Value{}, err
		case level > uint64(c.column.levels):
			return Value{}, errors.Errorf("a value of level %d, want at most %d", level, c.column.levels)
		case level < uint64(c.column.levels):
			return Value{Null: true}, nil
		}
	}
	return c.values.next()
}

// nextGroup goes to the next row group.
func (c *Cursor) nextGroup() error {
	if c.group == len(c.file.groups) {
		return io.EOF
	}
	g := c.file.groups[c.group]
	k := g.chunks[c.column.index]
	c.group++
	switch {
	case k.key:
		return notRead("it is encrypted, which is not read")
	case k.elsewhere:
		return notRead("it is in another file, which is not read")
	case k.values != g.rows:
		return errors.Errorf("it has %d values in %d rows", k.values, g.rows)
	case k.start < int64(len(Magic)) || k.length < 0 || k.length > c.file.size-k.start:
		return errors.Errorf("it lies at byte %d with %d bytes, in a file of %d", k.start, k.length, c.file.size)
	}
	c.at, c.end, c.codec, c.left, c.dictionary = k.start, k.start+k.length, k.codec, k.values, nil
	return nil
}

// nextPage goes to the next page of the chunk.
func (c *Cursor) nextPage() error {
	h, length, err := c.header()
	if err != nil {
		return err
	}
	c.at += int64(length)
	if h.stored < 0 || h.stored > c.end-c.at || h.expanded < 0 {
		return errors.Errorf("a page of %d bytes, expanded %d, where %d are left", h.stored, h.expanded, c.end-c.at)
	}
	if h.expanded > c.file.limit {
		return errors.Errorf("a page of %d bytes, want at most the %d of memory that there are", h.expanded,
			c.file.limit)
	}
	if h.kind < dataPage || h.kind == indexPage || h.kind > dataPage2 { // those of other kinds may be left out
		c.at += h.stored
		return nil
	}
	stored := make([]byte, h.stored)
	if err := c.file.read(stored, c.at); err != nil {
		return err
	}
	c.at += h.stored
	if h.checked && crc32.ChecksumIEEE(stored) != h.checksum {
		return errors.New("a page has another checksum than its header says")
	}
	switch h.kind {
	case dictionaryPage:
		return c.readDictionary(h, stored)
	case dataPage:
		return c.readData(h, stored)
	default:
		return c.readData2(h, stored)
	}
}

// header reads the header of the next page, of which nothing says how long it is.
func (c *Cursor) header() (h pageHeader, length int, err error) {
	for window := int64(firstHeader); ; window *= 4 {
		b := make([]byte, min(window, c.end-c.at))
		if err := c.file.read(b, c.at); err != nil {
			return h, 0, err
		}
		h, length, err = readHeader(b)
		if err == nil || int64(len(b)) < window || window > mostOfHeader || !errors.Is(err, errShort) {
			return h, length, errors.WithMessage(err, "the header of a page")
		}
	}
}

func (c *Cursor) readDictionary(h pageHeader, stored []byte) error {
	if h.encoding != encodingPlain && h.encoding != encodingPlainDictionary {
		return errors.Errorf("a dictionary in encoding %d, want PLAIN", h.encoding)
	}
	b, err := c.expand(stored, h.expanded)
	if err != nil {
		return err
	}
	// A value takes a byte of the page at least, but for truth values, which have no dictionary.
	if c.column.Kind == Bool || h.values < 0 || h.values > int64(len(b)) {
		return errors.Errorf("a dictionary of %d values in %d bytes", h.values, len(b))
	}
	values := plain{column: &c.column, b: b}
	c.dictionary = make([]Value, h.values)
	for i := range c.dictionary {
		if c.dictionary[i], err = values.next(); err != nil {
			return errors.WithMessage(err, "a dictionary")
		}
	}
	return nil
}

// readData begins a data page of version 1.
func (c *Cursor) readData(h pageHeader, stored []byte) error {
	b, err := c.expand(stored, h.expanded)
	if err != nil {
		return err
	}
	var levels []byte
	if c.column.levels > 0 {
		if h.levelEncoding != encodingRLE {
			return errors.Errorf("definition levels in encoding %d, want RLE", h.levelEncoding)
		}
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return errShort
		}
		n := binary.LittleEndian.Uint32(b)
		levels, b = b[4:4+n], b[4+n:]
	}
	return c.begin(h, levels, b)
}

// readData2 begins a data page of version 2, whose levels are not compressed.
func (c *Cursor) readData2(h pageHeader, stored []byte) error {
	repetition, definition := h.levelBytes[0], h.levelBytes[1]
	size := int64(len(stored))
	if repetition < 0 || definition < 0 || repetition > size || definition > size-repetition ||
		repetition+definition > h.expanded {
		return errors.Errorf("a page of %d bytes with levels of %d and %d", size, repetition, definition)
	}
	levels, b := stored[repetition:repetition+definition], stored[repetition+definition:]
	if h.compressed {
		var err error
		if b, err = c.expand(b, h.expanded-repetition-definition); err != nil {
			return err
		}
	}
	return c.begin(h, levels, b)
}

// begin begins to read the values of a data page.
func (c *Cursor) begin(h pageHeader, levels, b []byte) (err error) {
	if h.values < 0 || h.values > c.left {
		return errors.Errorf("a page of %d values, where %d are left", h.values, c.left)
	}
	c.inPage, c.levels = h.values, nil
	if c.column.levels > 0 {
		if c.levels, err = newHybrid(levels, levelWidth(c.column.levels)); err != nil {
			return err
		}
	}
	c.values, err = c.decoder(h.encoding, b, uint64(h.values))
	return err
}

// decoder returns what decodes at most so many values in an encoding.
func (c *Cursor) decoder(encoding int64, b []byte, most uint64) (decoder, error) {
	kind, variable := c.column.Kind, c.column.Kind == Bytes && c.column.size == 0
	switch {
	case encoding == encodingPlain:
		return &plain{column: &c.column, b: b}, nil
	case (encoding == encodingDictionary || encoding == encodingPlainDictionary) && c.dictionary != nil:
		width := 0
		if len(b) > 0 { // it is empty where all values are null
			width, b = int(b[0]), b[1:]
		}
		h, err := newHybrid(b, width)
		return lookup{h, c.dictionary}, err
	case encoding == encodingRLE && kind == Bool:
		if len(b) < 4 {
			return nil, errShort
		}
		h, err := newHybrid(b[4:], 1) // after its length
		return truths{h}, err
	case encoding == encodingDelta && kind == Int:
		return newDelta(b, c.column.narrow, most)
	case encoding == encodingDeltaLengths && variable:
		return newLengths(b, most)
	case encoding == encodingDeltaBytes && kind == Bytes:
		return newShared(b, most, c.file.limit)
	case encoding == encodingByteStreamSplit && c.column.size > 0:
		return &streams{column: &c.column, b: b}, nil
	}
	return nil, errors.Errorf("encoding %d, which is none for such values", encoding)
}
