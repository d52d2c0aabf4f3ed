package qops

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// halves cuts the compiled circuit of a pair in two: what only the first patch decides, and the inverse of
// the rest, which only the second does, as statevec.NoisyOverlap takes it. It returns false if no cut does
// that.
func halves(c *circuit.Noisy, data int) (first, second *circuit.Noisy, ok bool) {
	n := c.Qubits()
	late := make([]bool, n) // qubits behind an angle of the second patch
	first = circuit.NewNoisy(n)
	if r := c.Readout(); r != nil {
		first.Confuse(r...)
	}
	var rest []circuit.NoisyStep
	for _, s := range c.Steps() {
		qubits, early, later := s.Qubits, false, false
		if s.Channel.Qubits() == 0 {
			qubits = s.Operation.AllQubits()
			for _, a := range s.Operation.Angles {
				early = early || a.Source == circuit.Input && a.Index < data
				later = later || a.Source == circuit.Input && a.Index >= data
			}
		}
		for _, q := range qubits {
			later = later || late[q]
		}
		switch {
		case later && early:
			return nil, nil, false
		case later:
			for _, q := range qubits {
				late[q] = true
			}
			rest = append(rest, s)
		case s.Channel.Qubits() > 0:
			first.Disturb(s.Channel, qubits...)
		default:
			first.Apply(s.Operation)
		}
	}
	own := func(a circuit.Angle) circuit.Angle {
		if a.Source == circuit.Input {
			a.Index -= data
		}
		return a
	}
	return first, inverted(rest, n, own), len(rest) > 0 && rest[0].Channel.Qubits() == 0
}

// inverted returns the noisy circuit whose inverse, as statevec.NoisyOverlap runs it, is these steps: the
// inverse of each gate, from the last on, with the channels behind it.
func inverted(steps []circuit.NoisyStep, n int, angle func(circuit.Angle) circuit.Angle) *circuit.Noisy {
	out := circuit.NewNoisy(n)
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Channel.Qubits() > 0 {
			continue
		}
		out.Apply(steps[i].Operation.Map(nil, angle).Adjoint())
		for j := i + 1; j < len(steps) && steps[j].Channel.Qubits() > 0; j++ {
			out.Disturb(steps[j].Channel, steps[j].Qubits...)
		}
	}
	return out
}

// pairOverlap measures f_ij, of all pairs of the patches of each image, by the two halves of the circuit of a
// pair.
type pairOverlap[T op.Float] struct {
	overlap *statevec.NoisyOverlap[T]
	query   int // angles of the query
	theta   []T // of query, then key
	halves  [2]pairHalf[T]
}

// pairHalf is what a half of the circuit takes. It may have less theta and data than a pair: the last ones.
type pairHalf[T op.Float] struct {
	numData     int
	dtheta      []T
	data, ddata []T // rows × numData
}

func newPairOverlap[T op.Float](k scoreShape, noisy *circuit.Noisy, last []int,
	sizes noisySizes) (*pairOverlap[T], error) {
	first, second, ok := halves(noisy, sizes.amplitudes-1)
	if !ok {
		return nil, errors.New("want a compiled circuit in which the angles of the second patch come " +
			"behind those of the first on every qubit, as the circuit of a pair has them")
	}
	overlap, err := statevec.NewNoisyOverlap[T](k.images, k.tokens, first, second, last, 1)
	if err != nil {
		return nil, err
	}
	p := &pairOverlap[T]{overlap: overlap, query: sizes.query, theta: make([]T, sizes.query+sizes.key)}
	for i, c := range []*circuit.Circuit{first.Ideal(), second.Ideal()} {
		size := k.images * k.tokens * c.NumData()
		p.halves[i] = pairHalf[T]{c.NumData(), make([]T, c.NumTheta()), make([]T, size), make([]T, size)}
	}
	return p, nil
}

// inputs returns what a half runs on.
func (h *pairHalf[T]) inputs(theta []T, in statevec.Inputs[T]) statevec.Inputs[T] {
	width := len(in.Data) / in.Rows
	for r := range in.Rows {
		copy(h.data[r*h.numData:(r+1)*h.numData], in.Data[r*width:])
	}
	return statevec.Inputs[T]{Rows: in.Rows, Theta: theta[:len(h.dtheta)], Data: h.data}
}

func (h *pairHalf[T]) gradients() statevec.Gradients[T] {
	return statevec.Gradients[T]{Theta: h.dtheta, Data: h.ddata}
}

// spread sets the gradient by the data of the rows of a pair.
func (h *pairHalf[T]) spread(to []T, rows int) {
	clear(to)
	width := len(to) / rows
	for r := range rows {
		copy(to[r*width:(r+1)*width], h.ddata[r*h.numData:(r+1)*h.numData])
	}
}

// inputs returns what the halves run on.
func (p *pairOverlap[T]) inputs(first, second statevec.Inputs[T]) (a, b statevec.Inputs[T]) {
	copy(p.theta[copy(p.theta, first.Theta):], second.Theta)
	return p.halves[0].inputs(p.theta, first), p.halves[1].inputs(p.theta, second)
}

// Apply sets out to the probabilities that all qubits are 0.
func (p *pairOverlap[T]) Apply(first, second statevec.Inputs[T], out []T) error {
	a, b := p.inputs(first, second)
	return p.overlap.Apply(a, b, out)
}

// Distribution sets out, for each pair, to the probabilities of all results of the qubits that are read.
func (p *pairOverlap[T]) Distribution(first, second statevec.Inputs[T], out []T) error {
	a, b := p.inputs(first, second)
	return p.overlap.Distribution(a, b, out)
}

// Adjoint sets the gradients by the angles, from dout = ∂L/∂out.
func (p *pairOverlap[T]) Adjoint(first, second statevec.Inputs[T], dout []T, toFirst,
	toSecond statevec.Gradients[T]) error {
	a, b := p.inputs(first, second)
	if err := p.overlap.Adjoint(a, b, dout, p.halves[0].gradients(), p.halves[1].gradients()); err != nil {
		return err
	}
	clear(toFirst.Theta)
	clear(toSecond.Theta)
	for i := range p.halves { // an angle may be in both
		for j, v := range p.halves[i].dtheta {
			switch {
			case j < p.query && toFirst.Theta != nil:
				toFirst.Theta[j] += v
			case j >= p.query && toSecond.Theta != nil:
				toSecond.Theta[j-p.query] += v
			}
		}
	}
	p.halves[0].spread(toFirst.Data, first.Rows)
	p.halves[1].spread(toSecond.Data, second.Rows)
	return nil
}
