package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Reshape returns a copy of x with another shape of as many elements, in row-major order.
//
// Differentiable in x. It returns an error if the numbers of elements differ.
func Reshape(x *G.Node, shape ...int) (*G.Node, error) {
	if err := checkOperands("Reshape", x); err != nil {
		return nil, err
	}
	from, to := x.Shape(), tensor.Shape(shape)
	if to.TotalSize() != from.TotalSize() {
		return nil, errors.Errorf("nn: Reshape: shape %v (%d elements) to %v (%d)",
			from, from.TotalSize(), to, to.TotalSize())
	}
	for _, d := range to {
		if d < 1 {
			return nil, errors.Errorf("nn: Reshape: shape %v to %v, want sizes of at least 1", from, to)
		}
	}
	walk := newStrided(tensor.Shape{to.TotalSize()}, []int{1})
	form := func(b *onnx.Builder, x onnx.Value) onnx.Value { return b.Reshape(x, to...) }
	return op.ByDtype(x, reordered[float32]("Reshape", to, walk, walk, form),
		reordered[float64]("Reshape", to, walk, walk, form))
}

// Transpose returns x with its axes in another order: axis k of the result is axis perm[k] of x. Without
// perm, the order is reversed.
//
// Differentiable in x. It returns an error if perm is not a permutation of the axes.
func Transpose(x *G.Node, perm ...int) (*G.Node, error) {
	if err := checkOperands("Transpose", x); err != nil {
		return nil, err
	}
	if len(perm) == 0 {
		for k := x.Dims() - 1; k >= 0; k-- {
			perm = append(perm, k)
		}
	}
	if !isPermutation(perm, x.Dims()) {
		return nil, errors.Errorf("nn: Transpose: %v is not a permutation of the %d axes of shape %v",
			perm, x.Dims(), x.Shape())
	}
	return permute("Transpose", x, x.Shape(), perm, nil)
}

// permute returns x, seen as a tensor of the shape from, with its axes in the order of perm, and the result
// seen as the shape to; nil means the permuted shape.
func permute(name string, x *G.Node, from tensor.Shape, perm []int, to tensor.Shape) (*G.Node, error) {
	inverse := make([]int, len(perm))
	for k, p := range perm {
		inverse[p] = k
	}
	permuted, there := permutation(from, perm)
	_, back := permutation(permuted, inverse)
	if to == nil {
		to = permuted
	}
	form := func(b *onnx.Builder, x onnx.Value) onnx.Value {
		return b.Reshape(b.Transpose(b.Reshape(x, from...), perm...), to...)
	}
	return op.ByDtype(x, reordered[float32](name, to, there, back, form),
		reordered[float64](name, to, there, back, form))
}

// permutation returns the permuted shape and the walk over the memory of shape in its order.
func permutation(shape tensor.Shape, perm []int) (tensor.Shape, strided) {
	strides := rowMajor(shape)
	permuted, steps := make(tensor.Shape, len(perm)), make([]int, len(perm))
	for k, p := range perm {
		permuted[k], steps[k] = shape[p], strides[p]
	}
	return permuted, newStrided(permuted, steps)
}

func isPermutation(perm []int, axes int) bool {
	seen := make([]bool, axes)
	for _, p := range perm {
		if p < 0 || p >= axes || seen[p] {
			return false
		}
		seen[p] = true
	}
	return len(perm) == axes
}

// reordered copies the elements of x in the order of there; back is the order that undoes it.
func reordered[T op.Float](name string, shape tensor.Shape, there, back strided,
	form func(b *onnx.Builder, x onnx.Value) onnx.Value) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:  name,
			Shape: shape,
			Memory: op.Memory[T]{
				BackwardIgnores: []int{0, op.Result},
				InPlace:         there.isMemory() && back.isMemory(), // then nothing is copied
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value { return form(b, in[0]) },
			Forward: func(out []T, in [][]T) error {
				gather(there, out, in[0])
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				gather(back, din[0], dout)
				return nil
			},
		}, x...)
	}
}
