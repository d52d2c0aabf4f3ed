package nn

import (
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// strided walks a tensor in another order than that of its memory. It goes row by row: row i has n elements,
// of which element j lies at starts[i]+j·step. A step of 0 repeats one element, as broadcasting does.
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
		for _, start := range v.starts {
			for i := range shape[k] {
				next = append(next, start+i*strides[k])
			}
		}
		v.starts = next
	}
	return v
}

// coalesce joins neighbouring axes that are walked like one, so that rows are as long as they can be. It
// leaves at least one axis.
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

// isMemory reports whether the walk is the memory itself.
func (v strided) isMemory() bool { return len(v.starts) == 1 && v.step == 1 }

// gather writes the elements of src to dst in the order of the walk; dst may be src if that is the memory
// itself.
func gather[T op.Float](v strided, dst, src []T) {
	if v.isMemory() && &dst[0] == &src[0] {
		return
	}
	for i, start := range v.starts {
		row := dst[i*v.n : (i+1)*v.n]
		if v.step == 1 {
			copy(row, src[start:start+v.n])
			continue
		}
		for j := range row {
			row[j] = src[start+j*v.step]
		}
	}
}

// addRow adds a row that belongs at a start to dst.
func addRow[T op.Float](v strided, dst, row []T, start int) {
	if v.step == 1 {
		dense.Axpy(1, row, dst[start:start+v.n])
		return
	}
	for j, x := range row {
		dst[start+j*v.step] += x
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

// splitAt returns the number of elements of a shape before an axis, along it and behind it.
func splitAt(shape tensor.Shape, axis int) (outer, n, inner int) {
	return shape[:axis].TotalSize(), shape[axis], shape[axis+1:].TotalSize()
}
