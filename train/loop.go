package train

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train/rundir"
)

// Loop is a training run written down: a model, its data and a Recipe. Model or Forward, Train and Recipe are
// needed.
type Loop struct {
	Model   nn.Layer // of one input (B, ...); its result (B, ...) is the prediction. Or, for several inputs:
	Forward func(s *nn.Scope, inputs []*G.Node) (*G.Node, error)

	Recipe  Recipe   // such as DefaultRecipe()
	Tables  Tables   // of the names in the Recipe; zero: the built-in ones
	Metrics []Metric // of the validation split, beside loss and accuracy
	Teacher *Teacher // from which the model learns beside the labels; nil: none
	// From is weights to start from, as far as they fit: the rest of the model begins anew, as a classifier of
	// other classes has to, and Progress says what. nil: all of it begins anew; a run that is resumed has begun,
	// so that it does not need them, but refuses others.
	From *rundir.Weights

	Train Data
	Val   Data // selects the best epoch; nil: the last is the best
	Test  Data // evaluated once, at the end, with the weights of the best epoch; nil: never

	Store   *nn.Store // of the weights, which end as those of the best epoch; nil: a new one of Recipe.Seed
	Threads int       // 0: GOMAXPROCS. Any number gives the same result
	// Ranks share the run: each makes the same call, and does a part of every step. Any number gives the same
	// result. The first alone reads and writes Dir, reports and calls back. nil: this process trains alone.
	Ranks *Ranks
	// Overlap exchanges the gradients of the last layers while those of the first ones are still being
	// computed. It changes no result, and pays on networks on which an exchange takes long; it costs a part
	// of a core.
	Overlap bool

	// OnStep and OnEpoch, if given, are called after each step and each validation. If they return Stop, the
	// run ends in good order after the present epoch's validation; any other error fails it.
	OnStep  func(Step) error
	OnEpoch func(Epoch) error

	Dir string // of the files, see package rundir; empty: none are written
	// Resume goes on from the checkpoint in Dir; from the start if there is none yet. With more epochs than
	// before the run is extended: it goes on from its last step by the schedule of all epochs, and not as a run
	// that had so many from the start, unless the schedule does not depend on them.
	Resume    bool
	Overwrite bool // replace a run in Dir; without Resume and Overwrite, a run there is an error

	Name       string   // of the model, for the Summary
	DataName   string   // of the data, for the Summary
	ClassNames []string // for confusion.svg; nil: 0, 1, …
	Config     any      // for config.yaml: what reproduces the run; nil: the Recipe

	// Meta is metadata of best.safetensors: what rebuilds the model, but no time, path or thread, so that
	// equal runs give equal files.
	Meta map[string]string

	Log      *slog.Logger // gets each epoch, checkpoint and end as a record; nil: none
	Progress io.Writer    // for a report of the run, a live line on a terminal; nil: none
}

// Step is what a step did.
type Step struct {
	Epoch, Step  int // from 1; the step is that of the epoch
	Steps        int // of an epoch
	Loss         float64
	GradientNorm float64 // before clipping
	LearningRate float64
}

// maxThreads bounds Threads, each of which has a graph of its own.
const maxThreads = 1024

// maxSteps bounds the steps of a run, which are counted in integers.
const maxSteps = 1 << 53

// Stop is the error by which a callback ends a run in good order.
var Stop = errors.New("train: stop")

// Run trains, validates after each epoch, and evaluates the test split at the end.
//
// It returns an error if the Loop is not sound; for a run in Dir, see Resume and Overwrite; if an input, a
// weight, a loss or a gradient is not finite, naming step, examples or parameter and the last checkpoint; if
// a function that it was given panics, naming which; and if a file cannot be written. When the context is
// done, it saves a checkpoint and returns an error with the context's as its cause; while the graphs are
// still being built there is nothing to save, and the one that is being built uses the Store for a moment
// longer. A run that fails before its first checkpoint leaves no file in Dir. A run that is resumed, or was
// killed and is resumed, ends with results that are bit-identical to those of an uninterrupted one.
func (l Loop) Run(ctx context.Context) (report *Report, err error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	defer foreign.Recover(&err, "run", l) // by a callback, a logger, a writer
	s, err := l.prepare()
	if err != nil {
		return nil, err
	}
	if s.train.spec.Dtype == tensor.Float64 {
		return runIn[float64](ctx, s)
	}
	return runIn[float32](ctx, s)
}

// setup is a Loop that was checked, with its defaults filled in.
type setup struct {
	Loop
	parts
	forward          forward
	train, val, test *split // val and test are nil where there is none
	selection        selection
}

// prepare fills in the defaults and returns an error for what no run can be made of.
func (l Loop) prepare() (s *setup, err error) {
	s = &setup{Loop: l}
	if s.forward, err = chooseForward(l.Model, l.Forward); err != nil {
		return nil, err
	}
	if err := s.openSplits(); err != nil {
		return nil, err
	}
	if err := l.Recipe.Check(l.Tables); err != nil {
		return nil, err
	}
	if l.Recipe.Loss == "" {
		l.Recipe.Loss = s.train.spec.Target.DefaultLoss()
	}
	if s.parts, s.Recipe, err = l.Recipe.resolve(l.Tables); err != nil {
		return nil, err
	}
	if err := s.checkLoss(); err != nil {
		return nil, err
	}
	s.Recipe.Batch = cmp.Or(l.Recipe.Batch, 128)
	s.Recipe.Micro = cmp.Or(l.Recipe.Micro, min(32, s.Recipe.Batch, s.train.Len()))
	s.Threads = cmp.Or(l.Threads, runtime.GOMAXPROCS(0))
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if steps := float64(s.Recipe.Epochs) * float64(s.stepsPerEpoch()); steps > maxSteps {
		return nil, errors.Errorf("train: %d epochs of %d steps, want at most %.3g steps in all",
			s.Recipe.Epochs, s.stepsPerEpoch(), float64(maxSteps))
	}
	if err := optimizers.CheckSchedule(s.schedule, s.Recipe.Epochs*s.stepsPerEpoch()); err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	if s.selection, err = newSelection(l.Recipe.Select, s.train.spec.Target, l.Metrics); err != nil {
		return nil, err
	}
	switch {
	case s.Threads < 1 || s.Threads > maxThreads:
		return nil, errors.Errorf("train: Threads is %d, want 1 to %d, or 0 for all processors", l.Threads,
			maxThreads)
	case l.Recipe.Patience > 0 && l.Val == nil:
		return nil, errors.New("train: patience needs a validation split")
	case l.Recipe.Select == byAUC && l.Val == nil:
		return nil, errors.New("train: select by auc needs a validation split")
	case l.Resume && l.Overwrite:
		return nil, errors.New("train: Resume and Overwrite exclude each other")
	}
	return s, l.Teacher.check(s.train.spec)
}

// openSplits reads the Specs of the data and returns an error if they do not fit each other.
func (s *setup) openSplits() (err error) {
	if s.train, err = newSplit(trainSplit, s.Train, s.Loop.Recipe.Seed); err != nil {
		return err
	}
	if s.train.spec.Target == NoTarget {
		return errors.New("train: the train split has no labels and no values, want a target to train on")
	}
	for _, other := range []struct {
		name string
		data Data
		to   **split
	}{{"validation", s.Val, &s.val}, {"test", s.Test, &s.test}} {
		if other.data == nil {
			continue
		}
		o, err := newSplit(other.name, other.data, s.Loop.Recipe.Seed)
		if err != nil {
			return err
		}
		if err := s.train.spec.fits(o.spec); err != nil {
			return errors.WithMessagef(err, "train: the %s split", other.name)
		}
		if o.spec.Target.labelled() != s.train.spec.Target.labelled() || o.spec.Target == NoTarget ||
			(o.spec.Target == Labels) != (s.train.spec.Target == Labels) {
			return errors.Errorf("train: the %s split does not have the targets of the train split",
				other.name)
		}
		*other.to = o
	}
	return nil
}

// plan returns what the graphs of training are built from.
func (s *setup) plan() plan {
	return plan{forward: s.forward, loss: s.loss, spec: s.train.spec, micro: s.Recipe.Micro, training: true,
		groups: s.groups, overlap: s.Overlap}
}

// evalSpec is the Spec that the weights are evaluated with.
func (s *setup) evalSpec() Spec {
	for _, other := range []*split{s.val, s.test} {
		if other != nil {
			return other.spec
		}
	}
	spec := s.train.spec
	if spec.Target == Distributions {
		spec.Target = Classes
	}
	return spec
}

func (s *setup) newPredictor(st *nn.Store, threads int, taps bool) (*Predictor, error) {
	return NewPredictor(st, PredictorConfig{
		Forward: s.forward, Loss: s.loss, Spec: s.evalSpec(), Micro: s.Recipe.Micro, Threads: threads,
		Taps: taps, Ranks: s.Ranks,
	})
}

// stepsPerEpoch counts a last, smaller step.
func (s *setup) stepsPerEpoch() int { return 1 + (s.train.Len()-1)/s.Recipe.Batch }

// Identity returns what decides the result of the run, apart from the code: a checkpoint is resumed only by a
// Loop with the identity of the one that wrote it. The contents of Data belong to it where it has a method
// Digest() string, as Images has. It returns an error if the
// Loop is not sound.
func (l Loop) Identity() (map[string]string, error) {
	s, err := l.prepare()
	if err != nil {
		return nil, err
	}
	return s.identity(), nil
}

func (s *setup) identity() map[string]string {
	id := s.Recipe.identity()
	maps.Copy(id, map[string]string{
		"select":         s.selection.name,
		"dtype":          s.train.spec.Dtype.String(),
		"model":          s.Name,
		"data":           s.DataName,
		"train examples": strconv.Itoa(s.train.Len()),
	})
	if text, ok := s.train.identity(); ok {
		id["train data"] = text
	}
	for name, part := range map[string]*split{"train": s.train, "validation": s.val, "test": s.test} {
		if part == nil {
			continue
		}
		if text, ok := part.digest(); ok {
			id[name+" contents"] = text
		}
	}
	s.Teacher.addIdentity(id)
	if s.From != nil {
		id[fromKey] = digestOf(s.From)
	}
	maps.Copy(id, s.Meta)
	return id
}

// OpenBest returns a Predictor of the best weights that a run left in Dir, with so many threads; 0:
// GOMAXPROCS. It returns an error if there are none, or those of another model.
func (l Loop) OpenBest(threads int) (*Predictor, error) {
	s, err := l.prepare()
	if err != nil {
		return nil, err
	}
	weights, err := rundir.ReadWeights(s.path(rundir.WeightsFile))
	if err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	st := nn.NewStore(s.Recipe.Seed)
	s.Ranks = nil // what a program does with it is its own
	p, err := s.newPredictor(st, threads, false)
	if err != nil {
		return nil, err
	}
	if err := weights.CopyTo(st); err != nil {
		p.Close()
		return nil, errors.WithMessage(err, s.path(rundir.WeightsFile))
	}
	return p, nil
}

// path returns where a file of the run lies.
func (l Loop) path(name string) string { return filepath.Join(l.Dir, name) }
