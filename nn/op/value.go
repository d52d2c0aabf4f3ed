package op

import (
	"slices"
	"unsafe"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// result is the buffer a node writes, with the value that the graph sees of it. It has neither before
// allocate or use.
type result[T Float] struct {
	shape tensor.Shape
	data  []T
	value G.Value
}

// allocate makes memory of its own, if there is none yet.
func (r *result[T]) allocate() {
	switch {
	case r.data != nil:
	case r.shape.Dims() == 0:
		r.data, r.value = newScalar[T]()
	default:
		r.use(make([]T, r.shape.TotalSize()))
	}
}

// use makes data the memory of a tensor.
func (r *result[T]) use(data []T) {
	r.data, r.value = data, tensor.New(tensor.WithShape(r.shape...), tensor.WithBacking(data))
}

// newScalar makes the buffer the memory of Gorgonia's own scalar, because a graph expects that type of a node
// without dimensions.
func newScalar[T Float]() ([]T, G.Value) {
	if DtypeOf[T]() == tensor.Float32 {
		v := G.NewF32(0)
		return unsafe.Slice((*T)(unsafe.Pointer(v)), 1), v
	}
	v := G.NewF64(0)
	return unsafe.Slice((*T)(unsafe.Pointer(v)), 1), v
}

// view reads the row-major elements of a value; it copies only what does not lie that way in memory.
type view[T Float] struct{ copied []T }

func (w *view[T]) read(v G.Value, size int) ([]T, error) {
	data, err := w.elements(v)
	if err != nil {
		return nil, err
	}
	if len(data) != size {
		return nil, errors.Errorf("the graph was built for %d elements, the value has %d (shape %v)",
			size, len(data), v.Shape())
	}
	return data, nil
}

func (w *view[T]) elements(v G.Value) ([]T, error) {
	want := DtypeOf[T]()
	switch v := v.(type) {
	case *tensor.Dense:
		if v == nil {
			return nil, errors.New("no value: the tensor is nil")
		}
		if v.Dtype() != want {
			return nil, errors.Errorf("the graph was built for %v, the value is %v", want, v.Dtype())
		}
		if v.RequiresIterator() || v.DataOrder().IsColMajor() {
			return w.gather(v)
		}
		return backing[T](v), nil
	case *G.F32:
		if want == tensor.Float32 {
			return unsafe.Slice((*T)(unsafe.Pointer(v)), 1), nil
		}
	case *G.F64:
		if want == tensor.Float64 {
			return unsafe.Slice((*T)(unsafe.Pointer(v)), 1), nil
		}
	case nil:
		return nil, errors.New("no value: set it with gorgonia.Let before the run")
	}
	return nil, errors.Errorf("the graph was built for %v, the value is a %T of %v", want, v, v.Dtype())
}

// gather copies a strided or transposed tensor into row-major order.
func (w *view[T]) gather(v *tensor.Dense) ([]T, error) {
	size := v.Shape().TotalSize()
	if len(w.copied) != size {
		w.copied = make([]T, size)
	}
	all := backing[T](v)
	it := v.Iterator()
	for i := range w.copied {
		index, err := it.Next()
		if err != nil {
			return nil, errors.Wrapf(err, "reading a strided value of shape %v", v.Shape())
		}
		w.copied[i] = all[index]
	}
	return w.copied, nil
}

// backing returns the elements that v holds, without the allocation that v.Data() costs.
func backing[T Float](v *tensor.Dense) []T {
	if DtypeOf[T]() == tensor.Float32 {
		s := v.Float32s()
		return *(*[]T)(unsafe.Pointer(&s))
	}
	s := v.Float64s()
	return *(*[]T)(unsafe.Pointer(&s))
}

// reader reads the operands of a node.
type reader[T Float] struct {
	views []view[T]
	sizes []int // nodes have fixed shapes
	data  [][]T // of the last read
}

func newReader[T Float](operands G.Nodes) reader[T] {
	r := reader[T]{views: make([]view[T], len(operands)), data: make([][]T, len(operands))}
	for _, n := range operands {
		r.sizes = append(r.sizes, n.Shape().TotalSize())
	}
	return r
}

func (r *reader[T]) read(values []G.Value) error {
	for i, v := range values {
		var err error
		if r.data[i], err = r.views[i].read(v, r.sizes[i]); err != nil {
			return errors.Wrapf(err, "operand %d", i)
		}
	}
	return nil
}

// Elements returns the row-major elements of a value of T's dtype: the value's own memory where it lies that
// way, else a copy. It is how a program reads a result or a gradient after a run; what it wants to keep it
// copies, for the next run overwrites it.
//
// It returns an error if the value is nil or of another dtype.
func Elements[T Float](v G.Value) ([]T, error) {
	var w view[T]
	data, err := w.elements(v)
	return data, errors.Wrap(err, "op: Elements")
}

// Float64s returns a copy of the elements of a value of float32 or float64, row-major, in float64. Its errors
// are those of Elements.
func Float64s(v G.Value) ([]float64, error) {
	if data, err := Elements[float64](v); err == nil {
		return slices.Clone(data), nil
	}
	narrow, err := Elements[float32](v)
	data := make([]float64, len(narrow))
	for i, x := range narrow {
		data[i] = float64(x)
	}
	return data, err
}
