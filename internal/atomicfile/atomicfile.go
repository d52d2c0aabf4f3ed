// Package atomicfile replaces files in such a way that a crash leaves the old content or the new, never a
// part.
package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/pkg/errors"
)

// The name of a temporary file, as it is made and as it is known again.
const temporary = ".%s.%d.hqvit.tmp"

var isTemporary = regexp.MustCompile(`^\..+\.[0-9]+\.hqvit\.tmp$`)

// Write replaces the file at path by what write writes. The content goes to a temporary file in the same
// directory first, is flushed to disk, and is then renamed, so that after an error or a power failure the
// file at path is either as it was or complete. A new file has the permissions that os.Create gives, those of
// the umask; one that is replaced keeps its own. It returns the error of write and those of the file system.
func Write(path string, write func(io.Writer) error) (err error) {
	f, err := create(path)
	if err != nil {
		return errors.Wrapf(err, "save %s", path)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = errors.Wrapf(err, "save %s", path)
		}
	}()
	if old, missing := os.Stat(path); missing == nil { // before there is anything to read
		if err = f.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	w := bufio.NewWriter(f)
	if err = write(w); err != nil {
		return err
	}
	if err = w.Flush(); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// create makes a temporary file beside path. os.CreateTemp would let nobody else read it, whatever the umask.
func create(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for {
		name := filepath.Join(dir, fmt.Sprintf(temporary, base, rand.Uint32()))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
}

// WriteBytes is Write of a content that is there.
func WriteBytes(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Sweep removes the temporary files that killed calls of Write have left in a directory, known by their
// names. Only who alone writes there may call it.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return errors.WithStack(err)
	}
	for _, e := range entries {
		if !isTemporary.MatchString(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return errors.Wrap(err, "clean up")
		}
	}
	return nil
}

// syncDir flushes the entries of a directory to disk: without it a rename can be lost in a power failure.
// Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
