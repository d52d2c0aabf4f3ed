package train

import (
	"context"
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// EvaluateViews returns what the model predicts for each picture on average over several views of it: the
// mean of the logits or values with the weights of the views. Loss, probabilities and metrics are those of
// that mean. Such an Evaluation has no TapValues. With views of data.Augment.Views it is what is called
// test-time augmentation; it takes an Evaluate for each view.
//
// It returns the errors of Evaluate, and one for examples that are no pictures or that are augmented, for
// views whose weights do not sum to 1, and for none.
func (p *Predictor) EvaluateViews(ctx context.Context, d Images, views []data.View) (*Evaluation, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	if err := checkViews(d, views); err != nil {
		return nil, err
	}
	given, err := p.given(d)
	if err != nil {
		return nil, err
	}
	var mean []float64
	for _, v := range views {
		s := *given
		s.data = viewed{d, v}
		e, err := p.evaluate(ctx, &s)
		if err != nil {
			return nil, err
		}
		if mean == nil {
			mean = make([]float64, len(e.Predictions))
		}
		for i, prediction := range e.Predictions {
			mean[i] += v.Weight * prediction
		}
	}
	return p.judge(ctx, d, mean)
}

func checkViews(d Images, views []data.View) error {
	sum := 0.0
	for _, v := range views {
		sum += v.Weight
	}
	switch {
	case len(views) == 0 || !(math.Abs(sum-1) < 1e-9):
		return errors.Errorf("train: %d views whose weights sum to %v, want one or more that sum to 1, "+
			"such as those of data.Augment.Views", len(views), sum)
	case d.Images != nil && d.Shape().Kind() != data.Pictures:
		return errors.Errorf("train: views of %v, want pictures", d.Shape().Kind())
	case d.Augment != (data.Augment{}):
		return errors.New("train: views of augmented pictures, want Images without Augment")
	}
	return nil
}

// viewed is Images as a view shows them.
type viewed struct {
	Images
	view data.View
}

// Fill writes the views of the images, and the targets.
func (d viewed) Fill(b *Batch) error {
	return d.fillPixels(b, func(dst []float32) error { return d.FillView(dst, b.Rows, d.view) })
}

// predicted is Images whose input is not a picture but what a model predicts for it.
type predicted struct {
	Images
	shape       tensor.Shape // of a prediction
	predictions []float64    // (N, …), as the model gives them, without units
}

// Spec returns that of the predictions.
func (d predicted) Spec() (Spec, error) {
	s, err := d.Images.Spec()
	s.Inputs = []tensor.Shape{d.shape}
	return s, err
}

// Fill writes the predictions and the targets.
func (d predicted) Fill(b *Batch) error {
	return d.fill(b, func() error {
		if b.Inputs[0].Dtype() == tensor.Float64 {
			return writeRows[float64](b, d.predictions)
		}
		return writeRows[float32](b, d.predictions)
	})
}

// writeRows writes the rows of a batch out of those of all examples into its input.
func writeRows[T op.Float](b *Batch, all []float64) error {
	dst, err := op.Elements[T](b.Inputs[0])
	n := b.Inputs[0].Shape()[1:].TotalSize()
	if err != nil || len(dst) < len(b.Rows)*n {
		return errors.Errorf("predictions: an input of %d values for %d rows of %d", len(dst), len(b.Rows), n)
	}
	for i, row := range b.Rows {
		for j, v := range all[row*n : (row+1)*n] {
			dst[i*n+j] = T(v)
		}
	}
	return nil
}

// judge returns the Evaluation of predictions (N, …) for images, which are in the units of the images: that
// of a model which is given them and says them again.
func (e *evaluation[T]) judge(ctx context.Context, d Images, predictions []float64) (*Evaluation, error) {
	if mean, std := d.Units(); len(mean) > 0 {
		predictions = slices.Clone(predictions)
		for i, v := range predictions {
			predictions[i] = (v - mean[i%len(mean)]) / std[i%len(mean)]
		}
	}
	shape := e.replicas[0].prediction.Shape()[1:].Clone()
	s, err := newSplit("given", predicted{d, shape, predictions}, 0)
	if err != nil {
		return nil, err
	}
	spec := e.spec
	spec.Inputs = []tensor.Shape{shape}
	again := func(_ *nn.Scope, in []*G.Node) (*G.Node, error) { return op.StopGradient(in[0]) }
	own, err := newEvaluation(plan{forward: again, loss: e.loss, micro: e.micro, spec: spec}, nn.NewStore(0),
		newTeam[T](nil), 1)
	if err != nil {
		return nil, err
	}
	defer own.close()
	return own.evaluate(ctx, s)
}
