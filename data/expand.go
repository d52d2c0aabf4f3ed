package data

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/pkg/errors"
)

// expandLimit returns how many bytes a compressed file of the given size may
// expand to. Images expand less than tenfold and label files that are sorted
// by class stay below the constant, so the limit only stops lying headers.
func expandLimit(size int) int { return 64*size + 4<<20 }

// readBounded reads all of r, and fails once it holds more than limit bytes.
// It starts with room for hint bytes, a guess.
func readBounded(r io.Reader, hint, limit int) ([]byte, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, min(hint, limit)+bytes.MinRead))
	n, err := buffer.ReadFrom(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, errors.WithMessagef(err, "after %d bytes", n)
	}
	if n > int64(limit) {
		return nil, errors.Errorf("expands to more than %d bytes, the limit for its size", limit)
	}
	return buffer.Bytes(), nil
}

// gunzip returns content itself, or what it expands to if it is gzip data.
func gunzip(content []byte) ([]byte, error) {
	if !bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		return content, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, errors.WithMessage(err, "gzip")
	}
	decoded, err := readBounded(r, 5*len(content), expandLimit(len(content)))
	return decoded, errors.WithMessage(err, "gzip")
}
