package study

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/rundir"
)

// reuse copies the run with an identity from one of From into dir, unless dir holds a run already. It takes
// finished and unfinished runs alike: Loop.Run resumes either.
func (s Study) reuse(dir string, identity map[string]string) error {
	if len(s.From) == 0 || hasCheckpoint(dir) {
		return nil
	}
	for _, root := range s.From {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() != rundir.CheckpointFile {
				return err
			}
			found, err := rundir.ReadIdentity(path)
			if err != nil || rundir.CheckIdentity(path, found, identity) != nil {
				return nil // not a run, or another one
			}
			if err := copyRun(filepath.Dir(path), dir); err != nil {
				return err
			}
			say(s.Progress, "reused: %s", filepath.Dir(path))
			return fs.SkipAll
		})
		if err != nil {
			return errors.Wrapf(err, "study: from %s", root)
		}
		if hasCheckpoint(dir) {
			return nil
		}
	}
	return nil
}

// hasCheckpoint reports whether a directory holds a run that can be resumed.
func hasCheckpoint(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, rundir.CheckpointFile))
	return err == nil
}

// copyRun copies the files of a directory. The checkpoint and the record come last: until the checkpoint is
// there, the directory holds no run.
func copyRun(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	var names, last []string
	for _, e := range entries {
		switch {
		case !e.Type().IsRegular():
		case e.Name() == rundir.CheckpointFile || e.Name() == RecordFile:
			last = append(last, e.Name())
		default:
			names = append(names, e.Name())
		}
	}
	for _, name := range append(names, last...) {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}
