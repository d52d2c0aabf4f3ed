package parquet

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/pkg/errors"
)

// Value is a value of a column.
type Value struct {
	Null  bool
	Bytes []byte // of a column of Bytes; not to be changed
	Int   int64  // of Int, and 0 or 1 of Bool
	Float float64
}

// decoder gives the values of a page, none of which is null.
type decoder interface{ next() (Value, error) }

// plain decodes PLAIN: values one after the other.
type plain struct {
	column *Column
	b      []byte
	bit    int // of truth values, how many of the first byte have been read
}

func (p *plain) next() (v Value, err error) {
	switch c := p.column; {
	case c.Kind == Bool:
		if len(p.b) == 0 {
			return v, errShort
		}
		v.Int = int64(p.b[0] >> p.bit & 1)
		if p.bit++; p.bit == 8 {
			p.b, p.bit = p.b[1:], 0
		}
		return v, nil
	case c.Kind == Bytes && c.size == 0:
		length, err := p.take(4)
		if err != nil {
			return v, err
		}
		v.Bytes, err = p.take(uint64(binary.LittleEndian.Uint32(length)))
		return v, err
	default:
		raw, err := p.take(uint64(c.size))
		if err != nil {
			return v, err
		}
		return c.fixed(raw), nil
	}
}

func (p *plain) take(n uint64) ([]byte, error) {
	if n > uint64(len(p.b)) {
		return nil, errShort
	}
	taken := p.b[:n:n]
	p.b = p.b[n:]
	return taken, nil
}

// fixed returns the value of a column of fixed size.
func (c *Column) fixed(raw []byte) (v Value) {
	switch {
	case c.Kind == Bytes:
		v.Bytes = raw
	case c.Kind == Int && c.narrow:
		v.Int = int64(int32(binary.LittleEndian.Uint32(raw)))
	case c.Kind == Int:
		v.Int = int64(binary.LittleEndian.Uint64(raw))
	case c.narrow:
		v.Float = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	default:
		v.Float = math.Float64frombits(binary.LittleEndian.Uint64(raw))
	}
	return v
}

// streams decodes BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, and so on.
type streams struct {
	column *Column
	b      []byte
	at     int
}

func (s *streams) next() (v Value, err error) {
	n := len(s.b) / s.column.size
	if s.at >= n {
		return v, errShort
	}
	raw := make([]byte, s.column.size)
	for i := range raw {
		raw[i] = s.b[i*n+s.at]
	}
	s.at++
	return s.column.fixed(raw), nil
}

// hybrid decodes RLE: runs of one number, and numbers packed into so many bits each. It is what levels,
// places in a dictionary and truth values are written in.
type hybrid struct {
	b      []byte
	width  int
	left   uint64 // of the current run
	packed []byte // of a run of packed numbers; nil of a run of one
	bit    uint64
	value  uint64
}

func newHybrid(b []byte, width int) (*hybrid, error) {
	if width > 32 {
		return nil, errors.Errorf("numbers of %d bits, want at most 32", width)
	}
	return &hybrid{b: b, width: width}, nil
}

func (h *hybrid) number() (uint64, error) {
	if h.width == 0 {
		return 0, nil
	}
	for h.left == 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
	}
	h.left--
	if h.packed == nil {
		return h.value, nil
	}
	v, ok := unpack(h.packed, h.bit, h.width)
	if !ok {
		return 0, errShort
	}
	h.bit += uint64(h.width)
	return v, nil
}

// run begins the next run.
func (h *hybrid) run() error {
	head, n := binary.Uvarint(h.b)
	if n <= 0 {
		return errShort
	}
	h.b = h.b[n:]
	if head&1 == 0 {
		size := (h.width + 7) / 8
		if size > len(h.b) {
			return errShort
		}
		h.left, h.packed, h.value = head>>1, nil, 0
		for i, b := range h.b[:size] {
			h.value |= uint64(b) << (8 * i)
		}
		h.b = h.b[size:]
		return nil
	}
	groups := head >> 1 // of eight numbers; the last may be cut off where numbers are not needed
	size := len(h.b)
	if groups < uint64(size/h.width) {
		size = int(groups) * h.width
	}
	h.left, h.packed, h.bit = uint64(size)*8/uint64(h.width), h.b[:size], 0
	h.b = h.b[size:]
	if h.left == 0 && groups > 0 {
		return errShort
	}
	return nil
}

// unpack returns the number of a width, in bits, at a bit.
func unpack(b []byte, bit uint64, width int) (v uint64, ok bool) {
	at, shift := bit/8, bit%8
	if (bit+uint64(width)+7)/8 > uint64(len(b)) {
		return 0, false
	}
	for got := 0; got < width+int(shift); got += 8 {
		if part := uint64(b[at]); got >= int(shift) {
			v |= part << (got - int(shift))
		} else {
			v |= part >> shift
		}
		at++
	}
	if width < 64 {
		v &= 1<<width - 1
	}
	return v, true
}

// truths decodes truth values in RLE.
type truths struct{ *hybrid }

func (t truths) next() (Value, error) {
	v, err := t.number()
	return Value{Int: int64(v)}, err
}

// lookup decodes places in a dictionary.
type lookup struct {
	*hybrid
	dictionary []Value
}

func (l lookup) next() (Value, error) {
	at, err := l.number()
	switch {
	case err != nil:
		return Value{}, err
	case at >= uint64(len(l.dictionary)):
		return Value{}, errors.Errorf("value %d of a dictionary of %d", at, len(l.dictionary))
	}
	return l.dictionary[at], nil
}

// delta decodes DELTA_BINARY_PACKED: the first number, then blocks of differences, each in parts of so many
// bits a number.
type delta struct {
	b       []byte
	narrow  bool
	total   uint64 // numbers, of which so many have been read
	read    uint64
	part    uint64 // numbers in a part
	parts   uint64 // in a block
	widths  []byte // of the parts of the block that are to come
	least   int64  // what is added to each difference of the block
	current []byte // the part
	width   int
	at      uint64 // numbers of the part that have been read
	last    int64
}

// maxBlock bounds the numbers in a block of differences: writers use 128 to some thousands.
const maxBlock = 1 << 20

func newDelta(b []byte, narrow bool, most uint64) (*delta, error) {
	c := &compact{b: b}
	block, parts, total, first := c.varint(), c.varint(), c.varint(), c.zigzag()
	if c.err != nil {
		return nil, c.err
	}
	if block > maxBlock || parts < 1 || parts > block || block%parts != 0 || block/parts%8 != 0 {
		return nil, errors.Errorf("blocks of %d differences in %d parts, want parts of a multiple of 32, and at "+
			"most %d differences in a block", block, parts, maxBlock)
	}
	if total > most {
		return nil, errors.Errorf("%d numbers in a page of %d values", total, most)
	}
	d := &delta{b: b[c.at:], narrow: narrow, total: total, part: block / parts, parts: parts, last: first}
	d.at = d.part
	return d, nil
}

func (d *delta) number() (int64, error) {
	if d.read == d.total {
		return 0, errShort
	}
	if d.read++; d.read == 1 {
		return d.last, nil
	}
	if d.at == d.part {
		if err := d.begin(); err != nil {
			return 0, err
		}
	}
	difference, ok := unpack(d.current, d.at*uint64(d.width), d.width)
	if !ok {
		return 0, errShort
	}
	d.at++
	d.last += d.least + int64(difference)
	if d.narrow {
		d.last = int64(int32(d.last))
	}
	return d.last, nil
}

// begin begins the next part.
func (d *delta) begin() error {
	if len(d.widths) == 0 {
		c := &compact{b: d.b}
		d.least = c.zigzag()
		d.widths = c.take(d.parts)
		if c.err != nil {
			return c.err
		}
		d.b = d.b[c.at:]
	}
	if d.width = int(d.widths[0]); d.width > 64 {
		return errors.Errorf("differences of %d bits, want at most 64", d.width)
	}
	size := int(min(d.part/8*uint64(d.width), uint64(len(d.b))))
	d.current, d.b, d.widths, d.at = d.b[:size], d.b[size:], d.widths[1:], 0
	return nil
}

// rest reads all numbers, and returns what follows them.
func (d *delta) rest() ([]byte, error) {
	for d.read < d.total {
		if _, err := d.number(); err != nil {
			return nil, err
		}
	}
	return d.b, nil
}

func (d *delta) next() (Value, error) {
	v, err := d.number()
	return Value{Int: v}, err
}

// lengths decodes DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
type lengths struct {
	lengths *delta
	plain
}

func newLengths(b []byte, most uint64) (*lengths, error) {
	ahead, err := newDelta(b, true, most)
	if err != nil {
		return nil, err
	}
	bytes, err := ahead.rest() // once to find the bytes, so that no lengths have to be kept
	if err != nil {
		return nil, err
	}
	d, err := newDelta(b, true, most)
	return &lengths{d, plain{b: bytes}}, err
}

func (l *lengths) next() (v Value, err error) {
	n, err := l.lengths.number()
	if err != nil {
		return v, err
	}
	if n < 0 {
		return v, errors.Errorf("a value of %d bytes", n)
	}
	v.Bytes, err = l.take(uint64(n))
	return v, err
}

// shared decodes DELTA_BYTE_ARRAY: of each value how much of the one before it begins with, and the rest.
type shared struct {
	prefixes *delta
	suffixes *lengths
	last     []byte
	left     int64 // how many bytes the page may still make
}

func newShared(b []byte, most uint64, memory int64) (*shared, error) {
	ahead, err := newDelta(b, true, most)
	if err != nil {
		return nil, err
	}
	rest, err := ahead.rest()
	if err != nil {
		return nil, err
	}
	suffixes, err := newLengths(rest, most)
	if err != nil {
		return nil, err
	}
	prefixes, err := newDelta(b, true, most)
	return &shared{prefixes: prefixes, suffixes: suffixes, left: memory}, err
}

func (s *shared) next() (Value, error) {
	n, err := s.prefixes.number()
	if err != nil {
		return Value{}, err
	}
	v, err := s.suffixes.next()
	if err != nil {
		return Value{}, err
	}
	if n < 0 || n > int64(len(s.last)) {
		return Value{}, errors.Errorf("a value begins with %d bytes of one of %d", n, len(s.last))
	}
	if s.left -= n + int64(len(v.Bytes)); s.left < 0 {
		return Value{}, errors.New("its values take more memory than there is")
	}
	whole := make([]byte, 0, int(n)+len(v.Bytes))
	s.last = append(append(whole, s.last[:n]...), v.Bytes...)
	return Value{Bytes: s.last}, nil
}

// levelWidth is how many bits a level takes.
func levelWidth(highest int) int { return bits.Len(uint(highest)) }
