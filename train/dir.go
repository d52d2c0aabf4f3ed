package train

import (
	"context"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// directory is that of a run which has begun, and may fail before there is anything to go on from.
type directory struct {
	*setup
	made bool // by this run
	held bool // files of a run before this one, which it has not removed
}

// openDir makes the directory ready for the run, and removes nothing from it.
func (s *setup) openDir() (directory, error) {
	d := directory{setup: s}
	if s.Dir == "" {
		return d, nil
	}
	if d.held = rundir.Holds(s.Dir); d.held && !s.Resume && !s.Overwrite {
		return d, errors.Errorf("train: %s holds a run already; resume it, overwrite it, or choose another "+
			"directory", s.Dir)
	}
	info, err := os.Stat(s.Dir)
	if err == nil && !info.IsDir() {
		return d, errors.Errorf("train: %s is a file, want the directory of a run", s.Dir)
	}
	d.made = err != nil
	return d, errors.Wrap(os.MkdirAll(s.Dir, 0o755), "train")
}

// begin removes the run that is to be overwritten, and writes what reproduces this one.
func (d *directory) begin() error {
	if d.Dir == "" {
		return nil
	}
	if d.Overwrite {
		if err := rundir.Remove(d.Dir); err != nil {
			return err
		}
		d.held = false
	}
	config := d.Config
	if config == nil {
		config = d.Loop.Recipe
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return errors.Wrap(err, "train: config")
	}
	return rundir.SaveText(d.path(rundir.ConfigFile), text)
}

// clear leaves no trace of a run that failed before its first checkpoint: the directory would else hold a run
// that nobody can go on with.
func (d *directory) clear() {
	if d.Dir == "" || d.held {
		return
	}
	for _, name := range []string{rundir.CheckpointFile, rundir.WeightsFile} {
		if _, err := os.Stat(d.path(name)); err == nil {
			return
		}
	}
	if err := rundir.Remove(d.Dir); err == nil && d.made {
		os.Remove(d.Dir) // unless there is something else in it
	}
}

// await returns what f returns or, as soon as the context is done, its error: f then ends by itself, and what
// it makes is dropped. A panic of f is one of the caller.
func await[R any](ctx context.Context, f func() (R, error), drop func(R)) (R, error) {
	type result struct {
		made     R
		err      error
		panicked any
	}
	results := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			results <- r
		}()
		r.made, r.err = f()
	}()
	select {
	case r := <-results:
		if r.panicked != nil {
			panic(r.panicked)
		}
		return r.made, r.err
	case <-ctx.Done():
		go func() {
			if r := <-results; r.err == nil && r.panicked == nil {
				drop(r.made)
			}
		}()
		var none R
		return none, errors.WithMessage(ctx.Err(), "train: stopped while the model was built")
	}
}
