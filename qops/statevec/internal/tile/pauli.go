package tile

import (
	"math/bits"
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// Pauli is a Pauli string as masks over the index of an amplitude: P|j⟩ = i^y·(−1)^|j&Sign|·|j^Flip⟩ with y
// the number of ones that Flip and Sign have in common.
type Pauli struct{ Flip, Sign int }

// pauliChunk is how many vectors are added up before their sum goes to float64.
const pauliChunk = 256

// lay prepares a string times a factor, for vectors of width numbers.
func (k *Scratch[T]) lay(p Pauli, width int, factor T) {
	y := bits.OnesCount(uint(p.Flip & p.Sign))
	if y&2 != 0 {
		factor = -factor
	}
	words := int(unsafe.Sizeof(factor)) / 4
	for l := range width {
		from := l ^ 2*(p.Flip&(width/2-1))
		sign := bits.OnesCount(uint(from / 2 & p.Sign))
		if y&1 != 0 { // i·(re, im) = (−im, re)
			from ^= 1
			sign += 1 - l&1
		}
		for d := range words {
			k.permutation[words*l+d] = int32(words*from + d)
		}
		f := factor
		if sign&1 != 0 {
			f = -f
		}
		k.factors[l], k.factors[width+l] = f, -f
	}
}

// Expectation returns ⟨ψ|P|ψ⟩, which is real.
func (k *Scratch[T]) Expectation(p Pauli, psi []T) (sum float64) {
	v := active[T]()
	if v == nil || len(psi) < v.width {
		for j := range len(psi) / 2 {
			re, im := pauliImage(p, psi, j)
			to := j ^ p.Flip
			sum += float64(psi[2*to]*re + psi[2*to+1]*im)
		}
		return sum
	}
	k.lay(p, v.width, 1)
	all, flip, sign := len(psi)/v.width, p.Flip/(v.width/2), p.Sign/(v.width/2)
	for first := 0; first < all; first += pauliChunk {
		clear(k.sums[:])
		v.pauli(&psi[0], first, min(pauliChunk, all-first), flip, sign, &k.permutation[0], &k.factors[0],
			&k.sums[0])
		for _, s := range k.sums[:v.width] {
			sum += float64(s)
		}
	}
	return sum
}

// Add adds factor·P|ψ⟩ to another state.
func (k *Scratch[T]) Add(p Pauli, factor T, psi, to []T) {
	if v := active[T](); v != nil && len(psi) >= v.width {
		k.lay(p, v.width, factor)
		to = to[:len(psi)]
		v.addPauli(&psi[0], 0, len(psi)/v.width, p.Flip/(v.width/2), p.Sign/(v.width/2), &k.permutation[0],
			&k.factors[0], &to[0])
		return
	}
	for j := range len(psi) / 2 {
		re, im := pauliImage(p, psi, j)
		i := j ^ p.Flip
		to[2*i] += factor * re
		to[2*i+1] += factor * im
	}
}

// pauliImage returns amplitude j of ψ as it stands in P|ψ⟩, at index j^Flip.
func pauliImage[T dense.Float](p Pauli, psi []T, j int) (re, im T) {
	re, im = psi[2*j], psi[2*j+1]
	if bits.OnesCount(uint(j&p.Sign))&1 == 1 {
		re, im = -re, -im
	}
	switch bits.OnesCount(uint(p.Flip&p.Sign)) & 3 {
	case 1:
		return -im, re
	case 2:
		return -re, -im
	case 3:
		return im, -re
	}
	return re, im
}
