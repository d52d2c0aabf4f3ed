package train

import (
	"context"
	"slices"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Throughput is how fast a model trains and predicts.
type Throughput struct {
	Parameters int     // trained values
	Train      float64 // examples a second in full training steps, micro-batches prepared and weights moved
	Infer      float64 // examples a second through the evaluation graphs
	// Exchange is how long a step exchanges sums between Ranks: the mean of the one that waits least for others.
	Exchange time.Duration
}

// rounds is the number of measurements that the median is taken of.
const rounds = 5

// Bench measures the steps that Run does, without its epochs and files: each figure is the median of five
// rounds that take that long, after two steps that are not counted. It returns errors as Run does.
func (l Loop) Bench(ctx context.Context, round time.Duration) (Throughput, error) {
	if err := checkContext(ctx); err != nil {
		return Throughput{}, err
	}
	l.Recipe.Epochs = 1 << 20 // more than can be done
	l.Recipe.ImageSizes = ""
	s, err := l.prepare()
	if err != nil {
		return Throughput{}, err
	}
	if s.train.spec.Dtype == tensor.Float64 {
		return benchIn[float64](ctx, s, round)
	}
	return benchIn[float32](ctx, s, round)
}

func benchIn[T op.Float](ctx context.Context, s *setup, round time.Duration) (Throughput, error) {
	r, err := newRun(s, newTeam[T](s.Ranks))
	if err != nil {
		return Throughput{}, err
	}
	defer r.close()
	silent, err := s.newPredictor(r.store, s.Threads, false)
	if err != nil {
		return Throughput{}, err
	}
	defer silent.Close()
	examples := *s.train
	examples.spec.Target = NoTarget // inference is predictions, not metrics
	r.enter()
	result := Throughput{Parameters: r.store.Count()}
	steps := 0
	result.Train, err = medianRate(ctx, r.team, round, func() (int, error) {
		steps++
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
	waited, err := r.engine.sum.allWaited()
	if err != nil {
		return Throughput{}, err
	}
	if waited != nil {
		result.Exchange = time.Duration(slices.Min(waited) / float64(steps) * float64(time.Second))
	}
	result.Infer, err = medianRate(ctx, r.team, round, func() (int, error) {
		_, err := silent.evaluate(ctx, &examples)
		return examples.Len(), err
	})
	return result, err
}

// medianRate returns the median rate, in examples a second, of what f does again and again.
func medianRate[T op.Float](ctx context.Context, t team[T], round time.Duration,
	f func() (int, error)) (float64, error) {
	var rates []float64
	for i := -2; i < rounds; i++ {
		began, examples := time.Now(), 0
		for more := true; more; {
			n, err := f()
			if err != nil {
				return 0, err
			}
			if ctx.Err() != nil {
				return 0, errors.WithMessage(ctx.Err(), "train: bench")
			}
			examples += n
			if more, err = follow(t, i >= 0 && time.Since(began) < round); err != nil {
				return 0, err
			}
		}
		if i >= 0 {
			rates = append(rates, float64(examples)/time.Since(began).Seconds())
		}
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}
