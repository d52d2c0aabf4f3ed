package train

import (
	"context"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// openDir takes the directory for the run; nil if there is none, or if another process writes.
func (l Loop) openDir(leads bool) (*rundir.Dir, error) {
	if l.Dir == "" || !leads {
		return nil, nil
	}
	dir, err := rundir.Open(l.Dir, l.Resume, l.Overwrite)
	return dir, errors.WithMessage(err, "train")
}

// config is the text of what reproduces the run.
func (l Loop) config() ([]byte, error) {
	config := l.Config
	if config == nil {
		config = l.Recipe
	}
	text, err := yaml.Marshal(config)
	return text, errors.Wrap(err, "train: config")
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
