//go:build unix

package rundir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hqvit/hqvit/train/rundir"
)

// Below a root, regular files of a bounded length are read, and no others.
func TestReadIn(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "x")
	for path, text := range map[string]string{outside: "{}", filepath.Join(dir, "good"): `{"a": 1}`,
		filepath.Join(dir, "long"): strings.Repeat(" ", 16<<20+1)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"inner": "good", "away": outside, "zero": "/dev/zero"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Skip(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, words := range map[string]string{"good": "", "inner": "", "long": "more than", "away": "escapes",
		"zero": "escapes", "fifo": "no regular file", ".": "no regular file", "none": "no such file"} {
		var value struct{ A int }
		_, err := rundir.ReadConfigIn(root, name)
		for _, err := range []error{err, rundir.ReadJSONIn(root, name, "leave it", &value)} {
			if (err == nil) != (words == "") || err != nil && !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %v, want it to say %q", name, err, words)
			}
		}
		if words == "" && value.A != 1 {
			t.Errorf("%s: %+v", name, value)
		}
	}
}
