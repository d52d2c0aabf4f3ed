package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// sharpen returns the gradient at w + ρ·g/‖g‖ over the same examples, with the same dropout and augmentation, for
// weights w, their gradient g and ρ = e.sharpness; the weights stay what they are, to the last bit. The norm is
// that over all trained parameters, of the sum over all micro-batches, so that it does not depend on threads.
//
// Source: Foret et al., Sharpness-Aware Minimization, arXiv:2010.01412.
func (e *engine[T]) sharpen(at *partial[T], examples []int, epoch int) (_ *partial[T], err error) {
	norm, err := optimizers.ClipGlobalNorm(at.params, 0) // which finds what is not finite, and names it
	if err != nil {
		return nil, errors.WithMessage(err, e.feed.examples(examples))
	}
	var weights, saved [][]T
	for _, p := range at.params {
		w, err := op.Elements[T](p.Value)
		if err != nil {
			return nil, err
		}
		weights, saved = append(weights, w), append(saved, slices.Clone(w))
	}
	defer func() {
		for i, w := range weights {
			copy(w, saved[i])
		}
	}()
	step, grads := T(e.sharpness/(norm+1e-16)), at.grad
	if !(norm > 0) || math.IsInf(float64(step), 0) {
		return at, nil // there is no direction
	}
	for _, w := range weights {
		dense.Axpy(step, grads[:len(w)], w)
		grads = grads[len(w):]
	}
	return e.gradient(examples, epoch)
}
