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
	"github.com/hqvit/hqvit/train/rundir"
)

// sameData reports whether two names are those of the same set.
func sameData(a, b string) bool {
	kind, path, ok := strings.Cut(a, ":")
	other, otherPath, _ := strings.Cut(b, ":")
	return a == b || ok && kind == other && filepath.Clean(path) == filepath.Clean(otherPath)
}

// load reads a set for evaluation, its classes matched with the model's by name, and its images in the form
// of the training images. With whole it is not cut if it has no splits of its own.
func (m *model) load(ctx context.Context, c *config, f evalFlags, whole bool, progress io.Writer) (*data.Set,
	error) {
	set, err := data.Load(ctx, c.Data, data.Options{
		Dir: f.dataDir, Seed: c.Seed, Shape: m.meta.Shape, Whole: whole, Progress: downloads(progress),
		Table: m.meta.Table, Target: data.Target(m.meta.Config.Output),
	})
	if err != nil {
		return nil, err
	}
	if err := m.takes(set, c.Data); err != nil {
		return nil, err
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
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	for _, split := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		*split = split.First(cmp.Or(f.limit, split.Len()))
	}
	return set, nil
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
			return usageError{errors.Errorf("%s has no images in split %q, but in %s", name, split,
				strings.Join(there, ", "))}
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
