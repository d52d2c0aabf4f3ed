package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Linear is y = xWᵀ + b over the last axis, whatever stands before it.
//
//	x       (…, D)
//	weight  (Out, D), as in PyTorch
//	bias    (Out), not decayed; it starts like PyTorch's, evenly from ±1/√D
//	y       (…, Out)
type Linear struct {
	Out    int
	NoBias bool
	Init   Init // of the weight; nil means FanIn(D)
}

// Forward returns xWᵀ + b, differentiable in x, weight and bias. It returns an error if Out is below 1 or x a
// scalar.
func (l Linear) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, err
	}
	if l.Out < 1 {
		return nil, errors.Errorf("Out is %d, want at least 1", l.Out)
	}
	_, d := rows(x)
	init := l.Init
	if init == nil {
		init = FanIn(d)
	}
	w, err := s.Param("weight", ParamSpec{Shape: tensor.Shape{l.Out, d}, Dtype: x.Dtype(), Init: init})
	if err != nil {
		return nil, err
	}
	if l.NoBias {
		return op.ByDtype(x, linear[float32], linear[float64], w)
	}
	spec := ParamSpec{Shape: tensor.Shape{l.Out}, Dtype: x.Dtype(), Init: FanIn(d), NoDecay: true}
	b, err := s.Param("bias", spec)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, linear[float32], linear[float64], w, b)
}

// linear takes x, W and, if there is one, b.
func linear[T op.Float](x ...*G.Node) (*G.Node, error) {
	m, k := rows(x[0])
	n := x[1].Shape()[0]
	return op.Apply(op.Kernel[T]{
		Name:   "Linear",
		Shape:  withLast(x[0].Shape(), n),
		Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
		Flops:  2 * m * n * k,
		ONNX:   func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.Linear(in[0], in[1], in[2:]...) },
		Forward: func(out []T, in [][]T) error {
			if len(in) == 3 {
				dense.GemmBias(true, m, n, k, in[0], k, in[1], k, in[2], out, n)
				return nil
			}
			dense.Gemm(false, true, m, n, k, 1, in[0], k, in[1], k, 0, out, n)
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			if din[0] != nil {
				dense.Gemm(false, false, m, k, n, 1, dout, n, in[1], k, 0, din[0], k)
			}
			if din[1] != nil {
				dense.Gemm(true, false, n, k, m, 1, dout, n, in[0], k, 0, din[1], k)
			}
			if len(din) == 3 && din[2] != nil {
				dense.ColSum(m, n, dout, din[2])
			}
			return nil
		},
	}, x...)
}
