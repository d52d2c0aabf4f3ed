package train

import (
	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/internal/option"
)

// Recipe is how a model is trained: every option of training, whatever the model and the data. DefaultRecipe
// has values to start from. In YAML, unknown keys are for the decoder to refuse (yaml.Strict).
type Recipe struct {
	Epochs int    `yaml:"epochs"`
	Batch  int    `yaml:"batch,omitempty"`
	Micro  int    `yaml:"micro,omitempty"`
	Seed   uint64 `yaml:"seed"`

	LR        float64 `yaml:"lr"`
	Optimizer string  `yaml:"optimizer"` // a name in Tables, with fields: "adamw:decay=0.05"
	Schedule  string  `yaml:"schedule"`  // likewise: "one-cycle:warmup=100"
	Loss      string  `yaml:"loss"`      // likewise: "cross-entropy:smoothing=0.1"
	Clip      float64 `yaml:"clip"`

	EMA          float64 `yaml:"ema,omitempty"`
	Select       string  `yaml:"select,omitempty"`
	Patience     int     `yaml:"patience,omitempty"`
	MaxLossRatio float64 `yaml:"max_loss_ratio"`
	KeepEpochs   int     `yaml:"keep_epochs,omitempty"`
}

// DefaultRecipe returns the recipe of a run without options.
func DefaultRecipe() Recipe {
	var r Recipe
	option.SetDefaults(r.rows())
	return r
}

// rows are the options. A new one is a row here and a field above.
func (r *Recipe) rows() []option.Row {
	return []option.Row{
		{Name: "epochs", Value: &r.Epochs, Default: 8, Within: option.AtLeast(1),
			Help: "passes over the training data"},
		{Name: "batch", Value: &r.Batch, Within: option.AtLeast(0),
			Help: "examples of a step (0: the model's own, else 128)"},
		{Name: "micro", Value: &r.Micro, Within: option.AtLeast(0),
			Help: "examples of a micro-batch, at most a batch (0: the model's own, else up to 32)"},
		{Name: "seed", Value: &r.Seed, Default: uint64(1),
			Help: "seed of weights, order, augmentation, dropout and validation split"},
		{Name: "lr", Value: &r.LR, Default: 2e-3, Within: option.Above(0),
			Help: "learning rate at the top of the schedule"},
		{Name: "optimizer", Value: &r.Optimizer, Default: "adamw",
			Help: "optimizer, as `NAME:field=value,...`, such as adamw:decay=0.05"},
		{Name: "schedule", Value: &r.Schedule, Default: "one-cycle",
			Help: "schedule of the learning rate, as `NAME:field=value,...`, such as one-cycle:warmup=100"},
		{Name: "loss", Value: &r.Loss, Default: "cross-entropy",
			Help: "loss, as `NAME:field=value,...`, such as cross-entropy:smoothing=0.1"},
		{Name: "clip", Value: &r.Clip, Within: option.AtLeast(0),
			Help: "largest norm of a step's gradient (0: no limit)"},
		{Name: "ema", Value: &r.EMA, Within: option.Below(0, 1),
			Help: "decay of a moving average of the weights, which is then evaluated and saved (0: none)"},
		{Name: "select", Value: &r.Select,
			Help: "validation `METRIC` that selects the best epoch, at equal values the lower loss: " +
				"accuracy, loss or auc (default: accuracy, or loss without classes)"},
		{Name: "patience", Value: &r.Patience, Within: option.AtLeast(0),
			Help: "stop after `N` epochs in a row without a better value of the metric of select; an equal " +
				"one is not better, even at a lower loss (0: never)"},
		{Name: "max_loss_ratio", Value: &r.MaxLossRatio, Default: 100.0, Within: option.AtLeast(0),
			Help: "fail when a step's loss exceeds that of the first step by this factor (0: never)"},
		{Name: "keep_epochs", Value: &r.KeepEpochs, Within: option.AtLeast(0),
			Help: "keep the weights of the last `N` epochs, too, as epoch-0001.safetensors and so on"},
	}
}

// Flags binds a flag to each option; the present values are the defaults.
func (r *Recipe) Flags(fs *pflag.FlagSet) { option.Flags(fs, r.rows()) }

// Check returns an error in the words of the options for the first value that no run can have. The tables are
// those in which Optimizer, Schedule and Loss are looked up.
func (r Recipe) Check(t Tables) error {
	if err := option.Check(r.rows()); err != nil {
		return errors.WithMessage(err, "train")
	}
	if r.Batch > 0 && r.Micro > r.Batch {
		return errors.Errorf("train: micro is %d, want at most the batch of %d", r.Micro, r.Batch)
	}
	_, _, err := r.resolve(t)
	return err
}

// identity is what decides the result of a run: equal identities, model and data give equal weights.
func (r Recipe) identity() map[string]string {
	id := option.Texts(r.rows())
	delete(id, "keep_epochs") // which changes no weight
	delete(id, "max_loss_ratio")
	return id
}

// IdentityKeys returns the keys of Loop.Identity that are options of a Recipe, in their order.
func (r Recipe) IdentityKeys() []string {
	id := r.identity()
	var keys []string
	for _, row := range r.rows() {
		if _, ok := id[row.Name]; ok {
			keys = append(keys, row.Name)
		}
	}
	return keys
}

// Markdown returns the options of a recipe, with its present values as the defaults, as a table for a manual.
func (r Recipe) Markdown() string { return option.Markdown(r.rows()) }
