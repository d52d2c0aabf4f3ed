package op

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// MaxElements bounds what one node, Buffer, parameter or batch of states holds: 4 GiB in float32. A program
// that asks for more by mistake would be killed without an error.
const MaxElements = 1 << 30

// CheckShape returns an error if a dimension is below 1, or a tensor of that shape has more than MaxElements.
func CheckShape(shape tensor.Shape) error {
	size := 1.0
	for _, d := range shape {
		if d < 1 {
			return errors.Errorf("shape %v has a dimension below 1", shape)
		}
		size *= float64(d)
	}
	if size > MaxElements {
		return errors.Errorf("shape %v has %.4g elements, %.4g GiB in float32, want at most %d GiB", shape,
			size, size*4/(1<<30), MaxElements*4/(1<<30))
	}
	return nil
}

// CheckDtype returns an error for any dtype but float32 and float64. The zero Dtype, which cannot even be
// printed, is one.
func CheckDtype(dt tensor.Dtype) error {
	switch dt {
	case tensor.Float32, tensor.Float64:
		return nil
	case tensor.Dtype{}:
		return errors.New("no dtype, want float32 or float64")
	}
	return errors.Errorf("dtype %v, want float32 or float64", dt)
}
