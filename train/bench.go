package train

import (
	"context"
	"slices"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Throughput is how fast a Task's model goes.
type Throughput struct {
	Parameters int     // trained values
	Train      float64 // images a second in full training steps, micro-batches prepared and weights moved
	Infer      float64 // images a second through the evaluation graphs
}

// rounds is of how many measurements the median is taken.
const rounds = 5

// Bench measures the steps that Run does, without its epochs and files: each figure is the median of five rounds that take that long, after
// two steps that are not counted. It returns errors as Run does.
func (t Task) Bench(ctx context.Context, round time.Duration) (Throughput, error) {
	t = t.withDefaults()
	t.Epochs = 1 << 20 // more than can be done
	if err := t.check(); err != nil {
		return Throughput{}, err
	}
	if t.Dtype == tensor.Float64 {
		return benchIn[float64](ctx, t, round)
	}
	return benchIn[float32](ctx, t, round)
}

func benchIn[T op.Float](ctx context.Context, t Task, round time.Duration) (Throughput, error) {
	r, err := newRun[T](t)
	if err != nil {
		return Throughput{}, err
	}
	defer r.close()
	images := *t.Train
	images.Labels = nil // inference is logits, not metrics
	silent, err := t.predictor(r.store, false)
	if err != nil {
		return Throughput{}, err
	}
	defer silent.Close()
	r.startFeed()
	result := Throughput{Parameters: r.store.Count()}
	result.Train, err = median(ctx, round, func() (int, error) {
		if r.Step == r.stepsPerEpoch() {
			r.Epoch, r.Step, r.Sums = r.Epoch+1, 0, sums{}
		}
		before := r.Sums.Rows
		err := r.step()
		return r.Sums.Rows - before, err
	})
	if err != nil {
		return Throughput{}, err
	}
	result.Infer, err = median(ctx, round, func() (int, error) {
		_, err := silent.Evaluate(ctx, &images)
		return images.Len(), err
	})
	return result, err
}

// median returns the median rate, in images a second, of what f does again and again.
func median(ctx context.Context, round time.Duration, f func() (images int, err error)) (float64, error) {
	var rates []float64
	for i := -2; i < rounds; i++ {
		began, images := time.Now(), 0
		for images == 0 || i >= 0 && time.Since(began) < round {
			n, err := f()
			if err != nil {
				return 0, err
			}
			if ctx.Err() != nil {
				return 0, errors.WithMessage(ctx.Err(), "train: bench")
			}
			images += n
		}
		if i >= 0 {
			rates = append(rates, float64(images)/time.Since(began).Seconds())
		}
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}
