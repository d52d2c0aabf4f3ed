package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Compile turns a circuit into the one that a device runs, with its noise, on up to 13 qubits, and says where
// the qubits of the original are at its end. The angles of the circuit stay symbols.
type Compile func(c *circuit.Circuit) (noisy *circuit.Noisy, last []int, err error)

// DeviceScores returns NoisyScores of the circuits that a device really runs: that of a pair of patches, with
// the preparation of both, as compile makes it. What a pair gives is computed from the two halves of that circuit,
// as NoisyScores does it.
//
//	x       (B, T, D)        real; head h sees the columns h·D/H to (h+1)·D/H
//	thetaQ  (H, q.NumTheta)  radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)  radians; nil if k has none
//	out     (B, H, T, T)     Gain · Scale[h] · S
//
// Shots, derivatives and errors are those of NoisyScores; the errors of compile are added, and one for a result
// with other angles or places.
func DeviceScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, compile Compile,
	o ScoreOptions) (*G.Node, error) {
	shape, angles, err := noisyShape(x, q, k, thetaQ, thetaK, o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: DeviceScores")
	}
	pair := pairCircuit(q, k)
	noisy, last, err := compile.call(pair)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: DeviceScores")
	}
	sizes := noisySizes{q.NumTheta(), k.NumTheta(), 1 << q.Qubits()}
	operands := append(angles, dropNil(o.Scale)...)
	return op.ByDtype(x, noisyScores("DeviceScores", shape, sizes, openOnDevice[float32](shape, noisy, last, sizes)),
		noisyScores("DeviceScores", shape, sizes, openOnDevice[float64](shape, noisy, last, sizes)), operands...)
}

func openOnDevice[T op.Float](k scoreShape, noisy *circuit.Noisy, last []int,
	sizes noisySizes) func() (overlaps[T], error) {
	return func() (overlaps[T], error) { return newOnDevice[T](k, noisy, last, sizes) }
}

// pairCircuit prepares a patch, runs q, and the inverses of k and of the preparation of another patch: the data
// of the first patch come first, and the angles of q.
func pairCircuit(q, k *circuit.Circuit) *circuit.Circuit {
	prepare := circuit.Preparation(q.Qubits())
	back := circuit.Preparation(q.Qubits()).Compose(k).Adjoint()
	return prepare.Compose(q).Append(back.OffsetParams(q.NumTheta(), prepare.NumData()))
}

// call calls a function that a user gave, and checks its result.
func (f Compile) call(c *circuit.Circuit) (noisy *circuit.Noisy, last []int, err error) {
	if f == nil {
		return nil, nil, errors.New("want a function that compiles, got nil")
	}
	defer foreign.Recover(&err, "function Compile", f)
	if noisy, last, err = f(c); err != nil {
		return nil, nil, err
	}
	if err := noisy.Err(); err != nil {
		return nil, nil, err
	}
	ideal := noisy.Ideal()
	if ideal.NumTheta() > c.NumTheta() || ideal.NumData() > c.NumData() || len(last) != c.Qubits() {
		return nil, nil, errors.Errorf("the compiled circuit has %d theta, %d data and places for %d qubits, want at "+
			"most %d and %d, and %d", ideal.NumTheta(), ideal.NumData(), len(last), c.NumTheta(), c.NumData(), c.Qubits())
	}
	return noisy, last, nil
}

// halves cuts the compiled circuit of a pair in two: what only the first patch decides, and the inverse of the
// rest, which only the second does, as statevec.NoisyOverlap takes it. It returns false if no cut does that.
func halves(c *circuit.Noisy, data int) (first, second *circuit.Noisy, ok bool) {
	n := c.Qubits()
	late := make([]bool, n) // qubits behind an angle of the second patch
	first = circuit.NewNoisy(n).Confuse(readoutOf(c)...)
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

// inverted returns the noisy circuit whose inverse, as statevec.NoisyOverlap runs it, is these steps: the inverse of
// each gate, from the last on, with the channels behind it.
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

func readoutOf(c *circuit.Noisy) []circuit.Confusion {
	if r := c.Readout(); r != nil {
		return r
	}
	return make([]circuit.Confusion, c.Qubits())
}

// onDevice measures the overlaps by the two halves of the circuit of a pair.
type onDevice[T op.Float] struct {
	overlap       *statevec.NoisyOverlap[T]
	query         int    // angles of the query
	first, second [2]int // theta and data of the halves
	theta         []T    // of query, then key
	dfirst        []T
	dsecond       []T
	data          [2][]T
	ddata         [2][]T
}

func newOnDevice[T op.Float](k scoreShape, noisy *circuit.Noisy, last []int, sizes noisySizes) (*onDevice[T], error) {
	first, second, ok := halves(noisy, sizes.amplitudes-1)
	if !ok {
		return nil, errors.New("want a compiled circuit in which the angles of the second patch come behind those " +
			"of the first on every qubit, as the circuit of a pair has them")
	}
	overlap, err := statevec.NewNoisyOverlap[T](k.images, k.tokens, first, second, last, 1)
	if err != nil {
		return nil, err
	}
	d := &onDevice[T]{overlap: overlap, query: sizes.query, theta: make([]T, sizes.query+sizes.key)}
	for i, c := range []*circuit.Circuit{first.Ideal(), second.Ideal()} {
		rows := k.images * k.tokens
		d.data[i], d.ddata[i] = make([]T, rows*c.NumData()), make([]T, rows*c.NumData())
		switch counts := [2]int{c.NumTheta(), c.NumData()}; i {
		case 0:
			d.first, d.dfirst = counts, make([]T, c.NumTheta())
		default:
			d.second, d.dsecond = counts, make([]T, c.NumTheta())
		}
	}
	return d, nil
}

// inputs returns what the halves run on.
func (d *onDevice[T]) inputs(first, second statevec.Inputs[T]) (a, b statevec.Inputs[T]) {
	copy(d.theta[copy(d.theta, first.Theta):], second.Theta)
	half := func(in statevec.Inputs[T], counts [2]int, data []T) statevec.Inputs[T] {
		width := len(in.Data) / in.Rows
		for r := range in.Rows {
			copy(data[r*counts[1]:(r+1)*counts[1]], in.Data[r*width:])
		}
		return statevec.Inputs[T]{Rows: in.Rows, Theta: d.theta[:counts[0]], Data: data}
	}
	return half(first, d.first, d.data[0]), half(second, d.second, d.data[1])
}

// Apply sets out to the probabilities that all qubits are 0.
func (d *onDevice[T]) Apply(first, second statevec.Inputs[T], out []T) error {
	a, b := d.inputs(first, second)
	return d.overlap.Apply(a, b, out)
}

// Adjoint sets the gradients by the angles, from dout = ∂L/∂out.
func (d *onDevice[T]) Adjoint(first, second statevec.Inputs[T], dout []T, toFirst,
	toSecond statevec.Gradients[T]) error {
	a, b := d.inputs(first, second)
	if err := d.overlap.Adjoint(a, b, dout, statevec.Gradients[T]{Theta: d.dfirst, Data: d.ddata[0]},
		statevec.Gradients[T]{Theta: d.dsecond, Data: d.ddata[1]}); err != nil {
		return err
	}
	clear(toFirst.Theta)
	clear(toSecond.Theta)
	for _, list := range [][]T{d.dfirst, d.dsecond} { // an angle may be in both halves
		for j, v := range list {
			switch {
			case j < d.query && toFirst.Theta != nil:
				toFirst.Theta[j] += v
			case j >= d.query && toSecond.Theta != nil:
				toSecond.Theta[j-d.query] += v
			}
		}
	}
	spread := func(to, from []T, counts [2]int, rows int) {
		clear(to)
		width := len(to) / rows
		for r := range rows {
			copy(to[r*width:(r+1)*width], from[r*counts[1]:(r+1)*counts[1]])
		}
	}
	spread(toFirst.Data, d.ddata[0], d.first, first.Rows)
	spread(toSecond.Data, d.ddata[1], d.second, second.Rows)
	return nil
}
