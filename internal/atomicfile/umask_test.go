//go:build unix

package atomicfile_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// A new file has the permissions of the umask, as with os.Create; one that is replaced keeps its own, which
// its content has from the first byte on.
func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name        string
		umask       int
		there, want os.FileMode // there 0: no file
	}{
		{"usual", 0o022, 0, 0o644}, {"group", 0o002, 0, 0o664}, {"private", 0o077, 0, 0o600},
		{"kept private", 0o022, 0o600, 0o600}, {"kept for the group", 0o022, 0o664, 0o664},
		{"read-only", 0o022, 0o444, 0o444},
	} {
		path := filepath.Join(dir, c.name)
		if c.there != 0 {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.there); err != nil {
				t.Fatal(err)
			}
		}
		old := syscall.Umask(c.umask)
		err := atomicfile.Write(path, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil { // more than the buffer
				return err
			}
			names, err := filepath.Glob(filepath.Join(dir, "."+c.name+".*.hqvit.tmp"))
			if err != nil || len(names) != 1 {
				t.Errorf("%s: temporary files %v (%v)", c.name, names, err)
				return nil
			}
			if info, err := os.Stat(names[0]); err != nil || info.Mode().Perm() != c.want {
				t.Errorf("%s: the temporary file has mode %v (%v), want %v", c.name, info.Mode(), err, c.want)
			}
			return nil
		})
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != c.want {
			t.Errorf("%s: mode %v (%v), want %v", c.name, info.Mode(), err, c.want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 6 {
		t.Errorf("%d files (%v), want 6", len(entries), err)
	}
}
