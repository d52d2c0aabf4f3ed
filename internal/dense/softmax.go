package dense

// Softmax sets each row of y to exp(x)/Σ exp(x), computed around the row's maximum. A row that is -Inf
// throughout (everything masked) gives zeros, not NaN; a row that holds +Inf or NaN gives NaN. y may be x.
func Softmax[T Float](rows, cols int, x, y []T) {
	if rows > 0 && cols > 0 {
		active[T]().softmax(rows, cols, x[:rows*cols], y[:rows*cols])
	}
}

// SoftmaxGrad sets dx = y ∘ (dy − Σ y·dy) row by row, the gradient of Softmax with respect to its input,
// given its output y. dx may be dy or y.
func SoftmaxGrad[T Float](rows, cols int, y, dy, dx []T) {
	if rows > 0 && cols > 0 {
		active[T]().softmaxGrad(rows, cols, y[:rows*cols], dy[:rows*cols], dx[:rows*cols])
	}
}
