package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/vit"
)

// config is all that decides what a run comes to. It is the flags of train, a file for --config, and the config.yaml of a run.
type config struct {
	Data  string `yaml:"data"`
	Limit int    `yaml:"limit,omitempty"` // training images, the first ones; 0: all

	Model string `yaml:"model"`
	Size  string `yaml:"size,omitempty"`
	// Architecture is the model in full. Without it, it is the named model, for the images and classes of the data.
	Architecture *vit.Config `yaml:"architecture,omitempty"`
	// Match is the model that this one is to have as many parameters as, whatever the classes.
	Match *vit.Config `yaml:"match,omitempty"`
	// Batch is the images of a step, Micro those of a graph; 0: what suits the architecture, see vit.DefaultBatch.
	Batch int `yaml:"batch,omitempty"`
	Micro int `yaml:"micro,omitempty"`

	Epochs    int     `yaml:"epochs"`
	Seed      uint64  `yaml:"seed"`
	LR        float64 `yaml:"lr"`
	Schedule  string  `yaml:"schedule"`
	Decay     float64 `yaml:"decay"`
	Clip      float64 `yaml:"clip"`
	Smoothing float64 `yaml:"smoothing"`
	Augment   bool    `yaml:"augment"`
	// Augmentation is what Augment does; without it, what suits the data set.
	Augmentation *data.Augment `yaml:"augmentation,omitempty"`

	// Normalize brings each channel to mean 0 and deviation 1 of the training images, or leaves it; nil: what suits the data set.
	Normalize *bool `yaml:"normalize,omitempty"`

	// Teacher is a run or a file of weights from which the model learns beside the labels; the other two say how, 0 is the default.
	Teacher       string  `yaml:"teacher,omitempty"`
	DistillWeight float64 `yaml:"distill_weight,omitempty"`
	Temperature   float64 `yaml:"temperature,omitempty"`

	Warmup   int     `yaml:"warmup,omitempty"`
	EMA      float64 `yaml:"ema,omitempty"`
	Select   string  `yaml:"select,omitempty"`
	Patience int     `yaml:"patience,omitempty"`
}

// register binds the flags to the fields but those of the model, with their defaults.
func (c *config) register(f *pflag.FlagSet) {
	f.StringVar(&c.Data, "data", "mnist", "data set: a `name` that hqvit data list knows, folder:PATH, idx:PATH or npz:PATH")
	f.IntVar(&c.Limit, "limit", 0, "train on the first `N` images only (0: all)")
	f.IntVar(&c.Batch, "batch", 0, "images of a step (0: what suits the model, 128 for size s, 64 for m)")
	f.IntVar(&c.Epochs, "epochs", 8, "passes over the training images")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of weights, order, augmentation and validation split")
	f.Float64Var(&c.LR, "lr", 2e-3, "largest learning rate of AdamW")
	f.StringVar(&c.Schedule, "schedule", "one-cycle", "learning rate: one-cycle, cosine or constant")
	f.Float64Var(&c.Decay, "decay", 1e-2, "weight decay (0: none)")
	f.Float64Var(&c.Clip, "clip", 0, "largest norm of a step's gradient (0: any)")
	f.Float64Var(&c.Smoothing, "smoothing", 0, "label smoothing, in [0,1]")
	f.IntVar(&c.Warmup, "warmup", 0, "steps of a linear rise of the learning rate before the schedule")
	f.Float64Var(&c.EMA, "ema", 0, "decay of a moving average of the weights, which is then what is evaluated, in [0,1), such as 0.999 (0: none)")
	f.StringVar(&c.Select, "select", "accuracy", "what the best epoch is best in, of validation: accuracy, loss or auc")
	f.IntVar(&c.Patience, "patience", 0, "stop after so many epochs in a row that validate no better (0: never)")
	f.StringVar(&c.Teacher, "teacher", "", "learn from a trained model too: the `directory` of its run, or its file of weights")
	f.Float64Var(&c.DistillWeight, "distill-weight", 0, "weight of the teacher's answers, that of the labels being 1 minus it, in (0,1] (0: 0.5 with a teacher)")
	f.Float64Var(&c.Temperature, "temperature", 0, "what the logits of teacher and student are divided by before they are compared (0: 2 with a teacher)")
	f.VarPF(choice{&c.Normalize}, "normalize", "", "bring each channel to mean 0 and deviation 1 of the training images (default as suits the data set: photographs yes, digits no)").NoOptDefVal = "true"
	f.BoolVar(&c.Augment, "augment", true, "change training images at random, as suits the data set")
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
	said, err := strconv.ParseBool(text)
	*c.to = &said // a new one: configurations that were copied share the old
	return err
}

func (c choice) Type() string { return "bool" }

func registerModel(f *pflag.FlagSet, model, size *string) {
	f.StringVar(model, "model", "hqvit", "model: "+strings.Join(vit.Names(), ", ")+
		"; or one with changes, such as hqvit:cosine or hqvit-m:mean:matched: a score ("+strings.Join(vit.ScoreNames(), ", ")+
		"), a pooling ("+strings.Join(vit.Poolings(), ", ")+") or matched, the ViT with as many parameters")
	f.StringVar(size, "size", "", "size of hqvit and vit: s (patch 8, 2 blocks) or m (patch 4, 4 blocks); s if not given")
}

// load reads a file under the flags that were given: a flag has the last word.
func (c *config) load(path string, cmd *cobra.Command) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return usageError{errors.Wrap(err, "config")}
	}
	given := map[string]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	unsaid := c.Data
	c.Data = ""
	if err := c.parse("config "+path, text); err != nil {
		return usageError{err}
	}
	if c.Data == "" {
		c.Data = unsaid
	} else if named := given["data"]; named != "" && named != c.Data { // what suits the one may not suit the other
		c.Augmentation, c.Normalize = nil, nil
	}
	for name, value := range given {
		if err := cmd.Flags().Set(name, value); err != nil {
			return usageError{errors.Wrapf(err, "--%s", name)}
		}
	}
	if given["model"] != "" || given["size"] != "" {
		c.Architecture, c.Match = nil, nil
	}
	return nil
}

// parse reads the text of a file into c; the name is for errors. An unknown key is one.
func (c *config) parse(name string, text []byte) error {
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		return errors.Errorf("%s: line:column %s", name, yaml.FormatError(err, false, false))
	}
	return nil
}

// named returns the model of a name and a size.
func named(model, size string) (vit.Config, error) {
	c, _, err := resolve(model, size, "")
	return c, err
}

// check refuses what no run can be made of, before any data is loaded.
func (c *config) check() error {
	switch {
	case c.Epochs < 1:
		return usageError{errors.Errorf("epochs is %d, want at least 1", c.Epochs)}
	case c.Batch < 0 || c.Micro < 0:
		return usageError{errors.Errorf("batch is %d and micro %d, want at least 1, or 0 for what suits the model", c.Batch, c.Micro)}
	case c.Limit < 0:
		return usageError{errors.Errorf("limit is %d, want at least 1, or 0 for all images", c.Limit)}
	case !(c.LR > 0):
		return usageError{errors.Errorf("lr is %v, want above 0", c.LR)}
	case !(c.Decay >= 0):
		return usageError{errors.Errorf("decay is %v, want at least 0", c.Decay)}
	case !(c.Clip >= 0):
		return usageError{errors.Errorf("clip is %v, want at least 0", c.Clip)}
	case c.Warmup < 0 || c.Patience < 0:
		return usageError{errors.Errorf("warmup is %d and patience %d, want at least 0", c.Warmup, c.Patience)}
	case !(c.EMA >= 0 && c.EMA < 1):
		return usageError{errors.Errorf("ema is %v, want [0,1)", c.EMA)}
	case c.Select != "accuracy" && c.Select != "loss" && c.Select != "auc":
		return usageError{errors.Errorf("select %q, want accuracy, loss or auc", c.Select)}
	case !(c.Smoothing >= 0 && c.Smoothing <= 1):
		return usageError{errors.Errorf("smoothing is %v, want [0,1]", c.Smoothing)}
	}
	if _, err := c.schedule(); err != nil {
		return err
	}
	if err := c.checkTeacher(); err != nil {
		return usageError{err}
	}
	if c.Augmentation != nil {
		if err := c.Augmentation.Check(); err != nil {
			return usageError{err}
		}
	}
	if !strings.Contains(c.Data, ":") {
		if _, err := data.Describe(c.Data); err != nil {
			return usageError{err}
		}
	}
	if c.Architecture == nil {
		if err := c.setModel(""); err != nil {
			return err
		}
	}
	if err := c.Architecture.Check(); err != nil {
		return usageError{err}
	}
	batch, micro := vit.DefaultBatch(*c.Architecture)
	c.Batch = cmp.Or(c.Batch, batch)
	c.Micro = min(cmp.Or(c.Micro, micro), c.Batch)
	c.Model, c.Size = c.title(), ""
	return nil
}

func (c *config) schedule() (optimizers.Schedule, error) {
	switch c.Schedule {
	case "one-cycle":
		return optimizers.OneCycle{Warmup: c.Warmup}, nil
	case "cosine":
		return optimizers.Cosine{Warmup: c.Warmup}, nil
	case "constant":
		return optimizers.Constant{Warmup: c.Warmup}, nil
	}
	return nil, usageError{errors.Errorf("schedule %q, want one-cycle, cosine or constant", c.Schedule)}
}

func (c *config) optimizer() optimizers.Config {
	if c.Decay == 0 {
		return optimizers.AdamW{LR: c.LR, Decay: -1}
	}
	return optimizers.AdamW{LR: c.LR, Decay: c.Decay}
}

func (c *config) loss() losses.Loss { return losses.CrossEntropy{Smoothing: c.Smoothing} }

// title is what the run is called. It follows from the architecture, whatever the recipe calls it.
func (c *config) title() string {
	architecture, match := c.Architecture, c.Match
	if architecture == nil {
		a, m, err := resolve(c.Model, c.Size, "")
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

// dataTitle is the data's name without a path.
func (c *config) dataTitle() string {
	if kind, path, ok := strings.Cut(c.Data, ":"); ok {
		return kind + "-" + filepath.Base(path)
	}
	return c.Data
}

// fit makes the architecture fit the data. A ViT that is to match an HQViT is matched anew: how many parameters a classifier has depends on
// the classes.
func (c *config) fit(channels, classes int) error {
	a := c.Architecture
	refit := a.Channels != channels || a.Classes != classes
	a.Channels, a.Classes = channels, classes
	if c.Match == nil || !refit {
		return nil
	}
	reference := *c.Match
	reference.Image, reference.Channels, reference.Classes = a.Image, channels, classes
	c.Match = &reference
	match, _, err := vit.Match(reference)
	if err != nil {
		return err
	}
	match.Pooling = a.Pooling // which may have been changed after the match
	*a = match
	return nil
}
