package nn

import (
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// strided walks a tensor in another order than that of its memory. It goes row by row: row i has n elements, of which element j lies at
// starts[i]+j·step. A step of 0 repeats one element, as broadcasting does.
type strided struct {
	starts  []int
	n, step int
}

// newStrided returns the walk over shape whose axis k goes by strides[k].
func newStrided(shape tensor.Shape, strides []int) strided {
	shape, strides = coalesce(shape, strides)
	last := len(shape) - 1
	v := strided{starts: []int{0}, n: shape[last], step: strides[last]}
	for k := 0; k < last; k++ {
		next := make([]int, 0, len(v.starts)*shape[k])
		for _, at := range v.starts {
			for i := range shape[k] {
				next = append(next, at+i*strides[k])
			}
		}
		v.starts = next
	}
	return v
}

// coalesce joins neighbouring axes that are walked like one, so that rows are as long as they can be. It leaves at least one axis.
func coalesce(shape tensor.Shape, strides []int) (tensor.Shape, []int) {
	dims, steps := tensor.Shape{}, []int{}
	for k, d := range shape {
		if d == 1 {
			continue
		}
		if last := len(dims) - 1; last >= 0 && steps[last] == strides[k]*d {
			dims[last], steps[last] = dims[last]*d, strides[k]
			continue
		}
		dims, steps = append(dims, d), append(steps, strides[k])
	}
	if len(dims) == 0 {
		return tensor.Shape{1}, []int{1}
	}
	return dims, steps
}

// whole reports whether the walk is the memory itself.
func (v strided) whole() bool { return len(v.starts) == 1 && v.step == 1 }

// gather writes the elements of src to dst in the order of the walk; dst may be src if that is the whole of it.
func gather[T op.Float](v strided, dst, src []T) {
	if v.whole() && &dst[0] == &src[0] {
		return
	}
	for i, at := range v.starts {
		row := dst[i*v.n : (i+1)*v.n]
		if v.step == 1 {
			copy(row, src[at:at+v.n])
			continue
		}
		for j := range row {
			row[j] = src[at+j*v.step]
		}
	}
}

// addRow adds a row that belongs at start at to dst.
func addRow[T op.Float](v strided, dst, row []T, at int) {
	if v.step == 1 {
		dense.Axpy(1, row, dst[at:at+v.n])
		return
	}
	for j, x := range row {
		dst[at+j*v.step] += x
	}
}

// rowMajor returns the strides of a shape's own memory.
func rowMajor(shape tensor.Shape) []int {
	strides := make([]int, len(shape))
	step := 1
	for k := len(shape) - 1; k >= 0; k-- {
		strides[k] = step
		step *= shape[k]
	}
	return strides
}

// around splits a shape at an axis: the number of elements before it, along it and behind it.
func around(shape tensor.Shape, axis int) (outer, n, inner int) {
	return product(shape[:axis]), shape[axis], product(shape[axis+1:])
}

func product(shape tensor.Shape) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
