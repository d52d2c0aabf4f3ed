// Package statevec runs circuits on batches of state vectors, exactly, and differentiates them by un-applying gates.
//
// A state of n qubits is a row of 2·2^n numbers, re0 im0 re1 im1 …, qubit 0 the most significant bit of the index; circuits whose gates
// are all real also run on rows of 2^n real numbers. A circuit is compiled once into a Plan, which is immutable and may be shared;
// each goroutine runs it through an Executor of its own, which owns all memory, so that running allocates nothing.
//
//	plan, err := statevec.Compile[float32](c)
//	exec := plan.NewExecutor(2)
//	err = exec.Apply(rows, theta, data, in, out)
//	err = exec.Adjoint(rows, theta, data, out, dout, din, dtheta, ddata)
//
// Results do not depend on the number of threads, to the last bit.
//
// How it works. Neighbouring gates become few kinds of op (lower.go). A tile of 16 lanes is held in cache, amplitude by amplitude, the lanes innermost,
// so that every kernel is a loop over contiguous blocks (kernel.go). Neighbouring real rotations are done three
// in one pass (bundle.go), neighbouring phases as one (phase.go). In small circuits the lanes are rows of the batch and a tile holds whole states; in large ones
// the lanes are values of four qubits and a tile holds ten more, gathered and scattered once for all the ops on them (segment.go). Exchanges of amplitudes
// (X, CX, SWAP) only relabel the places of a tile. On amd64 the kernels are assembly (vector.go), AVX-512 or AVX2 as package dense
// chose; they agree with plain Go to rounding.
package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

const (
	lanes       = 16 // of a block: one AVX-512 register of float32
	batchQubits = 11 // up to here a tile holds whole states
	tileQubits  = 10 // beyond, it holds this many qubits, or one more if that makes fewer passes
	smallQubits = 8  // up to here several tiles make a chunk
	stateQubits = 16 // from here on threads share one state instead of the rows
	maxTouched  = 16 // qubits of one gate of a large circuit
	maxQubits   = circuit.MaxQubits
)

// Float is the element type of states and angles: float32 or float64.
type Float interface{ float32 | float64 }

// Plan is a compiled circuit: immutable, and safe to share between goroutines.
type Plan[T Float] struct {
	qubits, numTheta, numData int
	real                      bool
	segments                  []segment
	steps, bundles            int // of all segments
}

// Compile returns the plan of a circuit on complex states. It returns the circuit's own error if it has one.
func Compile[T Float](c *circuit.Circuit) (*Plan[T], error) { return compile[T](c, false) }

// CompileReal returns the plan of a circuit on real states, rows of 2^n numbers. It returns an error unless every gate is real.
func CompileReal[T Float](c *circuit.Circuit) (*Plan[T], error) { return compile[T](c, true) }

func compile[T Float](c *circuit.Circuit, real bool) (*Plan[T], error) {
	if c == nil {
		return nil, errors.New("statevec: circuit is nil")
	}
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "statevec")
	}
	if real && !c.Real() {
		return nil, errors.New("statevec: want a circuit of real gates for real states, got a complex one")
	}
	ops, err := lower(c)
	if err != nil {
		return nil, err
	}
	if real && slices.ContainsFunc(ops, func(o op) bool { return !o.real() }) {
		return nil, errors.New("statevec: want gates that are real part by part for real states: an Evolution on several qubits is not, compile it for complex states")
	}
	p := &Plan[T]{qubits: c.Qubits(), numTheta: c.NumTheta(), numData: c.NumData(), real: real}
	p.segments, err = split(ops, p.qubits, lastQubits[T](real))
	size, start := p.size(), (*layout)(nil)
	for i := range p.segments {
		s := &p.segments[i]
		s.start = newLayout[T](s.amp, identity(len(s.amp)), real, size, start)
		s.end = newLayout[T](s.amp, s.place, real, size, &s.start)
		if start == nil || len(s.start.columns) > 0 {
			start = &s.start
		}
		for j := range s.steps {
			s.steps[j].slot = p.steps
			p.steps++
		}
		for j := range s.bundles {
			s.bundles[j].slot = p.bundles
			p.bundles++
		}
	}
	return p, err
}

// Qubits returns the number of qubits n.
func (p *Plan[T]) Qubits() int { return p.qubits }

// NumTheta returns the length of theta.
func (p *Plan[T]) NumTheta() int { return p.numTheta }

// NumData returns the length of a row of data.
func (p *Plan[T]) NumData() int { return p.numData }

// Width returns the length of a row: 2·2^n, or 2^n on real states.
func (p *Plan[T]) Width() int {
	if p.real {
		return 1 << p.qubits
	}
	return 2 << p.qubits
}

// size returns how many amplitudes of a lane the largest tile holds.
func (p *Plan[T]) size() int {
	size := 1
	for i := range p.segments {
		size = max(size, len(p.segments[i].amp))
	}
	return size
}

// small tells whether a tile is so little work that chunks are of several.
func (p *Plan[T]) small() bool { return p.qubits <= smallQubits }

// batched tells whether the lanes of a tile are rows of the batch.
func (p *Plan[T]) batched() bool { return p.qubits <= batchQubits }
