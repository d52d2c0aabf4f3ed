package losses

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

// BinaryCrossEntropy is the mean of −y log σ(x) − (1−y) log(1−σ(x)) over the elements of each row, for
// several yes-or-no answers at once; σ is the logistic function.
//
//	prediction  (B, ...)  logits
//	target      (B, ...)  probabilities of yes in [0,1]; a row of nothing but −1 is masked
//
// Differentiable once in the prediction. A run returns an *op.RowError for any other target, and for a loss
// that is not finite.
//
// Source: torch.nn.BCEWithLogitsLoss, whose mean over all elements is the mean over the rows of this.
type BinaryCrossEntropy struct{}

// Sum returns the sum over the rows that are not masked.
func (BinaryCrossEntropy) Sum(prediction, target *G.Node) (*G.Node, error) {
	return newElementwise("BinaryCrossEntropy", false, binaryCrossEntropies, prediction, target)
}

// Mean returns the mean over the rows that are not masked.
func (BinaryCrossEntropy) Mean(prediction, target *G.Node) (*G.Node, error) {
	return newElementwise("BinaryCrossEntropy", true, binaryCrossEntropies, prediction, target)
}

var binaryCrossEntropies = rowLosses{binaryCrossEntropy[float32], binaryCrossEntropy[float64]}

func binaryCrossEntropy[T op.Float](dx, x, y []T) (loss float64, valid bool, err error) {
	masked := 0
	for i, v := range y {
		if v == -1 {
			masked++
			continue
		}
		if !(v >= 0 && v <= 1) {
			const want = "a probability in [0,1], or -1 in all of a row for no target"
			return 0, false, errors.Errorf("target %v, want %s", v, want)
		}
		z, p := float64(x[i]), float64(v)
		e := math.Exp(-math.Abs(z)) // does not overflow
		loss += math.Max(z, 0) - z*p + math.Log1p(e)
		dx[i] = T((sigmoid(z, e) - p) / float64(len(x)))
	}
	if masked > 0 && masked < len(y) {
		return 0, false, errors.Errorf("%d of %d targets are -1, want none, or all for no target",
			masked, len(y))
	}
	return loss / float64(len(x)), masked == 0, nil
}

// sigmoid returns σ(z), given e = exp(−|z|).
func sigmoid(z, e float64) float64 {
	if z < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
