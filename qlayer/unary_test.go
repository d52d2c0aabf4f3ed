package qlayer_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// TestUnary compares with the matrix of the whole circuit, in the states of one 1.
func TestUnary(t *testing.T) {
	const d = 5
	for name, ansatz := range map[string]qlayer.Ansatz{"pyramid": qlayer.Pyramid(),
		"butterfly": qlayer.Butterfly(), "mirrored": qlayer.Mirrored(1, qlayer.Pyramid()),
		"scaled": func(n int) *circuit.Circuit {
			a := circuit.Theta(1)
			return circuit.New(n).RBS(0, 1, a.Times(-2).Plus(0.3)).RBS(1, 2, circuit.Const(0.8)).RBS(4, 2, a)
		}} {
		x := normals(d)
		g, st := G.NewGraph(), nn.NewStore(1)
		in := G.NewVector(g, tensor.Float64, G.WithShape(d), G.WithName("x"),
			G.WithValue(tensor.New(tensor.WithShape(d), tensor.WithBacking(x))))
		y, err := qlayer.Unary{Ansatz: ansatz}.Forward(nn.NewScope(g, st), in)
		if err != nil {
			t.Fatal(err)
		}
		m := G.NewTapeMachine(g)
		defer m.Close()
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		u, err := ansatz(d).Matrix(st.Param("theta").Values(), nil)
		if err != nil {
			t.Fatal(err)
		}
		one := func(q int) int { return 1 << (d - 1 - q) }
		for q, got := range y.Value().Data().([]float64) {
			want := 0.0
			for p, v := range x {
				want += real(u[one(q)*u.Dim()+one(p)]) * v
			}
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: feature %d is %v, want %v", name, q, got, want)
			}
		}
	}
}
