package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/rundir"
)

// load reads a set for evaluation, its classes matched with the model's by name, and its examples in the form
// of those of training. With whole it is not cut if it has no splits of its own, unless it turns out to be
// what the run was trained on.
func (m *model) load(ctx context.Context, c *config, f evalFlags, whole bool, progress io.Writer) (*data.Set,
	error) {
	set, err := m.read(ctx, c, f, whole, progress)
	if err != nil {
		return nil, err
	}
	limit := c.Limit
	if set.Unsplit {
		if set, whole, limit, err = m.ofTheRun(ctx, c, f, set, whole, progress); err != nil {
			return nil, err
		}
	}
	if err := keep(set, c.Data, f.split, whole); err != nil {
		return nil, err
	}
	if err := set.Match(m.meta.Classes); err != nil {
		return nil, err
	}
	tell(set, progress)
	if known := set.Scale.Known(); known == m.meta.Unscaled && set.Kind() == data.Pictures {
		return nil, errors.Errorf(
			"%s holds %s, and the model was trained on %s: the numbers cannot be made the same",
			c.Data,
			scaled(known),
			scaled(!m.meta.Unscaled),
		)
	}
	for _, split := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		if m.meta.Unscaled && set.Kind() == data.Pictures && split.Len() > 0 && split.Shape != m.meta.Shape {
			return nil, errors.Errorf("%s has images of %v, and the model wants real numbers of %v", c.Data,
				split.Shape, m.meta.Shape)
		}
		if split.Len() > 0 && set.Kind() == data.Pictures {
			if *split, err = split.Fit(m.meta.Shape); err != nil {
				return nil, err
			}
		}
	}
	set.Train = set.Train.First(cmp.Or(limit, set.Train.Len()))
	for _, split := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		*split = split.First(cmp.Or(f.limit, split.Len()))
	}
	return set, nil
}

// read reads a set that the model can be given.
func (m *model) read(ctx context.Context, c *config, f evalFlags, whole bool, progress io.Writer) (*data.Set,
	error) {
	set, err := data.Load(ctx, c.Data, data.Options{
		Dir: f.dataDir, Seed: c.Seed, Shape: m.meta.Shape, Whole: whole, Progress: downloads(progress),
		Table: m.meta.Table, Target: data.Target(m.meta.Config.Output),
	})
	if err != nil {
		return nil, err
	}
	return set, m.takes(set, c.Data)
}

// ofTheRun compares a set that has no splits of its own with what the run was trained on, as its checkpoint
// says, so that no training example is taken for a new one. A whole one that is the same is cut as it was for
// training. It returns the set, whether it is whole, and the limit on its training examples.
func (m *model) ofTheRun(ctx context.Context, c *config, f evalFlags, set *data.Set, whole bool,
	progress io.Writer) (*data.Set, bool, int, error) {
	noun := set.Kind().Noun()
	trained := ""
	if f.run != "" {
		if id, err := rundir.ReadIdentity(filepath.Join(f.run, rundir.CheckpointFile)); err == nil {
			trained = id["train contents"]
		}
	}
	if !whole {
		// Of pictures the digest is that of decoded ones, which another version may scale in another way.
		if f.again {
			fmt.Fprintf(progress, "%s is what the run was trained on: only its test %ss are evaluated\n",
				c.dataTitle(), noun)
		}
		own := f.data == "" || f.again
		if trained != "" && own && set.Kind() != data.Pictures && m.contents(set, c.Limit) != trained {
			fmt.Fprintf(progress,
				"warning: %s is not what it was when the run was trained: its test %ss may be "+
					"some that it was trained on\n", c.dataTitle(), noun)
		}
		return set, whole, c.Limit, nil
	}
	cut := set
	if trained != "" {
		var err error
		if cut, err = m.read(ctx, c, f, false, io.Discard); err == nil && m.contents(cut,
			f.runLimit) == trained {
			fmt.Fprintf(progress, "%s is what the run was trained on: only its test %ss are evaluated\n",
				c.dataTitle(), noun)
			return cut, false, f.runLimit, nil
		}
		if ctx.Err() != nil {
			return nil, whole, 0, err
		}
	}
	if n, known := m.seen(ctx, *c, f, set, trained); known {
		if n > 0 {
			fmt.Fprintf(progress, "warning: %d of %s are the same as some that the run was trained on\n", n,
				words.Count(set.Train.Len(), noun))
		}
	} else if m.meta.Data == c.dataTitle() {
		fmt.Fprintf(progress,
			"warning: the model was trained on a set of the same name, %s: some of these %ss "+
				"may be among those it was trained on\n", m.meta.Data, noun)
	}
	return set, whole, 0, nil
}

// seen returns how many examples of a whole set are the same, with their targets, as some that a run was
// trained on, and whether that is known: of numbers only, since pictures take long to read, and as long as
// the data of the run are what they were.
func (m *model) seen(ctx context.Context, c config, f evalFlags, set *data.Set, trained string) (n int,
	known bool) {
	if trained == "" || set.Kind() == data.Pictures || set.Match(m.meta.Classes) != nil {
		return 0, false
	}
	c.Data = f.runData
	own, err := m.read(ctx, &c, f, false, io.Discard)
	if err != nil || m.contents(own, f.runLimit) != trained {
		return 0, false
	}
	rows := map[string]bool{}
	each(own.Train.First(cmp.Or(f.runLimit, own.Train.Len())), func(row string) { rows[row] = true })
	each(set.Train, func(row string) {
		if rows[row] {
			n++
		}
	})
	return n, true
}

// each calls a function with each example of numbers and its target, as one text.
func each(s data.Split, do func(row string)) {
	size, outputs := s.Shape.Len(), s.Outputs()
	for i := range s.Len() {
		row := fmt.Append(nil, s.Floats[i*size:][:size], s.Targets[i*outputs:][:outputs])
		if s.Labels != nil {
			row = fmt.Append(row, s.Labels[i])
		}
		do(string(row))
	}
}

// contents returns the digest of the training split of a set, limited, as a run has it in its checkpoint.
func (m *model) contents(set *data.Set, limit int) string {
	images, err := m.meta.Transform().Apply(set.Train.First(cmp.Or(limit, set.Train.Len())))
	if err != nil {
		return "" // which is that of no split
	}
	return images.Digest()
}

// keep leaves out the splits of a set that are not evaluated: of a whole one, which has none, none. It
// returns an error if the split has no images.
func keep(set *data.Set, name, split string, whole bool) error {
	if whole && set.Unsplit {
		return nil
	}
	var there []string
	for i, part := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		if n := part.Len(); n > 0 {
			there = append(there, fmt.Sprintf("%s (%d)", splitNames[i], n))
		}
	}
	for i, part := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		switch {
		case splitNames[i] != split:
			*part = data.Split{}
		case part.Len() == 0:
			return usageError{errors.Errorf("%s has no %ss in split %q, but in %s", name, set.Kind().Noun(),
				split, strings.Join(there, ", "))}
		}
	}
	return nil
}

// scaled says what is known of the numbers of images.
func scaled(known bool) string {
	if known {
		return "pixels from black to white"
	}
	return "real numbers of an unknown scale"
}

// images returns a split of a set as the model reads it, normalised like the images that it was trained on,
// and what it is called: all, of a set without splits.
func (m *model) images(set *data.Set, split string) (*data.Images, string, error) {
	ready, err := prepare(set, m.meta.Transform())
	if err != nil {
		return nil, "", err
	}
	images := map[string]*data.Images{"train": ready.train, "val": ready.val, "test": ready.test}[split]
	if images == nil {
		return ready.train, "all", nil
	}
	return images, split, nil
}

// loadRun reads the config.yaml of a run. A file of weights has none, and needs none to be evaluated on other
// data.
func (c *config) loadRun(dir, otherData string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		if otherData == "" {
			return usageError{
				errors.Errorf("%s is a file: want the directory of a run, or --data to evaluate on",
					dir),
			}
		}
		return nil
	}
	if _, err := rundir.FindWeights(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, rundir.ConfigFile)
	text, err := rundir.ReadConfig(path)
	if errors.Is(err, os.ErrNotExist) {
		return errors.Errorf("%s has lost its %s, which says what it was trained on: want its %s with --data",
			dir, rundir.ConfigFile, rundir.WeightsFile)
	}
	if err != nil {
		return err
	}
	c.Data = ""
	err = c.parse("config "+path, text)
	switch {
	case otherData != "" && (err != nil || c.Data == ""):
		*c = newConfig(c.names) // a program's own, of which nothing is needed
	case err != nil:
		return err
	case c.Data == "":
		return usageError{errors.Errorf("%s was trained by a program, on data of its own%s: want --data, "+
			"with images "+
			"to evaluate on", dir, dataOf(dir))}
	}
	return nil
}

// dataOf says what the weights of a run call their data, if they do.
func dataOf(dir string) string {
	w, err := rundir.ReadWeights(rundir.WeightsPath(dir))
	if err != nil || w.Meta["data"] == "" {
		return ""
	}
	return ", " + w.Meta["data"]
}
