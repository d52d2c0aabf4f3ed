package qops

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/splitmix"
)

// estimate replaces the exact scores of head h of image i by estimates from shots of its test, and sets the
// standard errors of what follows by a factor. All pairs share the shots: each shot measures the ancilla a
// and the two registers that name the patches i and j together.
//
// The scores of a dark image, whose state nobody can prepare, stay.
func (s *scoreKernel[T]) estimate(tile []T, i, h int, factor T) {
	if !s.outcomes(i, h) {
		if s.draws.stderr != nil {
			clear(s.pair(s.draws.stderr, i, h))
		}
		return
	}
	random := splitmix.Source(splitmix.Mix(splitmix.Mix(s.draws.seeds[i]) ^ uint64(h)))
	counts := s.drawn.Draw(s.draws.Count, &random)
	zeros, ones := counts[:len(tile)], counts[len(tile):]
	var errors []T
	if s.draws.stderr != nil {
		errors = s.pair(s.draws.stderr, i, h)
	}
	set := func(at int, value, variance float64, shots int) {
		tile[at] = T(value)
		if errors != nil {
			errors[at] = standardErrorOf[T](float64(factor), variance, shots)
		}
	}
	n := float64(s.draws.Count)
	for r := range s.tokens {
		row := r * s.tokens
		inRow := 0
		for j := range s.tokens {
			inRow += zeros[row+j]
		}
		for at := row; at < row+s.tokens; at++ {
			zero, one := float64(zeros[at]), float64(ones[at])
			switch s.kind {
			case ScoreOverlap, ScoreSigned:
				scale := 1.0
				if s.kind == ScoreSigned {
					scale = float64(s.tokens)
				}
				p := (zero - one) / n
				set(at, scale*p, scale*scale*((zero+one)/n-p*p), s.draws.Count)
			case ScoreConditional:
				p := 0.5 // of a pair that never came
				if zero+one > 0 {
					p = zero / (zero + one)
				}
				set(at, p, p*(1-p), zeros[at]+ones[at])
			case ScoreRowNormalized:
				p := 1 / float64(s.tokens) // of a row that never came
				if inRow > 0 {
					p = zero / float64(inRow)
				}
				set(at, p, p*(1-p), inRow)
			}
		}
	}
}

// outcomes sets the probabilities of the outcomes of the test: those of ancilla 0, by pair, then those of
// ancilla 1. It returns false for an image of zeros.
//
// They are P(a,i,j) = ½(n_i n_j ± S_ij) of the SWAP test, with n_i = 1/T where each patch is scaled on its
// own, and ¼((n_i + n_j)/T ± 2·Re z_ij/T) of the Hadamard test.
func (s *scoreKernel[T]) outcomes(i, h int) bool {
	t := float64(s.tokens)
	shares, total := s.shares(i, h)
	if total == 0 {
		return false
	}
	weights, half := s.drawn.Weights(), s.tokens*s.tokens
	var z []T
	if s.kind == ScoreSigned {
		z = s.pair(s.z[0], i, h)
	} else {
		z = s.tile
		s.squares(z, i, h)
	}
	for r, a := range shares {
		for j, b := range shares {
			at := r*s.tokens + j
			sum, difference := a*b, float64(z[at])
			switch s.kind {
			case ScoreSigned:
				sum, difference = (a+b)/(2*t), difference/t
			case ScoreRowNormalized, ScoreConditional: // of patches of unit norm, or of none
				difference *= a * b
			}
			weights[at], weights[half+at] = max(0, sum+difference)/2, max(0, sum-difference)/2
		}
	}
	return true
}

// shares returns the part of each patch in the state of an image, and their sum, 1 or 0.
func (s *scoreKernel[T]) shares(i, h int) (out []float64, total float64) {
	for r := range s.tokens {
		n := 0.0
		switch s.kind {
		case ScoreConditional:
			n = 1 / float64(s.tokens)
		case ScoreRowNormalized:
			n = float64(s.patches(s.share, i, h)[r])
		default:
			n = float64(dense.SumSquares(s.group(s.unit, i, h, 0).row(r)))
		}
		out, total = append(out, n), total+n
	}
	return out, total
}
