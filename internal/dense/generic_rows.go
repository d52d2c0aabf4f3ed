package dense

import "math"

func genericMaximum[T Float](x []T) T {
	top := x[0]
	for _, v := range x {
		top = max(top, v)
	}
	return top
}

func genericSumExp[T Float](x []T, shift T) T {
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v - shift))
	}
	return T(sum)
}

func genericSoftmax[T Float](rows, cols int, x, y []T) {
	for r := range rows {
		in, out := x[r*cols:(r+1)*cols], y[r*cols:(r+1)*cols]
		top := genericMaximum(in)
		if math.IsInf(float64(top), -1) {
			clear(out)
			continue
		}
		sum := 0.0
		for i, v := range in {
			e := math.Exp(float64(v - top))
			out[i] = T(e)
			sum += e
		}
		genericScale(T(1/sum), out)
	}
}

func genericSoftmaxGrad[T Float](rows, cols int, y, dy, dx []T) {
	for r := range rows {
		p, dp, out := y[r*cols:(r+1)*cols], dy[r*cols:(r+1)*cols], dx[r*cols:(r+1)*cols]
		mean := genericDot(p, dp)
		for i := range out {
			out[i] = p[i] * (dp[i] - mean)
		}
	}
}

func genericLayerNorm[T Float](rows, cols int, x, gamma, beta []T, eps T, y, xhat, rstd []T) {
	for r := range rows {
		in := x[r*cols : (r+1)*cols]
		mean := 0.0
		for _, v := range in {
			mean += float64(v)
		}
		mean /= float64(cols)
		variance := 0.0
		for _, v := range in {
			variance += (float64(v) - mean) * (float64(v) - mean)
		}
		inverse := 1 / math.Sqrt(variance/float64(cols)+float64(eps))
		rstd[r] = T(inverse)
		for i, v := range in {
			h := T((float64(v) - mean) * inverse)
			xhat[r*cols+i] = h
			y[r*cols+i] = h*gamma[i] + beta[i]
		}
	}
}

func genericLayerNormGrad[T Float](rows, cols int, dy, xhat, rstd, gamma, dx, dgamma, dbeta []T) {
	for r := range rows {
		g, h := dy[r*cols:(r+1)*cols], xhat[r*cols:(r+1)*cols]
		var mean, along T // of the gradient of x̂, and of it with x̂
		for i := range g {
			dgamma[i] += g[i] * h[i]
			dbeta[i] += g[i]
			mean += g[i] * gamma[i]
			along += g[i] * gamma[i] * h[i]
		}
		if dx == nil {
			continue
		}
		mean /= T(cols)
		along /= T(cols)
		out := dx[r*cols : (r+1)*cols]
		for i := range out {
			out[i] = rstd[r] * (g[i]*gamma[i] - mean - h[i]*along)
		}
	}
}
