package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// IQP encodes D features into the phases of D qubits: layers × (H on every qubit, RZ(x_q) on every qubit,
// RZZ(x_p·x_q) on every pair). Sampling from such instantaneous quantum polynomial circuits is thought to be
// hard classically, which is why kernels of these states are studied. An ansatz that takes data is given the
// features, without their products.
//
// Source: Havlíček et al., Supervised learning with quantum-enhanced feature spaces, arXiv:1804.11326, with
// x_p·x_q for the phase of a pair.
type IQP struct {
	Layers int // 0: 2, as in the source
}

// EncodingCircuit returns the circuit on D qubits; its data are the features and behind them the products of
// pairs, (0,1), (0,2), …, (1,2), …. It returns an error for negative Layers and for more qubits than a
// circuit can have.
func (e IQP) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	d, err := features(x)
	if err != nil {
		return nil, qops.Inputs{}, err
	}
	if e.Layers == 0 {
		e.Layers = 2
	}
	c := circuit.New(d)
	appendLayers(c, "IQP", e.Layers, func(int) { addPhases(c) })
	if c.Err() != nil {
		return nil, qops.Inputs{}, errors.WithMessagef(c.Err(), "IQP encoding of %d features", d)
	}
	data, err := op.ByDtype(x, withProducts[float32], withProducts[float64])
	return c, qops.Inputs{Data: data}, err
}

// Encode returns the states (…, 2^D, 2) and x. Differentiable once in x. It returns the errors of
// EncodingCircuit.
func (e IQP) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) { return encode(e, x) }

// addPhases appends one layer, whose data are those of withProducts.
func addPhases(c *circuit.Circuit) {
	n := c.Qubits()
	for q := range n {
		c.H(q).RZ(q, circuit.Data(q))
	}
	eachPair(n, func(i, p, q int) { c.RZZ(p, q, circuit.Data(n+i)) })
}

// withProducts returns (…, D + D(D−1)/2): the features, then the products of pairs.
func withProducts[T op.Float](operands ...*G.Node) (*G.Node, error) {
	shape := operands[0].Shape().Clone()
	last := len(shape) - 1
	d := shape[last]
	wide := d + d*(d-1)/2
	shape[last] = wide
	return op.Apply(op.Kernel[T]{
		Name:  "WithProducts",
		Shape: shape,
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			var first, second []int
			eachPair(d, func(_, p, q int) { first, second = append(first, p), append(second, q) })
			if first == nil {
				return in[0]
			}
			pairs := b.Mul(b.Gather(in[0], last, first, len(first)), b.Gather(in[0], last, second, len(second)))
			return b.Concat(last, in[0], pairs)
		},
		Forward: func(out []T, in [][]T) error {
			for r := 0; r*d < len(in[0]); r++ {
				x, row := in[0][r*d:][:d], out[r*wide:][:wide]
				copy(row, x)
				eachPair(d, func(i, p, q int) { row[d+i] = x[p] * x[q] })
			}
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			for r := 0; r*d < len(in[0]); r++ {
				x, dx, drow := in[0][r*d:][:d], din[0][r*d:][:d], dout[r*wide:][:wide]
				copy(dx, drow)
				eachPair(d, func(i, p, q int) {
					dx[p] += x[q] * drow[d+i]
					dx[q] += x[p] * drow[d+i]
				})
			}
			return nil
		},
	}, operands...)
}

// eachPair calls f with the number i of every pair p < q < n, in the order (0,1), (0,2), …, (1,2), ….
func eachPair(n int, f func(i, p, q int)) {
	i := 0
	for p := range n {
		for q := p + 1; q < n; q++ {
			f(i, p, q)
			i++
		}
	}
}
