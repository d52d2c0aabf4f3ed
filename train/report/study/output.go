package study

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// output is a file that a page consists of.
type output struct {
	path    string
	content []byte
	// replaces reports whether another content that is there may be replaced, since this program wrote it;
	// nil: it may not.
	replaces func(old []byte) bool
}

// writeAll writes all files, or none if one would replace what somebody else has written, which the error
// names. A file that has its content already is left alone: flushing it to disk would take longer than to
// make it.
func writeAll(files []output) error {
	var changed []output
	var foreign []string
	for _, f := range files {
		old, err := os.ReadFile(f.path)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return errors.Wrap(err, "study: page")
		case bytes.Equal(old, f.content):
			continue
		case len(old) > 0 && (f.replaces == nil || !f.replaces(old)):
			foreign = append(foreign, f.path)
		}
		changed = append(changed, f)
	}
	if len(foreign) > 0 {
		return errors.Errorf("study: page: %s would be overwritten, and is not what this program writes "+
			"there: move it away, or remove it if nobody needs it", strings.Join(foreign, ", "))
	}
	for _, f := range changed {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
			return errors.Wrap(err, "study: page")
		}
		if err := atomicfile.WriteBytes(f.path, f.content); err != nil {
			return err
		}
	}
	return nil
}

// What tells the files of a page from those of somebody else.

func isSVG(old []byte) bool { return bytes.HasPrefix(old, []byte("<svg")) }

func isPNG(old []byte) bool { return bytes.HasPrefix(old, []byte("\x89PNG\r\n\x1a\n")) }

func contains(mark string) func(old []byte) bool {
	return func(old []byte) bool { return bytes.Contains(old, []byte(mark)) }
}
