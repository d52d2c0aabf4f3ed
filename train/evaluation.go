package train

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train/metric"
)

// Evaluation is what a model predicts for the examples of a split, and how good that is.
type Evaluation struct {
	Width int // values of a prediction: classes, of a classifier
	// (N, Width): logits of classes or labels, or values in the units of the Data
	Predictions []float64
	Labels      []int                  // (N); nil for data without classes
	Targets     []float64              // (N, Width), in the same units; nil for data without labels or values
	Loss        float64                // mean; 0 for data without target
	Metrics     *metric.Classification // nil for data without classes
	OfLabels    *metric.Labels         // nil for data without labels
	OfValues    *metric.Values         // nil for data without values, and with a loss of probabilities
	TapValues   []TapValue             // in a fixed order; none without PredictorConfig.Taps

	target Target // of the model
}

// Probabilities returns the probabilities of classes or labels, (N, Width), in [0,1]: the softmax of each
// prediction, or of labels the logistic function of each number.
func (e *Evaluation) Probabilities() []float64 { return e.target.probabilities(e.Predictions, e.Width) }

// probabilities returns those of predictions (N, width) for a target.
func (t Target) probabilities(predictions []float64, width int) []float64 {
	p := make([]float64, len(predictions))
	switch {
	case t == Labels:
		for i, z := range predictions {
			p[i] = 1 / (1 + math.Exp(-z))
		}
	case width > 0:
		dense.Softmax(len(p)/width, width, predictions, p)
	}
	return p
}

// Figures returns the figures of the metrics; none for data without targets.
func (e *Evaluation) Figures() []metric.Figure {
	switch {
	case e == nil:
	case e.Metrics != nil:
		return e.Metrics.Figures()
	case e.OfLabels != nil:
		return e.OfLabels.Figures()
	case e.OfValues != nil:
		return e.OfValues.Figures()
	}
	return nil
}

// evaluationJob is one evaluation of a split by several replicas.
type evaluationJob[T op.Float] struct {
	split    *split
	loss     losses.Loss
	micro    int
	next     atomic.Int64 // micro-batch to be done
	own      span         // the micro-batches of this process
	count    int          // of all micro-batches
	taken    int          // of these, the first ones that are known to all members of the team
	examples Evaluation
	losses   []float64 // of each micro-batch, summed over its rows
	taps     []tapSums // of the first micro-batches
}

func newEvaluationJob[T op.Float](e *evaluation[T], s *split) *evaluationJob[T] {
	n, width := s.Len(), e.width()
	j := &evaluationJob[T]{split: s, loss: e.loss, micro: e.micro, count: (n + e.micro - 1) / e.micro}
	j.own = e.team.share(j.count)
	j.next.Store(int64(j.own.from))
	j.examples = Evaluation{Width: width, Predictions: make([]float64, n*width), target: e.spec.Target}
	j.losses = make([]float64, j.count)
	switch s.spec.Target {
	case Classes, Distributions:
		j.examples.Labels = make([]int, n)
	case Values, Labels:
		j.examples.Targets = make([]float64, n*width)
	}
	if e.taps {
		j.taps = make([]tapSums, min(j.count, tappedExamples/e.micro+1))
	}
	return j
}

// serve evaluates micro-batches of this process's share until there are no more.
func (j *evaluationJob[T]) serve(ctx context.Context, r *replica[T]) (err error) {
	defer foreign.Recover(&err, "evaluation", j)
	m, err := newMicrobatch(j.split, r)
	if err != nil {
		return err
	}
	for {
		i := int(j.next.Add(1) - 1)
		if i >= j.own.to || ctx.Err() != nil {
			return ctx.Err()
		}
		from := i * j.micro
		if err := m.fill(r, 0, sequence(from, min(from+j.micro, j.split.Len()))); err != nil {
			return err
		}
		if j.losses[i], err = predict(r, m, j.examples.Predictions[from*r.width:]); err != nil {
			return err
		}
		copy(j.examples.Labels[min(from, len(j.examples.Labels)):], m.Labels)
		if j.examples.Targets != nil {
			widen(j.examples.Targets[from*r.width:], m.target[:len(m.Rows)*r.width])
		}
		if i < len(j.taps) {
			if err := j.taps[i].read(r.scope.Taps(), len(m.Rows)); err != nil {
				return err
			}
		}
	}
}

// result sums the evaluation up.
func (j *evaluationJob[T]) result() (*Evaluation, error) {
	e := &j.examples
	e.TapValues = averageTaps(j.taps)
	for _, v := range j.losses {
		e.Loss += v
	}
	e.Loss /= float64(j.split.Len())
	if e.target == Values {
		for _, values := range [][]float64{e.Predictions, e.Targets} {
			if err := j.split.undo(values); err != nil {
				return nil, err
			}
		}
	}
	var err error
	switch {
	case e.Targets != nil && e.target == Labels:
		if e.OfLabels, err = metric.CompareLabels(e.Probabilities(), e.Targets, e.Width); err == nil {
			e.OfLabels.Loss = e.Loss
		}
		return e, err
	case e.Targets != nil && e.target == Values && ofNumbers(j.loss):
		if e.OfValues, err = metric.CompareValues(e.Predictions, e.Targets, e.Width); err == nil {
			e.OfValues.Loss = e.Loss
		}
		return e, err
	case e.Labels == nil:
		return e, nil
	}
	if e.Metrics, err = metric.Classify(e.Probabilities(), e.Labels, e.Width); err != nil {
		return nil, err
	}
	e.Metrics.Loss = e.Loss
	return e, nil
}

// ofNumbers reports whether what a model predicts under a loss is what its targets are, and no logits.
func ofNumbers(l losses.Loss) bool {
	targeted, known := l.(losses.Targeted)
	if !known {
		return true
	}
	_, ok := targeted.Takes(losses.Numbers)
	return ok
}

// predict evaluates a micro-batch, writes its predictions and returns its summed loss.
func predict[T op.Float](r *replica[T], m *microbatch[T], predictions []float64) (loss float64, err error) {
	if err := r.run(m); err != nil {
		return 0, err
	}
	values, err := op.Elements[T](r.prediction.Value())
	if err != nil {
		return 0, err
	}
	values = values[:len(m.Rows)*r.width]
	widen(predictions, values)
	for i, v := range values {
		if v-v != 0 {
			return 0, errors.Errorf("train: prediction %d of %s is %v",
				i%r.width, m.split.example(m.Rows[i/r.width]), v)
		}
	}
	if m.Labels == nil && m.Target == nil {
		return 0, nil
	}
	loss, _, err = r.sumLoss(m)
	return loss, err
}

func widen[T op.Float](dst []float64, src []T) {
	for i, v := range src {
		dst[i] = float64(v)
	}
}

// sequence returns from, from+1, …, to−1.
func sequence(from, to int) []int {
	x := make([]int, to-from)
	for i := range x {
		x[i] = from + i
	}
	return x
}
