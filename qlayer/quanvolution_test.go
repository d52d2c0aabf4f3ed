package qlayer_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// run returns what a layer makes of values, with its weights.
func run(t *testing.T, layer nn.Layer, values []float64, shape ...int) ([]float64, *nn.Store) {
	t.Helper()
	g, st := G.NewGraph(), nn.NewStore(1)
	x := G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName("x"),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
	y, err := layer.Forward(nn.NewScope(g, st), x)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(y.Value().Data().([]float64)), st
}

func noise(n int) []float64 {
	r, out := rand.New(rand.NewPCG(7, 1)), make([]float64, n)
	for i := range out {
		out[i] = r.Float64()
	}
	return out
}

// TestQuanvolutionIsAConvolution of the formula's kind, if its filter is linear.
func TestQuanvolutionIsAConvolution(t *testing.T) {
	const batch, channels, side, size, stride, out, across = 2, 3, 7, 3, 2, 2, 3
	x := noise(batch * channels * side * side)
	got, st := run(t, qlayer.Quanvolution{Size: size, Stride: stride, Filter: nn.Linear{Out: out}}, x, batch,
		channels, side, side)
	w, bias := st.Param("weight").Values(), st.Param("bias").Values()
	for i, v := range got {
		col, row, k, b := i%across, i/across%across, i/(across*across)%out, i/(across*across*out)
		want := bias[k]
		for c := range channels {
			for dy := range size {
				for dx := range size {
					pixel := x[((b*channels+c)*side+row*stride+dy)*side+col*stride+dx]
					want += w[((k*channels+c)*size+dy)*size+dx] * pixel
				}
			}
		}
		if math.Abs(v-want) > 1e-12 {
			t.Fatalf("image %d, channel %d, row %d, column %d: got %v, want %v", b, k, row, col, v, want)
		}
	}
}

// TestReuploadingClassifierByItsFormula multiplies the matrices of two qubits and two layers out.
func TestReuploadingClassifierByItsFormula(t *testing.T) {
	const classes, features = 3, 5
	x := noise(features)
	got, st := run(t, qlayer.ReuploadingClassifier{Classes: classes, Qubits: 2, Layers: 2}, x, 1, features)
	a := st.Param("theta").Values()
	for i := range a {
		for j, w := range st.Param("upload.weight").Values()[i*features:][:features] {
			a[i] += w * x[j]
		}
	}
	angle := func(i int) circuit.Angle { return circuit.Const(a[i]) }
	m, err := circuit.New(2).U(0, angle(0), angle(1), angle(2)).U(1, angle(3), angle(4), angle(5)).CX(0,
		1).CX(1, 0).
		U(0, angle(6), angle(7), angle(8)).U(1, angle(9), angle(10), angle(11)).Matrix(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	psi := []complex128{m[0], m[4], m[8], m[12]}
	var spins []float64
	for _, bit := range []int{2, 1} {
		var xy complex128
		z := 0.0
		for i, v := range psi {
			p := real(v)*real(v) + imag(v)*imag(v)
			if i&bit == 0 {
				xy += complex(real(v), -imag(v)) * psi[i|bit]
				z += p
			} else {
				z -= p
			}
		}
		spins = append(spins, 2*real(xy), 2*imag(xy), z)
	}
	w, bias := st.Param("read.weight").Values(), st.Param("read.bias").Values()
	for k, v := range got {
		want := bias[k]
		for i, s := range spins {
			want += w[k*len(spins)+i] * s
		}
		if math.Abs(v-want) > 1e-12 {
			t.Errorf("class %d: got %v, want %v", k, v, want)
		}
	}
}
