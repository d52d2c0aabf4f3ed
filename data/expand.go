package data

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"

	"github.com/pkg/errors"
)

// expandLimit returns how many bytes a compressed file of the given size may
// expand to. Images expand less than tenfold and label files that are sorted
// by class stay below the constant, so the limit only stops lying headers.
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
			return nil, errors.Errorf("expands to more than %d bytes, the limit for its size", limit)
		case err == io.EOF:
			return content, nil
		case err != nil:
			return nil, errors.WithMessagef(err, "after %d bytes", len(content))
		case len(content) == cap(content):
			content = slices.Grow(content, min(len(content), limit+1-len(content)))
		}
	}
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
