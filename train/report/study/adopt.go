package study

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// adopt copies the run of a Task from one of From, if its directory holds none yet and there is one of its Identity. It takes whole runs and
// unfinished ones alike: Task.Run goes on from either.
func (s Study) adopt(task train.Task) error {
	if len(s.From) == 0 || begun(task.Dir) {
		return nil
	}
	want, err := task.Identity()
	if err != nil {
		return err
	}
	for _, root := range s.From {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() != rundir.CheckpointFile {
				return err
			}
			identity, err := rundir.ReadIdentity(path)
			if err != nil || !maps.Equal(identity, want) {
				return nil // no run, or not this one
			}
			if err := copyRun(filepath.Dir(path), task.Dir); err != nil {
				return err
			}
			s.say("taken over: %s", filepath.Dir(path))
			return fs.SkipAll
		})
		if err != nil {
			return errors.Wrapf(err, "compare: from %s", root)
		}
		if begun(task.Dir) {
			return nil
		}
	}
	return nil
}

// begun reports whether a directory holds a run that can go on.
func begun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, rundir.CheckpointFile))
	return err == nil
}

// copyRun copies the files of a directory. The checkpoint is the last: a copy that was stopped holds none, and the run is trained.
func copyRun(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	names := []string{}
	for _, e := range entries {
		if e.Type().IsRegular() && e.Name() != rundir.CheckpointFile && e.Name() != RecordFile {
			names = append(names, e.Name())
		}
	}
	for _, name := range append(names, rundir.CheckpointFile) {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(from, RecordFile)); err != nil {
		return nil // a run of train, or an unfinished one
	}
	return copyFile(filepath.Join(from, RecordFile), filepath.Join(to, RecordFile))
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
