package qops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// strided is a matrix that lies inside a larger one: rows of width elements, stride apart.
type strided[T op.Float] struct {
	data                []T
	rows, width, stride int
}

func (m strided[T]) row(i int) []T { return m.data[i*m.stride : i*m.stride+m.width] }

// lines returns the same elements in as few rows as possible, for kernels that like long ones.
func (m strided[T]) lines() strided[T] {
	if m.width == m.stride {
		return strided[T]{m.data, 1, m.rows * m.width, m.rows * m.width}
	}
	return m
}

// normalise writes e = x/‖x‖ (Frobenius) and returns ‖x‖. A norm of 0, or below the smallest normal number of T, gives e = 0 and 0.
// It returns an error that names the element if one is NaN or infinite.
func normalise[T op.Float](e, x strided[T]) (T, error) {
	squares, from, to := 0.0, x, e
	if x.width == x.stride && e.width == e.stride {
		from, to = x.lines(), e.lines()
	}
	for i := range from.rows {
		squares += dense.SumSquares(from.row(i))
	}
	// Between these bounds no square has overflowed, none that matters was rounded to 0, and 1/norm is normal. NaN and infinity fall outside.
	if least, most := safeSquares[T](); squares > least && squares < most {
		norm := math.Sqrt(squares)
		for i := range from.rows {
			copy(to.row(i), from.row(i))
			dense.Scale(T(1/norm), to.row(i))
		}
		return T(norm), nil
	}
	return normaliseScaled(e, x)
}

// normaliseScaled divides by the largest element first, so that no square leaves the range of T.
func normaliseScaled[T op.Float](e, x strided[T]) (T, error) {
	largest, root, err := scaledLength(x)
	if err != nil {
		return 0, err
	}
	least, most := normal[T]()
	norm := min(largest*root, most)
	if norm < least {
		for i := range e.rows {
			clear(e.row(i))
		}
		return 0, nil
	}
	for i := range x.rows {
		for j, v := range x.row(i) {
			e.row(i)[j] = T(float64(v) / largest / root)
		}
	}
	return T(norm), nil
}

// scaledLength returns the largest |element|, and the norm of what is left when all are divided by it; 0 and 0 for zeros. It returns an error that names
// an element that is NaN or infinite.
func scaledLength[T op.Float](x strided[T]) (largest, root float64, err error) {
	for i := range x.rows {
		for j, v := range x.row(i) {
			a := math.Abs(float64(v))
			if math.IsNaN(a) || math.IsInf(a, 0) {
				return 0, 0, errors.Errorf("element (%d,%d) is %v", i, j, v)
			}
			largest = max(largest, a)
		}
	}
	squares := 0.0
	for i := 0; i < x.rows && largest > 0; i++ {
		for _, v := range x.row(i) {
			s := float64(v) / largest
			squares += s * s
		}
	}
	return largest, math.Sqrt(squares), nil
}

// length returns ‖x‖ without writing anything: 0 below the smallest normal number of T. It returns an error that names the element if one is NaN or infinite.
func length[T op.Float](x strided[T]) (float64, error) {
	squares, lines := 0.0, x.lines()
	for i := range lines.rows {
		squares += dense.SumSquares(lines.row(i))
	}
	if least, most := safeSquares[T](); squares > least && squares < most {
		return math.Sqrt(squares), nil
	}
	largest, root, err := scaledLength(x)
	norm := min(largest*root, math.MaxFloat64)
	if least, _ := normal[T](); norm < least {
		norm = 0
	}
	return norm, err
}

// unitGrad replaces de, the gradient by e = x/‖x‖, by dx = (de − e⟨e,de⟩)/‖x‖, and by 0 where the norm is 0.
func unitGrad[T op.Float](de, x []T, norm float64) {
	if norm == 0 {
		clear(de)
		return
	}
	along := 0.0
	for i, v := range x {
		along += float64(v) / norm * float64(de[i])
	}
	for i, v := range x {
		de[i] = T((float64(de[i]) - float64(v)/norm*along) / norm)
	}
}

// normaliseGrad writes dx = (de − e⟨e,de⟩)/‖x‖, and 0 where the norm is 0.
func normaliseGrad[T op.Float](dx, de, e strided[T], norm T) {
	dx, de, e = dx.lines(), de.lines(), e.lines()
	along := T(0)
	for i := range e.rows {
		along += dense.Dot(e.row(i), de.row(i))
	}
	for i := range e.rows {
		out := dx.row(i)
		if norm == 0 {
			clear(out)
			continue
		}
		copy(out, de.row(i))
		dense.Axpy(-along, e.row(i), out)
		dense.Scale(1/norm, out)
	}
}

func safeSquares[T op.Float]() (least, most float64) {
	if op.DtypeOf[T]() == tensor.Float32 {
		return 0x1p-252, 0x1p250
	}
	return 0x1p-900, 0x1p1020
}

// normal returns the smallest and the largest normal number of T.
func normal[T op.Float]() (least, most float64) {
	if op.DtypeOf[T]() == tensor.Float32 {
		return 0x1p-126, math.MaxFloat32
	}
	return 0x1p-1022, math.MaxFloat64
}
