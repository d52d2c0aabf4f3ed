package dense

// LayerNorm sets y = gamma ∘ x̂ + beta with x̂ = (x − mean)·rstd, row by row, rstd = 1/√(var + eps), the
// variance being the biased one, computed in a second pass around the mean.
//
//	x, y, xhat   rows×cols   xhat keeps x̂ for the gradient; y may be x
//	gamma, beta  cols
//	rstd         rows        kept for the gradient
//
// Source: Ba, Kiros and Hinton, arXiv:1607.06450.
func LayerNorm[T Float](rows, cols int, x, gamma, beta []T, eps T, y, xhat, rstd []T) {
	if rows > 0 && cols > 0 {
		n := rows * cols
		active[T]().layerNorm(rows, cols, x[:n], gamma[:cols], beta[:cols], eps, y[:n], xhat[:n], rstd[:rows])
	}
}

// LayerNormGrad sets the gradients of LayerNorm from what it kept: dx (rows×cols), dgamma and dbeta (cols
// each, overwritten). dx may be nil, when only the parameters' gradients are wanted, and may be dy.
func LayerNormGrad[T Float](rows, cols int, dy, xhat, rstd, gamma []T, dx, dgamma, dbeta []T) {
	n := rows * cols
	dgamma, dbeta = dgamma[:cols], dbeta[:cols]
	clear(dgamma)
	clear(dbeta)
	if n == 0 {
		return
	}
	if dx != nil {
		dx = dx[:n]
	}
	active[T]().layerNormGrad(rows, cols, dy[:n], xhat[:n], rstd[:rows], gamma[:cols], dx, dgamma, dbeta)
}
