package qops

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/qops/statevec"
)

// reading writes a measurement: (rows, K) of states (rows, 2^n, 2).
type reading func(b *onnx.Builder, psi onnx.Value, qubits int) onnx.Value

// write writes the measurement of states (…, 2^n, 2).
func (m Measurement) write(b *onnx.Builder, psi onnx.Value, qubits, outputs int) onnx.Value {
	if m.onnx == nil {
		b.Fail(errors.Errorf("%s: a measurement of your own has no ONNX form: want a MeasureFunc, of nodes "+
			"that have one", m.name))
		return onnx.Value{}
	}
	shape := psi.Shape()
	leading := shape[:len(shape)-2]
	rows := 1
	for _, d := range leading {
		rows *= d
	}
	out := m.onnx(b, b.Reshape(psi, rows, 1<<qubits, 2), qubits)
	return b.Reshape(out, append(leading, outputs)...)
}

// readExpectations writes ⟨ψ|O_k|ψ⟩. A Pauli string P takes amplitude j to j⊕x with a phase, so that ⟨P⟩ is
// Σ_j Re(phase_j·ψ̄_j·ψ_(j⊕x)); strings of one x share that product.
func readExpectations(observables func(n int) ([]statevec.Observable, error)) reading {
	return func(b *onnx.Builder, psi onnx.Value, n int) (sum onnx.Value) {
		list, err := observables(n)
		if err != nil {
			b.Fail(err)
			return onnx.Value{}
		}
		re, im := parts(b, psi)
		dim, columns := 1<<n, len(list)
		for i, x := range flips(list) {
			first, second := make([]float64, dim*columns), make([]float64, dim*columns) // Re and −Im of the phases
			twisted := false
			for k, o := range list {
				for _, t := range o {
					if flipOf(t.Pauli) != x {
						continue
					}
					for j := range dim {
						phase := complex(t.Coefficient, 0) * phaseOf(t.Pauli, j)
						first[j*columns+k] += real(phase)
						second[j*columns+k] -= imag(phase)
						twisted = twisted || imag(phase) != 0
					}
				}
			}
			flippedRe, flippedIm := re, im
			if x != 0 {
				order := make([]int, dim)
				for j := range order {
					order[j] = j ^ x
				}
				flippedRe, flippedIm = b.Gather(re, 1, order, dim), b.Gather(im, 1, order, dim)
			}
			along := b.Add(b.Mul(re, flippedRe), b.Mul(im, flippedIm))
			part := b.MatMul(along, b.Const(first, dim, columns))
			if twisted {
				across := b.Sub(b.Mul(re, flippedIm), b.Mul(im, flippedRe))
				part = b.Add(part, b.MatMul(across, b.Const(second, dim, columns)))
			}
			if i == 0 {
				sum = part
			} else {
				sum = b.Add(sum, part)
			}
		}
		return sum
	}
}

// flips returns the bits that the strings of observables flip, each set once, in ascending order.
func flips(list []statevec.Observable) (masks []int) {
	for _, o := range list {
		for _, t := range o {
			masks = append(masks, flipOf(t.Pauli))
		}
	}
	slices.Sort(masks)
	return slices.Compact(masks)
}

// flipOf returns the bits that a Pauli string flips.
func flipOf(pauli string) (mask int) {
	for _, p := range pauli {
		mask <<= 1
		if p == 'X' || p == 'Y' {
			mask |= 1
		}
	}
	return mask
}

// phaseOf returns ⟨j|P|j⊕x⟩ of a Pauli string.
func phaseOf(pauli string, j int) complex128 {
	phase := complex128(1)
	for i, p := range pauli {
		one := j>>(len(pauli)-1-i)&1 == 1
		switch {
		case p == 'Y' && one:
			phase *= 1i
		case p == 'Y':
			phase *= -1i
		case p == 'Z' && one:
			phase = -phase
		}
	}
	return phase
}

// qubitAxes returns a tensor (rows, 2^n) with an axis for each qubit.
func qubitAxes(b *onnx.Builder, x onnx.Value, n int) onnx.Value {
	return b.Reshape(x, append([]int{x.Shape()[0]}, slices.Repeat([]int{2}, n)...)...)
}

// readProbabilities writes the probability of each outcome on qubits, of all without any.
func readProbabilities(qubits []int) reading {
	return func(b *onnx.Builder, psi onnx.Value, n int) onnx.Value {
		re, im := parts(b, psi)
		p := squaredLength(b, re, im)
		if len(qubits) == 0 {
			return p
		}
		var others, perm []int
		for q := range n {
			if !slices.Contains(qubits, q) {
				others = append(others, 1+q)
			}
		}
		p = qubitAxes(b, p, n)
		if len(others) > 0 {
			p = b.Sum(p, false, others...)
		}
		ascending := slices.Sorted(slices.Values(qubits))
		for _, q := range qubits {
			perm = append(perm, 1+slices.Index(ascending, q))
		}
		return b.Reshape(b.Transpose(p, append([]int{0}, perm...)...), psi.Shape()[0], 1<<len(qubits))
	}
}

// readPurity writes Tr ρ² with ρ = ΨΨ†, Ψ the state as a matrix of the qubits and the others.
func readPurity(qubits []int) reading {
	return func(b *onnx.Builder, psi onnx.Value, n int) onnx.Value {
		rows, perm := psi.Shape()[0], []int{0}
		for _, q := range qubits {
			perm = append(perm, 1+q)
		}
		for q := range n {
			if !slices.Contains(qubits, q) {
				perm = append(perm, 1+q)
			}
		}
		matrix := func(x onnx.Value) (m, transposed onnx.Value) {
			m = b.Reshape(b.Transpose(qubitAxes(b, x, n), perm...), rows, 1<<len(qubits), 1<<(n-len(qubits)))
			return m, b.Transpose(m, 0, 2, 1)
		}
		re, im := parts(b, psi)
		a, aT := matrix(re)
		c, cT := matrix(im)
		rhoRe := b.Add(b.MatMul(a, aT), b.MatMul(c, cT))
		rhoIm := b.Sub(b.MatMul(c, aT), b.MatMul(a, cT))
		return b.Reshape(b.Sum(squaredLength(b, rhoRe, rhoIm), false, 1, 2), rows, 1)
	}
}

// readFidelities writes |⟨φ_k|ψ⟩|² of fixed states.
func readFidelities(states [][]complex128) reading {
	return func(b *onnx.Builder, psi onnx.Value, n int) onnx.Value {
		rows, dim, k := psi.Shape()[0], 1<<n, len(states)
		toRe, toIm := make([]float64, 2*dim*k), make([]float64, 2*dim*k)
		for s, phi := range states {
			norm := lengthOf(phi)
			for j, v := range phi {
				re, im := real(v)/norm, imag(v)/norm
				toRe[2*j*k+s], toRe[(2*j+1)*k+s] = re, im
				toIm[2*j*k+s], toIm[(2*j+1)*k+s] = -im, re
			}
		}
		flat := b.Reshape(psi, rows, 2*dim)
		re := b.MatMul(flat, b.Const(toRe, 2*dim, k))
		return squaredLength(b, re, b.MatMul(flat, b.Const(toIm, 2*dim, k)))
	}
}

// lengthOf returns the norm of a state, whatever the size of its amplitudes.
func lengthOf(phi []complex128) (norm float64) {
	for _, v := range phi {
		norm = math.Hypot(norm, cmplx.Abs(v))
	}
	return norm
}

// writeHamiltonian writes Σ_k c_k⟨P_k⟩ of states (…, 2^n, 2) and coefficients (K).
func writeHamiltonian(qubits int, terms []statevec.Observable) form {
	return func(b *onnx.Builder, in []onnx.Value) onnx.Value {
		strings := expectations("Hamiltonian", func(int) ([]statevec.Observable, error) { return terms, nil })
		values := strings.write(b, in[0], qubits, len(terms))
		shape := values.Shape()
		sum := b.MatMul(values, b.Reshape(in[1], len(terms), 1))
		return b.Reshape(sum, shape[:len(shape)-1]...)
	}
}
