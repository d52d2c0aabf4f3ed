package rundir

import (
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Dir is the directory of a run, locked for this process.
type Dir struct {
	path      string
	overwrite bool
	begun     bool // whether there is a file of the present run
	release   func()
}

// Open makes and locks the directory for a run, see Lock. It returns an error, and leaves everything as it
// is, if the directory holds a run, unless that is to be resumed or to be overwritten; and if it holds no run
// but a config.yaml that no run has written.
func Open(path string, resume, overwrite bool) (*Dir, error) {
	release, err := Lock(path)
	if err != nil {
		return nil, err
	}
	switch {
	case !Holds(path):
	case !resume && !overwrite:
		err = errors.Errorf("%s holds a run already; resume it, overwrite it, or choose another directory",
			path)
	case !isFile(path, CheckpointFile) && !isFile(path, WeightsFile) && foreignConfig(path):
		err = errors.Errorf("%s holds no run, but a %s that no run has written and that one would "+
			"overwrite; move it away, or choose another directory", path, ConfigFile)
	}
	if err != nil {
		release()
		return nil, err
	}
	return &Dir{path: path, overwrite: overwrite, release: release}, nil
}

// foreignConfig reports whether a directory has a config.yaml that no run has written.
func foreignConfig(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, ConfigFile))
	return err == nil && seal.Find(text) == nil
}

// Begin removes the run that is to be overwritten, and writes the text of config.yaml. What comes before it
// may fail, and nothing is lost.
func (d *Dir) Begin(config []byte) error {
	if d == nil {
		return nil
	}
	if d.overwrite {
		if err := removeRun(d.path); err != nil {
			return errors.WithMessage(err, "remove the old run")
		}
	}
	d.begun = true
	return saveConfig(filepath.Join(d.path, ConfigFile), config)
}

// Close gives the directory free. Of a run that has come to no checkpoint and no weights, so that there is
// nothing to resume, it leaves nothing: neither its files nor directories that were made for it.
func (d *Dir) Close() {
	if d == nil || d.release == nil {
		return
	}
	if d.begun && !isFile(d.path, CheckpointFile) && !isFile(d.path, WeightsFile) {
		removeRun(d.path) // what cannot be removed stays
	}
	d.release()
	d.release = nil
}
