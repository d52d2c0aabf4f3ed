package parquet

import (
	"encoding/binary"

	"github.com/pkg/errors"
)

// The types of Thrift's compact protocol.
const (
	thriftTrue = 1 + iota
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

// maxDepth bounds how deep structures stand in one another: Parquet's stand about six deep.
const maxDepth = 32

// compact reads Thrift's compact protocol, in which Parquet writes its metadata. Its first error stays: what
// is read after it is zero. It allocates nothing, and every element of a list takes a byte at least, so that
// what a caller makes of a list is bounded by the bytes that are there, whatever length it claims.
//
// Source: Apache Thrift, "Thrift compact protocol encoding".
type compact struct {
	b     []byte
	at    int
	depth int
	err   error
}

// errShort says that more bytes are wanted than there are.
var errShort = errors.New("it ends too early")

func (c *compact) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *compact) next() byte {
	if c.err != nil || c.at >= len(c.b) {
		c.fail(errShort)
		return 0
	}
	c.at++
	return c.b[c.at-1]
}

func (c *compact) take(n uint64) []byte {
	if c.err != nil || n > uint64(len(c.b)-c.at) {
		c.fail(errShort)
		return nil
	}
	c.at += int(n)
	return c.b[c.at-int(n) : c.at]
}

func (c *compact) varint() uint64 {
	if c.err != nil {
		return 0
	}
	v, n := binary.Uvarint(c.b[c.at:])
	switch {
	case n == 0:
		c.fail(errShort)
	case n < 0:
		c.fail(errors.New("it holds a number of more than 64 bits"))
	default:
		c.at += n
	}
	return v
}

func (c *compact) zigzag() int64 {
	v := c.varint()
	return int64(v>>1) ^ -int64(v&1)
}

// fields calls read with the number and the type of each field of a structure; read has to consume it.
func (c *compact) fields(read func(id int64, kind byte)) {
	if c.depth++; c.depth > maxDepth {
		c.fail(errors.New("its structures stand too deep in one another"))
	}
	defer func() { c.depth-- }()
	id := int64(0)
	for {
		head := c.next()
		if head == 0 || c.err != nil {
			return
		}
		if delta := head >> 4; delta != 0 {
			id += int64(delta)
		} else {
			id = c.zigzag()
		}
		read(id, head&15)
	}
}

// want fails unless a field is of a type.
func (c *compact) want(kind byte, types ...byte) bool {
	for _, t := range types {
		if kind == t {
			return c.err == nil
		}
	}
	c.fail(errors.Errorf("a field has type %d, want %d", kind, types[0]))
	return false
}

func (c *compact) number(kind byte) int64 {
	if !c.want(kind, thriftInt32, thriftInt64, thriftInt16, thriftByte) {
		return 0
	}
	if kind == thriftByte {
		return int64(int8(c.next()))
	}
	return c.zigzag()
}

// truth reads a truth value, which stands in the type of its field.
func (c *compact) truth(kind byte) bool {
	return c.want(kind, thriftTrue, thriftFalse) && kind == thriftTrue
}

func (c *compact) text(kind byte) string {
	if !c.want(kind, thriftBinary) {
		return ""
	}
	return string(c.take(c.varint()))
}

func (c *compact) structure(kind byte, read func(id int64, kind byte)) {
	if c.want(kind, thriftStruct) {
		c.fields(read)
	}
}

// list calls read for each element, with its type.
func (c *compact) list(kind byte, read func(kind byte)) {
	if !c.want(kind, thriftList, thriftSet) {
		return
	}
	head := c.next()
	n := uint64(head >> 4)
	if n == 15 {
		n = c.varint()
	}
	if n > uint64(len(c.b)-c.at) {
		c.fail(errShort)
	}
	for ; n > 0 && c.err == nil; n-- {
		read(head & 15)
	}
}

// skip passes over a field.
func (c *compact) skip(kind byte) {
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		c.next()
	case thriftInt16, thriftInt32, thriftInt64:
		c.varint()
	case thriftDouble:
		c.take(8)
	case thriftBinary:
		c.take(c.varint())
	case thriftStruct:
		c.fields(func(_ int64, kind byte) { c.skip(kind) })
	case thriftList, thriftSet:
		c.nested(func() { c.list(kind, c.skipElement) })
	case thriftMap:
		c.nested(c.skipMap)
	default:
		c.fail(errors.Errorf("a field has type %d, which there is not", kind))
	}
}

// nested counts what stands in a list or a map as one level deeper, too.
func (c *compact) nested(read func()) {
	if c.depth++; c.depth > maxDepth {
		c.fail(errors.New("its structures stand too deep in one another"))
	} else {
		read()
	}
	c.depth--
}

// skipElement passes over an element of a list or a map, where a truth value is a byte.
func (c *compact) skipElement(kind byte) {
	if kind == thriftTrue || kind == thriftFalse {
		kind = thriftByte
	}
	c.skip(kind)
}

func (c *compact) skipMap() {
	n := c.varint()
	if n == 0 {
		return
	}
	kinds := c.next()
	if n > uint64(len(c.b)-c.at) {
		c.fail(errShort)
	}
	for ; n > 0 && c.err == nil; n-- {
		c.skipElement(kinds >> 4)
		c.skipElement(kinds & 15)
	}
}
