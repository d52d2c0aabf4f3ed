package qops

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// project computes Y = E·W, by the matrix W or by its circuits.
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

// patchwise makes Y = E·W and its gradient by running W† on every patch. W† makes of a real e the conjugate
// of Wᵀe, which is a row of Y.
type patchwise[T op.Float] struct {
	scoreShape
	headAngles[T]
	plan *statevec.Plan[T]
	exec *statevec.Executor[T]
	real bool
	psi  []T // (H, patches, 2^n), real, or interleaved complex: W†e, from which the backward pass starts
	dpsi []T // of one head
}

func newPatchwise[T op.Float](k scoreShape, plan *statevec.Plan[T], real bool, widths []int) *patchwise[T] {
	psi := make([]T, k.heads*k.images*k.tokens*plan.Width())
	return &patchwise[T]{scoreShape: k, headAngles: newHeadAngles[T](widths), plan: plan,
		exec: plan.NewExecutor(1), real: real, psi: psi}
}

func (p *patchwise[T]) states(h int) []T {
	n := len(p.psi) / p.heads
	return p.psi[h*n : (h+1)*n]
}

// forward writes the parts of Y, (patches, D), from those of E.
func (p *patchwise[T]) forward(theta [][]T, unit []T, y [2][]T) error {
	for h := range p.heads {
		if err := p.gather(theta, h); err != nil {
			return err
		}
		psi := p.states(h)
		p.setStates(psi, unit, nil, h)
		if err := p.exec.Apply(p.images*p.tokens, p.theta, nil, psi, psi); err != nil {
			return err
		}
		p.getConjugates(y, psi, h)
	}
	return nil
}

// backward adds to dE what comes of the gradient to Y, and writes that of the angles. dE or angles that are
// nil are left out.
func (p *patchwise[T]) backward(theta, dtheta [][]T, dy [2][]T, dunit []T) error {
	if p.dpsi == nil {
		p.dpsi = make([]T, len(p.psi)/p.heads)
	}
	for h := range p.heads {
		if err := p.gather(theta, h); err != nil {
			return err
		}
		p.setStates(p.dpsi, dy[0], dy[1], h)
		err := p.exec.Adjoint(p.images*p.tokens, p.theta, nil, p.states(h), p.dpsi, p.dpsi, p.dtheta, nil)
		if err != nil {
			return err
		}
		p.scatter(dtheta, h)
		if dunit != nil {
			p.addRealParts(dunit, p.dpsi, h)
		}
	}
	return nil
}

// eachPatch calls f with the state of every patch, and where head h's columns of it begin in (patches, D).
func (p *patchwise[T]) eachPatch(states []T, h int, f func(state []T, from int)) {
	patches := p.images * p.tokens
	size := len(states) / patches
	for i := range patches {
		f(states[i*size:(i+1)*size], i*p.width+h*p.head)
	}
}

// setStates sets the states of head h to re and the conjugate of i·im; nil is zeros, and so is what the head
// leaves free of a state.
func (p *patchwise[T]) setStates(states, re, im []T, h int) {
	p.eachPatch(states, h, func(state []T, from int) {
		if p.real {
			clear(state[copy(state, re[from:from+p.head]):])
			return
		}
		clear(state)
		for j, v := range re[from : from+p.head] {
			state[2*j] = v
		}
		if im == nil {
			return
		}
		for j, v := range im[from : from+p.head] {
			state[2*j+1] = -v
		}
	})
}

// getConjugates sets y to the parts of the conjugate of the states of head h.
func (p *patchwise[T]) getConjugates(y [2][]T, states []T, h int) {
	p.eachPatch(states, h, func(state []T, from int) {
		if p.real {
			copy(y[0][from:from+p.head], state)
			return
		}
		for c := range p.parts {
			sign := T(1 - 2*c)
			for j := range p.head {
				y[c][from+j] = sign * state[2*j+c]
			}
		}
	})
}

// addRealParts adds the real parts of the states of head h to x.
func (p *patchwise[T]) addRealParts(x, states []T, h int) {
	p.eachPatch(states, h, func(state []T, from int) {
		row := x[from : from+p.head]
		if p.real {
			dense.Axpy(1, state[:p.head], row)
			return
		}
		for j := range row {
			row[j] += state[2*j]
		}
	})
}
