package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/option"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// startRows are the options of train alone. compare has another --from; there, a recipe may have the key.
func (c *config) startRows() []option.Row {
	return []option.Row{
		{Name: "from", Group: modelGroup, Value: &c.From,
			Help: "start from the weights of a run: its `directory`, or a file of weights; what does not " +
				"fit, as a classifier of other classes, begins anew. Without --model, the model is that of " +
				"the weights"},
	}
}

// findWeights returns the file of weights of a run, a file of weights itself, or that of a model that comes
// trained.
func findWeights(path string) (file string, err error) {
	if path, err = located(path); err != nil {
		return "", err
	}
	return rundir.FindWeights(path)
}

// readWeights reads what findWeights finds.
func readWeights(path string) (*rundir.Weights, error) {
	file, err := findWeights(path)
	if err != nil {
		return nil, err
	}
	return rundir.ReadWeights(file)
}

func (c config) checkStart() error {
	if c.From == "" || c.begun {
		return nil
	}
	_, err := findWeights(c.From)
	return errors.WithMessage(err, "from")
}

// adopt makes the model of the weights that a run starts from the architecture, unless a model is named.
func (c *config) adopt(named bool) error {
	if c.From == "" || c.Architecture != nil || named {
		return nil
	}
	if err := c.checkStart(); err != nil {
		return err
	}
	w, err := readWeights(c.From)
	if err != nil {
		return errors.WithMessage(err, "from")
	}
	if len(w.Meta) == 0 {
		return usageError{errors.Errorf("from %s: the file does not say of which model it is: name one by --model",
			c.From)}
	}
	meta, err := trained.ParseMetadata(w.Meta)
	if err != nil {
		return errors.WithMessagef(err, "from %s", c.From)
	}
	a := meta.Config.In(c.names)
	c.Architecture, c.file = &a, "weights "+c.From
	return nil
}

// start returns the weights that a run on a set starts from, and what there is to say about them; nil for
// none, and for a run that goes on from a checkpoint. Of a model of other classes the classifier is left out.
func (c config) start(set *data.Set, t data.Transform) (w *rundir.Weights, said string, err error) {
	if c.From == "" || c.begun {
		return nil, "", nil
	}
	if w, err = readWeights(c.From); err != nil {
		return nil, "", errors.WithMessage(err, "from")
	}
	if len(w.Meta) == 0 { // of another program
		return w, "", nil
	}
	meta, err := trained.ParseMetadata(w.Meta)
	if err != nil {
		return nil, "", errors.WithMessagef(err, "from %s", c.From)
	}
	if !slices.Equal(meta.Classes, set.Classes) || meta.Config.Output != vit.Output(set.Target) {
		tensors := maps.Clone(w.Tensors)
		maps.DeleteFunc(tensors, func(name string, _ *tensor.Dense) bool {
			return strings.HasPrefix(name, "head.")
		})
		w = &rundir.Weights{Meta: w.Meta, Tensors: tensors}
		said = fmt.Sprintf("%s knows the %s %s, the data has %s: the classifier begins anew\n", c.From,
			plural(data.Target(meta.Config.Output)), someOf(meta.Classes), someOf(set.Classes))
		if meta.Config.Output != vit.Output(set.Target) {
			said = fmt.Sprintf("%s is for %s, the data has %s: the last layer begins anew\n", c.From,
				meta.Config.OutputText(), examplesOf(set, 1).OutputText())
		}
	}
	return w, said + c.otherPixels(meta, t), nil
}

// otherPixels says what it means that the images are normalised in another way than those that the weights
// were trained on, and what helps; empty if they are not.
func (c config) otherPixels(meta trained.Metadata, t data.Transform) string {
	is, was, advice := "as they are", "as they are", ""
	switch {
	case !meta.Config.Pictures() || !c.Architecture.Pictures():
		return ""
	case slices.Equal(meta.Mean, t.Mean) && slices.Equal(meta.Std, t.Std),
		meta.Config.Channels != c.Architecture.Channels:
		return "" // of other channels, what sees the pixels begins anew
	case t.Mean == nil:
		was, advice = "normalised", "; --normalize normalises them"
	case meta.Mean == nil:
		is, advice = "normalised", "; --normalize=false leaves them as they are"
	default:
		return fmt.Sprintf("the pixels are normalised by the mean and deviation of these images, those of "+
			"%s by its "+
			"own: as a rule there is nothing to do\n", c.From)
	}
	return fmt.Sprintf("the pixels are %s, those that %s was trained on were %s: its first layer sees "+
		"other numbers "+
		"than it knows, and has to learn them%s\n", is, c.From, was, advice)
}

// plural returns what the outputs of a model are called: classes.
func plural(t data.Target) string { return words.Noun(2, t.Noun()) }

// someOf lists the first names.
func someOf(names []string) string {
	if len(names) > 5 {
		return listed(names[:5]) + ", …"
	}
	return listed(names)
}
