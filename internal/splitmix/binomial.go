package splitmix

import (
	"math"
	"math/bits"
)

// Binomial returns how many of n trials succeed, each with probability p: exactly distributed for any n, in a
// time that does not grow with it. It returns 0 for n below 1 and for p below 0 or NaN, and n for p above 1.
//
// Source: Hörmann, The generation of binomial random variates, J. Stat. Comput. Simul. 46 (1993), algorithm
// BTRS, and by inversion where few successes are expected.
func (s *Source) Binomial(n int, p float64) int {
	switch {
	case n < 1 || !(p > 0):
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - s.binomial(n, 1-p)
	}
	return s.binomial(n, p)
}

// binomial is Binomial for n above 0 and 0 < p ≤ 1/2.
func (s *Source) binomial(n int, p float64) int {
	switch {
	case n <= 64:
		return s.oneWord(n, p)
	case float64(n)*p < 10:
		return s.fewSuccesses(n, p)
	}
	return s.manySuccesses(n, p)
}

// oneWord draws up to 64 uniform numbers, a bit of all of them at a time, until each is known to be below p
// or not: some log2 n + 2 words of random bits.
func (s *Source) oneWord(n int, p float64) int {
	threshold := uint64(p * 0x1p64)
	open, below := ^uint64(0)>>(64-n), uint64(0)
	for ; open != 0 && threshold != 0; threshold <<= 1 {
		bit := -(threshold >> 63) // all ones or none
		drawn := s.Uint64()
		below |= open & bit &^ drawn
		open &^= drawn ^ bit
	}
	return bits.OnesCount64(below)
}

// fewSuccesses goes through the distribution from 0 on.
func (s *Source) fewSuccesses(n int, p float64) int {
	odds, left := p/(1-p), s.Float64()
	chance := math.Exp(float64(n) * math.Log1p(-p))
	k := 0
	for ; left >= chance && k < n; k++ {
		left -= chance
		chance *= odds * float64(n-k) / float64(k+1)
		if chance == 0 { // what is left is rounding
			return k
		}
	}
	return k
}

// manySuccesses rejects from a hat over the transformed density, for p ≤ 1/2 and n·p ≥ 10.
func (s *Source) manySuccesses(n int, p float64) int {
	N, q := float64(n), 1-p
	sd := math.Sqrt(N * p * q)
	b := 1.15 + 2.53*sd
	a := -0.0873 + 0.0248*b + 0.01*p
	center := N*p + 0.5
	inside := 0.92 - 4.2/b
	odds, scale := p/q, (2.83+5.1/b)*sd
	mode := math.Floor((N + 1) * p)
	for {
		u, v := s.Float64()-0.5, 1-s.Float64()
		distance := 0.5 - math.Abs(u)
		k := math.Floor((2*a/distance+b)*u + center)
		if distance >= 0.07 && v <= inside {
			return int(k)
		}
		if k < 0 || k > N {
			continue
		}
		bound := (mode+0.5)*math.Log((mode+1)/(odds*(N-mode+1))) + (N+1)*math.Log((N-mode+1)/(N-k+1)) +
			(k+0.5)*math.Log(odds*(N-k+1)/(k+1)) +
			stirlingTail(mode) + stirlingTail(N-mode) - stirlingTail(k) - stirlingTail(N-k)
		if math.Log(v*scale/(a/(distance*distance)+b)) <= bound {
			return int(k)
		}
	}
}

// stirlingTail returns what Stirling's formula leaves out of log k!: log k! = ½log 2π + (k+½)log(k+1) − (k+1)
// + stirlingTail(k).
func stirlingTail(k float64) float64 {
	if k < 10 {
		factorial, _ := math.Lgamma(k + 1)
		return factorial - 0.5*math.Log(2*math.Pi) - (k+0.5)*math.Log(k+1) + k + 1
	}
	x := 1 / (k + 1)
	return x * (1.0/12 - x*x*(1.0/360-x*x/1260))
}
