package main

import (
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train"
)

// sequences are that many sequences of tokens, drawn anew in each epoch: random unit keys of 32 values, a
// class at each key as 8 equal values of 0.35, and as token 0 the key of one of the other tokens without its
// class, which is the label.
type sequences int

func (s sequences) Len() int { return int(s) }

func (s sequences) Spec() (train.Spec, error) {
	sequence := tensor.Shape{tokens, width}
	return train.Spec{Dtype: tensor.Float32, Inputs: []tensor.Shape{sequence}, Target: train.Classes}, nil
}

func (s sequences) Fill(b *train.Batch) error {
	const key, repeat = 32, 8
	x := b.Inputs[0].Float32s()
	for i := range b.Rows {
		random, sequence := b.Random(i), x[i*tokens*width:][:tokens*width]
		var class [tokens]int
		for t := range tokens {
			token := sequence[t*width:][:width]
			fillUnit(random, token[:key])
			class[t] = random.IntN(classes)
			for j := range repeat {
				token[key+class[t]*repeat+j] = 0.35
			}
		}
		asked := 1 + random.IntN(tokens-1)
		copy(sequence[:key], sequence[asked*width:][:key])
		clear(sequence[key:width])
		b.Labels[i] = class[asked]
	}
	return nil
}

// fillUnit fills v with a random direction.
func fillUnit(random *rand.Rand, v []float32) {
	sum := 0.0
	for i := range v {
		v[i] = float32(random.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
}
