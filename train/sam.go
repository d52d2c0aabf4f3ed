package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// sharpen makes params those of the gradient at w + ρ·g/‖g‖ over the same examples, with the same dropout and
// augmentation, for weights w, their gradient g and ρ = e.sharpness; the weights stay what they are, to the
// last bit. The norm is that over all trained parameters, of the sum over all micro-batches, so that it does
// not depend on threads or ranks.
//
// Source: Foret et al., Sharpness-Aware Minimization, arXiv:2010.01412.
func (e *engine[T]) sharpen(examples []int, epoch int) error {
	norm, err := optimizers.ClipGlobalNorm(e.params, 0) // which finds what is not finite, and names it
	if err != nil {
		return errors.WithMessage(err, e.feed.examples(examples))
	}
	var weights, saved, grads [][]T
	for _, p := range e.params {
		w, err := op.Elements[T](p.Value)
		if err != nil {
			return err
		}
		g, err := op.Elements[T](p.Grad)
		if err != nil {
			return err
		}
		weights, saved, grads = append(weights, w), append(saved, slices.Clone(w)), append(grads, g)
	}
	defer func() {
		for i, w := range weights {
			copy(w, saved[i])
		}
	}()
	step := T(e.sharpness / (norm + 1e-16))
	if !(norm > 0) || math.IsInf(float64(step), 0) {
		return nil // there is no direction
	}
	for i, w := range weights {
		dense.Axpy(step, grads[i], w)
	}
	_, err = e.gradient(examples, epoch)
	return err
}
