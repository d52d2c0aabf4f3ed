package parquet

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goldenRows = 300

// golden returns the value of a column in a row, by the rules of testdata/write.mjs.
func golden(column string, i int) Value {
	text := func(s string) Value { return Value{Bytes: []byte(s)} }
	null := Value{Null: true}
	switch column {
	case "image.bytes":
		if i%97 == 5 || i%7 == 3 {
			return null
		}
		b := make([]byte, i%13)
		for k := range b {
			b[k] = byte(31*i + 7*k)
		}
		return Value{Bytes: b}
	case "image.path":
		if i%97 == 5 || i%5 == 4 {
			return null
		}
		return text(fmt.Sprintf("train/%d.png", i))
	case "label":
		return Value{Int: int64(i*i*7919%10 - 1)}
	case "big":
		if i%6 == 1 {
			return null
		}
		return Value{Int: int64(i) * 1234567890123 * int64(1-2*(i%2))}
	case "small":
		return Value{Int: int64(i*40503%2000 - 1000)}
	case "name":
		if i%19 == 2 {
			return null
		}
		return text(fmt.Sprintf("species-%d/%d", i%17, i>>3))
	case "kind":
		return text([]string{"cat", "dog", "emu"}[i%3])
	case "flag":
		if i%11 == 0 {
			return null
		}
		if i%3 == 0 {
			return Value{Int: 1}
		}
		return Value{}
	case "real":
		return Value{Float: float64(i) / 7}
	case "single":
		return Value{Float: float64(float32(float64(i) / 3))}
	}
	panic(column)
}

func (v Value) equal(other Value) bool {
	return v.Null == other.Null && v.Int == other.Int && v.Float == other.Float &&
		bytes.Equal(v.Bytes, other.Bytes)
}

func open(t testing.TB, content []byte) (*File, error) {
	t.Helper()
	return Open(bytes.NewReader(content), int64(len(content)), 1<<24)
}

// Every value of every column of files that other programs wrote: Snappy, gzip, Zstandard and none; pages of
// both versions; several pages and row groups; dictionaries; the three encodings of differences; nulls of a
// structure and of a member.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.parquet")
	if err != nil || len(paths) < 8 {
		t.Fatalf("%d files; %v", len(paths), err)
	}
	decoders := map[string]bool{}
	for _, path := range paths {
		if strings.Contains(path, "brotli") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := open(t, content)
			if err != nil {
				t.Fatal(err)
			}
			if f.Rows != goldenRows || !strings.Contains(f.Metadata["huggingface"], `"names": ["a", "b"]`) {
				t.Errorf("%d rows, metadata %q", f.Rows, f.Metadata)
			}
			read := 0
			for _, column := range f.Columns {
				if strings.HasPrefix(column.Name, "list") {
					_, err := f.Cursor(column)
					wantError(t, err, "column list.list.element holds lists, which are not read")
					continue
				}
				c, err := f.Cursor(column)
				if err != nil {
					t.Fatal(err)
				}
				for i := range goldenRows {
					v, err := c.Next()
					decoders[fmt.Sprintf("%T", c.values)] = true
					if err != nil {
						t.Fatalf("%s: row %d: %v", column.Name, i, err)
					}
					if want := golden(column.Name, i); !v.equal(want) {
						t.Fatalf("%s: row %d is %+v, want %+v", column.Name, i, v, want)
					}
				}
				if _, err := c.Next(); err != io.EOF {
					t.Errorf("%s: after the last row: %v", column.Name, err)
				}
				if text := column.Name != "image.bytes" && column.Kind == Bytes; text != column.Text {
					t.Errorf("%s: text is %v", column.Name, column.Text)
				}
				read++
			}
			if read != 10 {
				t.Errorf("%d columns, want 10", read)
			}
		})
	}
	for _, d := range []decoder{&plain{}, lookup{}, truths{}, &delta{}, &lengths{}, &shared{}, &streams{}} {
		if name := fmt.Sprintf("%T", d); !decoders[name] {
			t.Errorf("no file has values that %s decodes", name)
		}
	}
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, part)
	}
}
