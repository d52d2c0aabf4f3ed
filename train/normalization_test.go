package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train"
)

// Each feature gets mean 0 and deviation 1; one that never changes loses its mean; what came in stays as it
// is.
func TestNormalization(t *testing.T) {
	backing := []float32{1, 10, 7, 3, 30, 7, 8, 20, 7, 4, 20, 7}
	x := tensor.New(tensor.WithShape(2, 2, 3), tensor.WithBacking(slices.Clone(backing)))
	n, err := train.Arrays{Inputs: []*tensor.Dense{x}}.Normalization(0)
	if err != nil {
		t.Fatal(err)
	}
	// of 1, 3, 8, 4: mean 4, variance (9+1+16+0)/4
	if want := []float64{4, 20, 7}; !slices.Equal(n.Mean, want) || math.Abs(n.Std[0]-math.Sqrt(6.5)) > 1e-12 ||
		math.Abs(n.Std[1]-math.Sqrt(50)) > 1e-12 || n.Std[2] != 1 {
		t.Errorf("%+v", n)
	}
	y, err := n.Apply(x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.Float32s(), backing) || !y.Shape().Eq(tensor.Shape{2, 2, 3}) {
		t.Errorf("the tensor has become %v, and its copy has shape %v", x, y.Shape())
	}
	for i, v := range y.Float32s() {
		if want := (float64(backing[i]) - n.Mean[i%3]) / n.Std[i%3]; math.Abs(float64(v)-want) > 1e-6 {
			t.Errorf("value %d is %v, want %v", i, v, want)
		}
	}
	wide := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float64{5, 9}))
	got, err := train.Normalization{Mean: []float64{1, 1}, Std: []float64{2, 4}}.Apply(wide)
	if err != nil || !slices.Equal(got.Float64s(), []float64{2, 2}) {
		t.Errorf("%v, %v", got, err)
	}
	bad := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{1, math.NaN()}))
	for want, f := range map[string]func() error{
		"input 1, want one of 1": func() error {
			_,
				err := train.Arrays{Inputs: []*tensor.Dense{x}}.Normalization(1)
			return err
		},
		"input 0, want one of 0": func() error { _, err := train.Arrays{}.Normalization(0); return err },
		"feature 0 of input 0 is not": func() error {
			_,
				err := train.Arrays{Inputs: []*tensor.Dense{bad}}.Normalization(0)
			return err
		},
		"3 means and 3 deviations": func() error { _, err := n.Apply(wide); return err },
		"no tensor":                func() error { _, err := n.Apply(nil); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
