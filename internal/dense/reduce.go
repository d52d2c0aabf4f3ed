package dense

import "math"

// Dot returns Σ xᵢyᵢ over len(x) elements.
func Dot[T Float](x, y []T) T {
	return active[T]().dot(x, y[:len(x)])
}

// SumSquares returns Σ xᵢ², summed in float64 so that float32 input neither overflows nor loses small terms.
func SumSquares[T Float](x []T) float64 {
	return active[T]().sumSquares(x)
}

// ColSum sets dst[j] = Σᵢ x[i,j] of a rows×cols matrix, adding the rows in order. With no rows it gives
// zeros.
func ColSum[T Float](rows, cols int, x []T, dst []T) {
	if cols > 0 {
		active[T]().colSum(rows, cols, x[:rows*cols], dst[:cols])
	}
}

// LogSumExp returns log Σ exp(xᵢ), computed around the largest element so that it does not overflow. It is
// -Inf for no elements or all of them -Inf.
func LogSumExp[T Float](x []T) T {
	if len(x) == 0 {
		return T(math.Inf(-1))
	}
	k := active[T]()
	top := k.maximum(x)
	if math.IsInf(float64(top), 0) {
		return edge(top, x)
	}
	return top + T(math.Log(float64(k.sumExp(x, top))))
}

// edge is the logsumexp of elements whose maximum is infinite: that infinity, or NaN if one is among them,
// which a maximum may hide.
func edge[T Float](top T, x []T) T {
	for _, v := range x {
		if v != v {
			return v
		}
	}
	return top
}
