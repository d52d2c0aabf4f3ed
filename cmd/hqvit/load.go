package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
)

// splits are the splits of a set as a model reads them; nil where the set has none.
type splits struct {
	train, val, test *data.Images
	transform        data.Transform // of all of them
}

// load reads a data set for the architecture of c; of a download it tells progress, and ends it with the context.
func load(ctx context.Context, c *config, dir string, progress io.Writer) (*data.Set, splits, error) {
	set, err := data.Load(ctx, c.Data, data.Options{Dir: dir, Seed: c.Seed, Size: c.Architecture.Image, Progress: downloads(progress)})
	if err != nil {
		return nil, splits{}, err
	}
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	warnOfMissing(set, c.Limit, progress)
	s, err := prepare(set, c.transform(set))
	return set, s, err
}

// warnOfMissing says which classes a limit has left without a training image, as it does with sets that come class by class.
func warnOfMissing(set *data.Set, limit int, progress io.Writer) {
	var missing []string
	for class, images := range set.Train.Counts(len(set.Classes)) {
		if images == 0 {
			missing = append(missing, set.Classes[class])
		}
	}
	if limit > 0 && len(missing) > 0 {
		fmt.Fprintf(progress, "--limit %d leaves no training image of %d of %d classes: %s\n", limit, len(missing), len(set.Classes), listed(missing))
	}
}

// transform is what the images of a set go through on their way to the model. It settles what c leaves to the set.
func (c *config) transform(set *data.Set) data.Transform {
	if c.Normalize == nil {
		suits := normalization(c.Data, set)
		c.Normalize = &suits
	}
	t := data.Transform{Size: c.Architecture.Image}
	if *c.Normalize {
		t.Mean, t.Std, _ = data.Statistics(set.Train) // what is wrong with a set, Apply reports
	}
	return t
}

// normalization is whether a set is normalised unless the user says so: of listed sets those that gain by it; of the user's own those of
// photographs, coloured and neither on black nor on paper, but not real numbers, which have been prepared already.
func normalization(name string, set *data.Set) bool {
	if d, err := data.Describe(name); err == nil {
		return d.Normalize
	}
	return set.Channels == 3 && set.Train.Images != nil && set.Train.Background() == data.Middle
}

// prepare makes a set what a model reads.
func prepare(set *data.Set, t data.Transform) (splits, error) {
	s := splits{transform: t}
	for _, part := range []struct {
		name   string
		split  data.Split
		planes **data.Images
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

func length(p *data.Images) int {
	if p == nil {
		return 0
	}
	return p.Len()
}
