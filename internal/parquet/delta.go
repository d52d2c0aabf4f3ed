package parquet

import "github.com/pkg/errors"

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
