package onnxtest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Layer tests that the ONNX file of a layer gives what the layer gives, for batches of 1, 2 and 5 rows of
// normal noise, with opset 17 and 20: as the interpreter of this package runs it and, where there is one,
// ONNX Runtime. Its parameters are drawn anew, so that none has a special value.
func Layer(t *testing.T, l nn.Layer, row []int) {
	t.Helper()
	st := nn.NewStore(1)
	if _, err := run(l, st, slices.Concat([]int{2}, row), make([]float64, 2*sizeOf(row))); err != nil {
		t.Fatal(err) // it makes the parameters
	}
	r := rand.New(rand.NewPCG(7, 7))
	for _, p := range st.Params() {
		values := p.Values()
		for i := range values {
			values[i] = float64(float32(values[i] + 0.3*r.NormFloat64()))
		}
		if err := p.Set(values); err != nil {
			t.Fatal(err)
		}
	}
	for _, opset := range []int{17, 20} {
		exported, err := nn.Export(l, st, row, op.ExportOptions{Opset: opset})
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(exported.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if m.Opset != opset {
			t.Errorf("opset %d, want %d", m.Opset, opset)
		}
		for _, batch := range []int{1, 2, 5} {
			x := Tensor{slices.Concat([]int{batch}, row), make([]float64, batch*sizeOf(row))}
			for i := range x.Data {
				x.Data[i] = float64(float32(r.NormFloat64()))
			}
			out, err := m.Run(map[string]Tensor{"input": x})
			if err != nil {
				t.Fatalf("opset %d, batch %d: %v", opset, batch, err)
			}
			want, err := run(l, st, x.Shape, x.Data)
			if err != nil {
				t.Fatal(err)
			}
			Compare(t, out["output"], want, 2e-6)
			if HasRuntime() && batch == 5 {
				Compare(t, Tensor{want.Shape, Runtime(t, exported.Bytes, x)}, want, 1e-5)
			}
		}
	}
}

// Compare fails a test for numbers that differ by more than tol times the largest of them or 1. With float64
// arithmetic what is left is the rounding of constants to float32.
func Compare(t *testing.T, got, want Tensor, tol float64) {
	t.Helper()
	if !slices.Equal(got.Shape, want.Shape) {
		t.Fatalf("shape %v, want %v", got.Shape, want.Shape)
	}
	scale := 1.0
	for _, v := range want.Data {
		scale = max(scale, math.Abs(v))
	}
	for i, v := range got.Data {
		if !(math.Abs(v-want.Data[i]) <= tol*scale) {
			t.Fatalf("element %v is %v, want %v", index(i, got.Shape), v, want.Data[i])
		}
	}
}

// run returns what a layer gives in float64.
func run(l nn.Layer, st *nn.Store, shape []int, x []float64) (Tensor, error) {
	var y *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
		in := G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName("input"),
			G.WithValue(value))
		var err error
		y, err = l.Forward(nn.NewEvalScope(g, st), in)
		return op.Outputs{Keep: G.Nodes{y}}, err
	})
	if err != nil {
		return Tensor{}, err
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		return Tensor{}, err
	}
	data, err := op.Elements[float64](y.Value())
	return Tensor{slices.Clone(y.Shape()), slices.Clone(data)}, errors.WithStack(err)
}
