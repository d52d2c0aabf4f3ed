package losses

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// Distillation is (1−w)·Loss + w·KLDivergence: a student learns from labels and from what a trained teacher
// makes of the same images.
//
// Source: Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network, arXiv 1503.02531.
type Distillation struct {
	Loss        Loss    // of the labels; nil: CrossEntropy
	Weight      float64 // w of the teacher, in [0,1]
	Temperature float64 // of the KLDivergence
}

// Sum returns the sum over the rows that are not masked, for Loss by its target and for the KLDivergence by
// the teacher's logits (B, C).
//
// Differentiable once in the prediction. It returns an error if the shapes do not fit or a number is out of
// its range, and a run returns the errors of the two.
func (d Distillation) Sum(prediction, target, teacher *G.Node) (*G.Node, error) {
	return d.node(Loss.Sum, prediction, target, teacher)
}

// Mean is Sum with the means over the rows that are not masked.
func (d Distillation) Mean(prediction, target, teacher *G.Node) (*G.Node, error) {
	return d.node(Loss.Mean, prediction, target, teacher)
}

// reduction is Loss.Sum or Loss.Mean.
type reduction func(l Loss, prediction, target *G.Node) (*G.Node, error)

// call calls a loss that a user gave.
func (f reduction) call(l Loss, prediction, target *G.Node) (n *G.Node, err error) {
	defer foreign.Recover(&err, "loss", l)
	return f(l, prediction, target)
}

func (d Distillation) node(reduce reduction, prediction, target, teacher *G.Node) (*G.Node, error) {
	if !(d.Weight >= 0 && d.Weight <= 1) {
		return nil, errors.Errorf("losses: Distillation: Weight %v, want [0,1]", d.Weight)
	}
	if d.Loss == nil {
		d.Loss = CrossEntropy{}
	}
	hard, err := reduce.call(d.Loss, prediction, target)
	if err != nil {
		return nil, err
	}
	if hard == nil {
		return nil, errors.Errorf("losses: Distillation: %T gives no node and no error", d.Loss)
	}
	soft, err := reduce(KLDivergence{d.Temperature}, prediction, teacher)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(hard, blend[float32](d.Weight), blend[float64](d.Weight), soft)
}

// blend is (1−w)·a + w·b of two scalars.
func blend[T op.Float](w float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		a, b := T(1-w), T(w)
		return op.Apply(op.Kernel[T]{
			Name:    "Distillation",
			Forward: func(out []T, in [][]T) error { out[0] = a*in[0][0] + b*in[1][0]; return nil },
			Backward: func(din, _ [][]T, _, dout []T) error {
				for i, w := range []T{a, b} {
					if din[i] != nil {
						din[i][0] = w * dout[0]
					}
				}
				return nil
			},
		}, x...)
	}
}

// KLDivergence is t²·Σᶜ pᶜ(log pᶜ − log qᶜ) for each row, with p = softmax(y/t) of a teacher's logits y, and
// q = softmax(x/t) of the prediction x. The factor t² keeps the size of the gradient, which a temperature t
// makes smaller by t².
//
//	prediction  (B, C)  logits
//	target      (B, C)  the teacher's logits; a row of nothing but NaN is masked
//
// Differentiable once in the prediction. A run returns an *op.RowError for a target with a NaN beside a
// number, and for a loss that is not finite.
//
// Source: Hinton, Vinyals, Dean, arXiv 1503.02531; t² times torch.nn.KLDivLoss(reduction="batchmean") of log
// q and p.
type KLDivergence struct {
	Temperature float64 // t > 0; 0 means 1
}

// Sum returns the sum over the rows that are not masked.
func (l KLDivergence) Sum(prediction, target *G.Node) (*G.Node, error) {
	return l.node(false, prediction, target)
}

// Mean returns the mean over the rows that are not masked.
func (l KLDivergence) Mean(prediction, target *G.Node) (*G.Node, error) {
	return l.node(true, prediction, target)
}

func (l KLDivergence) node(mean bool, prediction, target *G.Node) (*G.Node, error) {
	if l.Temperature == 0 {
		l.Temperature = 1
	}
	if !(l.Temperature > 0) || math.IsInf(l.Temperature, 0) {
		return nil, errors.Errorf("losses: KLDivergence: Temperature %v, want a number above 0",
			l.Temperature)
	}
	if err := checkNodes("KLDivergence", prediction, target); err != nil {
		return nil, err
	}
	x, y := prediction.Shape(), target.Shape()
	if x.Dims() != 2 || !slices.Equal(x, y) {
		const want = "logits (B, C) of the student and of the teacher"
		return nil, shapeError("KLDivergence", want, prediction, target)
	}
	rows := rowLosses{klDivergence[float32](l.Temperature, x[1]), klDivergence[float64](l.Temperature, x[1])}
	return newNode("KLDivergence", mean, rows, prediction, target)
}

func klDivergence[T op.Float](temperature float64, classes int) rowLoss[T] {
	cold, p := make([]T, classes), make([]T, classes) // logits divided by t; the teacher's probabilities
	return func(dx, x, y []T) (float64, bool, error) {
		missing := 0
		for c, v := range y {
			if v != v {
				missing++
			}
			cold[c] = v / T(temperature)
		}
		if missing == classes {
			return 0, false, nil
		}
		if missing > 0 {
			return 0, false,
				errors.Errorf("%d of %d logits of the teacher are NaN, want none, or all for no target",
					missing, classes)
		}
		dense.Softmax(1, classes, cold, p)
		loss := -float64(dense.LogSumExp(cold))
		for c, v := range p {
			if v > 0 { // a class that the teacher rules out is no loss
				loss += float64(v) * (float64(cold[c]) - float64(x[c])/temperature)
			}
			cold[c] = x[c] / T(temperature)
		}
		loss += float64(dense.LogSumExp(cold))
		dense.Softmax(1, classes, cold, dx)
		for c, v := range p {
			dx[c] = T(temperature) * (dx[c] - v)
		}
		return temperature * temperature * loss, true, nil
	}
}
