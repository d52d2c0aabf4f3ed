package train

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
)

// average is an average of the weights of a run: its own Store, which validation and test read.
type average struct {
	store   *nn.Store
	weights *nn.Store // whose average it is

	// keep is how much of the average stays after a step; the rest is that of the weights.
	keep func(at moment) float64
	// from is an optimizer that has the average of its parameters; nil: keep says what it is.
	from optimizers.Averaging
}

// moment is where a step ends.
type moment struct {
	updates int  // of the optimizer so far
	epoch   int  // from 0
	last    bool // of the epoch
}

// newAverage returns what a recipe and its optimizer average, or nil where weights are evaluated as they are.
// Its parameters are made when a model is built over its Store. It returns an error if that is two averages
// at once.
func newAverage(r Recipe, opt optimizers.Optimizer, weights *nn.Store) (*average, error) {
	a := &average{store: nn.NewStore(weights.Seed()), weights: weights}
	kinds := 0
	if r.EMA > 0 {
		kinds, a.keep = kinds+1, exponential(r.EMA)
	}
	if r.SWA > 0 {
		kinds, a.keep = kinds+1, equal(r.SWA)
	}
	if from, ok := opt.(optimizers.Averaging); ok {
		kinds, a.from = kinds+1, from
	}
	switch {
	case kinds == 0:
		return nil, nil
	case kinds > 1:
		return nil, errors.New("train: want one average of the weights: ema, swa, or an optimizer that " +
			"averages, as schedule-free does")
	}
	return a, nil
}

// exponential is the moving average with a decay. The first weights count more than it says, so that the
// first values are soon forgotten; of Tarvainen, Valpola, arXiv:1703.01780, in the form of TensorFlow's
// ExponentialMovingAverage.
func exponential(decay float64) func(moment) float64 {
	return func(at moment) float64 { return min(decay, float64(1+at.updates)/float64(10+at.updates)) }
}

// equal is the mean of the weights at the ends of all epochs from one on, which is counted from 1; until
// then, the weights themselves. Of Izmailov et al., arXiv:1803.05407.
func equal(from int) func(moment) float64 {
	return func(at moment) float64 {
		switch n := at.epoch + 1 - from; {
		case n < 0 || n == 0 && !at.last:
			return 0
		case at.last:
			return float64(n) / float64(n+1)
		}
		return 1
	}
}

// add takes the weights after a step into the average.
func (a *average) add(at moment) error {
	if a == nil {
		return nil
	}
	keep := 0.0
	if a.from == nil {
		keep = a.keep(at)
	}
	for _, p := range a.store.Params() {
		now := a.weights.Param(p.Name)
		if a.from != nil {
			done, err := a.from.Average(optimizers.Param{Name: p.Name, Value: now.Value}, p.Value)
			if err != nil {
				return errors.WithMessage(err, "train")
			}
			if done {
				continue
			}
		}
		if p.Value.Dtype() == tensor.Float64 {
			blend(keep, p.Value.Float64s(), now.Value.Float64s())
		} else {
			blend(keep, p.Value.Float32s(), now.Value.Float32s())
		}
	}
	return nil
}

func blend[T dense.Float](keep float64, mean, now []T) {
	switch keep {
	case 0:
		copy(mean, now)
	case 1:
	default:
		dense.Scale(T(keep), mean)
		dense.Axpy(T(1-keep), now, mean)
	}
}
