package qlayer_test

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// TestFigures draws every layer of the conformance table: the registers name all qubits, and the angles are
// in the Store.
func TestFigures(t *testing.T) {
	count := 0
	for name, c := range layers {
		b, err := build(c.Layer, c.Input...)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, f := range qlayer.Figures(b.scope) {
			count++
			qubits := 0
			for _, r := range f.Registers {
				qubits += r.Qubits
			}
			if qubits != f.Circuit.Qubits() || f.Circuit.Err() != nil {
				t.Errorf("%s: registers of %d qubits for a circuit of %d (%v)",
					name, qubits, f.Circuit.Qubits(), f.Circuit.Err())
			}
			for head := range f.Heads {
				theta, err := f.Theta(b.store, head)
				if err != nil || f.Circuit.Bind(theta, nil).NumTheta() != 0 {
					t.Errorf("%s, head %d: %d of %d angles (%v)",
						name, head, len(theta), f.Circuit.NumTheta(), err)
				}
			}
			if _, err := f.Theta(b.store, f.Heads); err == nil {
				t.Errorf("%s: angles of a head too many", name)
			}
		}
	}
	if count < 40 {
		t.Errorf("%d figures of %d layers", count, len(layers))
	}
}

// TestFiguresOfAModel pins paths, legend and the order of the angles.
func TestFiguresOfAModel(t *testing.T) {
	b, err := build(nn.Chain{
		qlayer.Attention{Heads: 2, Query: qlayer.RealAmplitudes(1), Key: qlayer.Product(2)},
		nn.Attention{Score: qlayer.Hadamard{}.Score},
	}, 2, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	figures := qlayer.Figures(b.scope)
	if len(figures) != 2 || figures[0].Layer != "0" || figures[1].Layer != "1" {
		t.Fatalf("got %v", figures)
	}
	want := "q0 ancilla, q1-q2 index of the query, q3-q4 data of the query, " +
		"q5-q6 index of the key, q7-q8 data of the key"
	if figures[0].Legend() != want {
		t.Errorf("got %s", figures[0].Legend())
	}
	theta, err := figures[0].Theta(b.store, 1)
	if want := slices.Concat(b.store.Param("0.q.theta").Values()[2:],
		b.store.Param("0.k.theta").Values()[4:]); err != nil || !slices.Equal(theta, want) {
		t.Errorf("got %v (%v), want %v", theta, err, want)
	}
}

// TestFigureIsWhatTheLayerComputes, from encoding to measurement.
func TestFigureIsWhatTheLayerComputes(t *testing.T) {
	x := []float64{0.3, -1.2, 0.7}
	for name, c := range map[string]struct {
		encoder qlayer.CircuitEncoder
		ansatz  qlayer.Ansatz
		data    []float64
	}{
		"angle":        {qlayer.Angle{Axis: qlayer.AxisX}, qlayer.Entangling(1), x},
		"reuploading":  {qlayer.Angle{}, qlayer.Reuploading(2), x},
		"dense angles": {qlayer.DenseAngle{}, qlayer.StronglyEntangling(1), x},
		"basis":        {qlayer.Basis{}, qlayer.Brick(1), x},
		"IQP": {qlayer.IQP{}, qlayer.Entangling(1),
			append(slices.Clone(x), x[0]*x[1], x[0]*x[2], x[1]*x[2])},
	} {
		g, st := G.NewGraph(), nn.NewStore(3)
		s := nn.NewScope(g, st)
		in := G.NewMatrix(g, tensor.Float64, G.WithShape(1, 3), G.WithName("x"),
			G.WithValue(tensor.New(tensor.WithShape(1, 3), tensor.WithBacking(slices.Clone(x)))))
		y, err := qlayer.Circuit{Encoder: c.encoder, Ansatz: c.ansatz}.Forward(s, in)
		if err != nil {
			t.Fatal(name, err)
		}
		m := G.NewTapeMachine(g)
		if err := m.RunAll(); err != nil {
			t.Fatal(name, err)
		}
		f := qlayer.Figures(s)[0]
		theta, err := f.Theta(st, 0)
		if err != nil {
			t.Fatal(name, err)
		}
		u, err := f.Circuit.Matrix(theta, c.data)
		if err != nil {
			t.Fatal(name, err)
		}
		n := f.Circuit.Qubits()
		for q, got := range y.Value().Data().([]float64) {
			want := 0.0
			for i := range 1 << n {
				p := math.Pow(cmplx.Abs(u[i<<n]), 2)
				want += p * float64(1-2*(i>>(n-1-q)&1))
			}
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s, qubit %d: the layer gives %v, its figure %v", name, q, got, want)
			}
		}
		m.Close()
	}
}

// TestHadamardFigure runs the test of two tokens of two values on the state that it wants: P(0,i,j) −
// P(1,i,j) is Re⟨q_i|k_j⟩/T.
func TestHadamardFigure(t *testing.T) {
	b, err := build(nn.Attention{Score: qlayer.Hadamard{Query: qlayer.Entangling(1),
		Key: qlayer.Entangling(2)}.Score}, 1, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	f := qlayer.Figures(b.scope)[0]
	theta, err := f.Theta(b.store, 0)
	if err != nil {
		t.Fatal(err)
	}
	test := dense(t, f.Circuit, theta)
	q, k := dense(t, qlayer.Entangling(1)(1), theta[:2]), dense(t, qlayer.Entangling(2)(1), theta[2:])
	x := [2][2]float64{{0.6, -0.2}, {0.3, math.Sqrt(0.51)}}
	in := make([]complex128, 16) // ancilla, i, j, data
	for i := range 2 {
		for j := range 2 {
			for d := range 2 {
				in[i<<2|j<<1|d] = complex(x[i][d]/2, 0)
				in[8|i<<2|j<<1|d] = complex(x[j][d]/2, 0)
			}
		}
	}
	out := times(test, in)
	for i := range 2 {
		for j := range 2 {
			got := 0.0
			for d := range 2 {
				got += math.Pow(cmplx.Abs(out[i<<2|j<<1|d]), 2) - math.Pow(cmplx.Abs(out[8|i<<2|j<<1|d]), 2)
			}
			qi, kj := times(q, vector(x[i])), times(k, vector(x[j]))
			want := real(cmplx.Conj(qi[0])*kj[0]+cmplx.Conj(qi[1])*kj[1]) / 2
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("tokens %d, %d: got %v, want %v", i, j, got, want)
			}
		}
	}
}

func dense(t *testing.T, c *circuit.Circuit, theta []float64) circuit.Matrix {
	t.Helper()
	m, err := c.Matrix(theta, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func vector(x [2]float64) []complex128 { return []complex128{complex(x[0], 0), complex(x[1], 0)} }

func times(m circuit.Matrix, x []complex128) []complex128 {
	out := make([]complex128, len(x))
	for i, v := range m {
		out[i/len(x)] += v * x[i%len(x)]
	}
	return out
}
