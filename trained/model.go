// Package trained opens a trained model and gives it pictures, sequences or vectors.
//
//	m, err := trained.Open("runs/mnist-hqvit-s1")
//	predictions, err := m.PredictFiles(ctx, "digit.png")
//	fmt.Println(predictions[0].Class, predictions[0].Probability)
//
// The model knows its classes by name, and what was done to the images that it was trained on; a picture gets
// the same. A model of numbers, such as the columns of a table, gets them by PredictNumbers or PredictRows,
// and one of values answers in their units. Package hqvit has the same names, and the commands beside them.
package trained

import (
	"runtime"
	"slices"
	"sync"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

// Options say how a model is opened. The zero value is that of Open.
type Options struct {
	Threads int    // that predict at the same time; 0: GOMAXPROCS
	Invert  Invert // whether pictures are inverted; empty: InvertAuto

	// Names are those of the program's own scores, ansätze and architectures, which the model may have.
	Names vit.Catalog

	// Seed is that of what is drawn, for a model with shots: train and eval have that of the run.
	Seed uint64

	// Ranks share each prediction of more than a few examples, and each evaluation of a Predictor: these are
	// then calls of all of them, with the same examples. nil: this process is alone.
	Ranks *train.Ranks

	// Change, unless it is nil, changes how the model is run, but not its parameters: its Shots and its
	// Noise, for what a device would make of it.
	Change func(c *vit.Config)
}

// Invert says whether dark and bright are exchanged in a picture before the model sees it.
type Invert string

const (
	InvertAuto   Invert = "auto"   // if its background is the opposite of that of the training images
	InvertAlways Invert = "always" // whatever its background
	InvertNever  Invert = "never"  // as it is
)

// Model is a trained model. It is safe for concurrent use.
type Model struct {
	meta    Metadata
	path    string
	weights *rundir.Weights
	store   *nn.Store
	layer   nn.Layer
	scope   *nn.Scope
	threads int
	invert  Invert
	ranks   *train.Ranks

	building sync.Mutex // the Store is for one graph at a time while graphs are built

	singles chan *train.Predictor // of one picture each, made when first needed; nil ones are not made yet
	batchMu sync.Mutex
	batch   *train.Predictor // of many pictures, made when first needed
	closed  chan struct{}
	close   sync.Once
}

// Open opens the model of a run directory, or of a file of weights such as its best.safetensors. It returns
// an error if there is none, which says what is there and which runs are near, and if the file is damaged, or
// not one that hqvit wrote.
func Open(path string) (*Model, error) { return Options{}.Open(path) }

// Open opens a model with these options.
func (o Options) Open(path string) (*Model, error) {
	if o.Threads < 0 || !slices.Contains([]Invert{"", InvertAuto, InvertAlways, InvertNever}, o.Invert) {
		return nil, errors.Errorf("trained: Threads is %d and Invert %q, want at least 0, and %q, %q or %q",
			o.Threads, o.Invert, InvertAuto, InvertAlways, InvertNever)
	}
	path, err := rundir.FindWeights(path)
	if err != nil {
		return nil, err
	}
	w, err := rundir.ReadWeights(path)
	if err != nil {
		return nil, err
	}
	m := &Model{path: path, weights: w, store: nn.NewStore(o.Seed), threads: o.Threads, invert: o.Invert,
		ranks: o.Ranks, closed: make(chan struct{})}
	if m.threads == 0 {
		m.threads = runtime.GOMAXPROCS(0)
	}
	if m.meta, err = ParseMetadata(w.Meta); err != nil {
		return nil, errors.WithMessage(err, path)
	}
	c := m.meta.Config
	if c.Model == vit.Transformer && !slices.Contains(o.Names.ScoreNames(), c.Score) {
		return nil, errors.Errorf("%s has the attention score %q, which only the program knows that "+
			"trained it: open it "+
			"there, by hqvit.Options{Names: names}.Open with a vit.Catalog that has the score", path, c.Score)
	}
	m.meta.Config = c.In(o.Names)
	if err := o.change(&m.meta.Config); err != nil {
		return nil, err
	}
	if m.layer, err = vit.New(m.meta.Config); err != nil {
		return nil, errors.WithMessage(err, path)
	}
	if _, m.scope, err = vit.Graph(m.meta.Config, m.store, 1); err != nil { // makes the parameters
		return nil, errors.WithMessage(err, path)
	}
	if err := w.CopyTo(m.store); err != nil {
		return nil, errors.WithMessage(err, path)
	}
	m.singles = make(chan *train.Predictor, m.threads)
	for range m.threads {
		m.singles <- nil
	}
	return m, nil
}

// change calls Change, and returns an error unless the result is sound.
func (o Options) change(c *vit.Config) (err error) {
	if o.Change == nil {
		return nil
	}
	defer foreign.Recover(&err, "function Change of the Options", o.Change)
	o.Change(c)
	return c.Check()
}

// NewPredictor returns a Predictor of the model, for its own use: it gives metrics, logits and attention of
// any train.Data. Micro is the pictures of a graph; 0 is that of training, whose results train and eval have
// to the last bit. It belongs to one goroutine; close it in the end.
func (m *Model) NewPredictor(threads, micro int) (*train.Predictor, error) {
	if m.missing() {
		return nil, errMissing
	}
	c := m.meta.Config
	if micro == 0 {
		_, micro = vit.DefaultBatch(c)
	}
	m.building.Lock()
	defer m.building.Unlock()
	return train.NewPredictor(m.store, train.PredictorConfig{
		Model: m.layer, Spec: m.meta.Spec(), Micro: micro, Threads: threads, Ranks: m.ranks,
	})
}

var errMissing = errors.New("trained: the Model is nil or empty; Open makes one")

// missing reports whether Open has not made the model. What then has no error to return returns zero values.
func (m *Model) missing() bool { return m == nil || m.layer == nil }

// orEmpty returns the model, or an empty one instead of nil.
func (m *Model) orEmpty() *Model {
	if m == nil {
		return &Model{}
	}
	return m
}

// Metadata returns what the file of weights says of the model.
func (m *Model) Metadata() Metadata { return m.orEmpty().meta }

// Classes returns the names of the classes, labels or values, in the order of a Prediction.
func (m *Model) Classes() []string { return slices.Clone(m.orEmpty().meta.Classes) }

// Path returns the path of the file of weights.
func (m *Model) Path() string { return m.orEmpty().path }

// Weights returns the content of the file of weights, which is not to be changed.
func (m *Model) Weights() *rundir.Weights { return m.orEmpty().weights }

// Store returns the parameters, which are not to be changed while the model predicts.
func (m *Model) Store() *nn.Store { return m.orEmpty().store }

// Layer returns the model as a layer, to be put into another graph over Store.
func (m *Model) Layer() nn.Layer { return m.orEmpty().layer }

// Scope returns the root Scope of a graph of the model: its Summary and Notes.
func (m *Model) Scope() *nn.Scope { return m.orEmpty().scope }

// Close frees the graphs, after the predictions under way. It can be called more than once.
func (m *Model) Close() {
	if m.missing() {
		return
	}
	m.close.Do(func() {
		close(m.closed)
		for range m.threads {
			if p := <-m.singles; p != nil {
				p.Close()
			}
		}
		m.batchMu.Lock()
		defer m.batchMu.Unlock()
		if m.batch != nil {
			m.batch.Close()
		}
	})
}
