package atomicfile_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

func TestWriteReplacesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write := func(content string, fail error) error {
		return atomicfile.Write(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, content); err != nil {
				return err
			}
			return fail
		})
	}
	want := func(content string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("the file holds %q (%v), want %q", got, err, content)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%d files in the directory, want 1: a temporary file was left", len(entries))
		}
	}
	if err := write("first", nil); err != nil {
		t.Fatal(err)
	}
	want("first")
	// more than the buffer: part of it is on disk when the writer fails
	large := strings.Repeat("second", 10_000)
	stop := errors.New("stop")
	if err := write(large, stop); !errors.Is(err, stop) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want the writer's with the path", err)
	}
	want("first")
	if err := write(large, nil); err != nil {
		t.Fatal(err)
	}
	want(large)
}

func TestWriteIntoAMissingDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "file")
	err := atomicfile.Write(path, func(io.Writer) error { return nil })
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want os.ErrNotExist with the path", err)
	}
}
