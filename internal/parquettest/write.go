// Package parquettest writes small Parquet files for tests, as plainly as the format allows.
package parquettest

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/internal/parquet"
)

// Column is a column to write, in which any value may be null. A name with a dot is a member of a structure;
// the members of one stand next to one another.
type Column struct {
	Name   string
	Kind   parquet.Kind // Int: 64 bits; Float: double
	Text   bool
	Values []parquet.Value
}

// Texts returns a column of texts.
func Texts(name string, texts ...string) Column {
	c := Column{Name: name, Kind: parquet.Bytes, Text: true}
	for _, text := range texts {
		c.Values = append(c.Values, parquet.Value{Bytes: []byte(text)})
	}
	return c
}

// Ints returns a column of integers.
func Ints(name string, ints ...int64) Column {
	c := Column{Name: name, Kind: parquet.Int}
	for _, v := range ints {
		c.Values = append(c.Values, parquet.Value{Int: v})
	}
	return c
}

// Bytes returns a column of bytes, null where they are nil.
func Bytes(name string, contents ...[]byte) Column {
	c := Column{Name: name, Kind: parquet.Bytes}
	for _, b := range contents {
		c.Values = append(c.Values, parquet.Value{Null: b == nil, Bytes: b})
	}
	return c
}

// Write returns a file with row groups of so many rows at most, one page to a column, not compressed.
func Write(metadata map[string]string, perGroup int, columns ...Column) []byte {
	file := []byte(parquet.Magic)
	rows := len(columns[0].Values)
	var groups thrift
	count := 0
	for from := 0; from < rows; from += perGroup {
		n := min(perGroup, rows-from)
		groups.begin()
		groups.list(1, structType, len(columns))
		for _, c := range columns {
			start := len(file)
			file = append(file, c.page(c.Values[from:from+n])...)
			groups.begin()
			groups.field(3, structType)
			groups.begin()
			groups.integer(1, physical[c.Kind])
			groups.list(2, intType, 0)
			groups.list(3, binaryType, 0)
			groups.integer(4, 0)
			groups.integer(5, int64(n))
			groups.integer(6, int64(len(file)-start))
			groups.integer(7, int64(len(file)-start))
			groups.integer(9, int64(start))
			groups.end()
			groups.end()
		}
		groups.integer(2, 0)
		groups.integer(3, int64(n))
		groups.end()
		count++
	}
	var footer thrift
	footer.begin()
	footer.integer(1, 2)
	schema(&footer, columns)
	footer.integer(3, int64(rows))
	footer.list(4, structType, count)
	footer.b = append(footer.b, groups.b...)
	footer.list(5, structType, len(metadata))
	for key, value := range metadata {
		footer.begin()
		footer.text(1, key)
		footer.text(2, value)
		footer.end()
	}
	footer.end()
	file = append(file, footer.b...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer.b)))
	return append(file, parquet.Magic...)
}

// physical are the numbers of types in the format.
var physical = map[parquet.Kind]int64{parquet.Bool: 0, parquet.Int: 2, parquet.Float: 5, parquet.Bytes: 6}

// schema writes the tree of columns in a list.
func schema(t *thrift, columns []Column) {
	var names []string // of the tree, structures before their members
	for _, c := range columns {
		outer, _, member := strings.Cut(c.Name, ".")
		if member && !slices.Contains(names, outer) {
			names = append(names, outer)
		}
		names = append(names, c.Name)
	}
	children := func(of string) (n int64) {
		for _, name := range names {
			if outer, _, member := strings.Cut(name, "."); member && outer == of || !member && of == "" {
				n++
			}
		}
		return n
	}
	t.list(2, structType, 1+len(names))
	t.begin()
	t.text(4, "root")
	t.integer(5, children(""))
	t.end()
	for _, name := range names {
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
		t.begin()
		if at >= 0 {
			t.integer(1, physical[columns[at].Kind])
		}
		t.integer(3, 1) // may be missing
		t.text(4, name[strings.LastIndex(name, ".")+1:])
		switch {
		case at < 0:
			t.integer(5, children(name))
		case columns[at].Text:
			t.integer(6, 0)
		}
		t.end()
	}
}

// page returns a data page of version 1 with its header.
func (c Column) page(values []parquet.Value) []byte {
	highest := 1 + strings.Count(c.Name, ".")
	var levels, b []byte
	for _, v := range values { // runs of one; both levels fit a byte
		level := byte(highest)
		if v.Null {
			level = 0
		}
		levels = append(levels, 1<<1, level)
		if v.Null {
			continue
		}
		switch c.Kind {
		case parquet.Int:
			b = binary.LittleEndian.AppendUint64(b, uint64(v.Int))
		case parquet.Float:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float))
		case parquet.Bytes:
			b = binary.LittleEndian.AppendUint32(b, uint32(len(v.Bytes)))
			b = append(b, v.Bytes...)
		default:
			panic("parquettest: a kind that is not written")
		}
	}
	body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(levels))), append(levels, b...)...)
	var header thrift
	header.begin()
	header.integer(1, 0)
	header.integer(2, int64(len(body)))
	header.integer(3, int64(len(body)))
	header.field(5, structType)
	header.begin()
	header.integer(1, int64(len(values)))
	header.integer(2, 0) // PLAIN
	header.integer(3, 3) // RLE
	header.integer(4, 3)
	header.end()
	header.end()
	return append(header.b, body...)
}

// The types of Thrift's compact protocol that are written.
const (
	intType    = 6
	binaryType = 8
	listType   = 9
	structType = 12
)

// thrift writes Thrift's compact protocol.
type thrift struct {
	b    []byte
	last []int // the number of the last field of each open structure
}

func (t *thrift) begin() { t.last = append(t.last, 0) }

func (t *thrift) end() {
	t.b = append(t.b, 0)
	t.last = t.last[:len(t.last)-1]
}

func (t *thrift) field(id, kind int) {
	last := &t.last[len(t.last)-1]
	t.b = append(t.b, byte((id-*last)<<4|kind))
	*last = id
}

func (t *thrift) integer(id int, v int64) {
	t.field(id, intType)
	t.b = binary.AppendVarint(t.b, v)
}

func (t *thrift) text(id int, s string) {
	t.field(id, binaryType)
	t.b = binary.AppendUvarint(t.b, uint64(len(s)))
	t.b = append(t.b, s...)
}

func (t *thrift) list(id, kind, n int) {
	t.field(id, listType)
	t.b = append(t.b, 0xf0|byte(kind))
	t.b = binary.AppendUvarint(t.b, uint64(n))
}
