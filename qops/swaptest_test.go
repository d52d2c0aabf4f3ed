package qops_test

import (
	"fmt"
	"math/bits"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// composed returns the same coefficients by states: two circuits on amplitude-encoded images, and their
// overlaps.
func composed(q, k *circuit.Circuit) function {
	return func(in ...*G.Node) (*G.Node, error) {
		e, err := qops.EncodeAmplitude(in[0], qops.EncodeOptions{Normalize: qops.NormalizeImage,
			Qubits: q.Qubits()})
		if err != nil {
			return nil, err
		}
		phi, err := qops.Apply(q, e, in[1], nil)
		if err != nil {
			return nil, err
		}
		psi, err := qops.Apply(k, e, in[2], nil)
		if err != nil {
			return nil, err
		}
		return qops.Overlap(phi, psi)
	}
}

// swapTest returns P(ancilla, i, j) of one image by the literal circuit: two registers, an ancilla,
// controlled swaps of the data qubits.
func swapTest(t *testing.T, q, k *circuit.Circuit, x, thetaQ, thetaK *tensor.Dense) [2][]float64 {
	t.Helper()
	tokens, width := x.Shape()[0], x.Shape()[1]
	index, n := bits.Len(uint(tokens-1)), q.Qubits()
	c := circuit.New(1 + 2*(index+n))
	dataQ, dataK := make([]int, n), make([]int, n)
	for i := range n {
		dataQ[i], dataK[i] = 1+index+i, 1+2*index+n+i
	}
	c.Append(q, dataQ...).Append(k.OffsetParams(q.NumTheta(), 0), dataK...).H(0)
	for i := range n {
		c.CSwap(0, dataQ[i], dataK[i])
	}
	c.H(0)
	theta := append(append([]float64{}, thetaQ.Float64s()...), thetaK.Float64s()...)
	out := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) { return qops.Apply(c, in[0], in[1], nil) },
		pairState(x.Float64s(), tokens, width, 1<<index, 1<<n), tensorOf(theta, len(theta)))
	var p [2][]float64
	for a := range p {
		p[a] = make([]float64, tokens*tokens)
	}
	for k := 0; k < len(out); k += 2 {
		bit, i, j := k/2>>(2*(index+n)), k/2>>(2*n+index)&(1<<index-1), k/2>>n&(1<<index-1)
		p[bit][i*tokens+j] += out[k]*out[k] + out[k+1]*out[k+1]
	}
	return p
}

// pairState returns |0⟩|e⟩|e⟩ of an image of (tokens, width), padded to (rows, dim).
func pairState(x []float64, tokens, width, rows, dim int) *tensor.Dense {
	norm := 0.0
	for _, v := range x {
		norm += v * v
	}
	size := rows * dim
	state := make([]float64, 2*2*size*size)
	for a, v := range x {
		for b, w := range x {
			state[2*((a/width*dim+a%width)*size+b/width*dim+b%width)] = v * w / norm
		}
	}
	return tensorOf(state, len(state)/2, 2)
}

// TestScoresEqualTheCircuit compares every kind with the probabilities of the literal SWAP-test circuit.
func TestScoresEqualTheCircuit(t *testing.T) {
	for _, c := range []struct {
		name          string
		tokens, width int
		q, k          *circuit.Circuit
	}{
		{"real", 4, 4, layered(2, 2, false), layered(2, 1, false)},
		{"complex", 4, 4, layered(2, 1, true), tangled(2)},
		{"wide", 4, 8, tangled(3), layered(3, 2, true)},
		{"padded", 4, 5, layered(3, 1, true), tangled(3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := random(1, 1, c.tokens, c.width)
			thetaQ, thetaK := random(2, 1, c.q.NumTheta()), random(3, 1, c.k.NumTheta())
			image := tensorOf(x.Float64s(), c.tokens, c.width)
			p := swapTest(t, c.q, c.k, image, thetaQ, thetaK)
			coefficient, rows, conditional := scoresOf(p, c.tokens)
			for kind, want := range map[qops.ScoreKind][]float64{qops.ScoreOverlap: coefficient,
				qops.ScoreRowNormalized: rows, qops.ScoreConditional: conditional} {
				got := mustEvaluate(t, attention(c.q, c.k, qops.ScoreOptions{Kind: kind}), x, thetaQ, thetaK)
				near(t, fmt.Sprint("kind ", kind), got, want, 1e-12)
			}
			flat := tensorOf(thetaQ.Float64s(), c.q.NumTheta())
			got := mustEvaluate(t, composed(c.q, c.k), x, flat, tensorOf(thetaK.Float64s(), c.k.NumTheta()))
			near(t, "composed", got, coefficient, 1e-12)
			marginals(t, p, x.Float64s(), coefficient, c.tokens)
		})
	}
}

// scoresOf computes what Scores promises from the probabilities.
func scoresOf(p [2][]float64, tokens int) (coefficient, rows, conditional []float64) {
	for i := range p[0] {
		total := 0.0
		for _, v := range p[0][i/tokens*tokens:][:tokens] {
			total += v
		}
		coefficient = append(coefficient, p[0][i]-p[1][i])
		rows = append(rows, p[0][i]/total)
		conditional = append(conditional, p[0][i]/(p[0][i]+p[1][i]))
	}
	return coefficient, rows, conditional
}

// marginals checks P(a,i,j) = ½(n_i n_j ± S_ij).
func marginals(t *testing.T, p [2][]float64, x, s []float64, tokens int) {
	t.Helper()
	share, norm := make([]float64, tokens), 0.0
	for i, v := range x {
		share[i*tokens/len(x)] += v * v
		norm += v * v
	}
	for i := range s {
		product := share[i/tokens] * share[i%tokens] / norm / norm
		near(t, "P(0,i,j), P(1,i,j)", []float64{p[0][i], p[1][i]},
			[]float64{(product + s[i]) / 2, (product - s[i]) / 2}, 1e-12)
	}
}
