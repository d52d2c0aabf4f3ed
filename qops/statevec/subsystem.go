package statevec

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/pkg/errors"
)

// Subsystem is some of n qubits in an order of their own, and the rest of them in the order that they have.
type Subsystem struct {
	qubits, kept  int
	outcome, rest []int // of each index of an amplitude: the bits of the kept qubits, the first the most significant, and those of the rest
}

// NewSubsystem returns the subsystem of the given qubits, of all n if none is given.
// It returns an error for a qubit out of range or given twice.
func NewSubsystem(n int, qubits ...int) (*Subsystem, error) {
	if len(qubits) == 0 {
		for q := range n {
			qubits = append(qubits, q)
		}
	}
	chosen := make([]bool, n)
	for _, q := range qubits {
		if q < 0 || q >= n {
			return nil, errors.Errorf("statevec: qubit %d out of range [0,%d)", q, n)
		}
		if chosen[q] {
			return nil, errors.Errorf("statevec: qubit %d is given twice", q)
		}
		chosen[q] = true
	}
	var others []int
	for q, in := range chosen {
		if !in {
			others = append(others, q)
		}
	}
	s := &Subsystem{qubits: n, kept: len(qubits), outcome: make([]int, 1<<n), rest: make([]int, 1<<n)}
	for j := range s.outcome {
		s.outcome[j], s.rest[j] = bitsAt(j, n, qubits), bitsAt(j, n, others)
	}
	return s, nil
}

// bitsAt returns the bits that some qubits have in the index j of n qubits, the first the most significant.
func bitsAt(j, n int, qubits []int) (out int) {
	for _, q := range qubits {
		out = out<<1 | j>>(n-1-q)&1
	}
	return out
}

// Outcomes returns the number of basis states of the kept qubits.
func (s *Subsystem) Outcomes() int { return 1 << s.kept }

// Marginals sets out[r, a] to the probability of outcome a on the subsystem in state r, the sum of |ψⱼ|² over all j with those bits.
//
//	psi  rows × 2·2^n
//	out  rows × Outcomes
//
// It returns an error if a length is wrong.
func Marginals[T dense.Float](s *Subsystem, rows int, psi, out []T) error {
	if err := firstError(want("psi", len(psi), rows*2<<s.qubits), want("out", len(out), rows<<s.kept)); err != nil {
		return err
	}
	clear(out)
	for r := range rows {
		state, p := psi[r*2<<s.qubits:], out[r<<s.kept:]
		for j, a := range s.outcome {
			re, im := state[2*j], state[2*j+1]
			p[a] += re*re + im*im
		}
	}
	return nil
}

// MarginalsAdjoint sets dpsi to the gradient of Marginals, from dout = ∂L/∂out. It returns an error if a length is wrong.
func MarginalsAdjoint[T dense.Float](s *Subsystem, rows int, psi, dout, dpsi []T) error {
	n := rows * 2 << s.qubits
	if err := firstError(want("psi", len(psi), n), want("dpsi", len(dpsi), n), want("dout", len(dout), rows<<s.kept)); err != nil {
		return err
	}
	for r := range rows {
		state, d, g := psi[r*2<<s.qubits:], dpsi[r*2<<s.qubits:], dout[r<<s.kept:]
		for j, a := range s.outcome {
			d[2*j], d[2*j+1] = 2*g[a]*state[2*j], 2*g[a]*state[2*j+1]
		}
	}
	return nil
}
