package qlayer

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Hadamard is the score s·T·Re⟨q_i|k_j⟩: what a Hadamard test gives, with the sign that a SWAP test loses.
//
// Its circuit takes Σ_i|i⟩|+⟩|x_i⟩ where the ancilla is 0 and Σ_j|+⟩|j⟩|x_j⟩ where it is 1, applies U_q and U_k under it, and reads the ancilla behind an H. It is
// computed exactly, by the matrix U_q†U_k. Source: docs/math.md, section 1.
type Hadamard struct {
	Query  Ansatz  // nil: RealAmplitudes(2)
	Key    Ansatz  // nil: Query
	Start  float64 // first value of the scale s; 0: the root of the head's width, as in nn.Cosine
	Frozen bool    // the angles stay at their first values; the scale is trained
}

// Score returns the logits (B, H, T, T) of x (B, T, D). Parameters, taps, notes, derivatives and errors are those of Swap.
func (w Hadamard) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	h, err := newHead(x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	p, err := h.circuits(s, x, w.Query, w.Key, w.Frozen)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	c := p.circuit
	const beside = 2 // X and H
	h.test(s, c, h.hadamardTest(c[0], c[1]), beside, []Register{{"ancilla", 1}, {"index of the query", h.index}, {"index of the key", h.index}, {"data", h.qubits}})
	scale, err := h.scale(s, x, start(w.Start, math.Sqrt(float64(h.width))))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := p.scores(x, qops.ScoreOptions{Reading: qops.Signed, Gain: float64(h.tokens), Scale: scale})
	return nn.AttentionScores{Logits: logits}, err
}

// hadamardTest returns the circuit of the test behind the preparation of both branches and its H on the ancilla: k where the ancilla is 1 and q where it is 0,
// for which X turns it round, then H. That X is left there, for in front of the last H it changes no probability.
func (h head) hadamardTest(q, k *circuit.Circuit) *circuit.Circuit {
	c, on := circuit.New(1+2*h.index+h.qubits), []int{0}
	for i := range h.qubits {
		on = append(on, 1+2*h.index+i)
	}
	return c.Append(k.OffsetParams(q.NumTheta(), 0).Controlled(1), on...).X(0).Append(q.Controlled(1), on...).H(0)
}
