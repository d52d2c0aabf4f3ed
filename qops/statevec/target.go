package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// target is the amplitudes of some qubits in a state.
type target struct {
	strides []int // numbers between the two values of a qubit, the first first
}

func newTarget(qubits []int, n int) (t target) {
	for _, q := range qubits {
		t.strides = append(t.strides, 2<<(n-1-q))
	}
	return t
}

// eachPair calls f for every amplitude in which both of two qubits are 0, by its first number.
func (t target) eachPair(size int, f func(i int)) {
	high, low := slices.Max(t.strides), slices.Min(t.strides)
	for i := 0; i < size; i += 2 * high {
		for j := i; j < i+high; j += 2 * low {
			for k := j; k < j+low; k += 2 {
				f(k)
			}
		}
	}
}

// offsets returns where the amplitudes of each value of the qubits stand.
func (t target) offsets() (out [4]int) {
	for i := range 1 << len(t.strides) {
		for k, s := range t.strides {
			if i>>(len(t.strides)-1-k)&1 == 1 {
				out[i] += s
			}
		}
	}
	return out
}

// apply multiplies a state by a matrix on the qubits.
func apply[T Float](t target, m circuit.Matrix, psi []T) {
	if len(t.strides) == 1 {
		applyToQubit(m, t.strides[0], psi)
		return
	}
	if flip, ok := stringOf(m); ok {
		applyString(t, m, flip, psi)
		return
	}
	offsets := t.offsets()
	t.eachPair(len(psi), func(i int) {
		var in [4]complex128
		for k := range in {
			in[k] = complex(float64(psi[i+offsets[k]]), float64(psi[i+offsets[k]+1]))
		}
		for r := range in {
			sum := complex128(0)
			for k, v := range in {
				sum += m[r*4+k] * v
			}
			psi[i+offsets[r]], psi[i+offsets[r]+1] = T(real(sum)), T(imag(sum))
		}
	})
}

// stringOf tells whether a matrix on two qubits is a Pauli string but for its phase, and which values it
// exchanges.
func stringOf(m circuit.Matrix) (flip int, ok bool) {
	for m[flip] == 0 && flip < 3 {
		flip++
	}
	for i, v := range m {
		if entry := i/4^flip == i%4; imag(v) != 0 || entry != (v == 1 || v == -1) || !entry && v != 0 {
			return 0, false
		}
	}
	return flip, true
}

func applyString[T Float](t target, m circuit.Matrix, flip int, psi []T) {
	offsets := t.offsets()
	high, low := slices.Max(t.strides), slices.Min(t.strides)
	for r := range offsets {
		k := r ^ flip
		to, from := T(real(m[r*4+k])), T(real(m[k*4+r]))
		if k < r || k == r && to == 1 {
			continue
		}
		for i := 0; i < len(psi); i += 2 * high {
			for j := i; j < i+high; j += 2 * low {
				a := psi[j+offsets[r]:][:low]
				b := psi[j+offsets[k]:][:len(a)]
				if k == r {
					for x, v := range a {
						a[x] = -v
					}
					continue
				}
				for x, v := range a {
					a[x], b[x] = to*b[x], from*v
				}
			}
		}
	}
}

// applyToQubit multiplies a state by a matrix on a qubit, whose values are step numbers apart.
func applyToQubit[T Float](m circuit.Matrix, step int, psi []T) {
	var u [8]T
	for i, v := range m {
		u[2*i], u[2*i+1] = T(real(v)), T(imag(v))
	}
	real := m.IsReal()
	for from := 0; from < len(psi); from += 2 * step {
		zero := psi[from : from+step : from+step]
		one := psi[from+step:][:len(zero)]
		switch {
		case real && u[0] == 0 && u[6] == 0: // X and Y, and a decay
			for i, a := range zero {
				zero[i], one[i] = u[2]*one[i], u[4]*a
			}
		case real:
			for i, a := range zero {
				b := one[i]
				zero[i], one[i] = u[0]*a+u[2]*b, u[4]*a+u[6]*b
			}
		default:
			for i := 0; i+1 < len(zero); i += 2 {
				a, b, c, d := zero[i], zero[i+1], one[i], one[i+1]
				zero[i], zero[i+1] = u[0]*a-u[1]*b+u[2]*c-u[3]*d, u[0]*b+u[1]*a+u[2]*d+u[3]*c
				one[i], one[i+1] = u[4]*a-u[5]*b+u[6]*c-u[7]*d, u[4]*b+u[5]*a+u[6]*d+u[7]*c
			}
		}
	}
}

// reduced returns the density matrix of the qubits in a state, of any norm.
func reduced[T Float](t target, psi []T) circuit.Matrix {
	if len(t.strides) == 1 {
		return reducedToQubit(t.strides[0], psi)
	}
	offsets := t.offsets()
	rho := make(circuit.Matrix, 16)
	t.eachPair(len(psi), func(i int) {
		for r := range 4 {
			a := complex(float64(psi[i+offsets[r]]), float64(psi[i+offsets[r]+1]))
			for k := range 4 {
				rho[r*4+k] += a * complex(float64(psi[i+offsets[k]]), -float64(psi[i+offsets[k]+1]))
			}
		}
	})
	return rho
}

func reducedToQubit[T Float](step int, psi []T) circuit.Matrix {
	var p, q, re, im float64
	for from := 0; from < len(psi); from += 2 * step {
		zero := psi[from : from+step : from+step]
		one := psi[from+step:][:len(zero)]
		for i := 0; i+1 < len(zero); i += 2 {
			a, b, c, d := float64(zero[i]), float64(zero[i+1]), float64(one[i]), float64(one[i+1])
			p, q = p+a*a+b*b, q+c*c+d*d
			re, im = re+a*c+b*d, im+b*c-a*d
		}
	}
	return circuit.Matrix{complex(p, 0), complex(re, im), complex(re, -im), complex(q, 0)}
}
