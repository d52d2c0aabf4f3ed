package parquet

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pkg/errors"
)

// codecs are the names of the compression codecs.
var codecs = []string{"none", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4"}

// Most bytes that the codecs make of one: Snappy copies 64 by 3, deflate 258 by 2 bits, Zstandard 2¹⁷ by 4.
const (
	mostSnappy    = 22
	mostGzip      = 1032
	mostZstandard = 1 << 15
)

// expand decompresses a page to the size that its header says.
func (c *Cursor) expand(b []byte, size int64) (expanded []byte, err error) {
	name := "an unknown codec"
	if c.codec >= 0 && c.codec < int64(len(codecs)) {
		name = codecs[c.codec]
	}
	tooLarge := errors.Errorf("%s: %d bytes cannot expand to %d", name, len(b), size)
	switch name {
	case "none":
		expanded = b
	case "Snappy":
		if size > mostSnappy*int64(len(b)) {
			return nil, tooLarge
		}
		var n int
		if n, err = snappy.DecodedLen(b); err == nil && int64(n) != size { // memory is taken for what it says
			err = errors.Errorf("it says that it expands to %d bytes, and the header of its page %d", n, size)
		}
		if err == nil {
			expanded, err = snappy.Decode(nil, b)
		}
	case "gzip":
		if size > mostGzip*int64(len(b)) {
			return nil, tooLarge
		}
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(b)); err == nil {
			expanded, err = io.ReadAll(io.LimitReader(r, size+1))
		}
	case "Zstandard":
		if size > mostZstandard*int64(len(b)) {
			return nil, tooLarge
		}
		var d *zstd.Decoder
		d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecodeAllCapLimit(true))
		if err == nil {
			expanded, err = d.DecodeAll(b, make([]byte, 0, size))
			d.Close()
		}
	default:
		return nil, notRead(fmt.Sprintf("compressed by %s, which is not read: write it with Snappy, gzip, "+
			"Zstandard or no compression", name))
	}
	if err != nil {
		return nil, errors.WithMessage(err, name)
	}
	if int64(len(expanded)) != size {
		return nil, errors.Errorf("%s: a page expands to %d bytes, and its header says %d", name,
			len(expanded), size)
	}
	return expanded, nil
}
