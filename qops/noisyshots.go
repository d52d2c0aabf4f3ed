package qops

import (
	"math"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// pairShots draws the estimates of the noisy scores of an image. A shot is spent on a pair, drawn with
// n_i·n_j.
type pairShots[T op.Float] struct {
	pairDevices
	limit    float64 // of an overlap with noise
	outcomes int     // of a pair that are told apart: all of its qubits if readout is mitigated, or else 1
	drawn    *splitmix.Histogram
	weight   []float64   // of an outcome in an overlap
	joint    []T         // (B, T, T, outcomes) of the head at work, for each scale
	results  []float64   // (T, T, outcomes)
	mean     [][]float64 // by scale, (T, T)
	variance [][]float64
}

func newPairShots[T op.Float](k scoreShape, d pairDevices) *pairShots[T] {
	pairs, scales := k.tokens*k.tokens, len(d.circuits)
	s := &pairShots[T]{pairDevices: d, outcomes: 1, limit: math.Ldexp(1, -len(d.last)), weight: []float64{1}}
	if d.misread != nil {
		s.outcomes = d.misread.Outcomes()
		s.weight = make([]float64, s.outcomes)
		s.weight[0] = 1
		_ = d.misread.InvertBack(s.weight) // of this length
		s.joint = make([]T, scales*k.images*pairs*s.outcomes)
		s.results = make([]float64, pairs*s.outcomes)
	}
	s.drawn = splitmix.NewHistogram(pairs*s.outcomes + 1)
	for range scales {
		s.mean, s.variance = append(s.mean, make([]float64, pairs)), append(s.variance, make([]float64, pairs))
	}
	return s
}

// jointOf returns the part of joint of a scale.
func (s *pairShots[T]) jointOf(scale int) []T {
	n := len(s.joint) / len(s.circuits)
	return s.joint[scale*n : (scale+1)*n]
}

// estimate replaces the scores of head h of image i by estimates.
func (s *noisyKernel[T]) estimate(i, h int, factor float64, to []T) {
	d, size := s.sampled, len(to)
	var errs []T
	if s.draws.stderr != nil {
		errs = s.draws.stderr[(i*s.heads+h)*size:]
	}
	for scale := range d.circuits {
		seed := splitmix.Mix(splitmix.Mix(seedOfScale(s.draws.seeds[i], scale)) ^ uint64(h))
		s.draw(scale, i, h, splitmix.Source(seed))
	}
	values, slopes := make([]float64, len(d.circuits)), make([]float64, len(d.circuits))
	s.eachPair(i, func(at, _, _ int, share float64) {
		at -= i * size
		for scale := range values {
			values[scale] = d.mean[scale][at]
		}
		to[at] = T(factor * d.extrapolate(values, d.limit*share, slopes))
		if errs != nil {
			v := 0.0
			for scale, slope := range slopes {
				v += slope * slope * d.variance[scale][at]
			}
			errs[at] = standardErrorOf[T](factor, v, s.draws.Count)
		}
	})
}

// draw sets mean and variance of a scale from shots.
func (s *noisyKernel[T]) draw(scale, i, h int, random splitmix.Source) {
	d, size := s.sampled, s.tokens*s.tokens
	weights, rest, shots := d.drawn.Weights(), 1.0, float64(s.draws.Count)
	if d.misread == nil {
		f := s.overlaps(scale, h)
		s.eachPair(i, func(at, _, _ int, share float64) {
			w := max(0, share*float64(f[at]))
			weights[at-i*size] = w
			rest -= w
		})
		weights[size] = max(0, rest)
		for at, n := range d.drawn.Draw(s.draws.Count, &random)[:size] {
			p := float64(n) / shots
			d.mean[scale][at], d.variance[scale][at] = p, p*(1-p)
		}
		return
	}
	joint, n := d.jointOf(scale), d.outcomes
	s.eachPair(i, func(at, _, _ int, share float64) {
		own := weights[(at-i*size)*n : (at-i*size+1)*n]
		for x := range own {
			own[x] = share * max(0, float64(joint[at*n+x]))
		}
		_ = d.misread.Read(own) // of this length
	})
	weights[size*n] = 0
	for at, count := range d.drawn.Draw(s.draws.Count, &random)[:size*n] {
		d.results[at] = float64(count) / shots
	}
	for at := range size {
		own := d.results[at*n : (at+1)*n]
		mean, square := 0.0, 0.0
		for x, p := range own {
			mean += d.weight[x] * p
			square += d.weight[x] * d.weight[x] * p
		}
		d.mean[scale][at], d.variance[scale][at] = mean, max(0, square-mean*mean)
		if d.nearest {
			_ = d.misread.Invert(own)
		}
	}
	if d.nearest {
		mitigate.Nearest(d.results)
		for at := range size {
			d.mean[scale][at] = d.results[at*n]
		}
	}
}
