package onnx_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/nn/onnx"
)

func read(t *testing.T, b *onnx.Builder) (*onnx.Model, *onnxtest.Model) {
	t.Helper()
	m, err := b.Model("test", map[string]string{"b": "2", "a": "1"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := onnxtest.Read(m.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

// One file has everything at its place, and the same calls make the same bytes.
func TestModel(t *testing.T) {
	build := func() *onnx.Builder {
		b := onnx.NewBuilder(0, 61)
		x := b.Input("x", 61, 3)
		w := b.Parameter("w", []float64{1, 2, 3, 4, 5, 6}, 2, 3)
		y := b.Linear(x, w, b.Const([]float64{10, 20}, 2))
		b.Output("y", b.Add(y, b.Reshape(b.Linear(x, w), 61, 2)))
		return b
	}
	m, r := read(t, build())
	if again, _ := read(t, build()); string(again.Bytes) != string(m.Bytes) {
		t.Error("the same calls give another file")
	}
	if r.IR != 8 || r.Opset != 17 || r.Metadata["a"] != "1" || r.Metadata["b"] != "2" {
		t.Errorf("IR %d, opset %d, metadata %v", r.IR, r.Opset, r.Metadata)
	}
	if !slices.Equal(m.Inputs[0].Shape, []string{"N", "3"}) || r.Inputs[0].Sizes[0] != "N" ||
		r.Inputs[0].Fixed[1] != 3 {
		t.Errorf("input %v, in the file %v", m.Inputs, r.Inputs)
	}
	if !slices.Equal(r.Order, []string{"w", "constant_1"}) {
		t.Errorf("initializers %v: want each once, a parameter by its name", r.Order)
	}
	x := onnxtest.Tensor{Shape: []int{2, 3}, Data: []float64{1, 0, 0, 0, 1, -1}}
	out, err := r.Run(map[string]onnxtest.Tensor{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	onnxtest.Compare(t, out["y"], onnxtest.Tensor{Shape: []int{2, 2}, Data: []float64{12, 28, 8, 18}}, 0)
}

// Equal constants are one initializer; those of another shape, type or bit are others.
func TestEqualConstantsAreWrittenOnce(t *testing.T) {
	b := onnx.NewBuilder(0, 0)
	x := b.Input("x", 2)
	for _, c := range []onnx.Value{b.Const([]float64{0, 1}, 2), b.Const([]float64{0, 1}, 2), b.Scalar(3),
		b.Const([]float64{0, 1}, 1, 2), b.Const([]float64{math.Copysign(0, -1), 1}, 2), b.Scalar(3),
		b.Parameter("w", []float64{0, 1}, 2)} {
		x = b.Reshape(b.Add(x, c), 2)
	}
	b.Output("y", x)
	_, r := read(t, b)
	if want := []string{"constant_0", "constant_1", "constant_2", "integers_3", "constant_4",
		"w"}; !slices.Equal(r.Order, want) {
		t.Errorf("initializers %v, want %v", r.Order, want)
	}
	out, err := r.Run(map[string]onnxtest.Tensor{"x": {Shape: []int{2}, Data: []float64{1, 2}}})
	if err != nil {
		t.Fatal(err)
	}
	onnxtest.Compare(t, out["y"], onnxtest.Tensor{Shape: []int{2}, Data: []float64{7, 13}}, 0)
}

// The first mistake is kept, and Model returns it.
func TestMistakes(t *testing.T) {
	for want, f := range map[string]func(b *onnx.Builder, x onnx.Value){
		"want opset 17 to": func(*onnx.Builder, onnx.Value) {},
		"shapes [2 3] and [2] do not fit": func(b *onnx.Builder,
			x onnx.Value) {
			b.Add(x, b.Const([]float64{1, 2}, 2))
		},
		"Reshape: [2 3] to [4]": func(b *onnx.Builder, x onnx.Value) { b.Reshape(x, 4) },
		"MatMul: shapes":        func(b *onnx.Builder, x onnx.Value) { b.MatMul(x, x) },
		"Linear: shapes": func(b *onnx.Builder,
			x onnx.Value) {
			b.Linear(x, b.Const([]float64{1, 2}, 1, 2))
		},
		"Transpose: [0 2]":               func(b *onnx.Builder, x onnx.Value) { b.Transpose(x, 0, 2) },
		"3 numbers for a constant":       func(b *onnx.Builder, _ onnx.Value) { b.Const([]float64{1, 2, 3}, 2) },
		"is given no operand":            func(b *onnx.Builder, x onnx.Value) { b.Mul(x, onnx.Value{}) },
		`the name "x" is empty or taken`: func(b *onnx.Builder, x onnx.Value) { b.Output("x", b.Abs(x)) },
		`the name "" is empty`:           func(b *onnx.Builder, x onnx.Value) { b.Output("", b.Abs(x)) },
		"needs an input and an output":   func(*onnx.Builder, onnx.Value) {},
	} {
		opset := 0
		if strings.Contains(want, "opset") {
			opset = 3
		}
		b := onnx.NewBuilder(opset, 0)
		f(b, b.Input("x", 2, 3))
		if _, err := b.Model("test", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Reductions say their axes as the version of the operators has it, and GELU is one operator where there is
// one.
func TestOpsets(t *testing.T) {
	x := onnxtest.Tensor{Shape: []int{2, 3}, Data: []float64{3, -4, 0, 1, 2, 2}}
	for opset := onnx.MinOpset; opset <= onnx.MaxOpset; opset++ {
		b := onnx.NewBuilder(opset, 0)
		in := b.Input("x", 2, 3)
		b.Output("norm", b.Norm(in, true, 1))
		b.Output("largest", b.Largest(in, false, 0))
		b.Output("sum", b.Sum(in, false, 0, 1))
		b.Output("mean", b.Mean(in, false, 1))
		b.Output("gelu", b.GELU(in))
		_, r := read(t, b)
		out, err := r.Run(map[string]onnxtest.Tensor{"x": x})
		if err != nil {
			t.Fatalf("opset %d: %v", opset, err)
		}
		for name, want := range map[string]onnxtest.Tensor{
			"norm":    {Shape: []int{2, 1}, Data: []float64{5, 3}},
			"largest": {Shape: []int{3}, Data: []float64{3, 2, 2}},
			"sum":     {Shape: nil, Data: []float64{4}},
			"mean":    {Shape: []int{2}, Data: []float64{-1. / 3, 5. / 3}},
			// x·(1+erf(x/√2))/2 by Python's math.erf
			"gelu": {Shape: []int{2, 3}, Data: []float64{2.99595031, -0.00012669, 0, 0.84134475, 1.95449974,
				1.95449974}},
		} {
			onnxtest.Compare(t, out[name], want, 1e-7)
		}
		if n := r.Nodes[len(r.Nodes)-1]; (n.Op == "Gelu") != (opset >= 20) {
			t.Errorf("opset %d: GELU ends in %s", opset, n.Op)
		}
	}
}
