package qops_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
)

func encode(o qops.EncodeOptions) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.EncodeAmplitude(in[0], o) }
}

// TestEncodeAmplitude has 3-4-5 triangles: (3, 4)/5, padded.
func TestEncodeAmplitude(t *testing.T) {
	x := tensorOf([]float64{3, 4, 0, 0, 0, -2}, 1, 2, 3)
	r := math.Sqrt(29)
	for _, c := range []struct {
		name    string
		options qops.EncodeOptions
		want    []float64 // real parts
	}{
		{"rows", qops.EncodeOptions{}, []float64{0.6, 0.8, 0, 0, 0, 0, -1, 0}},
		{"image", qops.EncodeOptions{Normalize: qops.NormalizeImage},
			[]float64{3 / r, 4 / r, 0, 0, 0, 0, -2 / r, 0}},
		{"keep", qops.EncodeOptions{Normalize: qops.NormalizeNone}, []float64{3, 4, 0, 0, 0, 0, -2, 0}},
		{"more qubits", qops.EncodeOptions{Qubits: 3},
			[]float64{0.6, 0.8, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, shape, err := evaluate[float64](encode(c.options), x)
			if err != nil {
				t.Fatal(err)
			}
			if !shape.Eq(tensor.Shape{1, 2, len(c.want) / 2, 2}) {
				t.Errorf("shape %v", shape)
			}
			want := make([]float64, 0, 2*len(c.want))
			for _, v := range c.want {
				want = append(want, v, 0)
			}
			near(t, "amplitudes", got, want, 1e-15)
		})
	}
}

func TestEncodeAmplitudeGradient(t *testing.T) {
	for _, unit := range []qops.Normalize{qops.NormalizeRows, qops.NormalizeImage, qops.NormalizeNone} {
		for _, width := range []int{1, 2, 3, 5, 8} {
			if unit == qops.NormalizeRows && width == 1 {
				continue // a sign: its central difference is exact and 0
			}
			if err := gradcheck.Check(gradcheck.Config{}, encode(qops.EncodeOptions{Normalize: unit}),
				random(uint64(width), 2, 3, width)); err != nil {
				t.Errorf("%v, width %d: %v", unit, width, err)
			}
		}
	}
}

// scales are factors that no encoding may notice, in either type.
func scales[T op.Float]() []float64 {
	if op.DtypeOf[T]() == tensor.Float32 {
		return []float64{1e-30, 1e-20, 1e20, 1e30}
	}
	return []float64{1e-300, 1e-200, 1e-30, 1e30, 1e200, 1e300}
}

func TestEncodeAmplitudeOfAnyLength(t *testing.T) {
	f := encode(qops.EncodeOptions{Normalize: qops.NormalizeImage})
	anyLength[float32](t, f, 1e-6, random(3, 2, 3, 5))
	anyLength[float64](t, f, 1e-14, random(3, 2, 3, 5))
}

// anyLength fails if a factor of x shows in f(x, more…).
func anyLength[T op.Float](t *testing.T, f function, tol float64, x *tensor.Dense, more ...*tensor.Dense) {
	t.Helper()
	want := mustEvaluate(t, f, append([]*tensor.Dense{x}, more...)...)
	for _, s := range scales[T]() {
		scaled := x.Clone().(*tensor.Dense)
		for i := range scaled.Float64s() {
			scaled.Float64s()[i] *= s
		}
		got, _, err := evaluate[T](f, append([]*tensor.Dense{scaled}, more...)...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "with another factor", widen(got), want, tol)
	}
}

// TestEncodeAmplitudeOfNothing pins the documented rule: what is dark stays dark, and moves nothing.
func TestEncodeAmplitudeOfNothing(t *testing.T) {
	x := tensorOf([]float64{1, 2, 0, 0, 0, 0, 1e-310, 0}, 2, 2, 2)
	for unit, dark := range map[qops.Normalize][]int{qops.NormalizeRows: {2, 3, 4, 5, 6, 7},
		qops.NormalizeImage: {4, 5, 6, 7}} {
		out := mustEvaluate(t, encode(qops.EncodeOptions{Normalize: unit}), x)
		dx := gradients(t, encode(qops.EncodeOptions{Normalize: unit}), x)[0]
		for _, i := range dark {
			if out[2*i] != 0 || dx[i] != 0 {
				t.Errorf("%v, element %d: amplitude %v, gradient %v, want 0 and 0", unit, i, out[2*i], dx[i])
			}
		}
		near(t, "lit", out[:4], []float64{1 / math.Sqrt(5), 0, 2 / math.Sqrt(5), 0}, 1e-15)
	}
}

func TestEncodeAmplitudeErrors(t *testing.T) {
	for _, c := range []struct {
		name, want string
		options    qops.EncodeOptions
		x          *tensor.Dense
	}{
		{"too wide", "5 values do not fit the amplitudes of 2 qubits", qops.EncodeOptions{Qubits: 2},
			random(1, 2, 5)},
		{"too many qubits", "want 1 to 30 qubits, or 0 for as many as it takes, got 64",
			qops.EncodeOptions{Qubits: 64},
			random(1, 2, 5)},
		{"negative", "or 0 for as many as it takes, got -1", qops.EncodeOptions{Qubits: -1},
			random(1, 2, 5)},
		{"too much memory", "8 states of 30 qubits take 64 GiB in float32, want at most 4",
			qops.EncodeOptions{Qubits: 30}, random(1, 8, 5)},
		{"no rows", "want x (…, D), or (…, T, D)", qops.EncodeOptions{Normalize: qops.NormalizeImage},
			random(1, 5)},
		{"NaN", "row 1: x 1 is NaN", qops.EncodeOptions{}, tensorOf([]float64{1, 2, 3, math.NaN()}, 2, 2)},
		{"infinity", "row 1: x (1, 0) is +Inf", qops.EncodeOptions{Normalize: qops.NormalizeImage},
			tensorOf([]float64{1, 2, 3, 4, 5, 6, math.Inf(1), 8}, 2, 2, 2)},
	} {
		wantError(t, c.name, c.want, encode(c.options), c.x)
	}
	if _, err := qops.EncodeAmplitude(nil, qops.EncodeOptions{}); err == nil {
		t.Error("nil: no error")
	}
}
