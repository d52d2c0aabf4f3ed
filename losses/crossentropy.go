package losses

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// CrossEntropy is −Σᶜ tᶜ log softmax(x)ᶜ for each row x of logits, with the wanted class probabilities t.
//
//	prediction  (B, C)  logits
//	target      (B)     class indices 0..C−1, held as floats; −1 masks the row
//	or          (B, C)  class probabilities, rows of sum 1 (mixup); a row of zeros is masked
//
// Differentiable once in the prediction. A run returns an *op.RowError for a label that is not a class index,
// for probabilities that are negative or do not add up to 1 within 1e-3, and for logits whose loss is not
// finite.
//
// Source: torch.nn.CrossEntropyLoss.
type CrossEntropy struct {
	Smoothing float64 `yaml:"smoothing"` // ε in [0,1]: t is replaced by (1−ε)t + ε/C
}

// Check returns an error if Smoothing is out of its range.
func (l CrossEntropy) Check() error {
	if !(l.Smoothing >= 0 && l.Smoothing <= 1) {
		return errors.Errorf("CrossEntropy: Smoothing %v, want [0,1]", l.Smoothing)
	}
	return nil
}

// Sum returns the sum over the rows that are not masked.
func (l CrossEntropy) Sum(prediction, target *G.Node) (*G.Node, error) {
	return l.node(false, prediction, target)
}

// Mean returns the mean over the rows that are not masked.
func (l CrossEntropy) Mean(prediction, target *G.Node) (*G.Node, error) {
	return l.node(true, prediction, target)
}

func (l CrossEntropy) node(mean bool, prediction, target *G.Node) (*G.Node, error) {
	if err := l.Check(); err != nil {
		return nil, errors.WithMessage(err, "losses")
	}
	if err := checkNodes("CrossEntropy", prediction, target); err != nil {
		return nil, err
	}
	x, y := prediction.Shape(), target.Shape()
	if x.Dims() != 2 || y.Dims() < 1 || y.Dims() > 2 || y[0] != x[0] || y.Dims() == 2 && y[1] != x[1] {
		return nil, shapeError("CrossEntropy", "logits (B, C) and a target (B) or (B, C)", prediction, target)
	}
	rows := rowLosses{crossEntropy[float32](l, x[1], y.Dims()), crossEntropy[float64](l, x[1], y.Dims())}
	return newNode("CrossEntropy", mean, rows, prediction, target)
}

func crossEntropy[T op.Float](l CrossEntropy, classes, targetDims int) rowLoss[T] {
	t := make([]T, classes) // the smoothed target
	return func(dx, x, y []T) (float64, bool, error) {
		valid, err := true, error(nil)
		if targetDims == 1 {
			valid, err = oneHot(t, y[0])
		} else {
			valid, err = distribution(t, y)
		}
		if !valid || err != nil {
			return 0, false, err
		}
		total := 0.0 // exactly 1 for class indices
		for c, v := range t {
			t[c] = T((1-l.Smoothing)*float64(v) + l.Smoothing/float64(classes))
			total += float64(t[c])
		}
		dense.Softmax(1, classes, x, dx)
		loss := total * float64(dense.LogSumExp(x))
		for c, v := range t {
			if v > 0 { // a logit of −Inf is no loss where its class is not wanted
				loss -= float64(v) * float64(x[c])
			}
			dx[c] = T(total)*dx[c] - v
		}
		return loss, true, nil
	}
}

// oneHot writes the target of a class index; it returns false for −1.
func oneHot[T op.Float](t []T, label T) (bool, error) {
	if label == -1 {
		return false, nil
	}
	if !(label >= 0 && label < T(len(t))) || float64(label) != math.Trunc(float64(label)) {
		return false, errors.Errorf("label %v, want a class index in [0,%d), or -1 for no label",
			label, len(t))
	}
	clear(t)
	t[int(label)] = 1
	return true, nil
}

// distribution copies a target of probabilities; it returns false for zeros.
func distribution[T op.Float](t, y []T) (bool, error) {
	sum := 0.0
	for c, v := range y {
		if !(v >= 0) {
			return false, errors.Errorf("the target is %v for class %d, want a probability", v, c)
		}
		sum += float64(v)
	}
	if sum == 0 {
		return false, nil
	}
	if math.Abs(sum-1) > 1e-3 {
		return false, errors.Errorf("the target's probabilities add up to %v, want 1, or 0 for none", sum)
	}
	copy(t, y)
	return true, nil
}
