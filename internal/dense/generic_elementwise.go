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

// normal is Φ, the normal distribution function; erfc keeps its relative accuracy in the left tail.
func normal(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func genericGELUGrad[T Float](x, dy, dx []T) {
	for i, v := range x {
		z := float64(v)
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		dx[i] = dy[i] * T(normal(z)+z*density)
	}
}
