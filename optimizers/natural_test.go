package optimizers_test

import (
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/optimizers"
)

// quadratic returns the parameter x of ½xᵀAx with its gradient Ax.
func quadratic(x []float64, a *mat.SymDense) optimizers.Param {
	grad := mat.NewVecDense(len(x), nil)
	grad.MulVec(a, mat.NewVecDense(len(x), x))
	return optimizers.Param{Name: "x", Value: column(x), Grad: column(grad.RawVector().Data)}
}

func column(x []float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x))
}

// TestNaturalGradient takes the metric of a quadratic to be its curvature: one step of rate 1 is at the
// minimum, but for the damping, where plain descent at any rate that converges needs hundreds.
func TestNaturalGradient(t *testing.T) {
	curvature := mat.NewSymDense(3, []float64{100, 3, 0, 3, 1, 0.2, 0, 0.2, 0.5})
	x := []float64{1, -2, 3}
	opt, err := optimizers.NaturalGradient{Damping: 1e-12,
		Metric: func(optimizers.Param) (mat.Symmetric, error) { return curvature, nil }}.New(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := opt.Update([]optimizers.Param{quadratic(x, curvature)},
		optimizers.Rates{Factor: 1}); err != nil {
		t.Fatal(err)
	}
	if norm := mat.Norm(mat.NewVecDense(3, x), 2); norm > 1e-10 || opt.Steps() != 1 {
		t.Errorf("x is %v from the minimum after %d steps, want 0 after 1", norm, opt.Steps())
	}
	single := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))
	grad := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{0.5, -1}))
	plain, err := optimizers.NaturalGradient{Damping: 1,
		Metric: func(p optimizers.Param) (mat.Symmetric, error) {
			if p.Name == "bias" {
				return nil, nil
			}
			return mat.NewSymDense(2, []float64{3, 0, 0, 1}), nil
		}}.New(2)
	if err != nil {
		t.Fatal(err)
	}
	bias := optimizers.Param{Name: "bias", Value: column([]float64{1}), Grad: column([]float64{0.25})}
	if err := plain.Update([]optimizers.Param{{Name: "w", Value: single, Grad: grad}, bias},
		optimizers.Rates{Factor: 1}); err != nil {
		t.Fatal(err)
	}
	if w := single.Data().([]float32); w[0] != 0.75 || w[1] != 3 {
		t.Errorf("w is %v, want [0.75 3]: 1 − 2·0.5/4 and 2 + 2·1/2", w)
	}
	if b := bias.Value.Data().([]float64)[0]; b != 0.5 {
		t.Errorf("bias without a metric is %v, want 0.5", b)
	}
}

func TestNaturalGradientErrors(t *testing.T) {
	metric := func(m mat.Symmetric, err error) func(optimizers.Param) (mat.Symmetric, error) {
		return func(optimizers.Param) (mat.Symmetric, error) { return m, err }
	}
	for want, c := range map[string]optimizers.NaturalGradient{
		"NaturalGradient: want a Metric":                 {},
		"Damping -1, want a finite number of at least 0": {Damping: -1, Metric: metric(nil, nil)},
		"x: a metric of width 3 for 2 elements":          {Metric: metric(mat.NewSymDense(3, nil), nil)},
		"with damping 0.001 is not positive definite": {Damping: 1e-3,
			Metric: metric(mat.NewSymDense(2, []float64{-1, 0, 0, 1}), nil)},
		"optimizers: NaturalGradient: x: no metric to be had": {Metric: metric(nil,
			errors.New("no metric to be had"))},
	} {
		opt, err := c.New(1e-3)
		x := []float64{1, 2}
		if err == nil {
			err = opt.Update([]optimizers.Param{quadratic(x, mat.NewSymDense(2, []float64{1, 0, 0, 1}))},
				optimizers.Rates{Factor: 1})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
		if x[0] != 1 || x[1] != 2 {
			t.Errorf("%s: the parameter moved to %v", want, x)
		}
	}
}
