// Package interop reads files that parquet-go wrote, which shares no code with package parquet.
package interop

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	ours "github.com/hqvit/hqvit/internal/parquet"
)

// row has a column of each kind and encoding.
type row struct {
	Image *picture `parquet:"image,optional"`
	Label int64    `parquet:"label"`
	Delta int64    `parquet:"delta,delta"`
	Small int32    `parquet:"small,delta"`
	Dict  string   `parquet:"dict,dict"`
	Text  string   `parquet:"text,optional,delta"` // null if empty
	Plain string   `parquet:"plain"`
	Split float64  `parquet:"split,split"`
	Some  *float32 `parquet:"some,optional"`
	Flag  bool     `parquet:"flag"`
	Few   *int64   `parquet:"few,optional,dict"`
}

type picture struct {
	Bytes []byte  `parquet:"bytes,optional"`
	Path  *string `parquet:"path,optional"`
}

// randomRow returns a row: about a fifth of what can be missing is.
func randomRow(r *rand.Rand) (v row) {
	text := func() string { return fmt.Sprintf("species-%d/%x", r.IntN(5), r.Uint32()>>r.IntN(32)) }
	missing := func() bool { return r.IntN(5) == 0 }
	if !missing() {
		v.Image = &picture{}
		if !missing() {
			v.Image.Bytes = make([]byte, 1+r.IntN(200)) // parquet-go takes no bytes for null
			for i := range v.Image.Bytes {
				v.Image.Bytes[i] = byte(r.Uint32())
			}
		}
		if !missing() {
			s := text()
			v.Image.Path = &s
		}
	}
	v.Label, v.Delta = int64(r.IntN(10)), int64(r.Uint64())>>r.IntN(64)
	v.Small = int32(r.Uint32()) >> r.IntN(32)
	v.Dict, v.Plain, v.Split, v.Flag = []string{"a", "bb", "ccc", "é"}[r.IntN(4)], text(), r.NormFloat64(),
		r.IntN(3) == 0
	if !missing() {
		v.Text = text()
	}
	if !missing() {
		f := float32(r.NormFloat64())
		v.Some = &f
	}
	if !missing() {
		n := int64(r.IntN(3)) - 1
		v.Few = &n
	}
	return v
}

// value returns what a column of a row has to be read as.
func (v row) value(column string) ours.Value {
	null := ours.Value{Null: true}
	optional := func(s *string) ours.Value {
		if s == nil {
			return null
		}
		return ours.Value{Bytes: []byte(*s)}
	}
	switch column {
	case "image.bytes":
		if v.Image == nil || v.Image.Bytes == nil {
			return null
		}
		return ours.Value{Bytes: v.Image.Bytes}
	case "image.path":
		if v.Image == nil {
			return null
		}
		return optional(v.Image.Path)
	case "label":
		return ours.Value{Int: v.Label}
	case "delta":
		return ours.Value{Int: v.Delta}
	case "small":
		return ours.Value{Int: int64(v.Small)}
	case "dict":
		return ours.Value{Bytes: []byte(v.Dict)}
	case "text":
		if v.Text == "" {
			return null
		}
		return ours.Value{Bytes: []byte(v.Text)}
	case "plain":
		return ours.Value{Bytes: []byte(v.Plain)}
	case "split":
		return ours.Value{Float: v.Split}
	case "some":
		if v.Some == nil {
			return null
		}
		return ours.Value{Float: float64(*v.Some)}
	case "flag":
		if v.Flag {
			return ours.Value{Int: 1}
		}
		return ours.Value{}
	case "few":
		if v.Few == nil {
			return null
		}
		return ours.Value{Int: *v.Few}
	}
	panic(column)
}

// Random rows of every kind of column, in every codec, both versions of pages and several sizes, come back as
// they were.
func TestRandomTables(t *testing.T) {
	for name, codec := range map[string]compress.Codec{"none": &parquet.Uncompressed, "Snappy": &parquet.Snappy,
		"gzip": &parquet.Gzip, "Zstandard": &parquet.Zstd} {
		for version := 1; version <= 2; version++ {
			for i, page := range []int{200, 3000, 1 << 20} {
				t.Run(fmt.Sprintf("%s, version %d, pages of %d", name, version, page), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(version), uint64(i)))
					rows := make([]row, 1+r.IntN(1500))
					for i := range rows {
						rows[i] = randomRow(r)
					}
					var file bytes.Buffer
					w := parquet.NewGenericWriter[row](&file, parquet.Compression(codec),
						parquet.DataPageVersion(version),
						parquet.PageBufferSize(page), parquet.MaxRowsPerRowGroup(int64(100+r.IntN(900))),
						parquet.DataPageStatistics(true), parquet.KeyValueMetadata("huggingface", "{}"))
					if _, err := w.Write(rows); err != nil {
						t.Fatal(err)
					}
					if err := w.Close(); err != nil {
						t.Fatal(err)
					}
					compare(t, file.Bytes(), rows)
				})
			}
		}
	}
}

func compare(t *testing.T, content []byte, rows []row) {
	t.Helper()
	f, err := ours.Open(bytes.NewReader(content), int64(len(content)), 1<<24)
	if err != nil {
		t.Fatal(err)
	}
	if f.Rows != int64(len(rows)) || len(f.Columns) != 12 || f.Metadata["huggingface"] != "{}" {
		t.Fatalf("%d rows of %d columns, metadata %q", f.Rows, len(f.Columns), f.Metadata)
	}
	for _, column := range f.Columns {
		c, err := f.Cursor(column)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range rows {
			got, err := c.Next()
			if err != nil {
				t.Fatalf("%s: row %d: %v", column.Name, i, err)
			}
			if w := want.value(column.Name); got.Null != w.Null || got.Int != w.Int || got.Float != w.Float ||
				!bytes.Equal(got.Bytes, w.Bytes) {
				t.Fatalf("%s: row %d is %+v, want %+v", column.Name, i, got, w)
			}
		}
		if _, err := c.Next(); err != io.EOF {
			t.Errorf("%s: after the last row: %v", column.Name, err)
		}
	}
}
