package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Route says how CircuitScores comes to ⟨U_q e_i|U_k e_j⟩. All routes agree to rounding.
type Route int

const (
	Cheaper   Route = iota // Merged or Patchwise, whichever takes less arithmetic for these shapes and circuits
	Merged                 // the matrix W = U_q†U_k once, and matrix products: Unitary, then Scores
	Patchwise              // the circuits on every patch, as a quantum computer would
)

// CircuitScores returns Scores of W = U_q(θ_q)†·U_k(θ_k), by the cheaper of two routes: a matrix costs d² a patch, a circuit d for each gate.
//
//	x       (B, T, D)         real; head h sees the columns [h·D/H, (h+1)·D/H)
//	thetaQ  (H, q.NumTheta)   radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)   radians; nil if k has none
//	out     (B, H, T, T)      as Scores has it
//
// The route is chosen by the shapes and the gates alone, so that one model gives one result. Differentiable once in x, thetaQ, thetaK and
// Scale. It returns the errors of Unitary and of Scores.
//
// Source: docs/math.md, sections 2 and 5.
func CircuitScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, o ScoreOptions, route Route) (*G.Node, error) {
	if route < Cheaper || route > Patchwise {
		return nil, errors.Errorf("qops: CircuitScores: unknown Route %d", route)
	}
	joint, heads, err := unitaryOperands(q, k, thetaQ, thetaK)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: CircuitScores")
	}
	if x == nil {
		return nil, errors.New("qops: CircuitScores: x is nil")
	}
	shape := unitaryShape(joint, heads)
	g, err := newPairs(x.Shape(), shape, o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: CircuitScores")
	}
	if route == Merged || route == Cheaper && !g.prefersCircuits(joint) {
		w, err := Unitary(q, k, thetaQ, thetaK)
		if err != nil {
			return nil, err
		}
		return Scores(x, w, o)
	}
	operands := present(thetaQ, thetaK)
	angles := len(operands)
	operands = append(operands, present(o.Scale)...)
	return op.ByDtype(x, patchwiseScores[float32](g, joint, angles), patchwiseScores[float64](g, joint, angles), operands...)
}

// prefersCircuits says whether running the circuits on the patches is less work than making W of d basis states and multiplying by it.
func (k pairs) prefersCircuits(joint *circuit.Circuit) bool {
	patches, size := float64(k.images*k.tokens), float64(k.dim*stateParts(joint))
	state := size * (stateCost + gateCost*float64(turns(joint)))
	matrix := 2 * float64(k.parts*k.head*k.head)
	return patches*state < float64(k.dim)*state+patches*matrix
}

// What running a circuit takes of each number of a state, in floating-point operations of a matrix product that would take as long: once, and for each gate
// that turns. BenchmarkRoutes measures them: the routes cross at these.
const (
	stateCost = 70
	gateCost  = 3.5
)

// turns returns how many gates of a circuit are more than a relabelling.
func turns(c *circuit.Circuit) (n int) {
	for _, g := range c.Operations() {
		if !relabels(g) {
			n++
		}
	}
	return n
}

// relabels says whether a gate only exchanges amplitudes, which costs nothing.
func relabels(g circuit.Operation) bool {
	if len(g.Angles) > 0 {
		return false
	}
	for _, v := range g.Gate.Matrix(nil) {
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

func patchwiseScores[T op.Float](k pairs, joint *circuit.Circuit, angles int) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := compileUnitary[T](joint)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: CircuitScores")
		}
		b := newBilinear[T](k, false)
		b.circuits = newPatchwise(k, plan, joint.Real(), widthsOf(operands[1:1+angles]))
		return op.Apply(op.Kernel[T]{
			Name:            "CircuitScores",
			Saved:           b.kept,
			BackwardIgnores: []int{0, op.Result},
			BackwardScratch: b.work,
			Flops:           k.images * k.heads * k.tokens * (2*k.parts*k.tokens*k.head + 3*turns(joint)*plan.Width()),
			Shape:           k.shape(),
			Forward:         b.forward,
			Backward:        b.backward,
		}, operands...)
	}
}

// patchwise makes Y = E·W and its gradient by running W† on every patch. W† makes of a real e the conjugate of Wᵀe, which is a row of Y.
type patchwise[T op.Float] struct {
	pairs
	headAngles[T]
	exec *statevec.Executor[T]
	real bool
	psi  []T // (H, patches, 2^n), real, or interleaved complex: W†e, from which the backward pass starts
	dpsi []T // of one head
}

func newPatchwise[T op.Float](k pairs, plan *statevec.Plan[T], real bool, widths []int) *patchwise[T] {
	return &patchwise[T]{pairs: k, headAngles: newHeadAngles[T](widths), exec: plan.NewExecutor(1), real: real,
		psi: make([]T, k.heads*k.images*k.tokens*plan.Width())}
}

func (p *patchwise[T]) states(h int) []T {
	n := len(p.psi) / p.heads
	return p.psi[h*n : (h+1)*n]
}

// forward writes the parts of Y, (patches, D), from those of E.
func (p *patchwise[T]) forward(theta [][]T, unit []T, y [2][]T) error {
	for h := range p.heads {
		p.gather(theta, h)
		if err := finite("theta", len(p.theta), p.theta); err != nil {
			return errors.WithMessagef(err, "head %d", h)
		}
		psi := p.states(h)
		p.put(psi, unit, nil, h)
		if err := p.exec.Apply(p.images*p.tokens, p.theta, nil, psi, psi); err != nil {
			return err
		}
		p.get(y, psi, h)
	}
	return nil
}

// backward adds to dE what comes of the gradient to Y, and writes that of the angles. dE or angles that are nil are left out.
func (p *patchwise[T]) backward(theta, dtheta [][]T, dy [2][]T, dunit []T) error {
	if p.dpsi == nil {
		p.dpsi = make([]T, len(p.psi)/p.heads)
	}
	for h := range p.heads {
		p.gather(theta, h)
		p.put(p.dpsi, dy[0], dy[1], h)
		if err := p.exec.Adjoint(p.images*p.tokens, p.theta, nil, p.states(h), p.dpsi, p.dpsi, p.dtheta, nil); err != nil {
			return err
		}
		p.scatter(dtheta, h)
		if dunit != nil {
			p.addTo(dunit, p.dpsi, h)
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

// put sets the states of head h to re and the conjugate of i·im; nil is zeros, and so is what the head leaves free of a state.
func (p *patchwise[T]) put(states, re, im []T, h int) {
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

// get sets y to the parts of the conjugate of the states of head h.
func (p *patchwise[T]) get(y [2][]T, states []T, h int) {
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

// addTo adds the real parts of the states of head h to x.
func (p *patchwise[T]) addTo(x, states []T, h int) {
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
