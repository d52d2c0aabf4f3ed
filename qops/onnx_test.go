package qops_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

type shapes = [][]int

// exportCase is a function whose first operands come from rows of the input, of these shapes behind the
// batch, and the others are parameters.
type exportCase struct {
	make    function
	rows    shapes
	trained shapes
}

// layer returns the function as a layer of rows of all operands one after the other, and the width of a row.
func (c exportCase) layer() (nn.Layer, int) {
	width := 0
	for _, s := range c.rows {
		width += tensor.Shape(s).TotalSize()
	}
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		var operands G.Nodes
		from := 0
		for _, shape := range c.rows {
			size := tensor.Shape(shape).TotalSize()
			n, err := nn.Slice(x, 1, from, from+size)
			if err == nil {
				n, err = nn.Reshape(n, append([]int{x.Shape()[0]}, shape...)...)
			}
			if err != nil {
				return nil, err
			}
			operands, from = append(operands, n), from+size
		}
		for i, shape := range c.trained {
			n, err := s.Param("p"+strconv.Itoa(i), nn.ParamSpec{Shape: shape, Dtype: x.Dtype(), Init: nn.Normal(1)})
			if err != nil {
				return nil, err
			}
			operands = append(operands, n)
		}
		return c.make(operands...)
	}), width
}

// kindOf returns the scores of a kind, by W or by its circuits.
func kindOf(kind qops.ScoreKind, by qops.Route, q, k *circuit.Circuit) function {
	return func(in ...*G.Node) (*G.Node, error) {
		o := qops.ScoreOptions{Kind: kind, Gain: 1.5, Scale: in[3]}
		return qops.CircuitScoresBy(in[0], q, k, in[1], in[2], o, by)
	}
}

// ladder is a circuit of many qubits with data in all of them.
func ladder(qubits int) *circuit.Circuit {
	c := circuit.New(qubits)
	for q := range qubits {
		c.RY(q, circuit.Theta(q))
	}
	for q := range qubits {
		c.CX(q, (q+3)%qubits)
	}
	c.RZX(1, qubits-1, circuit.Data(1).Times(-0.7).Plus(0.2)).CRX(4, 2, circuit.Data(0))
	for q := range qubits {
		c.RX(q, circuit.Theta(q).Times(0.5)).MCX([]int{(q + 1) % qubits, (q + 4) % qubits}, q)
	}
	return c
}

var xyz = statevec.Observable{{Coefficient: 1, Pauli: "XYZ"}, {Coefficient: -0.5, Pauli: "ZIY"}}

func exportCases() map[string]exportCase {
	cases := map[string]exportCase{
		"EncodeAmplitude": {make: encode(qops.EncodeOptions{}), rows: shapes{{2, 3}}},
		"EncodeAmplitude, image": {make: encode(qops.EncodeOptions{Normalize: qops.NormalizeImage, Qubits: 4}),
			rows: shapes{{2, 8}}},
		"EncodeAmplitude, none": {make: encode(qops.EncodeOptions{Normalize: qops.NormalizeNone}),
			rows: shapes{{4}}},
		"Apply": {make: func(in ...*G.Node) (*G.Node, error) {
			return qops.Apply(mixed(2), in[0], in[2], in[1])
		}, rows: shapes{{3, 4, 2}, {3, 3}}, trained: shapes{{3}}},
		"Fidelity":        {make: fidelity, rows: shapes{{3, 4, 2}, {3, 4, 2}}},
		"Fidelity of one": {make: fidelity, rows: shapes{{3, 4, 2}}, trained: shapes{{4, 2}}},
		"Overlap":         {make: overlap, rows: shapes{{2, 4, 2}, {3, 4, 2}}},
		"Hamiltonian":     {make: hamiltonian("XY", "ZI", "YY"), rows: shapes{{2, 4, 2}}, trained: shapes{{3}}},
		"Prepare": {make: func(in ...*G.Node) (*G.Node, error) { return qops.Prepare(mixed(3), in[1], in[0]) },
			rows: shapes{{2, 3}}, trained: shapes{{3}}},
		"Prepare, many qubits": {make: func(in ...*G.Node) (*G.Node, error) {
			return qops.Prepare(ladder(8), in[1], in[0])
		}, rows: shapes{{2}}, trained: shapes{{8}}},
		"MeasureCircuit": {make: func(in ...*G.Node) (*G.Node, error) {
			inputs := qops.Inputs{X: in[0], Theta: in[2], Data: in[1]}
			return qops.MeasureCircuit(mixed(2), qops.Paulis("XYZ"), inputs, qops.Adjoint)
		}, rows: shapes{{2, 3}, {2, 3}}, trained: shapes{{3}}},
		"MeasureCircuit, no theta": {make: func(in ...*G.Node) (*G.Node, error) {
			c := circuit.New(3).H(1).RX(0, circuit.Data(0)).CP(0, 1, circuit.Data(0).Times(3)).
				GPI2(1, circuit.Data(1)).RBS(2, 0, circuit.Data(1)).CSwap(0, 1, 2).MS(0, 2, circuit.Data(1),
				circuit.Const(0.3))
			return qops.MeasureCircuit(c, qops.Probabilities(), qops.Inputs{Data: in[0]}, qops.Adjoint)
		}, rows: shapes{{2}}},
	}
	for name, m := range map[string]qops.Measurement{
		"Expectations": qops.Expectations(xyz, statevec.Observable{{Coefficient: 2, Pauli: "IZZ"}}),
		"Paulis":       qops.Paulis("YX", 2, 0), "Probabilities": qops.Probabilities(2, 0),
		"all Probabilities": qops.Probabilities(), "permuted Probabilities": qops.Probabilities(2, 0, 1),
		"Purity": qops.Purity(2, 0), "Purity of all": qops.Purity(0, 1, 2), "Purity of one": qops.Purity(1),
		"Fidelities": qops.Fidelities([]complex128{1, 2i, 0, -1, 3, 1, 1i, 0},
			[]complex128{0, 0, 1, 1, 1 - 2i, 0, 0, 0}),
	} {
		cases["Measure "+name] = exportCase{make: measured(m), rows: shapes{{2, 8, 2}}}
	}
	for name, kind := range map[string]qops.ScoreKind{"overlap": qops.ScoreOverlap, "signed": qops.ScoreSigned,
		"row-normalized": qops.ScoreRowNormalized, "conditional": qops.ScoreConditional} {
		for route, by := range map[string]qops.Route{"matrix": qops.MatrixRoute, "patchwise": qops.PatchwiseRoute} {
			cases["Scores, "+name+", "+route] = exportCase{make: kindOf(kind, by, tangled(2), tangled(2)),
				rows: shapes{{3, 6}}, trained: shapes{{2, 3}, {2, 3}, {2}}}
			cases["Scores, real, "+name+", "+route] = exportCase{
				make: kindOf(kind, by, layered(2, 1, false), layered(2, 2, false)),
				rows: shapes{{3, 6}}, trained: shapes{{2, 2}, {2, 4}, {2}}}
		}
	}
	return cases
}

func TestExport(t *testing.T) {
	for name, c := range exportCases() {
		t.Run(name, func(t *testing.T) {
			l, width := c.layer()
			onnxtest.Layer(t, l, []int{width})
		})
	}
}

// What has no form is named, with the reason.
func TestExportRefuses(t *testing.T) {
	own := qops.NewMeasurement("parity", func(n int) (statevec.Measurement[float32], error) {
		return statevec.NewProbabilities[float32](n, nil, 1)
	}, func(n int) (statevec.Measurement[float64], error) {
		return statevec.NewProbabilities[float64](n, nil, 1)
	})
	for want, c := range map[string]exportCase{
		"Measure: parity: a measurement of your own": {make: measured(own), rows: shapes{{4, 2}}},
		"Scores: W depends on an input": {make: func(in ...*G.Node) (*G.Node, error) {
			w, err := nn.Mean(in[1], 0)
			if err != nil {
				return nil, err
			}
			return qops.Scores(in[0], w, qops.ScoreOptions{})
		}, rows: shapes{{3, 2}, {1, 2, 2}}},
		"Apply: theta depends on an input": {make: func(in ...*G.Node) (*G.Node, error) {
			theta, err := nn.Mean(in[2], 0)
			if err != nil {
				return nil, err
			}
			return qops.Apply(mixed(2), in[0], theta, in[1])
		}, rows: shapes{{4, 2}, {3}, {3}}},
		"EstimateFidelities: it has shots or noise": {make: func(in ...*G.Node) (*G.Node, error) {
			f, err := fidelity(in...)
			if err != nil {
				return nil, err
			}
			return qops.EstimateFidelities(f, qops.Shots{Count: 3, Seeds: func([]uint64) error { return nil }})
		}, rows: shapes{{2, 4, 2}, {2, 4, 2}}},
	} {
		l, width := c.layer()
		_, err := nn.Export(l, nn.NewStore(1), []int{width}, op.ExportOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Images and rows of zeros give what the nodes give, and lengths near the ends of float32 lose nothing.
func TestExportOfExtremeAmplitudes(t *testing.T) {
	l, width := exportCase{make: encode(qops.EncodeOptions{}), rows: shapes{{3}}}.layer()
	model, err := nn.Export(l, nn.NewStore(1), []int{width}, op.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnxtest.Read(model.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	third := 1 / math.Sqrt(3)
	for _, c := range []struct{ x, want []float64 }{
		{[]float64{0, 0, 0}, []float64{0, 0, 0, 0, 0, 0, 0, 0}},
		{[]float64{1e-30, 1e-30, -1e-30}, []float64{third, 0, third, 0, -third, 0, 0, 0}},
		{[]float64{1e38, 1e38, -1e38}, []float64{third, 0, third, 0, -third, 0, 0, 0}},
	} {
		out, err := m.Run(map[string]onnxtest.Tensor{"input": {Shape: []int{1, 3}, Data: c.x}})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "amplitudes", out["output"].Data, c.want, 1e-6)
	}
}

// A dark image and a dark patch have the scores that the node gives them.
func TestExportOfDarkPatches(t *testing.T) {
	for _, kind := range []qops.ScoreKind{qops.ScoreOverlap, qops.ScoreSigned, qops.ScoreRowNormalized,
		qops.ScoreConditional} {
		f := func(in ...*G.Node) (*G.Node, error) {
			return qops.CircuitScores(in[0], tangled(2), tangled(2), in[1], in[2], qops.ScoreOptions{Kind: kind})
		}
		x := tensorOf([]float64{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, -1, 0, 0, 0, 0}, 2, 2, 4)
		thetaQ, thetaK := random(1, 1, 3), random(2, 1, 3)
		want := mustEvaluate(t, f, x, thetaQ, thetaK)
		l := nn.Func(func(_ *nn.Scope, n *G.Node) (*G.Node, error) {
			leaf := func(name string, v *tensor.Dense) *G.Node {
				return G.NewTensor(n.Graph(), tensor.Float64, 2, G.WithName(name), G.WithValue(v))
			}
			return f(n, leaf("q", thetaQ), leaf("k", thetaK))
		})
		st := nn.NewStore(1)
		keepDtype(t, st)
		model, err := nn.Export(l, st, []int{2, 4}, op.ExportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnxtest.Read(model.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		data, err := op.Elements[float64](x)
		if err != nil {
			t.Fatal(err)
		}
		out, err := m.Run(map[string]onnxtest.Tensor{"input": {Shape: []int{2, 2, 4}, Data: slices.Clone(data)}})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "scores", out["output"].Data, want, 1e-6)
	}
}

// keepDtype makes a Store one of float64.
func keepDtype(t *testing.T, st *nn.Store) {
	t.Helper()
	_, err := nn.NewScope(G.NewGraph(), st).Param("unused",
		nn.ParamSpec{Shape: tensor.Shape{1}, Dtype: tensor.Float64, Init: nn.Constant(0)})
	if err != nil {
		t.Fatal(err)
	}
}
