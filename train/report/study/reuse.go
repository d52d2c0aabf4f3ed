package study

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/rundir"
)

// source is a run that may be reused.
type source struct {
	dir      string
	identity map[string]string
}

// sources returns the runs in From, finished and unfinished ones alike: Loop.Run resumes either. It returns
// an error for a directory that is not there or that holds no run.
func (s Study) sources() ([]source, error) {
	var all []source
	for _, root := range s.From {
		known := len(all)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() != rundir.CheckpointFile {
				return err
			}
			identity, err := rundir.ReadIdentity(path)
			if err != nil {
				say(s.Progress, "not reused: %v", err)
				return nil
			}
			all = append(all, source{filepath.Dir(path), identity})
			return nil
		})
		if err != nil {
			return nil, errors.Wrapf(err, "from %s", root)
		}
		if len(all) == known {
			return nil, errors.Errorf("from %s: there is no run that could be reused, want a directory "+
				"with a %s somewhere below it", root, rundir.CheckpointFile)
		}
	}
	return all, nil
}

// reuse copies the run with an identity from one of the sources into dir, unless dir holds a run already.
func (s Study) reuse(dir string, identity map[string]string, from []source) error {
	if len(from) == 0 || hasCheckpoint(dir) {
		return nil
	}
	for _, run := range from {
		if rundir.CheckIdentity(run.dir, run.identity, identity) != nil {
			continue
		}
		if err := rundir.Copy(run.dir, dir, AttentionFile, RecordFile, SweepFile, ViewsFile); err != nil {
			return errors.WithMessagef(err, "reuse %s", run.dir)
		}
		say(s.Progress, "reused: %s", run.dir)
		return nil
	}
	say(s.Progress, "none of the %s to reuse is %s", words.Count(len(from), "run"), dir)
	return nil
}

// hasCheckpoint reports whether a directory holds a run that can be resumed.
func hasCheckpoint(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, rundir.CheckpointFile))
	return err == nil
}
