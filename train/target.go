package train

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
)

// targetForm is how a loss takes the targets of a micro-batch.
type targetForm struct {
	shape   tensor.Shape // (B, ...)
	indices bool         // class indices (B), and not a row for each example
	mask    float64      // masks a row whose whole target it is
	masks   bool         // whether there is such a number
}

// formOf returns the form of the targets of a split for a loss of predictions of some shape.
func formOf(l losses.Loss, s Spec, prediction tensor.Shape) (targetForm, error) {
	f := targetForm{shape: prediction.Clone(), masks: true}
	switch l.(type) {
	case losses.CrossEntropy:
		if s.Target == Classes {
			f.shape, f.indices, f.mask = tensor.Shape{prediction[0]}, true, -1
		}
	case losses.BinaryCrossEntropy:
		f.mask = -1
	case losses.MSE, losses.KLDivergence:
		f.mask = math.NaN()
	default:
		f.masks = false
		if s.Target == Values && s.Values != nil {
			f.shape = append(tensor.Shape{prediction[0]}, s.Values...) // the loss says whether it fits
		}
	}
	if s.Target == Values && s.Values != nil && f.shape[1:].TotalSize() != s.Values.TotalSize() {
		return f, errors.Errorf("the targets of an example have shape %v, the model predicts %v", s.Values, prediction[1:])
	}
	return f, nil
}

// checkRows returns an error if a split leaves rows to be masked and the loss cannot: the rows of a graph are micro.
func (f targetForm) checkRows(s *split, micro int, l losses.Loss) error {
	if f.masks || s.Len()%micro == 0 || s.spec.Target == NoTarget {
		return nil
	}
	return errors.Errorf("train: the loss %T does not say how a row is masked: want a number of examples that micro (%d) "+
		"divides, got %d in the %s split", l, micro, s.Len(), s.name)
}
