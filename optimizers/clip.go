package optimizers

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// ClipGlobalNorm returns the Euclidean norm of all gradients together, summed in float64, and scales the
// gradients in place by max/(norm + 1e-6) where that is below 1. A max of 0 or +Inf only measures.
//
// It returns an error, and changes nothing, if a gradient is NaN or infinite, or if a parameter is one that
// Update would refuse. The error names the parameter.
//
// Source: torch.nn.utils.clip_grad_norm_, which has the same 1e-6.
func ClipGlobalNorm(params []Param, max float64) (norm float64, err error) {
	if !(max >= 0) {
		return 0, errors.Errorf("optimizers: ClipGlobalNorm: max %v, want at least 0", max)
	}
	norm, err = globalNorm(params)
	if err != nil {
		return norm, errors.WithMessage(err, "optimizers: ClipGlobalNorm")
	}
	if scale := max / (norm + 1e-6); max > 0 && scale < 1 {
		for _, p := range params {
			if p.Grad.Dtype() == tensor.Float32 {
				scaleGrad[float32](p, scale)
			} else {
				scaleGrad[float64](p, scale)
			}
		}
	}
	return norm, nil
}

func scaleGrad[T op.Float](p Param, scale float64) {
	_, grad, _ := read[T](p) // globalNorm has read it
	dense.Scale(T(scale), grad)
}

// globalNorm returns the norm of all gradients. It looks at every parameter before anything is done to one.
func globalNorm(params []Param) (float64, error) {
	sum := 0.0
	for _, p := range params {
		s, err := p.sumSquares()
		if err != nil {
			return 0, err
		}
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return s, errors.Errorf("the gradient of %s has norm %v: it is not finite", p.Name, math.Sqrt(s))
		}
		sum += s
	}
	if math.IsInf(sum, 1) {
		return sum, errors.New("the norm of all gradients together overflows")
	}
	return math.Sqrt(sum), nil
}

func (p Param) sumSquares() (float64, error) {
	if isNil(p.Value) || isNil(p.Grad) {
		return 0, errors.Errorf("parameter %s: no value or no gradient", p.Name)
	}
	if !(p.LRFactor >= 0) || math.IsInf(p.LRFactor, 1) {
		return 0, errors.Errorf("parameter %s: LRFactor %v, want a finite number above 0, or 0 for 1",
			p.Name, p.LRFactor)
	}
	if p.Value.Dtype() == tensor.Float32 {
		return sumSquares[float32](p)
	}
	return sumSquares[float64](p)
}

func sumSquares[T op.Float](p Param) (float64, error) {
	_, grad, err := read[T](p)
	if err != nil {
		return 0, errors.WithMessagef(err, "parameter %s", p.Name)
	}
	return dense.SumSquares(grad), nil
}

// read returns the elements of the value and of the gradient, the tensors' own memory.
func read[T op.Float](p Param) (value, grad []T, err error) {
	if strided(p.Value) || strided(p.Grad) {
		return nil, nil, errors.New("the value or the gradient is not row-major")
	}
	if value, err = op.Elements[T](p.Value); err != nil {
		return nil, nil, errors.WithMessage(err, "value")
	}
	if grad, err = op.Elements[T](p.Grad); err != nil {
		return nil, nil, errors.WithMessage(err, "gradient")
	}
	if len(value) != len(grad) {
		return nil, nil, errors.Errorf("%d elements, its gradient has %d", len(value), len(grad))
	}
	return value, grad, nil
}

func isNil(v G.Value) bool {
	t, ok := v.(*tensor.Dense)
	return v == nil || ok && t == nil
}

func strided(v G.Value) bool {
	t, ok := v.(*tensor.Dense)
	return ok && (t.RequiresIterator() || t.DataOrder().IsColMajor())
}
