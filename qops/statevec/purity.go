package statevec

import "github.com/hqvit/hqvit/internal/dense"

// Purity computes Tr ρ² of the reduced state ρ of a subsystem, for states of any norm. It owns its memory: one a goroutine.
//
// ρ = MM† of the amplitudes as a matrix M of the subsystem by its rest, and M†M has the same purity: the smaller of the two is built, as the
// overlaps of the rows of M or of its transpose.
type Purity[T dense.Float] struct {
	rows       int
	at         []int // of each amplitude: its place in M
	overlap    *Overlap[T]
	m, z, rho2 []T // M, the overlaps of its rows, and their squared moduli
	drho2      []T
	dm, second []T
}

// NewPurity prepares the purity of a subsystem in some number of states. It returns an error for no states.
func NewPurity[T dense.Float](s *Subsystem, rows int) (*Purity[T], error) {
	row, column, k := s.outcome, s.rest, s.kept
	if 2*k > s.qubits {
		row, column, k = column, row, s.qubits-k
	}
	d := 1 << k
	overlap, err := NewOverlap[T](rows, d, d, s.qubits-k, 1)
	if err != nil {
		return nil, err
	}
	p := &Purity[T]{rows: rows, overlap: overlap, at: make([]int, 1<<s.qubits)}
	for j := range p.at {
		p.at[j] = row[j]<<(s.qubits-k) | column[j]
	}
	states, pairs := rows*2<<s.qubits, rows*d*d
	p.m, p.dm, p.second = make([]T, states), make([]T, states), make([]T, states)
	p.z, p.rho2, p.drho2 = make([]T, 2*pairs), make([]T, pairs), make([]T, pairs)
	return p, nil
}

// Apply sets out[r] to Tr ρ² of state r.
//
//	psi  rows × 2·2^n
//	out  rows
//
// It returns an error if a length is wrong.
func (p *Purity[T]) Apply(psi, out []T) error {
	if err := firstError(want("psi", len(psi), len(p.m)), want("out", len(out), p.rows)); err != nil {
		return err
	}
	p.gather(psi)
	if err := p.overlap.Apply(p.m, p.m, p.z, p.rho2); err != nil {
		return err
	}
	for r := range out {
		out[r] = 0
		for _, v := range p.ofRow(p.rho2, r) {
			out[r] += v
		}
	}
	return nil
}

// Adjoint sets dpsi to the gradient of the last Apply, which must have been of the same psi, from dout = ∂L/∂out. It returns an error if a length is wrong.
func (p *Purity[T]) Adjoint(psi, dout, dpsi []T) error {
	if err := firstError(want("psi", len(psi), len(p.m)), want("dpsi", len(dpsi), len(p.m)), want("dout", len(dout), p.rows)); err != nil {
		return err
	}
	for r, g := range dout {
		d := p.ofRow(p.drho2, r)
		for i := range d {
			d[i] = g
		}
	}
	p.gather(psi)
	if err := p.overlap.Adjoint(p.m, p.m, p.z, p.drho2, p.dm, p.second); err != nil {
		return err
	}
	for r := range dout {
		first := r * len(p.at)
		for j, at := range p.at {
			for part := range 2 {
				k := 2*(first+at) + part
				dpsi[2*(first+j)+part] = p.dm[k] + p.second[k]
			}
		}
	}
	return nil
}

// gather writes M of every state.
func (p *Purity[T]) gather(psi []T) {
	for r := range p.rows {
		first := r * len(p.at)
		for j, at := range p.at {
			copy(p.m[2*(first+at):], psi[2*(first+j):2*(first+j)+2])
		}
	}
}

func (p *Purity[T]) ofRow(x []T, r int) []T {
	n := len(x) / p.rows
	return x[r*n : (r+1)*n]
}
