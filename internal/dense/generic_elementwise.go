package dense

import "math"

func apply[T Float](f func(float64) float64, x, y []T) {
	for i, v := range x {
		y[i] = T(f(float64(v)))
	}
}

func genericAdd[T Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func genericMul[T Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func genericAxpy[T Float](alpha T, x, y []T) {
	for i, v := range x {
		y[i] += alpha * v
	}
}

func genericScale[T Float](alpha T, x []T) {
	for i := range x {
		x[i] *= alpha
	}
}

func genericDot[T Float](x, y []T) T {
	var sum T
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

func genericSumSquares[T Float](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

func genericColSum[T Float](rows, cols int, x, dst []T) {
	clear(dst)
	for i := range rows {
		genericAdd(dst, dst, x[i*cols:(i+1)*cols])
	}
}

// normal is Φ, the normal distribution function. erfc keeps its relative accuracy in the left tail, where it
// magnifies the rounding of its argument: what the argument lost is put back to first order.
func normal(x float64) float64 {
	const rootHalf, rest = math.Sqrt2 / 2, -4.833646656726457e-17 // 1/√2 to twice the precision
	z := -x * rootHalf
	tail := 0.5 * math.Erfc(z)
	if !(x < 0) {
		return tail
	}
	lost := math.FMA(-x, rootHalf, -z) - x*rest
	return tail - lost*math.Exp(-z*z)/math.Sqrt(math.Pi)
}

// density is φ, the normal density, with the rounding error of the square put back.
func density(x float64) float64 {
	square := x * x
	lost := math.FMA(x, x, -square)
	return math.Exp(-square/2) * (1 - lost/2) / math.Sqrt(2*math.Pi)
}

func genericGELUGrad[T Float](x, dy, dx []T) {
	for i, v := range x {
		z := float64(v)
		dx[i] = dy[i] * T(normal(z)+z*density(z))
	}
}
