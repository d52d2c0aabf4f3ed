package nn_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

// tokenLayer runs a layer on tokens, in float64, with its parameters as the function sets them.
func tokenLayer(t *testing.T, l nn.Layer, x []float64, shape ...int) (y []float64, st *nn.Store) {
	t.Helper()
	g, st := G.NewGraph(), nn.NewStore(3)
	leaf := G.NewTensor(g, tensor.Float64, len(shape), G.WithName("x"), G.WithShape(shape...),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))))
	node, err := l.Forward(nn.NewScope(g, st), leaf)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	return node.Value().Data().([]float64), st
}

// The definition, by the plain convolution of each feature alone.
func TestDepthwiseTokensIsAConvolutionOfEachFeature(t *testing.T) {
	const batch, side, d = 2, 5, 3
	x := normal(4, batch, side*side, d).Float64s()
	y, st := tokenLayer(t, nn.DepthwiseTokens{}, x, batch, side*side, d)
	w, b := st.Param("weight").Value.Float64s(), st.Param("bias").Value.Float64s()
	for f := range d {
		var plane, filter []float64
		for i := f; i < len(x); i += d {
			plane = append(plane, x[i])
		}
		for i := f; i < len(w); i += d {
			filter = append(filter, w[i])
		}
		conv := nn.Conv2D{Out: 1, Kernel: 3, Stride: 1, Padding: 1}
		for i, want := range convolve(conv, batch, 1, side, plane, filter, b[f:]) {
			if got := y[i*d+f]; math.Abs(got-want) > 1e-13 {
				t.Fatalf("feature %d of token %d: %v, want %v", f, i, got, want)
			}
		}
	}
}

func TestSequencePoolIsItsDefinition(t *testing.T) {
	const batch, tokens, d = 2, 5, 3
	x := normal(4, batch, tokens, d).Float64s()
	y, st := tokenLayer(t, nn.SequencePool{}, x, batch, tokens, d)
	w, b := st.Param("weight").Value.Float64s(), st.Param("bias").Value.Float64s()[0]
	for n := range batch {
		total, want := 0.0, make([]float64, d)
		for i := range tokens {
			token := x[(n*tokens+i)*d:][:d]
			a := math.Exp(token[0]*w[0] + token[1]*w[1] + token[2]*w[2] + b)
			total += a
			for f, v := range token {
				want[f] += a * v
			}
		}
		for f := range d {
			if got := y[n*d+f]; math.Abs(got-want[f]/total) > 1e-14 {
				t.Errorf("feature %d of row %d: %v, want %v", f, n, got, want[f]/total)
			}
		}
	}
}
