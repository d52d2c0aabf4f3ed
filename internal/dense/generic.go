package dense

import (
	"math"
	"sync"
)

// genericKernels are the plain Go kernels. Transcendental functions and sums go through float64.
func genericKernels[T Float](workspaces *sync.Pool) *kernels[T] {
	return &kernels[T]{
		lanes:          4,
		panel:          genericPanel[T],
		pack:           genericPack[T],
		packTransposed: genericPackTransposed[T],
		add:            genericAdd[T],
		mul:            genericMul[T],
		axpy:           genericAxpy[T],
		scale:          genericScale[T],
		dot:            genericDot[T],
		sumSquares:     genericSumSquares[T],
		colSum:         genericColSum[T],
		exp:            func(x, y []T) { apply(math.Exp, x, y) },
		erf:            func(x, y []T) { apply(math.Erf, x, y) },
		gelu:           func(x, y []T) { apply(func(v float64) float64 { return v * normal(v) }, x, y) },
		geluGrad:       genericGELUGrad[T],
		maximum:        genericMaximum[T],
		sumExp:         genericSumExp[T],
		softmax:        genericSoftmax[T],
		softmaxGrad:    genericSoftmaxGrad[T],
		layerNorm:      genericLayerNorm[T],
		layerNormGrad:  genericLayerNormGrad[T],
		adamW:          genericAdamW[T],
		fma:            genericFMA[T],
		workspaces:     workspaces,
	}
}

// genericPanel keeps a row of the tile, eight sums, in registers.
func genericPanel[T Float](m, n, k int, a []T, down, along int, b []T, stride int, c []T, ldc int,
	alpha, beta T, bias []T) {
	wide := 4
	if n > wide {
		wide = 8
	}
	var start, sum [8]T
	copy(start[:wide], bias)
	for i := range m {
		if wide == 4 {
			copy(sum[:], start[:])
			row4(k, a[i*down:], along, b, stride, (*[4]T)(sum[:]))
		} else {
			sum = start
			row8(k, a[i*down:], along, b, stride, &sum)
		}
		row := c[i*ldc : i*ldc+n]
		for j := range row {
			if beta == 0 {
				row[j] = alpha * sum[j]
			} else {
				row[j] = alpha*sum[j] + beta*row[j]
			}
		}
	}
}

func row4[T Float](k int, a []T, along int, b []T, stride int, sum *[4]T) {
	s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
	for p := range k {
		x, r := a[p*along], b[p*stride:][:4]
		s0 += x * r[0]
		s1 += x * r[1]
		s2 += x * r[2]
		s3 += x * r[3]
	}
	*sum = [4]T{s0, s1, s2, s3}
}

func row8[T Float](k int, a []T, along int, b []T, stride int, sum *[8]T) {
	s0, s1, s2, s3, s4, s5, s6, s7 := sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]
	for p := range k {
		x, r := a[p*along], b[p*stride:][:8]
		s0 += x * r[0]
		s1 += x * r[1]
		s2 += x * r[2]
		s3 += x * r[3]
		s4 += x * r[4]
		s5 += x * r[5]
		s6 += x * r[6]
		s7 += x * r[7]
	}
	*sum = [8]T{s0, s1, s2, s3, s4, s5, s6, s7}
}

func genericPack[T Float](rows, cols int, src []T, ld int, dst []T, padded int) {
	for i := range rows {
		copy(dst[i*padded:i*padded+padded], src[i*ld:i*ld+cols])
	}
}

func genericPackTransposed[T Float](rows, cols int, src []T, ld int, dst []T, padded int) {
	for i := range rows {
		for j, v := range src[i*ld : i*ld+cols] {
			dst[j*padded+i] = v
		}
	}
}

func genericAdamW[T Float](w, g, m, v []T, keep, beta1, rest1, beta2, rest2, root, eps, step T) {
	for i, gi := range g {
		mi := beta1*m[i] + rest1*gi
		vi := beta2*v[i] + rest2*gi*gi
		m[i], v[i] = mi, vi
		w[i] = keep*w[i] - step*mi/(T(math.Sqrt(float64(vi)))*root+eps)
	}
}
