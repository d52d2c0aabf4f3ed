package cli

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/option"
	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// check refuses what no run can be made of, before any data is loaded.
func (c config) check() error {
	if err := option.Check(c.rows()); err != nil {
		return usageError{err}
	}
	if err := c.Recipe.Check(train.Tables{}); err != nil {
		return usageError{err}
	}
	if known := []string{"accuracy", "loss", "auc", "ap", "f1", "rmse", "mae", "r2"}; c.Select != "" &&
		!slices.Contains(known, c.Select) {
		return usageError{errors.Errorf("select is %q%s, want one of %s",
			c.Select, suggest.Among(c.Select, known), strings.Join(known, ", "))}
	}
	if err := c.sets.check(); err != nil {
		return err
	}
	if err := c.checkTeacher(); err != nil {
		return err
	}
	if err := c.checkStart(); err != nil {
		return err
	}
	if c.Augmentation != nil {
		if err := c.Augmentation.Check(); err != nil {
			return usageError{err}
		}
	}
	return checkData(c.Data)
}

// checkTeacher refuses a teacher that is not there, and what means something only with one.
func (c config) checkTeacher() error {
	if c.Teacher == "" {
		if c.DistillWeight != 0 || c.Temperature != 0 {
			return usageError{errors.Errorf("distill_weight is %v and temperature %v without a teacher, want "+
				"a teacher or neither",
				c.DistillWeight, c.Temperature)}
		}
		return nil
	}
	_, err := findWeights(c.Teacher)
	return errors.WithMessage(err, "teacher")
}

// mostMemory is the largest estimate of memory that a training starts with, in bytes.
const mostMemory = 1 << 36

// resolve returns the checked config with the model in full, and its batch and micro-batch; of a teacher,
// with what it leaves open.
func (c config) resolve() (config, error) {
	if err := c.check(); err != nil {
		return c, err
	}
	if c.Architecture == nil {
		if err := c.setModel(""); err != nil {
			return c, err
		}
	}
	if err := c.device.check(); err != nil {
		return c, err
	}
	if err := c.setArchitecture(); err != nil {
		return c, err
	}
	changed := *c.Architecture
	c.device.change(&changed)
	c.Architecture = &changed
	if err := c.checkArchitecture(); err != nil {
		return c, err
	}
	changed = changed.Complete()
	batch, micro := vit.DefaultBatch(*c.Architecture)
	c.Batch = cmp.Or(c.Batch, batch)
	c.Micro = cmp.Or(c.Micro, min(micro, c.Batch))
	if memory := c.Architecture.Size().Memory(c.Micro); memory > mostMemory {
		return c, usageError{errors.Errorf("micro is %d, for which training takes about %.3g GiB; want fewer "+
			"images in a micro-batch (a batch may have any number of those)", c.Micro, memory/(1<<30))}
	}
	if c.Teacher != "" {
		c.DistillWeight, c.Temperature = cmp.Or(c.DistillWeight, 0.5), cmp.Or(c.Temperature, 2)
	}
	c.Model, c.Size = c.title(), ""
	return c, nil
}

// checkArchitecture returns the error of an architecture of which no model can be built, with the file and
// the key that it was read from.
func (c config) checkArchitecture() error {
	err := c.Architecture.Check()
	switch {
	case err == nil:
		return nil
	case c.file == "":
		return usageError{err}
	}
	text := strings.TrimPrefix(err.Error(), "vit: ")
	key, _, _ := strings.Cut(text, " ")
	separator := ": "
	for _, field := range reflect.VisibleFields(reflect.TypeFor[vit.Config]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name == key {
			separator = "."
		}
	}
	return usageError{errors.Errorf("%s: architecture%s%s", c.file, separator, text)}
}

// fit returns a resolved config for a data set: the architecture for its examples and what is predicted of
// them, the loss of that, and the normalization and augmentation that suit it, unless the config has its own.
// A ViT that is to match an HQViT is matched anew: how many parameters a classifier has depends on the
// classes.
func (c config) fit(set *data.Set) (config, error) {
	if c.Normalize == nil {
		suits := normalization(c.Data, set)
		c.Normalize = &suits
	}
	if set.Kind() != data.Pictures {
		c.Augment, c.Augmentation = false, nil
	}
	if c.Augment && c.Augmentation == nil {
		suits := augmentation(c.Data, set.Channels)
		c.Augmentation = &suits
	}
	var err error
	if c.Augmentation, err = c.setAugmentation(); err != nil {
		return c, err
	}
	c.Loss = cmp.Or(c.Loss, map[data.Target]train.Target{data.TargetLabels: train.Labels,
		data.TargetValues: train.Values}[set.Target].DefaultLoss())
	was, wanted := *c.Architecture, examplesOf(set, c.Architecture.Image)
	a := was.For(wanted)
	refit := !slices.Equal(was.InputShape(), a.InputShape()) || was.OutputText() != a.OutputText()
	if refit && c.file != "" {
		c.refitted = fmt.Sprintf("%s: the architecture is for %s and %s; %s has %s and %s, which the "+
			"model gets", c.file, inputText(was), was.OutputText(), c.dataTitle(), inputText(wanted),
			wanted.OutputText())
	}
	c.Architecture = &a
	if err := c.checkArchitecture(); err != nil {
		return c, err
	}
	if c.Match == nil || !refit {
		c.Model = c.title() // the width of raw patches, which is in the name of some, depends on the channels
		return c, c.checkFields()
	}
	reference := c.reference()
	c.Match = &reference
	match, _, err := vit.Match(reference)
	if err != nil {
		return c, err
	}
	match.Pooling = a.Pooling // which may have been changed after the match
	c.Architecture = &match
	return c, nil
}

// checkFields returns an error if no graph can be built with the fields of a score, which is known only for
// the tokens of the data.
func (c config) checkFields() error {
	if c.Architecture.Model != vit.Transformer || len(c.Architecture.Fields) == 0 {
		return nil
	}
	_, _, err := vit.Graph(*c.Architecture, nn.NewStore(0), 1)
	if err == nil {
		return nil
	}
	text := oneLine(err)
	if _, of, found := strings.Cut(text, ": score: "); found {
		text = of
	}
	return usageError{errors.Errorf("%s: score %s: %s", c.title(), c.Architecture.Score, text)}
}

// reference returns the model that the architecture matches, for the same images and classes. One that is no
// transformer may have images of another side.
func (c config) reference() vit.Config {
	side, reference := c.Match.Image, c.Match.For(*c.Architecture)
	if reference.Pictures() && reference.Model != vit.Transformer {
		reference.Image = side
	}
	return reference
}

// examplesOf returns a Config that says what the examples of a set are, pictures with a side, and what is
// predicted of them.
func examplesOf(set *data.Set, side int) vit.Config {
	c := vit.Config{Classes: len(set.Classes), Output: vit.Output(set.Target)}
	if set.Kind() == data.Pictures {
		c.Image, c.Channels = side, set.Channels
	} else {
		c.Steps, c.Features = set.Height, set.Channels
	}
	return c
}

// inputText says what a model is for; of pictures the channels, as the side is the model's own.
func inputText(c vit.Config) string {
	if c.Pictures() {
		return words.Count(c.Channels, "channel")
	}
	return c.InputText()
}

// normalization reports whether a set is normalized unless the user says so: listed sets that gain by it, and
// the user's photographs, which are coloured and neither on black nor on paper; but not pictures of real
// numbers, which have been prepared. Features of sequences and vectors are.
func normalization(name string, set *data.Set) bool {
	if d, err := data.Describe(name); err == nil {
		return d.Normalize
	}
	if set.Kind() != data.Pictures {
		return true
	}
	return set.Channels == 3 && set.Train.Images != nil && set.Train.Background() == data.Middle
}

// augmentation is what suits a listed set; for the user's own, a little displacement, and with colours, which
// digits and letters do not have, the mirror image.
func augmentation(name string, channels int) data.Augment {
	if d, err := data.Describe(name); err == nil {
		return d.Augment
	}
	return data.Augment{Shift: 2, Flip: channels == 3}
}
