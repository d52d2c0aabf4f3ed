package data

import (
	"math"

	"github.com/pkg/errors"
)

// Check returns an error that names the first image with a NaN or infinite
// value in a batch of images of imageLen values each; nil if all are finite.
// Files of 8-bit pixels cannot hold such a value; files of real numbers and the
// user's own tensors can.
func Check[F float32 | float64](images []F, imageLen int) error {
	return errors.WithMessage(finite(images, imageLen), "data")
}

func finite[F float32 | float64](images []F, imageLen int) error {
	for i, v := range images {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			imageLen = max(imageLen, 1)
			return errors.Errorf("image %d holds %v at value %d of %d, want finite pixels",
				i/imageLen, f, i%imageLen, imageLen)
		}
	}
	return nil
}
