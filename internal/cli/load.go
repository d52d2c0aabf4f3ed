package cli

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

// load reads the data set of a resolved config, and returns the config fitted to it. It reports a download to
// progress, and ends it with the context.
func load(ctx context.Context, c config, dir string, progress io.Writer) (*data.Set, config, error) {
	set, err := loadSet(ctx, c, dir, progress)
	if err != nil {
		return nil, c, err
	}
	c.set = nil // which has been changed
	c, err = c.fit(set)
	return set, c, err
}

// loadSet is load without the fitting.
func loadSet(ctx context.Context, c config, dir string, progress io.Writer) (*data.Set, error) {
	set, err := c.read(ctx, *c.Architecture, dir, progress)
	if err != nil {
		return nil, err
	}
	tell(set, progress)
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	warnOfMissing(set, c.Limit, progress)
	return set, nil
}

// tell says what the reader of a set had to decide or leave out.
func tell(set *data.Set, out io.Writer) {
	for _, note := range set.Notes {
		fmt.Fprintf(out, "%s: %s\n", set.Title, note)
	}
}

// warnOfMissing says which classes a limit leaves without a training image, as it does with sets that come
// class by class.
func warnOfMissing(set *data.Set, limit int, progress io.Writer) {
	if set.Target != data.TargetClasses {
		return
	}
	var missing []string
	for class, images := range set.Train.Counts(len(set.Classes)) {
		if images == 0 {
			missing = append(missing, set.Classes[class])
		}
	}
	if limit > 0 && len(missing) > 0 {
		fmt.Fprintf(progress, "--limit %d leaves no training %s of %d of %d classes: %s\n",
			limit, set.Kind().Noun(), len(missing), len(set.Classes), listed(missing))
	}
}

// transform is what the images of a set go through on their way to the model of a fitted config.
func (c config) transform(set *data.Set) data.Transform {
	t := data.Transform{Size: c.Architecture.Image}
	if *c.Normalize {
		t.Mean, t.Std, _ = data.Statistics(set.Train) // what is wrong with a set, Apply reports
	}
	if set.Target == data.TargetValues {
		t.Target = data.StandardOf(set.Train.Targets, len(set.Classes))
	}
	return t
}

// prepare makes a set what a model reads.
func prepare(set *data.Set, t data.Transform) (splits, error) {
	s := splits{transform: t}
	for _, part := range []struct {
		name   string
		split  data.Split
		images **data.Images
	}{{"train", set.Train, &s.train}, {"val", set.Val, &s.val}, {"test", set.Test, &s.test}} {
		if part.split.Len() == 0 {
			continue
		}
		var err error
		if *part.images, err = t.Apply(part.split); err != nil {
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
