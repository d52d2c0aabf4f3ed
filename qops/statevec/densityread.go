package statevec

import (
	"math"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/internal/walsh"
)

// densityReader is a measurement of density matrices, by what is done to the Pauli coefficients r of one. The
// trace is the first of them.
type densityReader[T Float] struct {
	measure       func(r, out []T)
	differentiate func(r, dout, dr []T) // adds to dr
	sample        func(r []T, shots int, random *splitmix.Source, out, stderr []T)
}

// stringsOf returns the places of the 2^k Pauli strings that have the letters of flip and sign on some of k
// qubits and I elsewhere: by a pattern of k bits, that of the first qubit first.
func stringsOf(space *pauliSpace, n int, qubits []int, flip, sign int) []int {
	out := make([]int, 1<<len(qubits))
	for i := range out {
		mask := maskOf(i, qubits, n)
		out[i] = space.index(flip&mask, sign&mask)
	}
	return out
}

// maskOf returns a pattern of some qubits, the first its most significant bit, as bits of an index.
func maskOf(pattern int, qubits []int, n int) (mask int) {
	for k, q := range qubits {
		mask |= (pattern >> (len(qubits) - 1 - k) & 1) << (n - 1 - q)
	}
	return mask
}

// outcomesOf sets p to the probabilities of outcomes from the coefficients of the strings.
func outcomesOf[T Float](r []T, strings []int, p []float64) {
	for i, at := range strings {
		p[i] = float64(r[at]) / float64(len(strings))
	}
	walsh.Transform(p)
}

func (e *expectations[T]) densityReader(n int) *densityReader[T] {
	space := newPauliSpace(n)
	var w *settingScratch
	var strings [][]int // by setting
	return &densityReader[T]{
		measure: func(r, out []T) {
			clear(out)
			for _, p := range e.strings {
				out[p.observable] += T(p.weight) * r[space.index(p.flip, p.sign)]
			}
		},
		differentiate: func(_, dout, dr []T) {
			for _, p := range e.strings {
				dr[space.index(p.flip, p.sign)] += T(p.weight) * dout[p.observable]
			}
		},
		sample: func(r []T, shots int, random *splitmix.Source, out, stderr []T) {
			e.prepare()
			if w == nil {
				w = &settingScratch{hist: map[int]*splitmix.Histogram{}, mean: make([]float64, len(out)),
					spread: make([]float64, len(out))}
				for _, s := range e.settings {
					strings = append(strings, stringsOf(space, n, s.qubits, s.flip, s.sign))
				}
			}
			copy(w.mean, e.constants)
			clear(w.spread)
			shares := e.share(shots)
			for i, s := range e.settings {
				h := w.histogram(s)
				outcomesOf(r, strings[i], h.Weights())
				clip(h.Weights())
				w.draw(s, h, shares[i], random)
			}
			giveEstimates(w, float64(r[0]), out, stderr)
		},
	}
}

// clip sets what rounding has made negative to 0.
func clip(p []float64) {
	for i, v := range p {
		p[i] = max(0, v)
	}
}

func (m *probabilities[T]) densityReader(n int, qubits []int) *densityReader[T] {
	strings := stringsOf(newPauliSpace(n), n, qubits, 0, 1<<n-1)
	p, h := make([]float64, len(strings)), (*splitmix.Histogram)(nil)
	return &densityReader[T]{
		measure: func(r, out []T) {
			outcomesOf(r, strings, p)
			for i, v := range p {
				out[i] = T(v)
			}
		},
		differentiate: func(_, dout, dr []T) {
			for i, g := range dout {
				p[i] = float64(g) / float64(len(p))
			}
			walsh.Transform(p)
			for i, at := range strings {
				dr[at] += T(p[i])
			}
		},
		sample: func(r []T, shots int, random *splitmix.Source, out, stderr []T) {
			if h == nil {
				h = splitmix.NewHistogram(len(strings))
			}
			outcomesOf(r, strings, h.Weights())
			clip(h.Weights())
			giveFractions(h.Draw(shots, random), shots, float64(r[0]), out, stderr)
		},
	}
}

// giveFractions writes estimates of probabilities, times a norm.
func giveFractions[T Float](counts []int, shots int, norm float64, out, stderr []T) {
	for x, n := range counts {
		p := float64(n) / float64(shots)
		out[x] = T(norm * p)
		if stderr != nil {
			stderr[x] = T(norm * standardError(p*(1-p), 0.25, shots))
		}
	}
}

func (f *fidelities[T]) densityReader(n int) *densityReader[T] {
	space, size := newPauliSpace(n), 1<<(2*n)
	coefficients, psi := make([]float64, f.outputs*size), make([]float64, 2<<n)
	for k := range f.outputs {
		for i, v := range rowOf(f.targets, k, f.width) {
			psi[i] = float64(v)
		}
		space.pureCoefficients(psi, rowOf(coefficients, k, size))
	}
	value := func(r []T, k int) (sum float64) {
		for i, v := range rowOf(coefficients, k, size) {
			sum += v * float64(r[i])
		}
		return sum / float64(int(1)<<n)
	}
	return &densityReader[T]{
		measure: func(r, out []T) {
			for k := range out {
				out[k] = T(value(r, k))
			}
		},
		differentiate: func(_, dout, dr []T) {
			for k, g := range dout {
				for i, v := range rowOf(coefficients, k, size) {
					dr[i] += g * T(v/float64(int(1)<<n))
				}
			}
		},
		sample: func(r []T, shots int, random *splitmix.Source, out, stderr []T) {
			for k := range out {
				f.giveFraction(k, value(r, k), float64(r[0]), shots, random, out, stderr)
			}
		},
	}
}

func (p *purity[T]) densityReader(n int, qubits []int) *densityReader[T] {
	space := newPauliSpace(n)
	var strings []int // of any letters on the qubits
	for x := range 1 << len(qubits) {
		for z := range 1 << len(qubits) {
			strings = append(strings, space.index(maskOf(x, qubits, n), maskOf(z, qubits, n)))
		}
	}
	value := func(r []T) (sum float64) {
		for _, at := range strings {
			sum += float64(r[at]) * float64(r[at])
		}
		return sum / float64(int(1)<<len(qubits))
	}
	return &densityReader[T]{
		measure: func(r, out []T) { out[0] = T(value(r)) },
		differentiate: func(r, dout, dr []T) {
			for _, at := range strings {
				dr[at] += 2 * dout[0] * r[at] / T(int(1)<<len(qubits))
			}
		},
		sample: func(r []T, shots int, random *splitmix.Source, out, stderr []T) {
			p.giveSwapTest(value(r), float64(r[0]), shots, random, out, stderr)
		},
	}
}

// ratio returns a probability a of a total b, 0 of none.
func ratio(a, b float64) float64 {
	if !(b > 0) {
		return 0
	}
	return math.Min(1, math.Max(0, a/b))
}
