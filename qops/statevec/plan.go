package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

const (
	batchQubits = 11 // up to here a tile holds whole states
	tileQubits  = 10 // beyond, it holds this many qubits, or one more if that makes fewer passes
	smallQubits = 8  // up to here several tiles make a chunk
	stateQubits = 16 // from here on threads share one state instead of the rows
	maxQubits   = circuit.MaxQubits
)

// Float is the element type of states and angles: float32 or float64.
type Float interface{ float32 | float64 }

// Plan is a compiled circuit: immutable, and safe to share between goroutines.
type Plan[T Float] struct {
	qubits, numTheta, numData int
	real                      bool
	segments                  []segment
	steps, passes             int // of all segments
	size                      int // amplitudes of a lane in the largest tile
}

// Compile returns the plan of a circuit on complex states. It returns the circuit's own error if it has one,
// and an error for a gate that is not unitary, of the wrong size, or without a generator or decomposition for
// its angles. It takes time in proportion to the number of gates.
func Compile[T Float](c *circuit.Circuit) (*Plan[T], error) { return compile[T](c, false) }

// CompileReal returns the plan of a circuit on real states, rows of 2^n numbers. It returns the errors of
// Compile, and one unless every gate is real.
func CompileReal[T Float](c *circuit.Circuit) (*Plan[T], error) { return compile[T](c, true) }

func compile[T Float](c *circuit.Circuit, real bool) (*Plan[T], error) {
	if err := checkCircuit(c); err != nil {
		return nil, err
	}
	if real && !c.Real() {
		return nil, errors.New("statevec: want a circuit of real gates for real states, got a complex one")
	}
	ops, err := lower(c)
	if err != nil {
		return nil, err
	}
	if real && slices.ContainsFunc(ops, func(o *op) bool { return !o.real() }) {
		return nil, errors.New("statevec: want gates whose decompositions are real for real states: " +
			"that of an Evolution on several qubits is not, compile it for complex states")
	}
	p := &Plan[T]{qubits: c.Qubits(), numTheta: c.NumTheta(), numData: c.NumData(), real: real}
	if p.segments, err = newSegments(ops, p.qubits, tile.LastQubits[T](real)); err != nil {
		return nil, err
	}
	p.number()
	p.lay()
	return p, nil
}

// number numbers steps and passes.
func (p *Plan[T]) number() {
	for i := range p.segments {
		s := &p.segments[i]
		p.size = max(p.size, len(s.amp))
		for j := range s.steps {
			s.steps[j].index = p.steps
			p.steps++
		}
		for j := range s.passes {
			s.passes[j].index = p.passes
			p.passes++
		}
	}
}

// lay sets the layouts of tiles before and after each segment.
func (p *Plan[T]) lay() {
	var start *tile.Layout
	for i := range p.segments {
		s := &p.segments[i]
		s.start = tile.NewLayout[T](s.amp, identity(len(s.amp)), p.real, p.size, start)
		s.end = tile.NewLayout[T](s.amp, s.place, p.real, p.size, &s.start)
		if start == nil || s.start.HasLines() {
			start = &s.start
		}
	}
}

// Qubits returns the number of qubits n.
func (p *Plan[T]) Qubits() int { return p.orZero().qubits }

// orZero returns the plan, in place of nil the zero one.
func (p *Plan[T]) orZero() *Plan[T] {
	if p == nil {
		return &Plan[T]{}
	}
	return p
}

// NumTheta returns the length of theta.
func (p *Plan[T]) NumTheta() int { return p.orZero().numTheta }

// NumData returns the length of a row of data.
func (p *Plan[T]) NumData() int { return p.orZero().numData }

// Width returns the length of a row: 2·2^n, or 2^n on real states; 0 for a plan that is not from Compile.
func (p *Plan[T]) Width() int {
	switch {
	case !p.compiled():
		return 0
	case p.real:
		return 1 << p.qubits
	}
	return 2 << p.qubits
}

// compiled tells whether the plan comes from Compile.
func (p *Plan[T]) compiled() bool { return p != nil && len(p.segments) > 0 }

// small tells whether a tile is so little work that chunks are of several.
func (p *Plan[T]) small() bool { return p.qubits <= smallQubits }

// batched tells whether the lanes of a tile are rows of the batch.
func (p *Plan[T]) batched() bool { return p.qubits <= batchQubits }

// angleEntry returns the place of an angle in a list of all derivatives: theta, then data.
func (p *Plan[T]) angleEntry(a circuit.Angle) int {
	if a.Source == circuit.Input {
		return p.numTheta + a.Index
	}
	return a.Index
}
