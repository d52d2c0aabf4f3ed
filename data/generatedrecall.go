package data

import "math"

// recallWidth is the numbers of a step of recall: a key, what belongs to it, and whether the step is the
// question.
const (
	recallKey    = 16
	recallValues = 10
	recallWidth  = recallKey + recallValues + 1
)

// recall returns the row of a set of associative recall: steps − 1 pairs of a key and a value, and a key
// again, with noise of that deviation on the numbers of deviation 1.
func recall(name, title string, steps int, noise float64, remark string) Info {
	return generated(name, title, Shape{Height: steps, Channels: recallWidth}, countedNames(recallValues),
		remark, func(r *stream, e example, class int) { drawRecall(r, e, class, noise) })
}

// drawRecall fills a sequence with keys, which are drawn anew in each example, each with a value. The last
// step has the key of one pair whose value is the class, with noise, and no value. All values are equally
// likely elsewhere.
func drawRecall(r *stream, e example, class int, noise float64) {
	pairs := e.Height - 1
	asked := r.intn(pairs)
	var key [matchWidth]float64
	for t := range pairs {
		step := e.numbers[t*recallWidth:][:recallWidth]
		k, value := r.gaussian(), r.intn(recallValues)
		if t == asked {
			key, value = k, class
		}
		for i, x := range k {
			step[i] = float32(x)
		}
		step[recallKey+value] = 1
	}
	step := e.numbers[pairs*recallWidth:][:recallWidth]
	for i, x := range r.gaussian() {
		step[i] = float32((key[i] + noise*x) / math.Sqrt(1+noise*noise))
	}
	step[recallWidth-1] = 1
}
