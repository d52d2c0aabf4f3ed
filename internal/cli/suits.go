package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/vit"
)

// suited is what is trained unless the user says otherwise, and why, in words.
type suited struct {
	model         string
	epochs, batch int // 0: as for any data
	why           string
}

// repeats says how often a set of few examples is repeated, and in which batches.
type repeats struct {
	below       int // training examples
	seen        int // examples that training is to see in all
	least, most int // epochs
	batch       int
	norm        bool // whether the stem normalizes, for pictures of the user's own
}

// The sets that are not in these tables have many examples, and are trained as any data is.
var (
	ofPictures = []repeats{{1500, 24000, 8, 100, 16, false}, {10000, 160000, 8, 32, 32, true}}
	ofNumbers  = []repeats{{1500, 24000, 8, 100, 16, false}, {10000, 24000, 8, 100, 32, false}}
)

// suits chooses the model by the examples of a set and how many of them there are for training, and how long
// it is trained where they are few; own says that the set is the user's.
//
// Large sets of small grey pictures, such as MNIST's, get hqvit, whose patches are raw pixels. All others get
// hqvit-stem, whose convolutions learn from fewer images and from colours, or hqvit-stem-norm. Sequences and
// vectors have no picture for a stem and get hqvit. What was measured for this is in docs/training.md.
func suits(shape data.Shape, examples int, own bool) suited {
	const many = 10000
	table, s := ofPictures, suited{model: "hqvit-stem",
		why: fmt.Sprintf("%d %s training pictures", examples, colours(shape.Channels))}
	pictures := shape.Kind() == data.Pictures
	if !pictures {
		table, s.model = ofNumbers, "hqvit"
		s.why = fmt.Sprintf("%d training %v of %v", examples, shape.Kind(), shape)
	}
	if pictures && shape.Channels == 1 && max(shape.Height, shape.Width) <= 32 && examples >= many {
		s.model = "hqvit"
	}
	for _, r := range table {
		if examples < 1 || examples >= r.below {
			continue
		}
		times := int(math.Round(float64(r.seen) / float64(examples)))
		s.epochs, s.batch = min(max(times, r.least), r.most), r.batch
		if r.norm && own {
			s.model = "hqvit-stem-norm"
		}
		break
	}
	return s
}

func colours(channels int) string {
	if channels == 1 {
		return "grey"
	}
	return "coloured"
}

// suit fills in what a config leaves open and its data decide: the model, unless it, its size or weights to
// start from are given; and epochs and batch, unless the flags or a file have them. It reports what it chose
// and why.
func (c *config) suit(cmd *cobra.Command, f trainFlags, say io.Writer) error {
	free := c.Model == "" && c.Architecture == nil && c.Size == ""
	epochs := !c.said.epochs && !cmd.Flags().Changed("epochs")
	batch := !c.said.batch && !cmd.Flags().Changed("batch")
	if c.Model == "" && c.Architecture == nil { // all models that are chosen have the form of hqvit
		c.Model = "hqvit"
	}
	if !free && !epochs && !batch {
		return nil
	}
	if err := c.check(); err != nil {
		return err
	}
	shape, images, own, err := c.look(cmd.Context(), f.dataDir, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	s := suits(shape, images, own)
	var chosen, flags []string
	if free {
		c.Model = s.model
		chosen, flags = append(chosen, "model "+s.model), append(flags, "--model")
	}
	if s.epochs > 0 && epochs {
		c.Epochs = s.epochs
		chosen = append(chosen, words.Count(s.epochs, "epoch"))
	}
	if s.batch > 0 && batch {
		c.Batch = max(s.batch, c.Micro)
		chosen = append(chosen, fmt.Sprintf("batches of %d", c.Batch))
	}
	if len(chosen) > 0 {
		fmt.Fprintf(say, "%s: chosen for %s; %s choose otherwise\n", strings.Join(chosen, ", "), s.why,
			words.List(append(flags, "--epochs", "--batch"), "and"))
	}
	return nil
}

// look returns the shape of a set's images and how many there are for training, and whether the set is the
// user's own. It reads that, for the run too.
func (c *config) look(ctx context.Context, dataDir string,
	progress io.Writer) (data.Shape, int, bool, error) {
	if d, err := data.Describe(c.Data); err == nil {
		return d.Shape, d.Train, false, nil
	}
	base := c.Architecture
	if base == nil {
		named, err := named(c.names, c.Model, c.Size)
		if err != nil {
			return data.Shape{}, 0, false, err
		}
		base = &named
	} else if err := c.checkArchitecture(); err != nil {
		return data.Shape{}, 0, false, err
	}
	set, err := c.read(ctx, *base, dataDir, progress)
	if err != nil {
		return data.Shape{}, 0, false, err
	}
	return set.Shape, set.Train.Len(), true, nil
}

// dataKey says what images are read for: those of one key are the same.
type dataKey struct {
	name  string
	seed  uint64 // of the splits
	image int    // the side of the model's input
}

// read reads the data set of a config for a model, unless it has been read already.
func (c *config) read(ctx context.Context, a vit.Config, dataDir string,
	progress io.Writer) (*data.Set, error) {
	key := dataKey{c.Data, c.Seed, a.Image}
	if c.set != nil && c.setOf == key {
		return c.set, nil
	}
	set, err := data.Load(ctx, c.Data, data.Options{
		Dir: dataDir, Seed: c.Seed, Size: a.Image, Progress: downloads(progress),
	})
	if err != nil {
		return nil, err
	}
	if len(set.Classes) < 2 && set.Target == data.TargetClasses {
		return nil, errors.Errorf("data: %s: all %ss are of one class, %s: want two classes at least",
			c.Data, set.Kind().Noun(), listed(set.Classes))
	}
	if set.Target != data.TargetClasses && !set.Train.Varies() {
		return nil, errors.Errorf("data: %s: all training examples have the same %s: want some that differ", c.Data,
			set.Target)
	}
	c.set, c.setOf = set, key
	return set, nil
}
