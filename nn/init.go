package nn

import (
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
)

// Init writes the first values of a parameter of that shape to dst, drawing what is random from r and from
// nowhere else. A value that is not finite is an error of Scope.Param.
type Init func(r *rand.Rand, shape tensor.Shape, dst []float64)

// draw calls an Init that a user gave.
func (f Init) draw(r *rand.Rand, shape tensor.Shape, dst []float64) (err error) {
	defer foreign.Recover(&err, "Init", f)
	f(r, shape.Clone(), dst)
	return nil
}

// Constant fills with c.
func Constant(c float64) Init {
	return func(_ *rand.Rand, _ tensor.Shape, dst []float64) {
		for i := range dst {
			dst[i] = c
		}
	}
}

// Normal draws from the normal distribution of mean 0 and standard deviation sd.
func Normal(sd float64) Init {
	return func(r *rand.Rand, _ tensor.Shape, dst []float64) {
		for i := range dst {
			dst[i] = sd * r.NormFloat64()
		}
	}
}

// Uniform draws evenly from [lo, hi).
func Uniform(lo, hi float64) Init {
	return func(r *rand.Rand, _ tensor.Shape, dst []float64) {
		for i := range dst {
			dst[i] = lo + (hi-lo)*r.Float64()
		}
	}
}

// FanIn draws evenly from ±1/√fan: what PyTorch's Linear starts with for its weights and, with the same fan,
// for its bias.
func FanIn(fan int) Init {
	a := 1 / math.Sqrt(float64(fan))
	return Uniform(-a, a)
}
