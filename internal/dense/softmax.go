package dense

import "math"

// Softmax sets each row of y to exp(x)/Σ exp(x), computed around the row's maximum. A row that is -Inf throughout (everything masked) gives zeros, not
// NaN; a row that holds +Inf or NaN gives NaN. y may be x.
func Softmax[T Float](rows, cols int, x, y []T) {
	if rows > 0 && cols > 0 {
		active[T]().softmax(rows, cols, x[:rows*cols], y[:rows*cols])
	}
}

// SoftmaxGrad sets dx = y ∘ (dy − Σ y·dy) row by row, the gradient of Softmax with respect to its input, given its output y. dx may be dy or y.
func SoftmaxGrad[T Float](rows, cols int, y, dy, dx []T) {
	if rows > 0 && cols > 0 {
		active[T]().softmaxGrad(rows, cols, y[:rows*cols], dy[:rows*cols], dx[:rows*cols])
	}
}

// CrossEntropy sets loss[r] to the cross entropy of row r of the logits with its label, and probs to the softmax of the logits.
//
//	logits  rows×cols
//	labels  rows          a class in [0,cols) as a number; a negative one masks the row: its loss is 0 and its row of probs is 0
//	loss    rows          −Σ q·log p with q = (1−smoothing)·onehot(label) + smoothing/cols
//	probs   rows×cols     may be logits
//
// The gradient with respect to the logits is probs − q. A label at or above cols, or one that is no whole number, panics or is cut towards zero: callers
// check labels.
func CrossEntropy[T Float](rows, cols int, logits []T, labels []T, smoothing T, loss []T, probs []T) {
	for r := range rows {
		row, p := logits[r*cols:(r+1)*cols], probs[r*cols:(r+1)*cols]
		if labels[r] < 0 {
			loss[r] = 0
			clear(p)
			continue
		}
		loss[r] = crossEntropy(row, int(labels[r]), smoothing)
		Softmax(1, cols, row, p)
	}
}

// crossEntropy is the loss of one row. The target part and the smoothed part are both sums of log p = x − logsumexp.
func crossEntropy[T Float](row []T, label int, smoothing T) T {
	total := float64(LogSumExp(row))
	target := total - float64(row[label])
	if smoothing == 0 {
		return T(target)
	}
	mean := 0.0
	for _, x := range row {
		mean += total - float64(x)
	}
	mean /= float64(len(row))
	return T(math.FMA(float64(smoothing), mean-target, target))
}
