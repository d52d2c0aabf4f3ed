package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Add returns a + b, element by element. The result has a's shape; b has it too or is broadcast to it: b's
// axes stand for the last axes of a, and each has a's size or 1. So (T, D), (1, D), (D) and (B, 1, 1) all fit
// an a of (B, T, D), and so does a scalar; a itself is never broadcast.
//
// Differentiable in a and b. It returns an error if b does not fit.
func Add(a, b *G.Node) (*G.Node, error) {
	return binary("Add", a, b, addition[float32](), addition[float64]())
}

// Sub returns a − b, element by element, with b broadcast as in Add.
//
// Differentiable in a and b. It returns an error if b does not fit.
func Sub(a, b *G.Node) (*G.Node, error) {
	return binary("Sub", a, b, subtraction[float32](), subtraction[float64]())
}

// Mul returns a·b, element by element, with b broadcast as in Add.
//
// Differentiable in a and b. It returns an error if b does not fit.
func Mul(a, b *G.Node) (*G.Node, error) {
	return binary("Mul", a, b, multiplication[float32](), multiplication[float64]())
}

// elementwise is a function of two numbers on rows: its value, and its gradients for the gradient g of the
// value.
type elementwise[T op.Float] struct {
	value func(dst, a, b []T)
	gradA func(dst, g, b []T) // nil if g passes through to a
	gradB func(dst, g, a []T)

	passThrough []int // operands whose gradient is g, where b is not broadcast
	ignored     []int // by the gradients

	onnx func(b *onnx.Builder, x, y onnx.Value) onnx.Value
}

func addition[T op.Float]() elementwise[T] {
	return elementwise[T]{
		value:       dense.Add[T],
		gradB:       func(dst, g, _ []T) { copy(dst, g) },
		passThrough: []int{0, 1},
		ignored:     []int{0, 1, op.Result},
		onnx:        (*onnx.Builder).Add,
	}
}

func multiplication[T op.Float]() elementwise[T] {
	mul := dense.Mul[T]
	return elementwise[T]{value: mul, gradA: mul, gradB: mul, ignored: []int{op.Result},
		onnx: (*onnx.Builder).Mul}
}

func subtraction[T op.Float]() elementwise[T] {
	return elementwise[T]{
		value: func(dst, a, b []T) {
			for i, v := range a {
				dst[i] = v - b[i]
			}
		},
		gradB: func(dst, g, _ []T) {
			for i, v := range g {
				dst[i] = -v
			}
		},
		passThrough: []int{0},
		ignored:     []int{0, 1, op.Result},
		onnx:        (*onnx.Builder).Sub,
	}
}

func binary(name string, a, b *G.Node, f32 elementwise[float32], f64 elementwise[float64]) (*G.Node, error) {
	if err := checkOperands(name, a, b); err != nil {
		return nil, err
	}
	walk, err := broadcast(a, b)
	if err != nil {
		return nil, errors.WithMessage(err, "nn: "+name)
	}
	return op.ByDtype(a, onRows(name, f32, walk), onRows(name, f64, walk), b)
}

// broadcast returns the walk over b's memory in the order of a's.
func broadcast(a, b *G.Node) (strided, error) {
	long, short := a.Shape(), b.Shape()
	lead := long.Dims() - short.Dims()
	strides := make([]int, long.Dims())
	for k, step := range rowMajor(short) {
		switch {
		case lead < 0 || short[k] != 1 && short[k] != long[lead+k]:
			return strided{}, errors.Errorf("shape %v does not fit, and cannot be broadcast to, shape %v",
				short, long)
		case short[k] != 1:
			strides[lead+k] = step
		}
	}
	return newStrided(long, strides), nil
}

// onRows applies f to the rows of a and those of b that walk gives.
func onRows[T op.Float](name string, f elementwise[T], walk strided) op.NodeFunc {
	n := walk.n
	var repeated, row []T // of one element of b, and of the gradient of a broadcast b
	rowOfB := func(b []T, start int) []T {
		if walk.step == 1 {
			return b[start : start+n]
		}
		for j := range repeated {
			repeated[j] = b[start]
		}
		return repeated
	}
	return func(x ...*G.Node) (*G.Node, error) {
		passThrough := f.passThrough
		if !walk.isMemory() || !slices.Equal(x[0].Shape(), x[1].Shape()) {
			passThrough = slices.DeleteFunc(slices.Clone(passThrough), func(i int) bool { return i == 1 })
		}
		if walk.step != 1 {
			repeated = make([]T, n)
		}
		return op.Apply(op.Kernel[T]{
			Name:        name,
			Shape:       x[0].Shape(),
			PassThrough: passThrough,
			Memory:      op.Memory[T]{BackwardIgnores: f.ignored, InPlace: true},
			ONNX:        func(b *onnx.Builder, in []onnx.Value) onnx.Value { return f.onnx(b, in[0], in[1]) },
			Forward: func(out []T, in [][]T) error {
				for i, start := range walk.starts {
					f.value(out[i*n:(i+1)*n], in[0][i*n:(i+1)*n], rowOfB(in[1], start))
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if row == nil && !walk.isMemory() {
					row = make([]T, n)
				}
				if din[1] != nil { // first, for din[0] may be dout
					gradB(f, walk, row, din[1], dout, in[0])
				}
				if din[0] != nil {
					for i, start := range walk.starts {
						f.gradA(din[0][i*n:(i+1)*n], dout[i*n:(i+1)*n], rowOfB(in[1], start))
					}
				}
				return nil
			},
		}, x...)
	}
}

// gradB writes the gradient to b. a is nil for a function whose gradients ignore it.
func gradB[T op.Float](f elementwise[T], walk strided, row, db, dout, a []T) {
	if walk.isMemory() {
		f.gradB(db, dout, a)
		return
	}
	clear(db)
	for i, start := range walk.starts {
		var rowOfA []T
		if a != nil {
			rowOfA = a[i*walk.n : (i+1)*walk.n]
		}
		f.gradB(row, dout[i*walk.n:(i+1)*walk.n], rowOfA)
		addRow(walk, db, row, start)
	}
}

// ScaleBy returns c·x for a constant c.
//
// Differentiable in x. It returns an error if c is NaN or infinite.
func ScaleBy(x *G.Node, c float64) (*G.Node, error) {
	if err := checkOperands("ScaleBy", x); err != nil {
		return nil, err
	}
	if err := checkFactor("ScaleBy", c); err != nil {
		return nil, err
	}
	return op.ByDtype(x, scale[float32](c), scale[float64](c))
}

func scale[T op.Float](c float64) op.NodeFunc {
	scaled := func(dst, x []T) {
		copy(dst, x)
		dense.Scale(T(c), dst)
	}
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:     "ScaleBy",
			Shape:    x[0].Shape(),
			Memory:   op.Memory[T]{BackwardIgnores: []int{0, op.Result}, InPlace: true},
			Forward:  func(out []T, in [][]T) error { scaled(out, in[0]); return nil },
			Backward: func(din, _ [][]T, _, dout []T) error { scaled(din[0], dout); return nil },
			ONNX:     func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.Scale(in[0], c) },
		}, x...)
	}
}
