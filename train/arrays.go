package train

import (
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/nn/op"
)

// Arrays is Data in memory: vectors, sequences, images or anything else whose first axis numbers the
// examples.
type Arrays struct {
	Inputs []*tensor.Dense // (N, ...), one for each input of the model, all float32 or all float64
	Labels []int           // (N): class indices; or
	Values *tensor.Dense   // (N, ...): numbers. Without Labels and Values the examples can only be predicted
}

// Len returns N.
func (a Arrays) Len() int {
	if len(a.Inputs) == 0 || a.Inputs[0] == nil || a.Inputs[0].Dims() == 0 {
		return 0
	}
	return a.Inputs[0].Shape()[0]
}

// Spec returns the shapes behind the first axis. It returns an error if a tensor is nil, not of float32 or
// float64, not row-major or of another dtype or length than the first, if there are both Labels and Values,
// and for a negative label.
func (a Arrays) Spec() (Spec, error) {
	var s Spec
	tensors := slices.Clone(a.Inputs)
	if a.Values != nil {
		tensors = append(tensors, a.Values)
	}
	for i, t := range tensors {
		if t == nil || t.Dims() == 0 {
			return s, errors.Errorf("arrays: %s is nil or has no axis of examples", a.name(i))
		}
		if err := op.CheckDtype(t.Dtype()); err != nil {
			return s, errors.WithMessagef(err, "arrays: %s of shape %v; convert a copy of the numbers",
				a.name(i), t.Shape())
		}
		if t.RequiresIterator() || t.DataOrder().IsColMajor() {
			return s, errors.Errorf("arrays: %s of shape %v is not row-major; use a copy "+
				"(tensor.Materialize)", a.name(i), t.Shape())
		}
		if t.Shape()[0] != a.Len() || t.Dtype() != a.Inputs[0].Dtype() {
			return s, errors.Errorf("arrays: %v of shape %v, want %v and %d examples as in the first input",
				t.Dtype(), t.Shape(), a.Inputs[0].Dtype(), a.Len())
		}
	}
	for _, t := range a.Inputs {
		s.Dtype = t.Dtype()
		s.Inputs = append(s.Inputs, t.Shape()[1:].Clone())
	}
	switch {
	case a.Labels != nil && a.Values != nil:
		return s, errors.New("arrays: Labels and Values, want one of them")
	case a.Labels != nil:
		s.Target = Classes
		if len(a.Labels) != a.Len() {
			return s, errors.Errorf("arrays: %s for %s", words.Count(len(a.Labels), "label"),
				words.Count(a.Len(), "example"))
		}
		if i := slices.IndexFunc(a.Labels, func(label int) bool { return label < 0 }); i >= 0 {
			return s, errors.Errorf("arrays: label %d is %d, want a class index", i, a.Labels[i])
		}
	case a.Values != nil:
		s.Target, s.Values = Values, a.Values.Shape()[1:].Clone()
	}
	return s, nil
}

// name returns what tensor i is called, the Values behind the Inputs.
func (a Arrays) name(i int) string {
	if i == len(a.Inputs) {
		return "Values"
	}
	return "input " + strconv.Itoa(i)
}

// Fill copies the examples. It returns an error if they are not there, or for a Batch of another Spec.
func (a Arrays) Fill(b *Batch) error {
	if len(b.Inputs) != len(a.Inputs) || b.Target != nil && a.Values == nil || len(b.Labels) > len(b.Rows) ||
		slices.ContainsFunc(b.Rows, func(row int) bool { return row < 0 || row >= a.Len() }) {
		return errors.Errorf("arrays: the batch wants examples %v, there are %d, or is of another Spec",
			b.Rows, a.Len())
	}
	for i, t := range a.Inputs {
		if err := copyRows(b.Inputs[i], t, b.Rows); err != nil {
			return err
		}
	}
	for i := range min(len(b.Labels), len(a.Labels)) {
		b.Labels[i] = a.Labels[b.Rows[i]]
	}
	if b.Target == nil {
		return nil
	}
	return copyRows(b.Target, a.Values, b.Rows)
}

// copyRows copies rows of one tensor to the first rows of another.
func copyRows(to, from *tensor.Dense, rows []int) error {
	if from.Dtype() == tensor.Float64 {
		return copyRowsIn[float64](to, from, rows)
	}
	return copyRowsIn[float32](to, from, rows)
}

func copyRowsIn[T op.Float](to, from *tensor.Dense, rows []int) error {
	dst, err := op.Elements[T](to)
	if err != nil {
		return err
	}
	src, err := op.Elements[T](from)
	if err != nil {
		return err
	}
	n := len(src) / from.Shape()[0]
	if len(rows)*n > len(dst) {
		return errors.Errorf("arrays: %d examples of %d values do not fit into %v", len(rows), n, to.Shape())
	}
	for i, row := range rows {
		copy(dst[i*n:(i+1)*n], src[row*n:])
	}
	return nil
}
