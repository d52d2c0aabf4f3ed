package onnx

import (
	"slices"

	"github.com/pkg/errors"
)

// Reshape returns x with another shape of as many elements, in row-major order; x itself if it has it.
func (b *Builder) Reshape(x Value, shape ...int) Value {
	defer b.guard("Reshape")
	if slices.Equal(x.shape, shape) {
		return x
	}
	if sizeOf(shape) != sizeOf(x.shape) {
		b.Fail(errors.Errorf("Reshape: %v to %v", x.shape, shape))
		return Value{}
	}
	if x.data != nil && x.name == "" {
		return Value{shape: slices.Clone(shape), data: x.data}
	}
	written, free := slices.Clone(shape), -1
	for i, d := range shape {
		switch {
		case x.data != nil || !b.isBatch(d):
		case i < len(x.shape) && x.shape[i] == d:
			written[i] = 0 // the same as before
		case free < 0:
			written[i], free = -1, i // what is left
		default:
			b.Fail(errors.Errorf("Reshape: %v to %v: two axes of the result grow with the batch", x.shape, shape))
		}
	}
	return b.addNamed("Reshape", shape, []string{b.use(x), b.ints(written)})
}

// Transpose returns x with its axes in another order: axis k of the result is axis perm[k] of x.
func (b *Builder) Transpose(x Value, perm ...int) Value {
	defer b.guard("Transpose")
	shape, moves := make([]int, len(perm)), false
	for k, p := range perm {
		if p < 0 || p >= len(x.shape) || len(perm) != len(x.shape) {
			b.Fail(errors.Errorf("Transpose: %v of shape %v", perm, x.shape))
			return Value{}
		}
		shape[k], moves = x.shape[p], moves || p != k
	}
	if !moves {
		return x
	}
	return b.add("Transpose", shape, []Value{x}, attribute{"perm", slices.Clone(perm)})
}

// Slice returns the part [from,to) of x along an axis, which stays.
func (b *Builder) Slice(x Value, axis, from, to int) Value {
	defer b.guard("Slice")
	shape := slices.Clone(x.shape)
	shape[axis] = to - from
	in := []string{b.use(x), b.ints([]int{from}), b.ints([]int{to}), b.ints([]int{axis})}
	return b.addNamed("Slice", shape, in)
}

// Concat returns the operands one after the other along an axis.
func (b *Builder) Concat(axis int, xs ...Value) Value {
	defer b.guard("Concat")
	shape := slices.Clone(xs[0].shape)
	for _, x := range xs[1:] {
		shape[axis] += x.shape[axis]
	}
	return b.add("Concat", shape, xs, attribute{"axis", axis})
}

// Gather returns the elements of x at those indices of an axis, in whose place come the axes of the shape.
func (b *Builder) Gather(x Value, axis int, indices []int, shape ...int) Value {
	defer b.guard("Gather")
	out := slices.Concat(x.shape[:axis], shape, x.shape[axis+1:])
	scalar := []int{}
	return b.addNamed("Gather", out, []string{b.use(x), b.ints(indices, append(scalar, shape...)...)},
		attribute{"axis", axis})
}

// Pad returns x with zeros around it, so many before and behind each axis.
func (b *Builder) Pad(x Value, before, behind []int) Value {
	defer b.guard("Pad")
	shape, none := slices.Clone(x.shape), true
	for i := range shape {
		shape[i] += before[i] + behind[i]
		none = none && before[i] == 0 && behind[i] == 0
	}
	if none {
		return x
	}
	return b.addNamed("Pad", shape, []string{b.use(x), b.ints(slices.Concat(before, behind))})
}

// Expand returns x, repeated along axes of size 1 to that shape. An axis that grows with the batch has its
// size from an axis of like.
func (b *Builder) Expand(x Value, like Value, shape ...int) Value {
	defer b.guard("Expand")
	sizes, fixed := b.addNamed("Shape", []int{len(like.shape)}, []string{b.use(like)}), []int{}
	var parts []string
	flush := func() {
		if len(fixed) > 0 {
			parts = append(parts, b.ints(fixed))
			fixed = []int{}
		}
	}
	for _, d := range shape {
		if !b.isBatch(d) {
			fixed = append(fixed, d)
			continue
		}
		axis := slices.Index(like.shape, d)
		if axis < 0 {
			b.Fail(errors.Errorf("Expand: no axis of %v has the size %d", like.shape, d))
			return Value{}
		}
		flush()
		parts = append(parts, b.addNamed("Gather", []int{1}, []string{sizes.name, b.ints([]int{axis})},
			attribute{"axis", 0}).name)
	}
	flush()
	target := b.addNamed("Concat", []int{len(shape)}, parts, attribute{"axis", 0})
	return b.addNamed("Expand", shape, []string{b.use(x), target.name})
}

// SplitHeads returns the heads of tokens x (B, T, D), of D/H columns each: (B, H, T, D/H).
func (b *Builder) SplitHeads(x Value, heads int) Value {
	defer b.guard("SplitHeads")
	batch, tokens, width := x.shape[0], x.shape[1], x.shape[2]
	if heads == 1 {
		return b.Reshape(x, batch, 1, tokens, width)
	}
	return b.Transpose(b.Reshape(x, batch, tokens, heads, width/heads), 0, 2, 1, 3)
}

// JoinHeads undoes SplitHeads.
func (b *Builder) JoinHeads(x Value) Value {
	defer b.guard("JoinHeads")
	batch, heads, tokens, width := x.shape[0], x.shape[1], x.shape[2], x.shape[3]
	if heads > 1 {
		x = b.Transpose(x, 0, 2, 1, 3)
	}
	return b.Reshape(x, batch, tokens, heads*width)
}
