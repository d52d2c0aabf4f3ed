package train

import (
	"math"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/losses"
)

// targetForm is how a loss takes the targets of a micro-batch.
type targetForm struct {
	shape   tensor.Shape // (B, ...)
	indices bool         // class indices (B), and not a row for each example
	mask    float64      // masks a row whose whole target it is
	masks   bool         // whether there is such a number
	classes int          // that class indices are of, where the loss says so; else 0
}

// formOf returns the form of the targets of a split for a loss of predictions of some shape. Labels become
// class indices if the loss takes these, and else a 1 for the class and 0 for the others. A loss that does
// not say what it takes is given class indices for labels, and values as they are.
func formOf(l losses.Loss, s Spec, prediction tensor.Shape) (f targetForm, err error) {
	defer foreign.Recover(&err, "loss", l)
	targeted, known := l.(losses.Targeted)
	if !known {
		targeted = untargeted{l}
	}
	for _, t := range s.Target.forms() {
		if mask, ok := targeted.Takes(t); ok {
			f = targetForm{prediction.Clone(), t == losses.ClassIndices, mask, known, 0}
			break
		}
	}
	switch {
	case f.shape == nil:
		return f, errors.Errorf("the loss %T does not take %v", l, s.Target)
	case f.indices:
		f.shape = tensor.Shape{prediction[0]}
		if _, ok := l.(losses.CrossEntropy); ok {
			f.classes = prediction[1]
		}
	case (s.Target == Values || s.Target == Labels) && s.Values != nil:
		if !known {
			f.shape = append(tensor.Shape{prediction[0]}, s.Values...) // the loss says whether it fits
		}
		if s.Values.TotalSize() != f.shape[1:].TotalSize() {
			return f, errors.Errorf("the targets of an example have shape %v, the model predicts %v",
				s.Values, prediction[1:])
		}
	}
	return f, nil
}

// forms returns the forms that a target can be given in, the best first.
func (t Target) forms() []losses.Targets {
	switch t {
	case Classes:
		return []losses.Targets{losses.ClassIndices, losses.Probabilities}
	case Distributions, Labels:
		return []losses.Targets{losses.Probabilities}
	case Values:
		return []losses.Targets{losses.Numbers, losses.Probabilities}
	}
	return nil
}

// untargeted is a custom loss that does not say which targets it takes.
type untargeted struct{ losses.Loss }

func (untargeted) Takes(losses.Targets) (mask float64, ok bool) { return 0, true }

// checkRows returns an error if steps of batch examples of a split, in micro-batches, leave rows to be masked
// and the loss cannot mask them.
func (f targetForm) checkRows(s *split, batch, micro int, l losses.Loss) error {
	if f.masks || s.spec.Target == NoTarget || batch%micro == 0 && s.Len()%batch%micro == 0 {
		return nil
	}
	return errors.Errorf("train: the loss %T does not say how a row is masked (losses.Targeted): want a "+
		"batch and a number of examples that micro divides, got %d, %d and %d in the %s "+
		"split", l, batch, s.Len(), micro, s.name)
}

// DefaultLoss returns the name of the loss for a target unless a recipe names one: cross-entropy for classes,
// bce for labels, mse for values.
func (t Target) DefaultLoss() string {
	switch t {
	case Labels:
		return "bce"
	case Values:
		return "mse"
	}
	return "cross-entropy"
}

// checkLoss returns an error if the loss is one of another target than the train split has.
func (s *setup) checkLoss() error {
	targeted, known := s.loss.(losses.Targeted)
	if !known {
		return nil
	}
	takes := func(t losses.Targets) bool { _, ok := targeted.Takes(t); return ok }
	name, _, _ := strings.Cut(s.Recipe.Loss, ":")
	_, images := s.Train.(Images)
	switch target := s.train.spec.Target; {
	case target == Labels && (takes(losses.ClassIndices) || takes(losses.Numbers)):
		return errors.Errorf("train: loss %s is not one of labels, each of which an example has or has "+
			"not: want %s", name, target.DefaultLoss())
	case target == Values && images && !takes(losses.Numbers):
		return errors.Errorf("train: loss %s is not one of values: want %s", name, target.DefaultLoss())
	}
	return s.checkValues()
}

// checkValues returns an error if the loss wants probabilities and the values of the train split are other
// numbers. Those of Data that are not in memory show it in the first step.
func (s *setup) checkValues() error {
	targeted, known := s.loss.(losses.Targeted)
	a, inMemory := s.Train.(Arrays)
	if !known || !inMemory || s.train.spec.Target != Values {
		return nil
	}
	if _, any := targeted.Takes(losses.Numbers); any {
		return nil
	}
	_, indices := targeted.Takes(losses.ClassIndices) // then those of a row sum to 1
	takes := "probabilities"
	if indices {
		takes = "classes or probabilities"
	}
	if a.probabilities(indices) {
		return nil
	}
	name, _, _ := strings.Cut(s.Recipe.Loss, ":")
	return errors.Errorf("train: loss %s takes %s, the data has values: set Recipe.Loss to \"mse\", or "+
		"give the data such targets", name, takes)
}

// probabilities reports whether the Values are in [0,1] and, if wanted, sum to 1 over the last axis.
func (a Arrays) probabilities(sum bool) bool {
	width := 1
	if dims := a.Values.Dims(); dims > 1 {
		width = a.Values.Shape()[dims-1]
	}
	var number func(i int) float64
	if a.Values.Dtype() == tensor.Float64 {
		values := a.Values.Float64s()
		number = func(i int) float64 { return values[i] }
	} else {
		values := a.Values.Float32s()
		number = func(i int) float64 { return float64(values[i]) }
	}
	total := 0.0
	for i := range a.Values.Shape().TotalSize() {
		v := number(i)
		if v < 0 || v > 1 {
			return false
		}
		if total += v; (i+1)%width == 0 {
			if sum && math.Abs(total-1) > 1e-3 {
				return false
			}
			total = 0
		}
	}
	return true
}
