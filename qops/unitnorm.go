package qops

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// submatrix is a matrix that lies inside a larger one: rows of width elements, stride apart.
type submatrix[T op.Float] struct {
	data                []T
	rows, width, stride int
}

func (m submatrix[T]) row(i int) []T { return m.data[i*m.stride : i*m.stride+m.width] }

// joinRows returns the same elements in as few rows as possible, for kernels that are faster on long ones.
func (m submatrix[T]) joinRows() submatrix[T] {
	if m.width == m.stride {
		return submatrix[T]{m.data, 1, m.rows * m.width, m.rows * m.width}
	}
	return m
}

// normalize writes e = x/‖x‖ (Frobenius) and returns ‖x‖. A norm of 0, or below the smallest normal number of
// T, gives e = 0 and 0. It returns false if an element is NaN or infinite.
func normalize[T op.Float](e, x submatrix[T]) (length T, ok bool) {
	squares, from, to := 0.0, x, e
	if x.width == x.stride && e.width == e.stride {
		from, to = x.joinRows(), e.joinRows()
	}
	for i := range from.rows {
		squares += dense.SumSquares(from.row(i))
	}
	// Between these bounds no square has overflowed, none that matters was rounded to 0, and 1/norm is
	// normal. NaN and infinity fall outside.
	if least, most := safeSquares[T](); squares > least && squares < most {
		root := math.Sqrt(squares)
		for i := range from.rows {
			copy(to.row(i), from.row(i))
			dense.Scale(T(1/root), to.row(i))
		}
		return T(root), true
	}
	return normalizeScaled(e, x)
}

// normalizeScaled divides by the largest element first, so that no square leaves the range of T.
func normalizeScaled[T op.Float](e, x submatrix[T]) (length T, ok bool) {
	largest, root, ok := scaledNorm(x)
	if !ok {
		return 0, false
	}
	least, most := normalRange[T]()
	product := min(largest*root, most)
	if product < least {
		for i := range e.rows {
			clear(e.row(i))
		}
		return 0, true
	}
	for i := range x.rows {
		for j, v := range x.row(i) {
			e.row(i)[j] = T(float64(v) / largest / root)
		}
	}
	return T(product), true
}

// scaledNorm returns the largest |element|, and the norm of x divided by it; 0 and 0 for zeros. It returns
// false if an element is NaN or infinite.
func scaledNorm[T op.Float](x submatrix[T]) (largest, root float64, ok bool) {
	for i := range x.rows {
		for _, v := range x.row(i) {
			a := math.Abs(float64(v))
			if math.IsNaN(a) || math.IsInf(a, 0) {
				return 0, 0, false
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
	return largest, math.Sqrt(squares), true
}

// norm returns ‖x‖ without writing anything: 0 below the smallest normal number of T. It returns false if an
// element is NaN or infinite.
func norm[T op.Float](x submatrix[T]) (length float64, ok bool) {
	squares, joined := 0.0, x.joinRows()
	for i := range joined.rows {
		squares += dense.SumSquares(joined.row(i))
	}
	if least, most := safeSquares[T](); squares > least && squares < most {
		return math.Sqrt(squares), true
	}
	largest, root, ok := scaledNorm(x)
	length = min(largest*root, math.MaxFloat64)
	if least, _ := normalRange[T](); length < least {
		length = 0
	}
	return length, ok
}

// unitGrad replaces de, the gradient by e = x/‖x‖, by dx = (de − e⟨e,de⟩)/‖x‖, and by 0 where the norm is 0.
func unitGrad[T op.Float](de, x []T, norm float64) {
	if norm == 0 {
		clear(de)
		return
	}
	if plainNorm(norm) {
		along := 0.0
		for from := 0; from < len(x); from += sumChunk {
			to := min(from+sumChunk, len(x))
			along += float64(dense.Dot(x[from:to], de[from:to]))
		}
		dense.Axpy(T(-along/norm/norm), x, de)
		dense.Scale(T(1/norm), de)
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

// sumChunk is how many products are added up before their sum goes to float64.
const sumChunk = 1 << 12

// plainNorm tells whether a norm is so far from the ends of float32 that neither its square nor what it
// divides leaves that range.
func plainNorm(norm float64) bool { return norm > 1e-12 && norm < 1e12 }

// setUnit sets psi, which has room for them, to the state of real amplitudes x/norm.
func setUnit[T op.Float](psi, x []T, norm float64) {
	if plainNorm(norm) {
		_ = statevec.SetReal(psi, x, T(1/norm))
		return
	}
	for j, a := range x {
		psi[2*j], psi[2*j+1] = T(float64(a)/norm), 0
	}
}

// normalizeGrad writes dx = (de − e⟨e,de⟩)/‖x‖, and 0 where the norm is 0.
func normalizeGrad[T op.Float](dx, de, e submatrix[T], norm T) {
	dx, de, e = dx.joinRows(), de.joinRows(), e.joinRows()
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

// safeSquares returns the bounds between which a sum of squares has lost nothing to overflow or underflow.
func safeSquares[T op.Float]() (least, most float64) {
	if op.DtypeOf[T]() == tensor.Float32 {
		return 0x1p-252, 0x1p250
	}
	return 0x1p-900, 0x1p1020
}

// normalRange returns the smallest and the largest normal number of T.
func normalRange[T op.Float]() (least, most float64) {
	if op.DtypeOf[T]() == tensor.Float32 {
		return 0x1p-126, math.MaxFloat32
	}
	return 0x1p-1022, math.MaxFloat64
}
