package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"slices"

	"github.com/pkg/errors"
)

// expandLimit returns how many bytes a compressed file of a listed set may expand to: these are known, and
// expand less than tenfold.
func expandLimit(size int) int { return 64*size + 4<<20 }

// readBounded reads all of r, and fails once that is more than limit bytes.
// It starts with room for hint bytes, a guess that may come from the file.
func readBounded(r io.Reader, hint, limit int) ([]byte, error) {
	content := make([]byte, 0, max(min(hint, limit), 0)+1)
	for {
		n, err := r.Read(content[len(content):cap(content)])
		content = content[:len(content)+n]
		switch {
		case len(content) > limit:
			return nil, errors.Errorf("expands to more than %d bytes, the limit for it", limit)
		case err == io.EOF:
			return content, nil
		case err != nil:
			return nil, errors.WithMessagef(err, "after %d bytes", len(content))
		case len(content) == cap(content):
			content = slices.Grow(content, min(len(content), limit+1-len(content)))
		}
	}
}

// maxExpansion is how many bytes deflate can make of one: 258 from two bits.
const maxExpansion = 1032

// read reads the values of an array whose header has been read, from what is left of a file of some bytes,
// compressed or not. It takes no more memory than the header says, the file can hold and there is.
func (a array) read(r io.Reader, fileSize int) (array, error) {
	want := float64(a.size)
	for _, d := range a.dims {
		if d < 0 {
			return a, errors.Errorf("header says %v values", a.dims)
		}
		want *= float64(d)
	}
	if want > maxExpansion*float64(fileSize) {
		return a, errors.Errorf("header says %v values, more than a file of %d bytes can hold", a.dims,
			fileSize)
	}
	if err := checkMemory(want); err != nil {
		return a, errors.WithMessagef(err, "header says %v values", a.dims)
	}
	var err error
	if a.values, err = readBounded(io.LimitReader(r, int64(want)+1), min(8*fileSize, int(want)),
		int(want)+1); err != nil {
		return a, err
	}
	switch n := len(a.values); {
	case n > int(want):
		return a, errors.Errorf("header says %v values, the file holds more", a.dims)
	case n%a.size != 0:
		return a, errors.Errorf("header says %v values of %d bytes, the file holds %d bytes", a.dims,
			a.size, n)
	}
	return a, sized(a.dims, a.Len())
}

// openZip reads the directory of an archive.
func openZip(content []byte) (*zip.Reader, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	switch {
	case err != nil && bytes.HasPrefix(content, []byte("PK")):
		return nil, errors.Errorf("the archive is damaged or cut short: %v", err)
	case err != nil:
		return nil, errors.Errorf("want a zip archive, the file is %s", looksLike(content))
	}
	return archive, nil
}

// gunzip returns content itself, or what it expands to if it is gzip data: that of a listed set.
func gunzip(content []byte) ([]byte, error) {
	r, err := decompressor(content)
	if err != nil || !isGzip(content) {
		return content, err
	}
	decoded, err := readBounded(r, 5*len(content), expandLimit(len(content)))
	return decoded, errors.WithMessage(err, "gzip")
}

func isGzip(content []byte) bool { return bytes.HasPrefix(content, []byte{0x1f, 0x8b}) }

// decompressor reads content, decompressed if it is gzip data.
func decompressor(content []byte) (io.Reader, error) {
	if !isGzip(content) {
		return bytes.NewReader(content), nil
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	return r, errors.WithMessage(err, "gzip")
}
