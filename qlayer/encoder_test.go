package qlayer_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestEncoders reads the states by expectations that are known in closed form.
func TestEncoders(t *testing.T) {
	for _, c := range []struct {
		name     string
		encoder  qlayer.Encoder
		features []float64
		paulis   []string
		want     []float64
	}{
		{"RY", qlayer.Angle{}, []float64{0.3, 2}, []string{"ZI", "IZ", "XI"},
			[]float64{math.Cos(0.3), math.Cos(2), math.Sin(0.3)}},
		{"RX", qlayer.Angle{Axis: qlayer.AxisX}, []float64{0.3}, []string{"Z", "Y"},
			[]float64{math.Cos(0.3), -math.Sin(0.3)}},
		{"RZ", qlayer.Angle{Axis: qlayer.AxisZ}, []float64{0.3}, []string{"X", "Y"},
			[]float64{math.Cos(0.3), math.Sin(0.3)}},
		{"dense", qlayer.DenseAngle{}, []float64{0.3, 2, 0.7}, []string{"XI", "YI", "ZI", "IX", "IZ"},
			[]float64{math.Sin(0.3) * math.Cos(2), math.Sin(0.3) * math.Sin(2), math.Cos(0.3), math.Sin(0.7),
				math.Cos(0.7)}},
		{"basis", qlayer.Basis{}, []float64{0, 1, 1, 0.5}, []string{"ZIII", "IZII", "IIZI", "IIIZ", "IIIX"},
			[]float64{1, -1, -1, 0, 1}},
		{"IQP", qlayer.IQP{Layers: 1}, []float64{0.3, 2}, []string{"XI", "YI", "IX", "ZI", "YZ"},
			[]float64{math.Cos(0.3) * math.Cos(0.6), math.Sin(0.3) * math.Cos(0.6),
				math.Cos(2) * math.Cos(0.6), 0, math.Cos(0.3) * math.Sin(0.6)}},
		{"IQP of one, twice", qlayer.IQP{}, []float64{0.3}, []string{"Z", "X"},
			[]float64{math.Cos(0.3), math.Sin(0.3) * math.Sin(0.3)}},
	} {
		got := expectations(t, c.encoder, c.features, c.paulis)
		for k, want := range c.want {
			if math.Abs(got[k]-want) > 1e-12 {
				t.Errorf("%s: ⟨%s⟩ is %v, want %v", c.name, c.paulis[k], got[k], want)
			}
		}
	}
}

// expectations returns those of the encoded features, no ansatz behind.
func expectations(t *testing.T, encoder qlayer.Encoder, features []float64, paulis []string) []float64 {
	t.Helper()
	var observables []statevec.Observable
	for _, p := range paulis {
		observables = append(observables, statevec.Observable{{Coefficient: 1, Pauli: p}})
	}
	g := G.NewGraph()
	row := tensor.New(tensor.WithShape(1, len(features)), tensor.WithBacking(features))
	x := G.NewMatrix(g, tensor.Float64, G.WithShape(1, len(features)), G.WithName("x"), G.WithValue(row))
	layer := qlayer.Circuit{Ansatz: circuit.New, Encoder: encoder, Measure: qops.Expectations(observables...)}
	y, err := layer.Forward(nn.NewScope(g, nn.NewStore(1)), x)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	return y.Value().Data().([]float64)
}

// TestIdentityBlocks: the circuit they start is the identity, though no angle is 0, for any ansatz.
func TestIdentityBlocks(t *testing.T) {
	for _, p := range ansatze(2, 2) {
		ansatz := qlayer.Mirrored(2, p.ansatz)
		b, err := build(qlayer.Circuit{Ansatz: ansatz, Encoder: qlayer.Angle{},
			Init: qlayer.IdentityBlocks(1)}, 2, 2)
		if err != nil {
			t.Fatal(err)
		}
		theta := b.store.Param("theta").Values()
		m, err := ansatz(2).Matrix(theta, []float64{0.3, 2})
		if err != nil {
			t.Fatal(err)
		}
		if d := m.Distance(circuit.Identity(2)); !(d < 1e-12) || theta[0] == 0 {
			t.Errorf("%s: the matrix is %v from the identity, first angle %v", p.name, d, theta[0])
		}
	}
}

// TestFirstAngles measures what the layer starts from.
func TestFirstAngles(t *testing.T) {
	for _, c := range []struct {
		name          string
		init          nn.Init
		spread, limit float64
	}{
		{"default", nil, qlayer.InitAngle, 5 * qlayer.InitAngle},
		{"uniform", qlayer.UniformAngles(), math.Pi / math.Sqrt(3), math.Pi},
		{"small", qlayer.SmallAngles(23), 0.1, 0.5},
		{"identity blocks", qlayer.IdentityBlocks(0.2), 0.2, 1},
	} {
		b, err := build(qlayer.Circuit{Ansatz: qlayer.Product(500), Init: c.init}, 2, 4)
		if err != nil {
			t.Fatal(err)
		}
		sum, theta := 0.0, b.store.Param("theta").Values()
		for _, v := range theta {
			sum += v * v
			if math.Abs(v) > c.limit {
				t.Errorf("%s: angle %v beyond %v", c.name, v, c.limit)
			}
		}
		if got := math.Sqrt(sum / float64(len(theta))); math.Abs(got/c.spread-1) > 0.1 {
			t.Errorf("%s: angles spread by %.3f, want %.3f", c.name, got, c.spread)
		}
	}
}
