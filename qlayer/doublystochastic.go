package qlayer

import (
	"math/bits"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// DoublyStochastic is doubly stochastic attention: the logits M = QKᵀ/√d of linear queries and keys turn a
// circuit U, and the coefficients are
//
//	P_ij = 2^−a Σ_xy |⟨i,x|U|j,y⟩|²
//
// over the a ancillas beside log2 T qubits for the token. All rows and columns sum to 1 exactly, as U is
// unitary, and P is the identity for M = 0. U = U₂·U₁ᵀ: both act on one half each of Bell pairs, and the
// token qubits of both halves are measured, so that one circuit of 2(log2 T + a) qubits gives the whole of P.
//
// U₁ and U₂ are Layers of gates on neighbours, on the pairs (0,1), (2,3), … and (1,2), (3,4), … in turn. A
// gate is RY on both qubits, then RZZ and RXX; its four angles are the next elements of M, row by row and
// from the beginning again, each times a fixed random factor in [−1,1), the parameter theta (H, angles).
//
// Source: Born et al., Quantum doubly stochastic transformers, arXiv:2504.16275; Mariella et al.,
// arXiv:2402.14991. The gate of four angles is open there and chosen here. The paper has a ≥ log2 T + 1
// ancillas and 16 layers, for 8 tokens.
type DoublyStochastic struct {
	Ancillas int  // a; 0: 1
	Layers   int  // of each of U₁ and U₂; 0: the least that take each element of M once
	Trained  bool // theta is trained; the paper found that to be worse
	Shots    int  // runs of the circuit of each head, from which all T² coefficients come; 0: exact values
}

// Score returns the coefficients (B, H, T, T) of x (B, T, D). The parameters are those of nn.DotProduct and
// theta. With Shots the rows are scaled to a sum of 1.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D,
// T is no power of two, or for a number below 0 or more qubits than a circuit can have.
func (w DoublyStochastic) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	h, err := newHeads(x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if h.Tokens == 1 {
		return nn.UniformScore(s, x, heads)
	}
	c, tokens, err := w.circuit(h.Tokens)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	a, err := nn.DotProduct(s, x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	data, err := w.angles(s, a.Logits, h, c.NumData())
	if err != nil {
		return nn.AttentionScores{}, err
	}
	note(s, c.Qubits(), len(c.Operations()), 0)
	show(s, Figure{Circuit: c, Registers: []Register{{"row", c.Qubits() / 2}, {"column", c.Qubits() / 2}},
		Heads: h.Count})
	m := qops.Probabilities(tokens...)
	if w.Shots != 0 {
		m = m.WithShots(Shots(s, x, w.Shots))
	}
	p, err := qops.MeasureCircuit(c, m, qops.Inputs{Data: data}, qops.Adjoint)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if p, err = nn.ScaleBy(p, float64(h.Tokens)); err != nil {
		return nn.AttentionScores{}, err
	}
	p, err = nn.Reshape(p, h.MapShape()...)
	if err == nil && w.Shots != 0 {
		p, err = nn.RowShares(p)
	}
	return nn.AttentionScores{Probs: p}, err
}

// angles returns the factors times the logits, as often as it takes for that many angles: (B, H, count).
func (w DoublyStochastic) angles(s *nn.Scope, logits *G.Node, h op.Heads, count int) (*G.Node, error) {
	theta, err := s.Param("theta", nn.ParamSpec{Shape: tensor.Shape{h.Count, count}, Dtype: logits.Dtype(),
		Init: nn.Uniform(-1, 1), NoDecay: true, Frozen: !w.Trained, Group: "quantum"})
	if err != nil {
		return nil, err
	}
	size := h.Tokens * h.Tokens
	data, err := nn.Reshape(logits, h.Batch, h.Count, size)
	if err != nil {
		return nil, err
	}
	var copies []*G.Node
	for range (count + size - 1) / size {
		copies = append(copies, data)
	}
	if data, err = joinParts(2, copies); err != nil {
		return nil, err
	}
	if count%size != 0 {
		if data, err = nn.Slice(data, 2, 0, count); err != nil {
			return nil, err
		}
	}
	return nn.Mul(data, theta)
}

// circuit returns the circuit for that many tokens, and the qubits that name a row and then a column.
func (w DoublyStochastic) circuit(tokens int) (c *circuit.Circuit, measured []int, err error) {
	q := bits.Len(uint(tokens)) - 1
	if tokens != 1<<q {
		return nil, nil, errors.Errorf("doubly stochastic attention of %d tokens: want a power of two, for "+
			"its rows are outcomes of qubits; the scores sinkhorn and qr take any number", tokens)
	}
	if w.Ancillas == 0 {
		w.Ancillas = 1
	}
	if w.Ancillas < 0 || w.Layers < 0 || 2*(q+w.Ancillas) > circuit.MaxQubits {
		return nil, nil, errors.Errorf("doubly stochastic attention of %d ancillas and %d layers: want at "+
			"least 0 of both and at most %d qubits, got %d",
			w.Ancillas, w.Layers, circuit.MaxQubits, 2*(q+w.Ancillas))
	}
	n := q + w.Ancillas
	if w.Layers == 0 {
		for blocks := 0; 2*4*blocks < tokens*tokens; w.Layers++ {
			blocks += (n - w.Layers%2) / 2
		}
	}
	c = circuit.New(2 * n)
	for i := range n {
		c.H(i).CX(i, n+i)
	}
	next := newCounter()
	half := layered("DoublyStochastic", w.Layers, func(c *circuit.Circuit, _ func() circuit.Angle, layer int) {
		for a := layer % 2; a+1 < n; a += 2 {
			angle := func() circuit.Angle { return circuit.Data(next().Index) }
			c.RY(a, angle()).RY(a+1, angle()).RZZ(a, a+1, angle()).RXX(a, a+1, angle())
		}
	})
	for _, first := range []int{0, n} { // U₂ on the rows, U₁ on the columns
		qubits := register(first, n)
		part, err := half.build(n)
		if err != nil {
			return nil, nil, err
		}
		c.Append(part, qubits...)
		measured = append(measured, qubits[:q]...)
	}
	return c, measured, c.Err()
}
