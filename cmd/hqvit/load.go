package main

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
)

// splits are the splits of a set as a model reads them; nil where the set has none.
type splits struct{ train, val, test *data.Planes }

// load reads a data set for the architecture of c.
func load(c *config, dir string) (*data.Set, splits, error) {
	size := c.Architecture.Image
	set, err := data.Load(c.Data, data.Options{Dir: dir, Seed: c.Seed, Size: size})
	if err != nil {
		return nil, splits{}, err
	}
	var s splits
	for _, part := range []struct {
		name   string
		split  data.Split
		planes **data.Planes
	}{{"train", first(set.Train, c.Limit), &s.train}, {"val", set.Val, &s.val}, {"test", set.Test, &s.test}} {
		if part.split.Len() == 0 {
			continue
		}
		if *part.planes, err = (data.Transform{Size: size}).Apply(part.split); err != nil {
			return nil, splits{}, errors.WithMessage(err, part.name)
		}
	}
	return set, s, nil
}

// first returns the first n images of a split; all for 0.
func first(s data.Split, n int) data.Split {
	if n == 0 || n >= s.Len() {
		return s
	}
	pixels := n * s.Shape.Len()
	s.Labels = s.Labels[:n]
	if s.Images != nil {
		s.Images = s.Images[:pixels]
	} else {
		s.Floats = s.Floats[:pixels]
	}
	return s
}

func length(p *data.Planes) int {
	if p == nil {
		return 0
	}
	return p.Len()
}
