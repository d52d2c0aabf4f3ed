package losses

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/spec"
)

// Row is a loss that can be chosen by name.
type Row struct {
	Name string // as in "cross-entropy"
	Help string // what it is, in half a sentence

	// New returns the loss with its defaults. A field with a yaml tag can be set by the text that Parse
	// reads.
	New func() Loss
}

// Table returns the losses that can be chosen by name, a fresh copy at each call. A custom loss is a Row
// appended to it. KLDivergence and Distillation are not in it: they want a teacher.
func Table() []Row {
	return []Row{
		{"cross-entropy", "one class of several, from logits", func() Loss { return CrossEntropy{} }},
		{"bce", "yes-or-no answers, from logits", func() Loss { return BinaryCrossEntropy{} }},
		{"mse", "numbers; for classes, a 1 for the right one", func() Loss { return MSE{} }},
	}
}

// Parse returns the loss that a text names, such as "cross-entropy:smoothing=0.1", and that text in its one
// canonical form, without fields that have their default.
//
// It returns an error for an unknown name or key, which lists the known ones, and for a value that is out of
// range.
func Parse(text string, table []Row) (l Loss, canonical string, err error) {
	row := func(r Row) (string, func() Loss) { return r.Name, r.New }
	l, canonical, err = spec.Resolve("loss", text, table, row)
	return l, canonical, errors.WithMessage(err, "losses")
}

// Options lists the keys that Parse takes for the row, with their defaults: "smoothing=0".
func (r Row) Options() string { return spec.Options(r.New) }
