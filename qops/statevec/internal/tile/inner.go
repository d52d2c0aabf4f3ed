package tile

import "github.com/hqvit/hqvit/internal/dense"

// Scratch is memory for kernels on whole states. It belongs to one goroutine.
type Scratch[T dense.Float] struct {
	permutation [Lanes]int32 // of a vector, in groups of four bytes
	factors     [2 * Lanes]T // two vectors
	sums        [2 * Lanes]T
}

// innerChunk is how many numbers are added up before their sum goes to float64.
const innerChunk = 1 << 12

// Inner returns ⟨φ|ψ⟩ of two states in memory, of the same length.
func (k *Scratch[T]) Inner(phi, psi []T) (z complex128) {
	v := active[T]()
	if v == nil || len(phi) < v.width {
		var re, im float64
		for j := 0; j < len(phi); j += 2 {
			a, b, c, d := float64(phi[j]), float64(phi[j+1]), float64(psi[j]), float64(psi[j+1])
			re += a*c + b*d
			im += a*d - b*c
		}
		return complex(re, im)
	}
	var re, im float64
	for from := 0; from < len(phi); from += innerChunk {
		clear(k.sums[:])
		v.inner(&phi[from], &psi[:len(phi)][from], min(innerChunk, len(phi)-from)/v.width, &k.sums[0])
		for l := 0; l < v.width; l += 2 {
			re += float64(k.sums[l]) + float64(k.sums[l+1])
			im += float64(k.sums[v.width+l]) - float64(k.sums[v.width+l+1])
		}
	}
	return complex(re, im)
}

// AddScaled adds z·x to a state, of the same length.
func (k *Scratch[T]) AddScaled(to, x []T, z complex128) {
	re, im := T(real(z)), T(imag(z))
	if v := active[T](); v != nil && len(x) >= v.width {
		for l := range v.width {
			k.factors[l], k.factors[v.width+l] = re, im
			if l&1 == 0 {
				k.factors[v.width+l] = -im
			}
		}
		v.addScaled(&to[:len(x)][0], &x[0], len(x)/v.width, &k.factors[0])
		return
	}
	for j := 0; j < len(x); j += 2 {
		to[j] += re*x[j] - im*x[j+1]
		to[j+1] += re*x[j+1] + im*x[j]
	}
}

// Widen sets a state to real amplitudes, numbers times a factor; psi is twice as long.
func Widen[T dense.Float](x []T, factor T, psi []T) {
	v, done := active[T](), 0
	if v != nil && len(x) >= v.width {
		done = len(x) &^ (v.width - 1)
		v.widen(&x[0], done/v.width, factor, &psi[:2*done][0])
	}
	for j := done; j < len(x); j++ {
		psi[2*j], psi[2*j+1] = factor*x[j], 0
	}
}

// Narrow sets out to the real parts of amplitudes; psi is twice as long.
func Narrow[T dense.Float](psi, out []T) {
	v, done := active[T](), 0
	if v != nil && len(out) >= v.width {
		done = len(out) &^ (v.width - 1)
		v.narrow(&psi[:2*done][0], done/v.width, &out[0])
	}
	for j := done; j < len(out); j++ {
		out[j] = psi[2*j]
	}
}
