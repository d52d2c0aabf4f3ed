package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// prefersCircuits tells whether running the circuits on the patches is less work than making W of d basis
// states and multiplying by it.
func (k scoreShape) prefersCircuits(joint *circuit.Circuit) bool {
	patches, size := float64(k.images*k.tokens), float64(k.dim*stateParts(joint))
	state := size * (stateCost + gateCost*float64(countArithmetic(joint)))
	matrix := 2 * float64(k.parts*k.head*k.head)
	return patches*state < float64(k.dim)*state+patches*matrix
}

// What running a circuit takes for each number of a state, in floating-point operations of a matrix product
// that would take as long: once, and for each gate with arithmetic. BenchmarkRoutes measures them: the routes
// cross at these.
const (
	stateCost = 70
	gateCost  = 3.5
)

// countArithmetic returns how many gates of a circuit do more than exchange amplitudes, which costs nothing.
func countArithmetic(c *circuit.Circuit) (n int) {
	for _, o := range c.Operations() {
		if !permutes(o) {
			n++
		}
	}
	return n
}

// permutes tells whether an operation only exchanges amplitudes.
func permutes(o circuit.Operation) bool {
	if len(o.Angles) > 0 {
		return false
	}
	for _, v := range o.Gate.Matrix(nil) {
		if v != 0 && v != 1 {
			return false
		}
	}
	return true
}

// stateParts is how many real numbers an amplitude takes.
func stateParts(c *circuit.Circuit) int {
	if c.Real() {
		return 1
	}
	return 2
}

func patchwiseScores[T op.Float](k scoreShape, joint *circuit.Circuit,
	angles int) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := compileUnitary[T](joint)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: CircuitScores")
		}
		s := newScoreKernel[T](k, false)
		s.circuits = newPatchwise(k, plan, joint.Real(), anglesPerHead(operands[1:1+angles]))
		perPatch := 2*k.parts*k.tokens*k.head + 3*countArithmetic(joint)*plan.Width()
		return op.Apply(s.node("CircuitScores", k.images*k.heads*k.tokens*perPatch), operands...)
	}
}

// patchwise makes Y = E·W and its gradient by running W† on every patch. W† makes of a real e the conjugate
// of Wᵀe, which is a row of Y.
type patchwise[T op.Float] struct {
	scoreShape
	headAngles[T]
	exec *statevec.Executor[T]
	real bool
	psi  []T // (H, patches, 2^n), real, or interleaved complex: W†e, from which the backward pass starts
	dpsi []T // of one head
}

func newPatchwise[T op.Float](k scoreShape, plan *statevec.Plan[T], real bool, widths []int) *patchwise[T] {
	psi := make([]T, k.heads*k.images*k.tokens*plan.Width())
	return &patchwise[T]{scoreShape: k, headAngles: newHeadAngles[T](widths), exec: plan.NewExecutor(1),
		real: real, psi: psi}
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
