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

// levelWidth is how many bits a level takes.
func levelWidth(highest int) int { return bits.Len(uint(highest)) }
