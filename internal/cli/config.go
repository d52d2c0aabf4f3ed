package cli

import (
	"cmp"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/option"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

// config is all that decides the result of a run: data, model and recipe. It is the flags of train, a file
// for --config, and the config.yaml of a run. What it leaves open is filled in by resolve, for the model, and
// by fit, for the data.
type config struct {
	Data  string `yaml:"data"`
	Limit int    `yaml:"limit,omitempty"`

	Model string `yaml:"model"`
	Size  string `yaml:"size,omitempty"`
	// Architecture is the model in full. Without it, it is the named model, for the images and classes of the
	// data.
	Architecture *vit.Config `yaml:"architecture,omitempty"`
	// Match is the model that this one is to have as many parameters as, whatever the classes.
	Match *vit.Config `yaml:"match,omitempty"`
	// From is the weights that training starts from: the directory of a run, or a file of weights.
	From string `yaml:"from,omitempty"`

	train.Recipe `yaml:",inline"`

	Augment bool `yaml:"augment"`
	// Augmentation is what Augment does; without it, what suits the data set.
	Augmentation *data.Augment `yaml:"augmentation,omitempty"`
	// Normalize is nil for what suits the data set.
	Normalize *bool `yaml:"normalize,omitempty"`

	Teacher       string  `yaml:"teacher,omitempty"`
	DistillWeight float64 `yaml:"distill_weight,omitempty"`
	Temperature   float64 `yaml:"temperature,omitempty"`

	names vit.Catalog // that names of models are of
	set   *data.Set   // the data, where they had to be read before; nil: not read yet
	setOf dataKey     // what they were read for

	sets     settings     // by flags, of the blocks
	device   *deviceFlags // how circuits are run, by flags; nil: as the model says
	said     said         // by the file that was read
	begun    bool         // the run goes on from a checkpoint, which holds what came of From
	file     string       // that the architecture was read from, for errors; empty: none
	refitted string       // what of such an architecture the data has changed, for the user; empty: nothing
}

// said tells which choices a file makes that are else made by the data.
type said struct{ model, epochs, batch bool }

// newConfig returns the config of a command without flags.
func newConfig(names vit.Catalog) config {
	c := config{Recipe: train.DefaultRecipe(), names: names}
	option.SetDefaults(c.rows())
	return c
}

// rows are the options beside those of the recipe and the model.
func (c *config) rows() []option.Row {
	return []option.Row{
		{Name: "data", Group: dataGroup, Value: &c.Data, Default: "mnist",
			Help: "data set: a `name` that hqvit data list knows, " + words.List(data.Forms(), "or")},
		{Name: "limit", Group: dataGroup, Value: &c.Limit, Within: option.AtLeast(0),
			Help: "train on the first `N` examples only (0: all)"},
		{Name: "normalize", Group: dataGroup, Value: choice{&c.Normalize},
			Help: "bring each channel or feature to mean 0 and deviation 1 of the training data (default: what " +
				"suits the data set; of features, yes)"},
		{Name: "augment", Group: augmentGroup, Value: &c.Augment, Default: true,
			Help: "change training images at random, as suits the data set"},
		{Name: "teacher", Group: teacherGroup, Value: &c.Teacher,
			Help: "also learn from a trained model: the `directory` of its run, or its file of weights"},
		{Name: "distill_weight", Group: teacherGroup, Value: &c.DistillWeight, Within: option.Between(0, 1),
			Single: true,
			Help:   "weight w of the teacher's answers; the labels have the weight 1-w (0: 0.5 with a teacher)"},
		{Name: "temperature", Group: teacherGroup, Value: &c.Temperature, Within: option.Between(0, 1000),
			Single: true,
			Help: "the logits of teacher and student are divided by this before they are compared (0: 2 " +
				"with a teacher)"},
	}
}

// register binds the flags to the fields but those of the model; the present values are the defaults.
func (c *config) register(f *pflag.FlagSet) {
	option.Flags(f, c.rows())
	c.Recipe.Flags(f)
}

// choice is a flag that says yes or no, or is not given.
type choice struct{ to **bool }

func (c choice) String() string {
	if c.to == nil || *c.to == nil {
		return ""
	}
	return strconv.FormatBool(**c.to)
}

func (c choice) Set(text string) error {
	yes, err := strconv.ParseBool(text)
	*c.to = &yes // a new one: configurations that were copied share the old
	return err
}

func (c choice) Type() string { return "bool" }

// registerModel binds --model and --size; without a default the data decide.
func registerModel(f *pflag.FlagSet, names vit.Catalog, model, size *string, byDefault string) {
	suits := ""
	if byDefault == "" {
		suits = " (default: what suits the data, hqvit for MNIST)"
	}
	f.StringVar(model, "model", byDefault, "a `MODEL`: "+strings.Join(names.Names(), ", ")+
		"; or one with changes, such as hqvit:cosine or hqvit-m:mean:matched: a score ("+
		strings.Join(names.ScoreNames(), ", ")+"), an ansatz ("+strings.Join(names.AnsatzNames(), ", ")+
		"), a pooling ("+strings.Join(vit.Poolings(), ", ")+
		"), matched, the ViT with as many parameters, shots such as 1000-shots, noise such as "+
		"0.01-depolarizing, or a device ("+strings.Join(device.Names(), ", ")+")"+suits)
	f.StringVar(size, "size", "",
		"`SIZE` of hqvit and vit: s (patch 8, 2 blocks) or m (patch 4, 4 blocks); s if not given")
	for _, name := range []string{"model", "size"} {
		f.Lookup(name).Annotations = map[string][]string{option.GroupAnnotation: {modelGroup}}
	}
}

// named returns the model of a name and a size.
func named(names vit.Catalog, model, size string) (vit.Config, error) {
	c, _, err := parseModel(names, model, size, "")
	return c, err
}

// load reads a file under the flags that were given: a flag has the last word.
func (c *config) load(path string, cmd *cobra.Command) error {
	read := func(path string) ([]byte, error) { return readRecipe(path, cmd.ErrOrStderr()) }
	resumed := !cmd.Flags().Changed("config") // the file is that of a run
	if resumed {
		read = rundir.ReadConfig
	}
	text, err := read(path)
	if err != nil {
		return errors.Wrap(err, "config")
	}
	given := map[string]string{}
	var lists []func() error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given[f.Name] = f.Value.String()
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values := list.GetSlice()
			lists = append(lists, func() error { return list.Replace(values) })
		}
	})
	fallback := c.Data
	c.Data = ""
	check := !cmd.Flags().Changed("model") // which replaces both of what may disagree
	if err := c.parseModel("config "+path, text, check); err != nil {
		return usageError{err}
	}
	if c.Data == "" {
		c.Data = fallback
	} else if named := given["data"]; named != "" && named != c.Data {
		// What suits the one data set may not suit the other. Those of a run may have been moved.
		if !resumed || (config{Data: named}).dataTitle() != c.dataTitle() {
			c.Augmentation, c.Normalize = nil, nil
		}
	}
	for name, value := range given {
		if err := cmd.Flags().Set(name, value); err != nil {
			return usageError{errors.Wrapf(err, "--%s", name)}
		}
	}
	for _, again := range lists {
		if err := again(); err != nil {
			return usageError{err}
		}
	}
	switch {
	case resumed && c.Architecture != nil:
		if err := c.keepModel(filepath.Dir(path), given["model"], given["size"]); err != nil {
			return err
		}
	case given["model"] != "":
		c.Architecture, c.Match, c.Size, c.file = nil, nil, given["size"], ""
	case given["size"] != "" && c.Architecture != nil:
		return usageError{errors.Errorf("--size %s with the architecture of %s: leave out --size, or name the "+
			"model that is to take its place by --model", given["size"], path)}
	}
	c.limitMicro(cmd.Flags())
	return nil
}

// limitMicro makes the micro-batch of a file at most the batch of a flag.
func (c *config) limitMicro(flags *pflag.FlagSet) {
	if flags.Changed("batch") && !flags.Changed("micro") {
		c.Micro = min(c.Micro, c.Batch)
	}
}

// parse reads the text of a file into c; the name is for errors. What the text does not say stays.
func (c *config) parse(name string, text []byte) error {
	if err := readYAML(text, c); err != nil {
		return errors.WithMessage(err, name)
	}
	for _, a := range []*vit.Config{c.Architecture, c.Match} {
		if a != nil {
			*a = a.In(c.names)
		}
	}
	return nil
}

// parseModel is parse; with check it returns an error if the file has a model and an architecture that is
// another one.
func (c *config) parseModel(name string, text []byte, check bool) error {
	const unsaid = math.MinInt
	model, size, epochs, batch := c.Model, c.Size, c.Epochs, c.Batch
	c.Model, c.Size, c.Epochs, c.Batch = "", "", unsaid, unsaid
	if err := c.parse(name, text); err != nil {
		return err
	}
	c.said = said{c.Model != "" || c.Size != "", c.Epochs != unsaid, c.Batch != unsaid}
	if !c.said.epochs {
		c.Epochs = epochs
	}
	if !c.said.batch {
		c.Batch = batch
	}
	if c.Architecture != nil {
		c.file = name
		if err := c.checkModel(); err != nil && check {
			return errors.WithMessage(err, name)
		}
	}
	c.Model, c.Size = cmp.Or(c.Model, model), cmp.Or(c.Size, size)
	return nil
}

// checkModel returns an error if the architecture is not that of the model and size, unless neither is given.
func (c *config) checkModel() error {
	written, actual := inSize(c.Model, c.Size), c.title()
	if c.Model == "" && c.Size == "" || written == actual {
		return nil
	}
	if named := (config{names: c.names, Model: c.Model, Size: c.Size}); named.title() == actual {
		return nil
	}
	key := "model"
	if c.Size != "" {
		key = "model with size"
	}
	return errors.Errorf("%s is %q, but architecture is that of %s: remove one of the two",
		key, written, actual)
}

// title is what the run is called. It follows from the architecture, whatever the recipe calls it.
func (c config) title() string {
	architecture, match := c.Architecture, c.Match
	if architecture == nil {
		a, m, err := parseModel(c.names, c.Model, c.Size, "")
		if err != nil {
			return c.Model // which check refuses
		}
		architecture, match = &a, m
	}
	if match != nil {
		return architecture.MatchedName(*match)
	}
	return architecture.Name()
}

// dataTitle is the data's name without a path, as a folder can be called.
func (c config) dataTitle() string {
	return strings.NewReplacer(":", "-", "=", "-", ",", "-").Replace(data.Title(c.Data))
}
