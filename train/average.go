package train

import (
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn"
)

// average is the exponential moving average of the weights of a run: its own Store, which validation and test
// read.
type average struct {
	decay   float64
	store   *nn.Store
	weights *nn.Store // whose average it is
}

// newAverage returns the average of a Store, or nil for a decay of 0. Its parameters are made when a model is
// built over its Store.
func newAverage(decay float64, weights *nn.Store) *average {
	if decay == 0 {
		return nil
	}
	return &average{decay, nn.NewStore(weights.Seed()), weights}
}

// add takes the weights after that many updates into the average. The first ones count more than the decay
// says, so that the first values are soon forgotten; of Tarvainen, Valpola, arXiv:1703.01780, in the form of
// TensorFlow's ExponentialMovingAverage.
func (a *average) add(updates int) {
	if a == nil {
		return
	}
	decay := min(a.decay, float64(1+updates)/float64(10+updates))
	for _, p := range a.store.Params() {
		now := a.weights.Param(p.Name)
		if p.Value.Dtype() == tensor.Float64 {
			blend(decay, p.Value.Float64s(), now.Value.Float64s())
		} else {
			blend(decay, p.Value.Float32s(), now.Value.Float32s())
		}
	}
}

func blend[T dense.Float](decay float64, mean, now []T) {
	dense.Scale(T(decay), mean)
	dense.Axpy(T(1-decay), now, mean)
}
