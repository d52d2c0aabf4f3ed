package tile

import "github.com/hqvit/hqvit/internal/dense"

// Dense is a constant matrix on groups of amplitudes, with the memory to multiply by it.
type Dense[T dense.Float] struct {
	dim     int
	re, im  []T
	entries []Block[T] // both for the assembly, in its order; nil for a matrix that it does not take
	scratch []Block[T]
}

// maxDense is the largest dimension that the assembly takes: its entries fill the first cache.
const maxDense = 16

// NewDense returns room for a matrix of a dimension.
func NewDense[T dense.Float](dim int) *Dense[T] {
	m := &Dense[T]{dim: dim, re: make([]T, dim*dim), im: make([]T, dim*dim), scratch: make([]Block[T], 2*dim)}
	if dim%2 == 0 && dim <= maxDense {
		m.entries = make([]Block[T], 2*dim*dim)
	}
	return m
}

// Set sets an entry.
func (m *Dense[T]) Set(r, c int, z complex128) {
	x, y := T(real(z)), T(imag(z))
	m.re[r*m.dim+c], m.im[r*m.dim+c] = x, y
	if m.entries == nil {
		return
	}
	at := 4*(r/2*m.dim+c) + 2*(r%2)
	for l := range Lanes {
		m.entries[at][l], m.entries[at+1][l] = x, y
	}
}

// Multiply multiplies each group of amplitudes by a matrix, which is real for real states.
func (s *States[T]) Multiply(groups []int32, m *Dense[T]) {
	if v := active[T](); v != nil && m.entries != nil && s.Im != nil && len(groups) > 0 {
		for c := 0; c < Lanes; c += v.width {
			if m.dim == 4 {
				v.multiplyFour(&s.Re[0][c], &s.Im[0][c], &groups[0], len(groups)/4, &m.entries[0][0])
				continue
			}
			v.multiply(&s.Re[0][c], &s.Im[0][c], &groups[0], len(groups)/m.dim, m.dim, &m.entries[0][0],
				&m.scratch[0][0])
		}
		return
	}
	re, im, dim, scratch := s.Re, s.Im, m.dim, m.scratch
	for ; len(groups) >= dim; groups = groups[dim:] {
		for r := range dim {
			sr, si := &scratch[r], &scratch[dim+r]
			*sr, *si = Block[T]{}, Block[T]{}
			for c := range dim {
				ar, x := &re[groups[c]], m.re[r*dim+c]
				for l := range Lanes {
					sr[l] += x * ar[l]
				}
				if im == nil {
					continue
				}
				ai, y := &im[groups[c]], m.im[r*dim+c]
				for l := range Lanes {
					sr[l] -= y * ai[l]
					si[l] += x*ai[l] + y*ar[l]
				}
			}
		}
		for r := range dim {
			re[groups[r]] = scratch[r]
			if im != nil {
				im[groups[r]] = scratch[dim+r]
			}
		}
	}
}
