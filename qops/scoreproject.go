package qops

import "github.com/hqvit/hqvit/internal/dense"

// project computes Y = E·W.
func (s *scoreKernel[T]) project(in [][]T) error {
	if s.circuits != nil {
		return s.circuits.forward(in[1:s.scaleIndex()], s.unit, s.y)
	}
	s.splitW(in[1])
	rows, d, n := s.images*s.tokens, s.width, s.head
	for c := range s.parts {
		for h := range s.heads {
			w, ldw := s.matrix(s.w[c], h)
			dense.Gemm(false, false, rows, n, n, 1, s.unit[h*n:], d, w, ldw, 0, s.y[c][h*n:], d)
		}
	}
	return nil
}

// projectGrad pulls dY back through Y = E·W: the gradient to W or to the angles, and, added to dE, that to E.
func (s *scoreKernel[T]) projectGrad(din, in [][]T) error {
	dunit := s.dunit
	if din[0] == nil {
		dunit = nil
	}
	if s.circuits != nil {
		return s.circuits.backward(in[1:s.scaleIndex()], din[1:s.scaleIndex()], s.dy, dunit)
	}
	s.splitW(in[1])
	if s.dw == nil {
		s.dw = make([]T, s.heads*s.head*s.head)
	}
	rows, d, n := s.images*s.tokens, s.width, s.head
	for c := range s.parts {
		for h := range s.heads {
			e, dy := s.unit[h*n:], s.dy[c][h*n:]
			if dunit != nil {
				w, ldw := s.matrix(s.w[c], h)
				dense.Gemm(false, true, rows, n, n, 1, dy, d, w, ldw, 1, dunit[h*n:], d)
			}
			if din[1] != nil {
				dense.Gemm(true, false, n, n, rows, 1, e, d, dy, d, 0, s.dw[h*n*n:], n)
			}
		}
		if din[1] != nil {
			s.joinW(din[1], c)
		}
	}
	return nil
}

// splitW separates the parts of a complex W and leaves a real one where it is.
func (s *scoreKernel[T]) splitW(w []T) {
	if !s.interleaved {
		s.w[0] = w
		return
	}
	s.eachOfBlocks(func(full, packed int) {
		for c := range s.parts {
			s.w[c][packed] = w[2*full+c]
		}
	})
}

// joinW writes a part of the gradient to W: that of the leading blocks; the rest of W plays no role.
func (s *scoreKernel[T]) joinW(dw []T, c int) {
	parts := 1
	if s.interleaved {
		parts = 2
	}
	if c == 0 {
		clear(dw)
	}
	s.eachOfBlocks(func(full, packed int) { dw[parts*full+c] = s.dw[packed] })
}

// eachOfBlocks calls f with the index in W, parts aside, of each element of the leading block of each head,
// and its index among the blocks alone.
func (s *scoreKernel[T]) eachOfBlocks(f func(full, packed int)) {
	for h := range s.heads {
		for r := range s.head {
			for c := range s.head {
				f((h*s.dim+r)*s.dim+c, (h*s.head+r)*s.head+c)
			}
		}
	}
}

// matrix returns head h's block of a part of W, and its row stride.
func (s *scoreKernel[T]) matrix(w []T, h int) ([]T, int) {
	dim := s.dim
	if s.interleaved {
		dim = s.head
	}
	return w[h*dim*dim:], dim
}
