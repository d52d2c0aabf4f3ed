package main

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/vit"
)

// suited is what is trained unless the user says otherwise, and why, in words.
type suited struct {
	model         string
	epochs, batch int // 0: as for any data
	why           string
}

// suits chooses the model by the images of a set and how many of them there are for training, and for the
// user's own sets the length of the training.
//
// Large sets of small grey pictures, such as MNIST's, get hqvit, whose patches are raw pixels. All others get
// hqvit-stem, whose convolutions learn from fewer images and from colours: 400 coloured pictures of four
// shapes get it to 75 to 95 %, and hqvit to 59 to 61 %; on small sets of MedMNIST the two are level. A small
// set of the user's own is repeated, in smaller batches, until the model has seen about 24,000 images, in 8 to
// 100 epochs.
func suits(shape data.Shape, images int, own bool) suited {
	const many, seen = 10000, 24000
	s := suited{
		model: "hqvit-stem",
		why:   fmt.Sprintf("%d %s training pictures", images, colours(shape.Channels)),
	}
	if shape.Channels == 1 && max(shape.Height, shape.Width) <= 32 && images >= many {
		s.model = "hqvit"
	}
	if own && images > 0 && images < many {
		s.epochs = min(max(int(math.Round(seen/float64(images))), 8), 100)
		s.batch = 16
		if images >= 1500 {
			s.batch = 32
		}
	}
	return s
}

func colours(channels int) string {
	if channels == 1 {
		return "grey"
	}
	return "coloured"
}

// suit fills in what a config leaves open and its data decide: the model, unless it or its size or a file say,
// and with it epochs and batch. It reports what it chose and why.
func (c *config) suit(cmd *cobra.Command, f trainFlags) error {
	if c.Model != "" || c.Architecture != nil {
		return nil
	}
	if c.Size != "" {
		c.Model = "hqvit"
		return nil
	}
	c.Model = "hqvit" // in whose form the data are read: all models that are chosen have it
	if err := c.check(); err != nil {
		return err
	}
	shape, images, own, err := c.look(cmd.Context(), f.dataDir, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	s := suits(shape, images, own && f.file == "")
	c.Model = s.model
	text := s.model
	if s.epochs > 0 && !cmd.Flags().Changed("epochs") {
		c.Epochs = s.epochs
		text += fmt.Sprintf(", %d epochs", s.epochs)
	}
	if s.batch > 0 && !cmd.Flags().Changed("batch") {
		c.Batch = s.batch
		text += fmt.Sprintf(", batches of %d", s.batch)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: chosen for %s; --model, --epochs and --batch choose otherwise\n",
		text, s.why)
	return nil
}

// look returns the shape of a set's images and how many there are for training, and whether the set is the
// user's own. It reads that, for the run too.
func (c *config) look(ctx context.Context, dataDir string,
	progress io.Writer) (data.Shape, int, bool, error) {
	if d, err := data.Describe(c.Data); err == nil {
		return d.Shape, d.Train, false, nil
	}
	base, err := named(c.Model, "")
	if err != nil {
		return data.Shape{}, 0, false, err
	}
	if c.set, err = c.read(ctx, base, dataDir, progress); err != nil {
		return data.Shape{}, 0, false, err
	}
	return c.set.Shape, c.set.Train.Len(), true, nil
}

// read reads the data set of a config for a model.
func (c config) read(ctx context.Context, a vit.Config, dataDir string,
	progress io.Writer) (*data.Set, error) {
	set, err := data.Load(ctx, c.Data, data.Options{
		Dir: dataDir, Seed: c.Seed, Size: a.Image, Progress: downloads(progress),
	})
	if err != nil {
		return nil, err
	}
	if len(set.Classes) < 2 {
		return nil, errors.Errorf("data: %s: all images are of one class, %s: want two classes at least",
			c.Data, listed(set.Classes))
	}
	return set, nil
}
