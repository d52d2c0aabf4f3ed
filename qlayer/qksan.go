package qlayer

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// QKSAN is the quantum kernel p_ij = |⟨0|E(x_j)†U_k†U_q E(x_i)|0⟩|² of an encoding E: the probability that a
// register is back in |0…0⟩ behind the query's circuit and the inverse of the key's. The logits are s·p_ij
// with a learned scale s of each head.
//
// Source: Zhao, Shi, Li, QKSAN: A Quantum Kernel Self-Attention Network, arXiv:2308.13422, whose kernel is of
// one vector; between tokens it is this one. Its outcomes other than 0 turn a second register under
// classical control and give one number for a whole image, which is left out here: the values are classical.
// E, what follows the kernel, and the scale are open there.
type QKSAN struct {
	Encoder CircuitEncoder // E; nil: AnglePasses of Qubits
	Qubits  int            // 0: 4, or the width of a head if that is less
	Layers  int            // of U_q and U_k; 0: 1

	// QAOA has layers of H, RY and a ring of CX·RZ·CX, in place of H, RY and a ring of CRY.
	QAOA bool

	// Shares has the coefficients p_ij/Σ_j p_ij, without a scale, in place of a softmax.
	Shares    bool
	InitScale float64 // first value of s; 0: a quarter of the head's width, as in Swap
	Shots     int     // runs of the circuit of each pair of each head; 0: exact values
}

// Score returns the logits or coefficients (B, H, T, T) of x (B, T, D). The parameters are q.theta and
// k.theta (H, 2n·Layers), and the tapped scale (H) without Shares. Notes, derivatives and errors are those of
// QMSAN.
func (w QKSAN) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	if w.Encoder == nil {
		w.Encoder = AnglePasses{Qubits: w.Qubits}
	}
	if w.Layers == 0 {
		w.Layers = 1
	}
	t, err := newTokenCircuits(x, heads, w.Encoder)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	p, err := t.overlaps(s, kernelAnsatz(w.Layers, w.QAOA))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if p, err = qops.EstimateProbabilities(p, Shots(s, x, w.Shots)); err != nil {
		return nn.AttentionScores{}, err
	}
	if w.Shares {
		shares, err := nn.RowShares(p)
		return nn.AttentionScores{Probs: shares}, err
	}
	logits, err := scaled(s, x, heads, p, w.InitScale, float64(t.HeadWidth())/4)
	return nn.AttentionScores{Logits: logits}, err
}

// overlaps returns |⟨k_j|q_i⟩|² of the states of all tokens, (B, H, T, T), and shows the circuit that
// measures it without a second register.
func (t tokenCircuits) overlaps(s *nn.Scope, u Ansatz) (*G.Node, error) {
	q, cq, err := t.states(s, "q", u)
	if err != nil {
		return nil, err
	}
	k, ck, err := t.states(s, "k", u)
	if err != nil {
		return nil, err
	}
	c := cq.Compose(ck.OffsetParams(cq.NumTheta(), cq.NumData()).Adjoint())
	t.showPair(s, c, []Register{{"values of a token", t.qubits()}}, t.loads(2))
	var parts []*G.Node
	dim := 1 << t.qubits()
	for h := range t.Count {
		var states [2]*G.Node
		for i, all := range []*G.Node{q, k} {
			part, err := nn.Slice(all, 2, h*2*dim, (h+1)*2*dim)
			if err != nil {
				return nil, err
			}
			if states[i], err = nn.Reshape(part, t.Batch, t.Tokens, dim, 2); err != nil {
				return nil, err
			}
		}
		p, err := qops.Overlap(states[0], states[1])
		if err != nil {
			return nil, err
		}
		if p, err = nn.Reshape(p, t.Batch, 1, t.Tokens, t.Tokens); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return joinParts(1, parts)
}

// kernelAnsatz returns the circuits of QKSAN.
func kernelAnsatz(layers int, qaoa bool) Ansatz {
	return layered("QKSAN", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		n := c.Qubits()
		for q := range n {
			c.H(q)
		}
		addRY(c, next)
		for q := 0; q < n && n > 1; q++ {
			if r := (q + 1) % n; qaoa {
				c.CX(q, r).RZ(r, next()).CX(q, r)
			} else {
				c.CRY(q, r, next())
			}
		}
	})
}
