package onnx

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Add returns x + y, broadcast as NumPy has it.
func (b *Builder) Add(x, y Value) Value {
	defer b.guard("Add")
	return b.binary("Add", x, y)
}

// Sub returns x − y, broadcast.
func (b *Builder) Sub(x, y Value) Value {
	defer b.guard("Sub")
	return b.binary("Sub", x, y)
}

// Mul returns x·y, broadcast.
func (b *Builder) Mul(x, y Value) Value {
	defer b.guard("Mul")
	return b.binary("Mul", x, y)
}

// Div returns x/y, broadcast.
func (b *Builder) Div(x, y Value) Value {
	defer b.guard("Div")
	return b.binary("Div", x, y)
}

// Max returns the larger of two numbers, broadcast.
func (b *Builder) Max(x, y Value) Value {
	defer b.guard("Max")
	return b.binary("Max", x, y)
}

// Scale returns c·x, and x for a c of 1.
func (b *Builder) Scale(x Value, c float64) Value {
	defer b.guard("Scale")
	if c == 1 {
		return x
	}
	return b.Mul(x, b.Scalar(c))
}

// Sqrt returns √x.
func (b *Builder) Sqrt(x Value) Value {
	defer b.guard("Sqrt")
	return b.unary("Sqrt", x)
}

// Abs returns |x|.
func (b *Builder) Abs(x Value) Value {
	defer b.guard("Abs")
	return b.unary("Abs", x)
}

// Sin returns sin x.
func (b *Builder) Sin(x Value) Value {
	defer b.guard("Sin")
	return b.unary("Sin", x)
}

// Cos returns cos x.
func (b *Builder) Cos(x Value) Value {
	defer b.guard("Cos")
	return b.unary("Cos", x)
}

// GELU returns x·Φ(x), as one operator from opset 20 on.
func (b *Builder) GELU(x Value) Value {
	defer b.guard("GELU")
	if b.opset >= 20 {
		return b.unary("Gelu", x)
	}
	cdf := b.Add(b.unary("Erf", b.Div(x, b.Scalar(math.Sqrt2))), b.Scalar(1))
	return b.Scale(b.Mul(x, cdf), 0.5)
}

// Softmax returns exp(xᵢ)/Σⱼexp(xⱼ) over the last axis.
func (b *Builder) Softmax(x Value) Value {
	defer b.guard("Softmax")
	return b.add("Softmax", x.shape, []Value{x}, attribute{"axis", -1})
}

func (b *Builder) unary(op string, x Value) Value { return b.add(op, x.shape, []Value{x}) }

func (b *Builder) binary(op string, x, y Value) Value {
	return b.add(op, b.broadcast(op, x.shape, y.shape), []Value{x, y})
}

// broadcast returns the shape of what an operator makes of two shapes.
func (b *Builder) broadcast(op string, x, y []int) []int {
	if len(x) < len(y) {
		x, y = y, x
	}
	out := slices.Clone(x)
	for i, d := range y {
		k := len(x) - len(y) + i
		switch {
		case out[k] == 1:
			out[k] = d
		case d != 1 && d != out[k]:
			b.Fail(errors.Errorf("%s: shapes %v and %v do not fit", op, x, y))
		}
	}
	return out
}

// MatMul returns the matrix products of x (…, m, k) and y (…, k, n), with the leading axes broadcast.
func (b *Builder) MatMul(x, y Value) Value {
	defer b.guard("MatMul")
	p, q := len(x.shape)-2, len(y.shape)-2
	if p < 0 || q < 0 || x.shape[p+1] != y.shape[q] {
		b.Fail(errors.Errorf("MatMul: shapes %v and %v", x.shape, y.shape))
		return Value{}
	}
	shape := append(b.broadcast("MatMul", x.shape[:p], y.shape[:q]), x.shape[p], y.shape[q+1])
	return b.add("MatMul", shape, []Value{x, y})
}

// Linear returns xWᵀ + c of x (…, D) and W (Out, D); c is left out if there is none.
func (b *Builder) Linear(x, w Value, c ...Value) Value {
	defer b.guard("Linear")
	last := len(x.shape) - 1
	if last < 0 || len(w.shape) != 2 || w.shape[1] != x.shape[last] {
		b.Fail(errors.Errorf("Linear: shapes %v and %v", x.shape, w.shape))
		return Value{}
	}
	rows, shape := sizeOf(x.shape[:last]), append(slices.Clone(x.shape[:last]), w.shape[0])
	in := append([]Value{b.Reshape(x, rows, x.shape[last]), w}, c...)
	return b.Reshape(b.add("Gemm", []int{rows, w.shape[0]}, in, attribute{"transB", 1}), shape...)
}

// LayerNorm returns γ(x−μ)/√(σ²+ε) + β over the last axis.
func (b *Builder) LayerNorm(x, gamma, beta Value, eps float64) Value {
	defer b.guard("LayerNorm")
	return b.add("LayerNormalization", x.shape, []Value{x, gamma, beta}, attribute{"axis", -1},
		attribute{"epsilon", float32(eps)})
}

// GroupNorm returns γ(x−μ)/√(σ²+ε) + β of images x (B, C, …), with μ and σ of each group of channels.
func (b *Builder) GroupNorm(x, gamma, beta Value, groups int, eps float64) Value {
	defer b.guard("GroupNorm")
	batch, channels := x.shape[0], x.shape[1]
	y := b.Reshape(x, batch, groups, sizeOf(x.shape)/(batch*groups))
	one, zero := slices.Repeat([]float64{1}, groups), make([]float64, groups)
	in := []Value{y, b.Const(one, groups), b.Const(zero, groups)}
	y = b.add("InstanceNormalization", y.shape, in, attribute{"epsilon", float32(eps)})
	each := []int{channels} // a weight for all that follows a channel
	for range x.shape[2:] {
		each = append(each, 1)
	}
	return b.Add(b.Mul(b.Reshape(y, x.shape...), b.Reshape(gamma, each...)), b.Reshape(beta, each...))
}

// Conv returns x (B, C, S, S) under filters W (Out, C, K, K), plus a bias (Out): shape is that of the result.
func (b *Builder) Conv(x, w, bias Value, stride, padding int, shape ...int) Value {
	defer b.guard("Conv")
	k := w.shape[len(w.shape)-1]
	return b.add("Conv", shape, []Value{x, w, bias}, attribute{"kernel_shape", []int{k, k}},
		attribute{"pads", []int{padding, padding, padding, padding}}, attribute{"strides", []int{stride, stride}})
}

// Mean returns the mean over axes, which stay with a size of 1 if keep says so.
func (b *Builder) Mean(x Value, keep bool, axes ...int) Value {
	defer b.guard("Mean")
	return b.reduce("ReduceMean", x, keep, axes)
}

// Sum returns the sum over axes, as Mean has it.
func (b *Builder) Sum(x Value, keep bool, axes ...int) Value {
	defer b.guard("Sum")
	return b.reduce("ReduceSum", x, keep, axes)
}

// Largest returns the largest number over axes, as Mean has it.
func (b *Builder) Largest(x Value, keep bool, axes ...int) Value {
	defer b.guard("Largest")
	return b.reduce("ReduceMax", x, keep, axes)
}

// Norm returns √Σx² over axes, as Mean has it.
func (b *Builder) Norm(x Value, keep bool, axes ...int) Value {
	defer b.guard("Norm")
	return b.reduce("ReduceL2", x, keep, axes)
}

func (b *Builder) reduce(op string, x Value, keep bool, axes []int) Value {
	var shape []int
	for i, d := range x.shape {
		switch {
		case !slices.Contains(axes, i):
			shape = append(shape, d)
		case keep:
			shape = append(shape, 1)
		}
	}
	keepdims := attribute{"keepdims", 0}
	if keep {
		keepdims.value = 1
	}
	if op == "ReduceSum" || b.opset >= 18 { // the axes are an operand
		return b.addNamed(op, shape, []string{b.use(x), b.ints(axes)}, keepdims)
	}
	return b.add(op, shape, []Value{x}, attribute{"axes", axes}, keepdims)
}

// Unit returns x/‖x‖, with the norm over axes. For zeros it is 0. The largest number comes out first, so that
// no square leaves the range of float32.
func (b *Builder) Unit(x Value, axes ...int) Value {
	defer b.guard("Unit")
	const least = 0x1p-126 // the smallest normal number of float32
	x = b.Div(x, b.Max(b.Largest(b.Abs(x), true, axes...), b.Scalar(least)))
	return b.Div(x, b.Max(b.Norm(x, true, axes...), b.Scalar(least)))
}
