package parquet

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// footed returns a file of some pages whose description is the given bytes.
func footed(pages, footer []byte) []byte {
	b := append([]byte(Magic), pages...)
	b = append(b, footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), Magic...)
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Descriptions that lie are errors before any memory is taken for what they claim.
func TestLyingDescriptions(t *testing.T) {
	uvarint := func(v uint64) []byte { return binary.AppendUvarint(nil, v) }
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	deep := append(bytes.Repeat([]byte{0x1c}, 100), 0)
	for name, c := range map[string]struct {
		file  []byte
		fails string
	}{
		"empty": {nil, "0 bytes, which is too short for a Parquet file"},
		"text": {[]byte("a text that is long enough"),
			`no Parquet file: it begins with "a te", want "PAR1"`},
		"cut short": {[]byte("PAR1 and then no more"),
			`the file is cut short: it ends with "more", want "PAR1"`},
		"encrypted": {[]byte("PARE0000\x01\x00\x00\x00PARE"), "the file is encrypted, which is not read"},
		"a long footer": {append([]byte("PAR1\xff\xff\xff\x7f"), Magic...), "it says that its " +
			"description takes 2147483647 of its 12 bytes"},
		"2³¹ columns": {footed(nil, join([]byte{0x15, 2, 0x19, 0xfc}, uvarint(1<<31), []byte{0})),
			"its description: it ends too early"},
		"2⁶³ row groups": {footed(nil, join([]byte{0x49, 0xfc}, uvarint(1<<63), []byte{0})),
			"it ends too early"},
		"a name of 2³⁰": {footed(nil, join([]byte{0x29, 0x1c, 0x48}, uvarint(1<<30))), "it ends too early"},
		"a map of 2⁴⁰": {footed(nil, join([]byte{0x9b}, uvarint(1<<40), []byte{0x88, 0, 0})),
			"it ends too early"},
		"a number too long": {footed(nil, append([]byte{0x36}, bytes.Repeat([]byte{0xff}, 11)...)),
			"a number of more than 64 bits"},
		"a wrong type": {footed(nil, []byte{0x38, 0, 0}), "a field has type 8, want 5"},
		"no type":      {footed(nil, []byte{0x9f, 0}), "a field has type 15, which there is not"},
		"too deep":     {footed(nil, deep), "its structures stand too deep in one another"},
		"too deep lists": {footed(nil, append([]byte{0x99}, bytes.Repeat([]byte{0x19}, 100)...)),
			"its structures stand too deep in one another"},
		"no columns": {footed(nil, []byte{0}), "it names no columns"},
		"children too many": {footed(nil, []byte{0x29, 0x1c, 0x55, 8, 0, 0}),
			"it has columns that do not fit together"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = open(t, c.file) })
			wantError(t, err, c.fails)
			if n > 1<<16 {
				t.Errorf("%d bytes allocated", n)
			}
		})
	}
}

// A name on two lines does not make an error on two lines.
func TestNameOfTwoLines(t *testing.T) {
	content, err := os.ReadFile("testdata/hyparquet.parquet")
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.ReplaceAll(content, []byte("label"), []byte("la\nel"))
	description := int(binary.LittleEndian.Uint32(bad[len(bad)-8:]))
	clear(bad[4 : len(bad)-8-description]) // all pages
	f, err := open(t, bad)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range f.Columns {
		if column.Name == "la\nel" {
			c, err := f.Cursor(column)
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, errorOf(c.Next()), `the file is damaged: column "la\nel", row group 0: `)
			return
		}
	}
	t.Error("no column has the name")
}

// Of a sound file, no byte that is changed and no end that is missing makes more than an error of one line.
func TestDamaged(t *testing.T) {
	for _, name := range []string{"duckdb-zstd-v2", "arrow-delta-v2", "hyparquet"} {
		content, err := os.ReadFile(filepath.Join("testdata", name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(content); at += 13 {
			if _, err := open(t, content[:at]); err == nil {
				t.Errorf("%s cut at %d is opened", name, at)
			}
			bad := slices.Clone(content)
			bad[at] ^= byte(1 + at%255)
			if f, err := open(t, bad); err == nil {
				readAll(t, f)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
		}
	}
}

// readAll reads all columns of a file, as far as they are sound.
func readAll(t *testing.T, f *File) {
	t.Helper()
	for _, column := range f.Columns {
		c, err := f.Cursor(column)
		if err != nil {
			continue
		}
		for rows := int64(0); ; rows++ {
			v, err := c.Next()
			if err == io.EOF {
				if rows != f.Rows {
					t.Errorf("column %s has %d rows, the file says %d", column.Name, rows, f.Rows)
				}
				break
			}
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("%q", err)
				}
				break
			}
			if v.Null && (v.Bytes != nil || v.Int != 0 || v.Float != 0) {
				t.Errorf("a null of value %+v", v)
			}
		}
	}
}

func compressed(t *testing.T, codec string, b []byte) []byte {
	t.Helper()
	switch codec {
	case "Snappy":
		return snappy.Encode(nil, b)
	case "Zstandard":
		w, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		return w.EncodeAll(b, nil)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A page expands to what its header says, or is an error that took no more memory than that.
func TestExpand(t *testing.T) {
	zeros := make([]byte, 8<<20)
	for codec, name := range codecs {
		c := &Cursor{codec: int64(codec), file: &File{limit: 1 << 30}}
		if _, err := c.expand([]byte("abc"), 7); err == nil {
			t.Errorf("%s: no error for 3 bytes that are none of it", name)
		}
		if !slices.Contains([]string{"Snappy", "gzip", "Zstandard"}, name) {
			continue
		}
		text := []byte(strings.Repeat("unsymmetric 0123456789 ", 99))
		got, err := c.expand(compressed(t, name, text), int64(len(text)))
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: %v", name, err)
		}
		small, bomb := compressed(t, name, text), compressed(t, name, zeros)
		for _, size := range []int64{0, 1, int64(len(text)) - 1, int64(len(text)) + 1, 1 << 30} {
			var err error
			n := allocated(func() { _, err = c.expand(small, size) })
			if err == nil || n > 1<<21 {
				t.Errorf("%s: %d bytes that the header calls %d: %v, %d bytes allocated", name, len(text),
					size, err, n)
			}
			n = allocated(func() { _, err = c.expand(bomb, 1000) })
			if err == nil || n > 1<<21 {
				t.Errorf("%s: a bomb of %d bytes: %v, %d bytes allocated", name, len(bomb), err, n)
			}
		}
	}
	wantError(t, errorOf((&Cursor{codec: 4}).expand(nil, 0)), "compressed by Brotli, which is not read: "+
		"write it with Snappy, gzip, Zstandard")
	wantError(t, errorOf((&Cursor{codec: -1}).expand(nil, 0)), "an unknown codec")
	content, err := os.ReadFile("testdata/duckdb-brotli.parquet")
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(t, content)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Cursor(f.Columns[2])
	if err != nil {
		t.Fatal(err)
	}
	err = errorOf(c.Next())
	wantError(t, err, "column label, row group 0: compressed by Brotli")
	if strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v of a sound file", err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

// Values that do not add up are errors.
func TestLyingValues(t *testing.T) {
	varints := func(v ...uint64) (b []byte) {
		for _, u := range v {
			b = binary.AppendUvarint(b, u)
		}
		return b
	}
	drain := func(d decoder, err error) error {
		for n := 0; err == nil; n++ {
			if _, err = d.next(); n > 1<<20 {
				return errors.New("no end")
			}
		}
		return err
	}
	hybridOf := func(width int, b []byte) (decoder, error) {
		h, err := newHybrid(b, width)
		return lookup{h, make([]Value, 3)}, err
	}
	bytesColumn := &Column{Kind: Bytes}
	for name, c := range map[string]struct {
		err   error
		fails string
	}{
		"width":    {drain(hybridOf(33, nil)), "numbers of 33 bits, want at most 32"},
		"no run":   {drain(hybridOf(3, nil)), "it ends too early"},
		"beyond":   {drain(hybridOf(3, []byte{2, 5})), "value 5 of a dictionary of 3"},
		"no value": {drain(hybridOf(9, []byte{2, 1})), "it ends too early"},
		"packed":   {drain(hybridOf(7, []byte{1<<7 | 1, 1})), "it ends too early"},
		"block": {drain(newDelta(varints(1<<40, 4, 9, 0), false, 9)),
			"blocks of 1099511627776 differences"},
		"parts":     {drain(newDelta(varints(128, 0, 9, 0), false, 9)), "in 0 parts"},
		"odd parts": {drain(newDelta(varints(128, 3, 9, 0), false, 9)), "in 3 parts"},
		"total": {drain(newDelta(varints(128, 4, 1<<60, 0), false, 9)),
			"1152921504606846976 numbers in a page of 9 values"},
		"no block": {drain(newDelta(varints(128, 4, 9, 0), false, 9)), "it ends too early"},
		"wide difference": {drain(newDelta(append(varints(128, 4, 9, 0, 0), 65, 0, 0, 0), false, 9)),
			"differences of 65 bits"},
		"length below 0": {drain(newLengths(varints(128, 4, 1, 1), 9)), "a value of -1 bytes"},
		"length":         {drain(newLengths(varints(128, 4, 1, 200), 9)), "it ends too early"},
		"prefix": {drain(newShared(append(varints(128, 4, 1, 10), varints(128, 4, 1, 0)...), 9, 99)),
			"a value begins with 5 bytes of one of 0"},
		"plain": {drain(&plain{column: bytesColumn, b: []byte{255, 255, 255, 255}}, nil),
			"it ends too early"},
		"plain length": {drain(&plain{column: bytesColumn, b: []byte{1}}, nil), "it ends too early"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.fails) {
			t.Errorf("%s: %v, want %q", name, c.err, c.fails)
		}
	}
}

// Numbers of any width at any bit, against arithmetic on one large number.
func TestUnpack(t *testing.T) {
	b := []byte{0x9d, 0x3c, 0x71, 0xee, 0x05, 0xa8, 0x42, 0xd9, 0x17, 0x6b, 0xf0}
	for width := range 65 {
		for bit := 0; bit+width <= 8*len(b); bit++ {
			want := uint64(0)
			for i := range width {
				want |= uint64(b[(bit+i)/8]>>((bit+i)%8)&1) << i
			}
			if got, ok := unpack(b, uint64(bit), width); !ok || got != want {
				t.Fatalf("%d bits at %d: %x, want %x", width, bit, got, want)
			}
		}
		if _, ok := unpack(b, uint64(8*len(b)-width)+1, width); ok {
			t.Errorf("%d bits are read beyond the end", width)
		}
	}
}

// FuzzFile reads all columns of what may be a file.
func FuzzFile(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		n := allocated(func() {
			file, err := Open(bytes.NewReader(content), int64(len(content)), 1<<20)
			if err != nil || file.Rows > 1<<16 { // which is for the caller to refuse
				return
			}
			readAll(t, file)
		})
		if n > uint64(64<<20+1024*len(content)) {
			t.Errorf("%d bytes allocated for a file of %d", n, len(content))
		}
	})
}
