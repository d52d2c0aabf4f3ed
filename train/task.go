package train

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
)

// Task is a training run written down. Model, Train and Epochs are needed; every other zero field has a meaning of its own.
type Task struct {
	Model    nn.Layer            // (B, C, S, S) -> logits (B, classes)
	Loss     losses.Loss         // of logits and class indices (B), or, with mixing augmentation, class probabilities; nil: CrossEntropy
	Opt      optimizers.Config   // nil: AdamW with PyTorch's defaults
	Schedule optimizers.Schedule // nil: Constant
	Clip     float64             // largest norm of a step's gradient; 0: any

	Train   *data.Images // labelled
	Val     *data.Images // chooses the best epoch; nil: the last is
	Test    *data.Images // evaluated once, at the end, with the weights of the best epoch; nil: never
	Augment data.Augment // of Train
	Teacher *Teacher     // from whom the Model learns beside the labels; nil: nobody

	EMA          float64   // decay of the moving average of the weights, which is then validated, chosen, saved and tested, in [0,1); 0: the weights themselves
	Select       Selection // what the best epoch is best in; empty: ByAccuracy
	Patience     int       // epochs in a row that validate no better end the run; 0: none do
	MaxLossRatio float64   // a step whose mean loss is above Explode times that of the first is an error; 0: 100, below 0: none is
	KeepEpochs   int       // of the last so many epochs the weights stay as epoch-0001.safetensors, …; 0: none

	Epochs  int
	Batch   int          // images of a step; 0: 128
	Micro   int          // images of a graph; 0: 32, or Batch if that is less. Another number gives other roundings
	Threads int          // 0: GOMAXPROCS. Any number gives the same result
	Seed    uint64       // of the weights, the order, augmentation and dropout
	Dtype   tensor.Dtype // zero: float32

	Dir       string // of the files; empty: none are written
	Resume    bool   // go on from the checkpoint in Dir, from the start if there is none yet
	Overwrite bool   // replace a run in Dir; without either, a run there is an error

	Name     string            // of the model, for the Summary
	Data     string            // name of the data set, for the Summary
	Classes  []string          // names of the classes, for confusion.svg; nil: 0, 1, …
	Config   any               // written to config.yaml: what reproduces the run; nil: none
	Meta     map[string]string // put into best.safetensors: what rebuilds the model; no time, path or thread, so that equal runs give equal files
	Log      *slog.Logger      // gets each epoch, checkpoint and end as a record; nil: nobody
	Progress io.Writer         // where the run tells how it goes, a live line on a terminal; nil: nowhere
}

// Selection says in what the best epoch is best on the validation split.
type Selection string

const (
	ByAccuracy Selection = "accuracy" // the lower loss between equals
	ByLoss     Selection = "loss"     // of the run's Loss
	ByAUC      Selection = "auc"      // the lower loss between equals
)

// better says whether an epoch is better than another.
func (s Selection) better(e, than Epoch) bool {
	a, b := s.of(e), s.of(than)
	return a > b || a == b && e.Val.Loss < than.Val.Loss
}

func (s Selection) of(e Epoch) float64 {
	switch {
	case s == ByLoss:
		return -e.Val.Loss
	case s == ByAUC && e.ValAUC != nil:
		return *e.ValAUC
	case s == ByAUC:
		return 0 // a split with one class has none: the loss decides
	}
	return e.Val.Accuracy
}

// Run trains, validates after each epoch, and evaluates the test split at the end.
//
// It returns an error if the Task is not sound; for a run in Dir, see Resume and Overwrite; if a pixel, a loss or a gradient is not finite,
// naming step, images and the last good checkpoint; and if a file cannot be written. When the context is done, it saves a checkpoint and
// returns an error with the context's as its cause: a run that is resumed ends as if it had not been stopped, to the last bit.
func (t Task) Run(ctx context.Context) (*Report, error) {
	t = t.withDefaults()
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.Dtype == tensor.Float64 {
		return runIn[float64](ctx, t)
	}
	return runIn[float32](ctx, t)
}

func (t Task) withDefaults() Task {
	if t.Loss == nil {
		t.Loss = losses.CrossEntropy{}
	}
	if t.Opt == nil {
		t.Opt = optimizers.AdamW{}
	}
	if t.Schedule == nil {
		t.Schedule = optimizers.Constant{}
	}
	if t.Log == nil {
		t.Log = slog.New(slog.DiscardHandler)
	}
	t.Select = cmp.Or(t.Select, ByAccuracy)
	t.MaxLossRatio = cmp.Or(t.MaxLossRatio, 100)
	t.Batch = cmp.Or(t.Batch, 128)
	t.Micro = cmp.Or(t.Micro, min(32, t.Batch))
	t.Threads = cmp.Or(t.Threads, runtime.GOMAXPROCS(0))
	if t.Dtype == (tensor.Dtype{}) {
		t.Dtype = tensor.Float32
	}
	return t
}

func (t Task) check() error {
	if t.Model == nil || t.Train == nil {
		return errors.New("train: a Task needs a Model and a Train split")
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"Epochs", t.Epochs}, {"Batch", t.Batch}, {"Micro", t.Micro}, {"Threads", t.Threads}} {
		if f.value < 1 {
			return errors.Errorf("train: %s is %d, want at least 1", f.name, f.value)
		}
	}
	if t.Micro > t.Batch {
		return errors.Errorf("train: Micro is %d, want at most the Batch of %d", t.Micro, t.Batch)
	}
	if t.Dtype != tensor.Float32 && t.Dtype != tensor.Float64 {
		return errors.Errorf("train: Dtype is %v, want float32 or float64", t.Dtype)
	}
	switch {
	case !(t.EMA >= 0 && t.EMA < 1):
		return errors.Errorf("train: EMA is %v, want [0,1)", t.EMA)
	case t.Patience < 0 || t.KeepEpochs < 0:
		return errors.Errorf("train: Patience is %d and Keep %d, want at least 0", t.Patience, t.KeepEpochs)
	case t.Patience > 0 && t.Val == nil:
		return errors.New("train: Patience needs a validation split")
	case t.Select != ByAccuracy && t.Select != ByLoss && t.Select != ByAUC:
		return errors.Errorf("train: Select is %q, want %q, %q or %q", t.Select, ByAccuracy, ByLoss, ByAUC)
	case t.Select == ByAUC && t.Val == nil:
		return errors.New("train: Select by AUC needs a validation split")
	}
	if t.Resume && t.Overwrite {
		return errors.New("train: Resume and Overwrite exclude each other")
	}
	for _, split := range []struct {
		name   string
		planes *data.Images
	}{{"train", t.Train}, {"validation", t.Val}, {"test", t.Test}} {
		if p := split.planes; p != nil {
			if err := t.checkSplit(p); err != nil {
				return errors.WithMessagef(err, "train: the %s split", split.name)
			}
		}
	}
	if err := t.Teacher.check(t.Train.Channels); err != nil {
		return err
	}
	return t.Augment.Check()
}

func (t Task) checkSplit(p *data.Images) error {
	switch {
	case p.Len() == 0:
		return errors.New("has no images")
	case p.Labels == nil:
		return errors.New("has no labels")
	case p.Channels != t.Train.Channels || p.Size != t.Train.Size:
		return errors.Errorf("has images of %d channels and size %d, those of training have %d and %d", p.Channels, p.Size, t.Train.Channels, t.Train.Size)
	}
	return nil
}

// plan returns what the graphs are built of; classes counts only where targets are blended.
func (t Task) plan(classes int) plan {
	p := plan{model: t.Model, loss: t.Loss, micro: t.Micro, channels: t.Train.Channels, size: t.Train.Size, training: true}
	if t.Augment.Mixes() {
		p.targets = classes
	}
	return p
}

func (t Task) predictor(st *nn.Store, taps bool) (*Predictor, error) {
	return NewPredictor(st, PredictorConfig{
		Model: t.Model, Loss: t.Loss, Channels: t.Train.Channels, Size: t.Train.Size, Micro: t.Micro, Threads: t.Threads, Dtype: t.Dtype, Taps: taps,
	})
}

// stepsPerEpoch counts a last, smaller step.
func (t Task) stepsPerEpoch() int { return (t.Train.Len() + t.Batch - 1) / t.Batch }

// Identity is all that decides what the run comes to, apart from the pixels and the code: two Tasks of one Identity give one result.
func (t Task) Identity() map[string]string {
	t = t.withDefaults()
	id := map[string]string{
		"loss":         fmt.Sprintf("%T%+v", t.Loss, t.Loss),
		"optimizer":    fmt.Sprintf("%T%+v", t.Opt, t.Opt),
		"schedule":     fmt.Sprintf("%T%+v", t.Schedule, t.Schedule),
		"clip":         fmt.Sprint(t.Clip),
		"ema":          fmt.Sprint(t.EMA),
		"select":       string(t.Select),
		"patience":     strconv.Itoa(t.Patience),
		"augment":      fmt.Sprintf("%+v", t.Augment),
		"epochs":       strconv.Itoa(t.Epochs),
		"batch":        strconv.Itoa(t.Batch),
		"micro":        strconv.Itoa(t.Micro),
		"seed":         strconv.FormatUint(t.Seed, 10),
		"dtype":        t.Dtype.String(),
		"model":        t.Name,
		"data":         t.Data,
		"train images": strconv.Itoa(t.Train.Len()),
	}
	t.Teacher.identify(id)
	maps.Copy(id, t.Meta)
	return id
}

// path returns where a file of the run lies.
func (t Task) path(name string) string { return filepath.Join(t.Dir, name) }

// openDir makes the directory ready for the run.
func (t Task) openDir() error {
	if t.Dir == "" {
		return nil
	}
	if HoldsRun(t.Dir) && !t.Resume && !t.Overwrite {
		return errors.Errorf("train: %s holds a run already; resume it, overwrite it, or choose another directory", t.Dir)
	}
	if err := os.MkdirAll(t.Dir, 0o755); err != nil {
		return errors.Wrap(err, "train")
	}
	if t.Overwrite {
		if err := removeRun(t.Dir); err != nil {
			return err
		}
	}
	return nil
}

// saveConfig writes what reproduces the run.
func (t Task) saveConfig() error {
	if t.Dir == "" || t.Config == nil {
		return nil
	}
	text, err := yaml.Marshal(t.Config)
	if err != nil {
		return errors.Wrap(err, "train: config")
	}
	return atomicfile.Write(t.path(ConfigFile), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
