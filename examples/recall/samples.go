package main

import (
	"math"
	"math/rand/v2"
)

// draw fills a batch: random unit keys of 32 values, a class at each key as 8 equal values of 0.35, and as token 0 the key of one of the
// other tokens without its class, which is the label.
func draw(r *rand.Rand, x, y []float32) {
	const key, repeat = 32, 8
	clear(x)
	for b := range batch {
		sample := x[b*tokens*width:][:tokens*width]
		var class [tokens]int
		for t := range tokens {
			token := sample[t*width:][:width]
			unit(r, token[:key])
			class[t] = r.IntN(classes)
			for i := range repeat {
				token[key+class[t]*repeat+i] = 0.35
			}
		}
		asked := 1 + r.IntN(tokens-1)
		copy(sample[:key], sample[asked*width:][:key])
		clear(sample[key:width])
		y[b] = float32(class[asked])
	}
}

// unit fills v with a random direction.
func unit(r *rand.Rand, v []float32) {
	sum := 0.0
	for i := range v {
		v[i] = float32(r.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
}
