package train

import (
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// Data is what a Loop trains on or evaluates: examples, numbered from 0. Arrays is Data in memory, Images
// that of labelled images; a custom type can read or draw its examples when they are asked for.
//
// If the type also has a method Identity() string, its result is part of the identity of a run: a checkpoint
// is resumed only with Data of the same one. If it has a method Key(example int) uint64, what a model draws
// at random for an example, as with shots, follows from its key, the seed and the epoch, in place of its
// number. If it has a method Units() (mean, std []float64), the values in its Targets are (v − mean)/std for
// each of K values, and an Evaluation has v.
type Data interface {
	// Len returns the number of examples.
	Len() int

	// Spec returns what an example is. It returns an error if the Data cannot be used.
	Spec() (Spec, error)

	// Fill writes the examples b.Rows. What it writes must depend on nothing but b.Seed, b.Epoch and the
	// number of the example: then a run has one result for any number of threads, and resumes exactly.
	// Several goroutines call it at once, each with its own Batch.
	Fill(b *Batch) error
}

// Spec says what an example of a Data is.
type Spec struct {
	Dtype  tensor.Dtype   // of the model: float32 or float64
	Inputs []tensor.Shape // of one example in each input of the model, without the batch axis
	Target Target
	// of the target of one example, for Values and Labels; nil: that of the model's prediction
	Values tensor.Shape
}

// Target says what the predictions of a model are compared with.
type Target int

const (
	NoTarget      Target = iota // nothing: the examples can only be predicted
	Classes                     // the Labels of a Batch
	Distributions               // class probabilities in its Target, and Labels for the accuracy
	Values                      // its Target
	Labels                      // its Target: for each of several labels 1, if the example has it, or 0
)

// Batch is where a Data writes the examples of a micro-batch. Before each Fill the inputs are zero.
type Batch struct {
	Seed   uint64          // of the run and the split: validation and test have others than training
	Epoch  int             // from 0; always 0 in evaluation
	Rows   []int           // numbers of the examples: example Rows[i] goes to row i of each tensor
	Inputs []*tensor.Dense // (B, ...), row-major, with B at least len(Rows)
	Labels []int           // of each of Rows: class indices
	Target *tensor.Dense   // (B, ...), row-major; nil for data without values

	scratch []float32 // for images that become float64
}

// Random returns a generator for row i: another stream for each seed, epoch and example.
func (b *Batch) Random(i int) *rand.Rand { return rand.New(rand.NewPCG(b.Seed, b.key(i))) }

// key is what the random numbers of row i are keyed by, beside the seed.
func (b *Batch) key(i int) uint64 {
	if i >= 0 && i < len(b.Rows) {
		i = b.Rows[i]
	}
	return uint64(b.Epoch)<<32 | uint64(i)
}

// String returns what the target is called in errors.
func (t Target) String() string {
	switch t {
	case Classes:
		return "class labels"
	case Distributions:
		return "class probabilities"
	case Values:
		return "values"
	case Labels:
		return "labels"
	}
	return "no target"
}

// numeric reports whether a Target is numbers in the Target of a Batch.
func (t Target) numeric() bool { return t == Distributions || t == Values || t == Labels }

// labelled reports whether a Target comes with labels.
func (t Target) labelled() bool { return t == Classes || t == Distributions }

func (s Spec) check() error {
	if err := op.CheckDtype(s.Dtype); err != nil {
		return err
	}
	if len(s.Inputs) == 0 {
		return errors.New("has no input")
	}
	for _, shape := range append(slices.Clone(s.Inputs), s.Values) {
		if err := op.CheckShape(shape); err != nil {
			return errors.WithMessage(err, "an example")
		}
	}
	if s.Target < NoTarget || s.Target > Labels {
		return errors.Errorf("has the unknown target %d", s.Target)
	}
	return nil
}

// fits returns an error if a model for one Spec cannot take the inputs of another.
func (s Spec) fits(other Spec) error {
	if s.Dtype == other.Dtype && slices.EqualFunc(s.Inputs, other.Inputs, slices.Equal[tensor.Shape]) {
		return nil
	}
	return errors.Errorf("has examples of %v %v, the model takes %v %v",
		other.Dtype, other.Inputs, s.Dtype, s.Inputs)
}

// measure returns the length of a Data that a user gave, and its checked Spec.
func measure(d Data) (n int, s Spec, err error) {
	defer foreign.Recover(&err, "Data", d)
	if n = d.Len(); n < 1 {
		return 0, s, errors.New("is empty")
	}
	if s, err = d.Spec(); err != nil {
		return n, s, err
	}
	return n, s, s.check()
}
