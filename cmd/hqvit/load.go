package main

import (
	"cmp"
	"io"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
)

// splits are the splits of a set as a model reads them; nil where the set has none.
type splits struct {
	train, val, test *data.Planes
	transform        data.Transform // of all of them
}

// load reads a data set for the architecture of c; of a download it tells progress.
func load(c *config, dir string, progress io.Writer) (*data.Set, splits, error) {
	set, err := data.Load(c.Data, data.Options{Dir: dir, Seed: c.Seed, Size: c.Architecture.Image, Progress: downloads(progress)})
	if err != nil {
		return nil, splits{}, err
	}
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	t := data.Transform{Size: c.Architecture.Image}
	if c.Normalize {
		t.Mean, t.Std = data.Statistics(set.Train)
	}
	s, err := prepare(set, t)
	return set, s, err
}

// prepare makes a set what a model reads.
func prepare(set *data.Set, t data.Transform) (splits, error) {
	s := splits{transform: t}
	for _, part := range []struct {
		name   string
		split  data.Split
		planes **data.Planes
	}{{"train", set.Train, &s.train}, {"val", set.Val, &s.val}, {"test", set.Test, &s.test}} {
		if part.split.Len() == 0 {
			continue
		}
		var err error
		if *part.planes, err = t.Apply(part.split); err != nil {
			return splits{}, errors.WithMessage(err, part.name)
		}
	}
	return s, nil
}

func length(p *data.Planes) int {
	if p == nil {
		return 0
	}
	return p.Len()
}
