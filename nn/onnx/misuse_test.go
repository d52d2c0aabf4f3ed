package onnx_test

import (
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn/onnx"
)

func TestMisuse(t *testing.T) {
	none, calls := onnx.Value{}, []apitest.Misuse{}
	for name, f := range map[string]func(b *onnx.Builder){
		"Add":        func(b *onnx.Builder) { b.Add(none, none) },
		"Sub":        func(b *onnx.Builder) { b.Sub(none, none) },
		"Mul":        func(b *onnx.Builder) { b.Mul(none, none) },
		"Div":        func(b *onnx.Builder) { b.Div(none, none) },
		"Max":        func(b *onnx.Builder) { b.Max(none, none) },
		"Scale":      func(b *onnx.Builder) { b.Scale(none, 2) },
		"Sqrt":       func(b *onnx.Builder) { b.Sqrt(none) },
		"Abs":        func(b *onnx.Builder) { b.Abs(none) },
		"Sin":        func(b *onnx.Builder) { b.Sin(none) },
		"Cos":        func(b *onnx.Builder) { b.Cos(none) },
		"GELU":       func(b *onnx.Builder) { b.GELU(none) },
		"Softmax":    func(b *onnx.Builder) { b.Softmax(none) },
		"MatMul":     func(b *onnx.Builder) { b.MatMul(none, none) },
		"Linear":     func(b *onnx.Builder) { b.Linear(none, none) },
		"LayerNorm":  func(b *onnx.Builder) { b.LayerNorm(none, none, none, 1) },
		"GroupNorm":  func(b *onnx.Builder) { b.GroupNorm(none, none, none, 0, 1) },
		"Conv":       func(b *onnx.Builder) { b.Conv(none, none, none, 1, 0) },
		"Mean":       func(b *onnx.Builder) { b.Mean(none, false, 0) },
		"Sum":        func(b *onnx.Builder) { b.Sum(none, false, 0) },
		"Largest":    func(b *onnx.Builder) { b.Largest(none, false, 0) },
		"Norm":       func(b *onnx.Builder) { b.Norm(none, false, 0) },
		"Unit":       func(b *onnx.Builder) { b.Unit(none, 0) },
		"Reshape":    func(b *onnx.Builder) { b.Reshape(none, 2) },
		"Transpose":  func(b *onnx.Builder) { b.Transpose(none, 1, 0) },
		"Slice":      func(b *onnx.Builder) { b.Slice(none, 0, 0, 1) },
		"Concat":     func(b *onnx.Builder) { b.Concat(0) },
		"Gather":     func(b *onnx.Builder) { b.Gather(none, 1, []int{0}) },
		"Pad":        func(b *onnx.Builder) { b.Pad(b.Const([]float64{1}, 1), nil, nil) },
		"Expand":     func(b *onnx.Builder) { b.Expand(none, none) },
		"SplitHeads": func(b *onnx.Builder) { b.SplitHeads(none, 0) },
		"JoinHeads":  func(b *onnx.Builder) { b.JoinHeads(none) },
		"Input":      func(b *onnx.Builder) { b.Input("") },
		"Output":     func(b *onnx.Builder) { b.Output("y", none) },
		"Parameter":  func(b *onnx.Builder) { b.Parameter("p", nil, 2) },
		"Const":      func(b *onnx.Builder) { b.Const(nil, 2) },
	} {
		calls = append(calls,
			apitest.Wrong("Builder."+name, "no operand", func() error {
				b := onnx.NewBuilder(0, 61)
				f(b)
				return b.Err()
			}),
			apitest.Harmless("Builder."+name, "a nil Builder", func() { f(nil) }))
	}
	ended := onnx.NewBuilder(0, 0)
	ended.Fail(errors.New("over"))
	calls = append(calls,
		apitest.Harmless("Builder.Scalar", "a nil Builder", func() { (*onnx.Builder)(nil).Scalar(1) }),
		apitest.Harmless("Builder.Fail", "a nil Builder", func() { (*onnx.Builder)(nil).Fail(nil) }),
		apitest.Harmless("Builder.Label", "a nil Builder", func() { (*onnx.Builder)(nil).Label("") }),
		apitest.Wrong("Builder.Err", "a nil Builder", func() error { return (*onnx.Builder)(nil).Err() }),
		apitest.Wrong("Builder.Model", "a nil Builder", func() error {
			_, err := (*onnx.Builder)(nil).Model("", nil)
			return err
		}),
		apitest.Wrong("Builder.Model", "nothing in it", func() error {
			_, err := onnx.NewBuilder(0, 0).Model("", nil)
			return err
		}),
		apitest.Wrong("Builder.Difference", "nil", func() error { return (*onnx.Builder)(nil).Difference(nil) }),
		apitest.Wrong("Builder.Difference", "an error", func() error { return ended.Difference(ended) }),
		apitest.Wrong("NewBuilder", "no such opset", func() error { return onnx.NewBuilder(1, 0).Err() }),
		apitest.Harmless("Value.Shape", "the zero Value", func() { none.Shape() }),
		apitest.Harmless("Value.Constant", "the zero Value", func() { none.Constant() }),
	)
	apitest.Check(t, ".", calls, nil)
}
