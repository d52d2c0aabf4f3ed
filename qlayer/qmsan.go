package qlayer

import (
	"math"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// QMSAN is the overlap tr(ρ_i σ_j) of two mixed states: ρ_i is what is left of U_q|x_i⟩ on the first Keep of
// its n qubits, and σ_j of U_k|x_j⟩. A SWAP test of these qubits alone measures it as 2P(0)−1. All n of them
// give the overlap of pure states |⟨q_i|k_j⟩|². The coefficients are the shares of a row, s_ij/Σ_j s_ij.
//
// It is computed as Σ_P ⟨P⟩_i⟨P⟩_j/2^Keep over the 4^Keep strings P of I, X, Y and Z on the kept qubits.
//
// Source: Chen et al., Quantum mixed-state self-attention network, arXiv:2403.02871. The shares of a row and
// the encoding by amplitudes follow code of third parties; the paper's fixed gates for the position are left
// out, for the backbone says whether tokens have a position.
type QMSAN struct {
	Encoder CircuitEncoder // nil: Amplitude{}
	Query   Ansatz         // nil: RealAmplitudes(2)
	Key     Ansatz         // nil: Query
	Keep    int            // qubits; 0: half of them, rounded up

	// Softmax makes logits s·tr(ρ_i σ_j) of a learned scale s of each head, in place of shares: those of a row
	// are nearly even where states are mixed, because every overlap is then near 2^−Keep.
	Softmax   bool
	InitScale float64 // first value of s; 0: the width of a head

	// Shots is the runs of the SWAP test of each pair of each head; 0: exact values. Estimates below 0 count as
	// 0 in shares, and a row of those is even.
	Shots int
}

// maxKeep bounds the strings of QMSAN at 4096.
const maxKeep = 6

// Score returns coefficients or logits (B, H, T, T) of x (B, T, D). The parameters are q.theta and k.theta
// (H, P), and the tapped scale (H) with Softmax. The notes qubits, gates and parameterised gates are of the
// circuit of a pair, without the preparation of its amplitudes.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D,
// an ansatz has another size, or fewer than 1, more than 6 or more than all qubits are kept.
func (w QMSAN) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	t, err := newTokenCircuits(x, heads, orAmplitude(w.Encoder))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	query, key := orRealAmplitudes(w.Query, w.Key)
	n := t.qubits()
	if w.Keep == 0 {
		w.Keep = (n + 1) / 2
	}
	switch {
	case w.Keep < 1 || w.Keep > min(n, maxKeep):
		return nn.AttentionScores{}, errors.Errorf("QMSAN keeps %d of %d qubits: want 1 to %d, or 0 for half of "+
			"them", w.Keep, n, min(n, maxKeep))
	case w.InitScale != 0 && !w.Softmax:
		return nn.AttentionScores{}, errors.Errorf("QMSAN: want no InitScale without Softmax, got %v", w.InitScale)
	}
	m := paulisOf(n, w.Keep)
	q, cq, err := t.measure(s, "q", query, m, 0)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	k, ck, err := t.measure(s, "k", key, m, 0)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	t.showSwap(s, cq, ck, w.Keep)
	overlaps, err := nn.HeadProducts(q, k, heads, math.Ldexp(1, -w.Keep))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if overlaps, err = qops.EstimateFidelities(overlaps, Shots(s, x, w.Shots)); err != nil {
		return nn.AttentionScores{}, err
	}
	if !w.Softmax {
		if w.Shots != 0 {
			if overlaps, err = op.ByDtype(overlaps, atLeastZero[float32], atLeastZero[float64]); err != nil {
				return nn.AttentionScores{}, err
			}
		}
		shares, err := nn.RowShares(overlaps)
		return nn.AttentionScores{Probs: shares}, err
	}
	logits, err := scaled(s, x, heads, overlaps, w.InitScale, float64(t.HeadWidth()))
	return nn.AttentionScores{Logits: logits}, err
}

// orAmplitude returns the encoder, or Amplitude{} for none.
func orAmplitude(e CircuitEncoder) CircuitEncoder {
	if e == nil {
		return Amplitude{}
	}
	return e
}

// atLeastZero returns max(0, x) of estimates, with the gradient of exact values, which are not below 0.
func atLeastZero[T op.Float](x ...*G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name:        "AtLeastZero",
		Shape:       x[0].Shape(),
		PassThrough: []int{0},
		Forward: func(out []T, in [][]T) error {
			for i, v := range in[0] {
				out[i] = max(0, v)
			}
			return nil
		},
	}, x...)
}

// paulisOf returns the measurement of all 4^keep strings on the first qubits of n.
func paulisOf(n, keep int) qops.Measurement {
	var observables []statevec.Observable
	for i := range 1 << (2 * keep) {
		var b strings.Builder
		for q := range keep {
			b.WriteByte("IXYZ"[i>>(2*q)&3])
		}
		observables = append(observables, statevec.Observable{{Coefficient: 1,
			Pauli: b.String() + strings.Repeat("I", n-keep)}})
	}
	return qops.Expectations(observables...)
}

// showSwap shows the SWAP test of the first qubits of two registers.
func (t tokenCircuits) showSwap(s *nn.Scope, q, k *circuit.Circuit, keep int) {
	n := t.qubits()
	c := circuit.New(1+2*n).Append(q, register(1, n)...)
	c.Append(k.OffsetParams(q.NumTheta(), q.NumData()), register(1+n, n)...).H(0)
	for i := range keep {
		c.CSwap(0, 1+i, 1+n+i)
	}
	t.showPair(s, c.H(0), []Register{{"ancilla", 1}, {"query", n}, {"key", n}}, t.loads(2))
}
