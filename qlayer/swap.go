package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Logits says what a SWAP test's probabilities P(ancilla, i, j) become; S_ij = P(0,i,j) − P(1,i,j) = |⟨q_i|k_j⟩|².
type Logits int

const (
	Scaled        Logits = iota // s·T²·S_ij with a learned s of each head: a softmax over S itself, of size 1/(T²d), is nearly uniform
	Raw                         // S_ij
	RowNormalised               // P(0,i,j)/Σ_k P(0,i,k), which is a distribution and takes no softmax
	Conditional                 // P(0|i,j) = ½(1 + overlap of the patches at unit norm)
)

// Swap is quantum attention: each head's slice of an image is amplitude-encoded as one state, and a SWAP test compares queries q_i = U_q x_i with keys
// k_j = U_k x_j. It is computed exactly, by the matrix U_q†U_k or by the circuits, whichever is cheaper
// (qops.CircuitScores).
//
//	nn.Attention{Heads: 4, Score: qlayer.Swap{Query: qlayer.RealAmplitudes(2)}.Score}
//
// The zero value is the default score of this package. Frozen circuits tell whether their training matters, Product ones whether entanglement does, if the ansatz
// that they stand beside has two layers: of one, the entangling gates cancel in U_q†U_k.
type Swap struct {
	Query  Ansatz // nil: RealAmplitudes(2)
	Key    Ansatz // nil: Query
	Logits Logits
	Start  float64 // first value of the scale s; 0: a quarter of the head's width
	Frozen bool    // the angles stay at their first values; the scale is trained
}

// Score returns the logits (B, H, T, T) of x (B, T, D), or the distribution RowNormalised. The parameters are q.theta and k.theta (H, P), with
// the P angles of the ansatz on ⌈log2 D/H⌉ qubits, and for Scaled the tapped scale (H). The notes qubits, gates and parameterised gates are of
// the circuit of one head, without the preparation of its states.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D, or an ansatz has another size.
func (w Swap) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	h, err := newHead(x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	p, err := h.circuits(s, x, w.Query, w.Key, w.Frozen)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	c := p.circuit
	beside := h.qubits + 2 // a CSWAP for each data qubit, two H
	h.test(s, c, circuit.SwapTest(nil, h.tokens, 1<<h.qubits, c[0], c[1]), beside, []Register{{"ancilla", 1},
		{"index of the query", h.index}, {"data of the query", h.qubits}, {"index of the key", h.index}, {"data of the key", h.qubits}})
	options, known := map[Logits]qops.ScoreOptions{
		Scaled:        {Gain: float64(h.tokens * h.tokens)},
		Raw:           {},
		RowNormalised: {Reading: qops.RowNormalised},
		Conditional:   {Reading: qops.Conditional},
	}[w.Logits]
	if !known {
		return nn.AttentionScores{}, errors.Errorf("unknown Logits %d", w.Logits)
	}
	if w.Logits == Scaled {
		if options.Scale, err = h.scale(s, x, start(w.Start, float64(h.width)/4)); err != nil {
			return nn.AttentionScores{}, err
		}
	}
	scores, err := p.scores(x, options)
	if w.Logits == RowNormalised {
		return nn.AttentionScores{Probs: scores}, err
	}
	return nn.AttentionScores{Logits: scores}, err
}
