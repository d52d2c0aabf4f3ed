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
// the preparation of both, as compile makes it, run for every pair. It takes T² runs for each head of an image
// where NoisyScores takes 2T.
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
	return op.ByDtype(x, noisyScores("DeviceScores", shape, sizes, pairsOf[float32](shape, noisy, last, sizes)),
		noisyScores("DeviceScores", shape, sizes, pairsOf[float64](shape, noisy, last, sizes)), operands...)
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

// pairs measures the overlaps pair by pair.
type pairs[T op.Float] struct {
	scoreShape
	noisySizes
	measured    *statevec.MeasuredDensity[T]
	outputs     int
	numTheta    int // of the compiled circuit, which may have lost the last ones
	numData     int
	theta       []T // of query, then key
	data, ddata []T // (pairs of an image, 2·(dim−1))
	out, dout   []T
	dtheta      []T
}

func pairsOf[T op.Float](k scoreShape, noisy *circuit.Noisy, last []int, sizes noisySizes) func() (overlaps[T], error) {
	return func() (overlaps[T], error) {
		plan, err := statevec.CompileDensity[T](noisy)
		if err != nil {
			return nil, err
		}
		read, err := statevec.NewProbabilities[T](noisy.Qubits(), last, 1)
		if err != nil {
			return nil, err
		}
		measured, err := statevec.NewMeasuredDensity(plan, read, 1)
		if err != nil {
			return nil, err
		}
		p := &pairs[T]{scoreShape: k, noisySizes: sizes, measured: measured, outputs: read.Outputs(),
			numTheta: plan.NumTheta(), numData: plan.NumData()}
		rows := k.tokens * k.tokens
		p.theta, p.dtheta = make([]T, sizes.query+sizes.key), make([]T, plan.NumTheta())
		p.data, p.ddata = make([]T, rows*p.numData), make([]T, rows*p.numData)
		p.out, p.dout = make([]T, rows*p.outputs), make([]T, rows*p.outputs)
		return p, nil
	}
}

// inputs sets the data of the pairs of an image.
func (p *pairs[T]) inputs(first, second statevec.Inputs[T], image int) statevec.Inputs[T] {
	copy(p.theta[copy(p.theta, first.Theta):], second.Theta)
	k := p.amplitudes - 1
	for r := range p.tokens {
		for c := range p.tokens {
			row, column := image*p.tokens+r, image*p.tokens+c
			to := p.data[(r*p.tokens+c)*p.numData : (r*p.tokens+c+1)*p.numData]
			rest := to[copy(to, first.Data[row*k:(row+1)*k]):]
			copy(rest, second.Data[column*k:(column+1)*k])
		}
	}
	return statevec.Inputs[T]{Rows: p.tokens * p.tokens, Theta: p.theta[:p.numTheta], Data: p.data}
}

// Apply sets out to the probabilities that all qubits are 0.
func (p *pairs[T]) Apply(first, second statevec.Inputs[T], out []T) error {
	size := p.tokens * p.tokens
	for i := range p.images {
		if err := p.measured.Apply(p.inputs(first, second, i), p.out); err != nil {
			return err
		}
		for at := range size {
			out[i*size+at] = p.out[at*p.outputs]
		}
	}
	return nil
}

// Adjoint sets the gradients by the angles, from dout = ∂L/∂out.
func (p *pairs[T]) Adjoint(first, second statevec.Inputs[T], dout []T, toFirst,
	toSecond statevec.Gradients[T]) error {
	for _, g := range [][]T{toFirst.Theta, toFirst.Data, toSecond.Theta, toSecond.Data} {
		clear(g)
	}
	size, k := p.tokens*p.tokens, p.amplitudes-1
	for i := range p.images {
		in := p.inputs(first, second, i)
		if err := p.measured.Apply(in, p.out); err != nil {
			return err
		}
		clear(p.dout)
		for at := range size {
			p.dout[at*p.outputs] = dout[i*size+at]
		}
		if err := p.measured.Adjoint(in, p.dout, statevec.Gradients[T]{Theta: p.dtheta, Data: p.ddata}); err != nil {
			return err
		}
		for j, v := range p.dtheta {
			switch {
			case j < p.query && toFirst.Theta != nil:
				toFirst.Theta[j] += v
			case j >= p.query && toSecond.Theta != nil:
				toSecond.Theta[j-p.query] += v
			}
		}
		for at := range size {
			row, column := i*p.tokens+at/p.tokens, i*p.tokens+at%p.tokens
			for j, v := range p.ddata[at*p.numData : (at+1)*p.numData] {
				if j < k {
					toFirst.Data[row*k+j] += v
				} else {
					toSecond.Data[column*k+j-k] += v
				}
			}
		}
	}
	return nil
}
