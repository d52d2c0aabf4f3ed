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
	Loss      string  `yaml:"loss"`      // likewise: "cross-entropy:smoothing=0.1"; empty: Target.DefaultLoss
	Clip      float64 `yaml:"clip"`

	EMA          float64 `yaml:"ema,omitempty"`
	SWA          int     `yaml:"swa,omitempty"`
	SAM          float64 `yaml:"sam,omitempty"`
	Whiten       bool    `yaml:"whiten,omitempty"`
	ImageSizes   string  `yaml:"image_sizes,omitempty"` // sides, separated by commas: "16,24"
	Select       string  `yaml:"select,omitempty"`
	Patience     int     `yaml:"patience,omitempty"`
	MaxLossRatio float64 `yaml:"max_loss_ratio"`
	KeepEpochs   int     `yaml:"keep_epochs,omitempty"`

	// Freeze is patterns over names of parameters, separated by commas: what they fit is not trained. In a
	// pattern * is any letters: "stem.*,blocks.0.*".
	Freeze string `yaml:"freeze,omitempty"`
	// LRFactor multiplies the learning rate of parameters, as PATTERN=FACTOR, separated by commas. Of several
	// patterns that fit, the last one counts: "*=0.1,head.*=1".
	LRFactor string `yaml:"lr_factor,omitempty"`
}

// DefaultRecipe returns the recipe of a run without options.
func DefaultRecipe() Recipe {
	var r Recipe
	option.SetDefaults(r.rows())
	return r
}

// rows are the options. A new one is a row here and a field above.
func (r *Recipe) rows() []option.Row {
	rows := []option.Row{
		{Name: "epochs", Value: &r.Epochs, Default: 8, Within: option.AtLeast(1),
			Help: "passes over the training data"},
		{Name: "batch", Value: &r.Batch, Within: option.AtLeast(0),
			Help: "examples of a step (0: the model's own, else 128)"},
		{Name: "micro", Value: &r.Micro, Within: option.AtLeast(0),
			Help: "examples of a micro-batch, at most a batch (0: the model's own, else up to 32)"},
		{Name: "seed", Value: &r.Seed, Default: uint64(1),
			Help: "seed of weights, order, augmentation, dropout and validation split"},
		{Name: "lr", Value: &r.LR, Default: 2e-3, Within: option.Above(0), Single: true,
			Help: "learning rate at the top of the schedule"},
		{Name: "optimizer", Value: &r.Optimizer, Default: "adamw",
			Help: "optimizer, as `NAME:field=value,...`, such as adamw:decay=0.05"},
		{Name: "schedule", Value: &r.Schedule, Default: "one-cycle",
			Help: "schedule of the learning rate, as `NAME:field=value,...`, such as one-cycle:warmup=100"},
		{Name: "loss", Value: &r.Loss,
			Help: "loss, as `NAME:field=value,...`, such as cross-entropy:smoothing=0.1 (default: " +
				"cross-entropy for classes, bce for labels, mse for values)"},
		{Name: "clip", Value: &r.Clip, Within: option.AtLeast(0), Single: true,
			Help: "largest norm of a step's gradient (0: no limit)"},
		{Name: "ema", Value: &r.EMA, Within: option.Below(0, 1), Single: true,
			Help: "decay of a moving average of the weights, which is then evaluated and saved (0: none)"},
		{Name: "swa", Value: &r.SWA, Within: option.AtLeast(0),
			Help: "evaluate and save the mean of the weights at the ends of all epochs from epoch `N` on " +
				"(0: none)"},
		{Name: "sam", Value: &r.SAM, Within: option.Between(0, 10), Single: true,
			Help: "take gradients at the worst point within this `DISTANCE` of the weights, for twice the " +
				"time, as SAM does, such as 0.05 (0: at the weights)"},
		{Name: "whiten", Value: &r.Whiten,
			Help: "begin with filters of the first convolution that whiten the training images"},
		{Name: "image_sizes", Value: option.List(&r.ImageSizes),
			Help: "begin with pictures of smaller `SIDES`, such as 16,24: each for an equal part of the " +
				"epochs, the last part with the model's own. The parameters must not depend on the side"},
		{Name: "select", Value: &r.Select,
			Help: "`METRIC` of the validation by which the best epoch is chosen, of equal ones that of the " +
				"lowest loss: accuracy, loss or auc; of labels auc, ap, f1 or loss; of values rmse, mae, " +
				"r2 or loss (default: accuracy, of labels auc, else loss)"},
		{Name: "patience", Value: &r.Patience, Within: option.AtLeast(0),
			Help: "stop when `N` epochs in a row have not improved the metric of select; a lower loss at an " +
				"equal value does not count (0: never)"},
		{Name: "max_loss_ratio", Value: &r.MaxLossRatio, Default: 100.0, Within: option.AtLeast(0),
			Help: "fail when a step's loss exceeds that of the first step by this factor (0: never)"},
		{Name: "keep_epochs", Value: &r.KeepEpochs, Within: option.AtLeast(0),
			Help: "keep the weights of the last `N` epochs, too, as epoch-0001.safetensors and so on"},
	}
	rows = append(rows,
		option.Row{Name: "freeze", Value: option.List(&r.Freeze),
			Help: "do not train the parameters that a `PATTERN` fits, such as blocks.*, where * is any " +
				"letters; can be repeated"},
		option.Row{Name: "lr_factor", Value: option.List(&r.LRFactor),
			Help: "multiply the learning rate of parameters, as `PATTERN=FACTOR`, such as blocks.*=0.1; can " +
				"be repeated, and the last pattern that fits counts"})
	for i := range rows {
		rows[i].Group = option.TrainingGroup
	}
	return rows
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
	if r.EMA > 0 && r.SWA > 0 {
		return errors.New("train: ema and swa: want one of the two averages of the weights")
	}
	if r.SWA > r.Epochs {
		return errors.Errorf("train: swa is %d, want at most the %d epochs", r.SWA, r.Epochs)
	}
	_, _, err := r.resolve(t)
	return err
}

// identity is what decides the result of a run: equal identities, model and data give equal weights.
func (r Recipe) identity() map[string]string {
	id := option.Texts(r.rows())
	delete(id, "keep_epochs") // which changes no weight
	delete(id, "max_loss_ratio")
	if r.SWA == 0 { // as in runs of before there was one
		delete(id, "swa")
	}
	if r.SAM == 0 {
		delete(id, "sam")
	}
	if !r.Whiten {
		delete(id, "whiten")
	}
	if r.ImageSizes == "" {
		delete(id, "image_sizes")
	}
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
