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
	return errors.WithMessage(finite(images, imageLen, Pictures), "data")
}

func finite[F float32 | float64](values []F, each int, k Kind) error {
	for i, v := range values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			each = max(each, 1)
			want := map[bool]string{true: "pixels", false: "numbers"}[k == Pictures]
			return errors.Errorf("%s %d holds %v at value %d of %d, want finite %s", k.Noun(), i/each, f,
				i%each,
				each, want)
		}
	}
	return nil
}
