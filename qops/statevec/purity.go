package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/pkg/errors"
)

// purity measures Tr ρ² of the state ρ that some qubits are in, the others traced out: 1 if they are not
// entangled with the others, 2^−k at the least, times the fourth power of the norm.
//
// A pure state is a matrix M, by the pattern of the qubits and by that of the others, with ρ = MM† on one
// side and M†M on the other, of the same purity. So the smaller side is taken. The gradient is 4ρM.
type purity[T Float] struct {
	*RowMeasurement[T]
	rows, columns []int32 // of M: an amplitude is a row's index plus a column's
	scratch       []purityScratch[T]
}

// purityScratch is M, ρ and ρM of one state, real parts apart from imaginary ones.
type purityScratch[T Float] struct{ mr, mi, rr, ri, pr, pi []T }

// NewPurity prepares the purity of some of n qubits. It returns an error for no qubit, one out of range or
// given twice, and for n that no circuit has.
func NewPurity[T Float](n int, qubits []int, threads int) (*RowMeasurement[T], error) {
	if len(qubits) == 0 {
		return nil, errors.New("statevec: want at least one qubit, got none")
	}
	if err := checkQubits(n, qubits); err != nil {
		return nil, err
	}
	rows, err := newRowMeasurement[T](n, 1, threads)
	if err != nil {
		return nil, err
	}
	few := qubits
	rest := slices.DeleteFunc(allQubits(n), func(q int) bool { return slices.Contains(qubits, q) })
	if len(rest) < len(few) {
		few, rest = rest, few
	}
	p := &purity[T]{RowMeasurement: rows, rows: patterns(few, n), columns: patterns(rest, n)}
	for range p.pool.starts {
		size, side := 1<<n, len(p.rows)*len(p.rows)
		p.scratch = append(p.scratch, purityScratch[T]{
			mr: make([]T, size), mi: make([]T, size),
			rr: make([]T, side), ri: make([]T, side),
			pr: make([]T, size), pi: make([]T, size),
		})
	}
	p.measure, p.differentiate, p.quadratic = p.measureRow, p.differentiateRow, false
	p.sample, p.prepare = p.sampleRow, oneHistogram
	p.onDensity = func() *densityReader[T] { return p.densityReader(n, qubits) }
	return p.RowMeasurement, nil
}

// reduce sets M and ρ of a state.
func (p *purity[T]) reduce(w *purityScratch[T], psi []T) {
	d, r := len(p.rows), len(p.columns)
	k := 0
	for _, row := range p.rows {
		for _, column := range p.columns {
			j := 2 * (row + column)
			w.mr[k], w.mi[k] = psi[j], psi[j+1]
			k++
		}
	}
	dense.Gemm(false, true, d, d, r, 1, w.mr, r, w.mr, r, 0, w.rr, d)
	dense.Gemm(false, true, d, d, r, 1, w.mi, r, w.mi, r, 1, w.rr, d)
	dense.Gemm(false, true, d, d, r, 1, w.mi, r, w.mr, r, 0, w.ri, d)
	dense.Gemm(false, true, d, d, r, -1, w.mr, r, w.mi, r, 1, w.ri, d)
}

func (p *purity[T]) measureRow(worker int, psi, out []T) {
	w := &p.scratch[worker]
	p.reduce(w, psi)
	out[0] = T(dense.SumSquares(w.rr) + dense.SumSquares(w.ri))
}

// sampleRow estimates the purity of a state: the SWAP test of two copies says "equal" with (1 + purity)/2.
func (p *purity[T]) sampleRow(worker int, psi []T, shots int, random *splitmix.Source, out, stderr []T) {
	var exact [1]T
	p.measureRow(worker, psi, exact[:])
	p.giveSwapTest(float64(exact[0]), squaredNorm(psi), shots, random, out, stderr)
}

// giveSwapTest estimates a purity of states of a norm.
func (p *purity[T]) giveSwapTest(value, norm float64, shots int, random *splitmix.Source, out, stderr []T) {
	norm *= norm
	equal := (1 + ratio(value, norm)) / 2
	estimate, e := fraction(random, equal, shots)
	out[0] = T(norm * (2*estimate - 1))
	if stderr != nil {
		stderr[0] = T(norm * 2 * e)
	}
}

func (p *purity[T]) differentiateRow(worker int, psi, dout, dpsi []T) {
	w := &p.scratch[worker]
	p.reduce(w, psi)
	d, r, g := len(p.rows), len(p.columns), 4*dout[0]
	dense.Gemm(false, false, d, r, d, g, w.rr, d, w.mr, r, 0, w.pr, r)
	dense.Gemm(false, false, d, r, d, -g, w.ri, d, w.mi, r, 1, w.pr, r)
	dense.Gemm(false, false, d, r, d, g, w.rr, d, w.mi, r, 0, w.pi, r)
	dense.Gemm(false, false, d, r, d, g, w.ri, d, w.mr, r, 1, w.pi, r)
	k := 0
	for _, row := range p.rows {
		for _, column := range p.columns {
			j := 2 * (row + column)
			dpsi[j], dpsi[j+1] = w.pr[k], w.pi[k]
			k++
		}
	}
}
