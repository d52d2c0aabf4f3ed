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
	squares, from, to := 0.0, x.lines(), e.lines()
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
	largest := 0.0
	for i := range x.rows {
		for j, v := range x.row(i) {
			a := math.Abs(float64(v))
			if math.IsNaN(a) || math.IsInf(a, 0) {
				return 0, errors.Errorf("element (%d,%d) is %v", i, j, v)
			}
			largest = max(largest, a)
		}
	}
	if largest == 0 {
		for i := range e.rows {
			clear(e.row(i))
		}
		return 0, nil
	}
	squares := 0.0
	for i := range x.rows {
		for j, v := range x.row(i) {
			s := float64(v) / largest
			squares += s * s
			e.row(i)[j] = T(s)
		}
	}
	least, most := normal[T]()
	norm, scale := min(largest*math.Sqrt(squares), most), T(1/math.Sqrt(squares))
	if norm < least {
		norm, scale = 0, 0
	}
	for i := range e.rows {
		dense.Scale(scale, e.row(i))
	}
	return T(norm), nil
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
