package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// RBSForm is the order of the RBS gates of an orthogonal layer, which works in the space of one 1 among its
// qubits: one for each value.
type RBSForm int

// The forms of an orthogonal layer.
const (
	PyramidForm   RBSForm = iota // as Pyramid: n(n−1)/2 gates on neighbours, every rotation
	CrossForm                    // two diagonals of gates on neighbours that cross, 2n−3 of them, 2n−2 for odd n
	ButterflyForm                // as Butterfly, (n/2)·log2 n gates
)

// pairs returns the qubits of the gates on n qubits, whose angles are counted in this order.
func (f RBSForm) pairs(n int) (pairs [][2]int, err error) {
	switch f {
	case PyramidForm:
		for t := range 2*n - 3 {
			for q := t % 2; q <= min(t, 2*n-4-t); q += 2 {
				pairs = append(pairs, [2]int{q, q + 1})
			}
		}
	case CrossForm:
		for t := range n - 1 {
			pairs = append(pairs, [2]int{t, t + 1})
			if back := n - 2 - t; back != t {
				pairs = append(pairs, [2]int{back, back + 1})
			}
		}
	case ButterflyForm:
		for bit := 1 << log2(n) >> 1; bit > 0; bit >>= 1 {
			for q := range n {
				if q&bit == 0 && q|bit < n {
					pairs = append(pairs, [2]int{q, q | bit})
				}
			}
		}
	default:
		return nil, errors.Errorf("unknown RBSForm %d", int(f))
	}
	if len(pairs) > maxOperations {
		return nil, errors.Errorf("an orthogonal layer of %d qubits has %d gates, want at most %d", n, len(pairs),
			maxOperations)
	}
	return pairs, nil
}

// RBSPatchwise lets every token attend to itself, with the values V·x̂_j of an orthogonal layer of RBS gates
// on its part of each head, scaled to unit norm: attention without attention.
//
// Source: Cherrat, Kerenidis, Mathur, Landman, Strahm, Li, Quantum vision transformers, arXiv:2209.08167, the
// orthogonal patch-wise network. How its features are read is open: all of V·x̂, signs included, as
// tomography has it, or the probabilities of the outcomes.
type RBSPatchwise struct {
	Form    RBSForm
	Squares bool // the values are (V·x̂)², the probabilities of the outcomes
}

// Score returns coefficients and values of x (B, T, D). The parameter is v.theta (H, gates). The notes
// qubits, gates and parameterised gates are of one layer, without the loading of its values.
//
// Differentiable once in x and theta. It returns an error if x has other axes, H does not divide D, a head
// has fewer than 2 columns, or for an unknown form.
func (w RBSPatchwise) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	r, err := newRBS(s, x, heads, w.Form)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	a, err := nn.IdentityScore(s, x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if a.Values, err = r.rotated(s, "v", w.Squares); err != nil {
		return nn.AttentionScores{}, err
	}
	r.show(s, 1, r.Tokens)
	return a, nil
}

// RBSAttention is the score (x̂_iᵀ W x̂_j)² of an orthogonal layer W of RBS gates on the part of each head,
// scaled to unit norm: the probability that one circuit gives, which loads x̂_j, applies W, and undoes the
// loading of x̂_i. Its softmax has no scale.
//
// Source: the quantum orthogonal transformer of arXiv:2209.08167, whose values come from a second layer.
type RBSAttention struct {
	Form    RBSForm
	Values  bool // V·x̂_j of a second layer, as in RBSPatchwise, in place of classical values
	Squares bool // of Values: (V·x̂_j)²
}

// Score returns the logits (B, H, T, T) of x (B, T, D), and perhaps values. The parameters are k.theta and,
// with Values, v.theta (H, gates). Notes, derivatives and errors are those of RBSPatchwise, and Squares
// without Values is an error.
func (w RBSAttention) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	r, err := newRBS(s, x, heads, w.Form)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if w.Squares && !w.Values {
		return nn.AttentionScores{}, errors.New("RBSAttention: want no Squares without Values")
	}
	var a nn.AttentionScores
	k, err := r.rotated(s, "k", false)
	if err != nil {
		return a, err
	}
	products, err := nn.HeadProducts(r.unit, k, heads, 1)
	if err != nil {
		return a, err
	}
	if a.Logits, err = nn.Mul(products, products); err != nil {
		return a, err
	}
	if w.Values {
		a.Values, err = r.rotated(s, "v", w.Squares)
	}
	r.show(s, 2, r.Tokens*r.Tokens)
	return a, err
}

// rbs is an orthogonal layer on every head of tokens of unit norm.
type rbs struct {
	op.Heads
	unit  *G.Node
	pairs [][2]int
}

func newRBS(s *nn.Scope, x *G.Node, heads int, form RBSForm) (r rbs, err error) {
	if r.Heads, err = newHeads(x, heads); err != nil {
		return r, err
	}
	if n := r.HeadWidth(); n < 2 {
		return r, errors.Errorf("an orthogonal layer turns pairs of values: want heads of at least 2, got %d", n)
	}
	if r.pairs, err = form.pairs(r.HeadWidth()); err != nil {
		return r, err
	}
	r.unit, err = op.ByDtype(x, unitTokens[float32](r.Heads), unitTokens[float64](r.Heads))
	return r, err
}

// rotated returns the layer of that name on all tokens, or its squares.
func (r rbs) rotated(s *nn.Scope, name string, squares bool) (*G.Node, error) {
	theta, err := rbsAngles(s.Sub(name), r.unit.Dtype(), r.Count, len(r.pairs))
	if err != nil {
		return nil, err
	}
	y, err := rotateHeads(r.unit, theta, r.Heads, r.pairs)
	if err != nil || !squares {
		return y, err
	}
	return nn.Mul(y, y)
}

// show leaves notes, and a figure if a circuit can have so many qubits: the layer behind the loader of a token,
// a chain of RBS with angles that are data, and, of two loaders, in front of the inverse of another.
func (r rbs) show(s *nn.Scope, loaders, runs int) {
	n := r.HeadWidth()
	note(s, n, len(r.pairs), len(r.pairs))
	if n > circuit.MaxQubits {
		return
	}
	loader := circuit.New(n)
	for i := range n - 1 {
		loader.RBS(i, i+1, circuit.Data(i))
	}
	c, name := circuit.New(n).X(0).Compose(loader).Compose(rbsLayer(n, r.pairs)), "v.theta"
	if loaders == 2 {
		c, name = c.Compose(loader.OffsetParams(0, loader.NumData()).Adjoint()), "k.theta"
	}
	show(s, Figure{Circuit: c, Registers: []Register{{"values of a token", n}}, Heads: r.Count, Runs: runs},
		name)
}

// rbsLayer returns the circuit of the gates on n qubits, with their angles in order.
func rbsLayer(n int, pairs [][2]int) *circuit.Circuit {
	c := circuit.New(n)
	for i, p := range pairs {
		c.RBS(p[0], p[1], circuit.Theta(i))
	}
	return c
}

// rbsAngles returns theta (H, gates).
func rbsAngles(s *nn.Scope, dt tensor.Dtype, heads, gates int) (*G.Node, error) {
	return s.Param("theta", nn.ParamSpec{Shape: tensor.Shape{heads, gates}, Dtype: dt,
		Init: nn.Normal(InitAngle), NoDecay: true, Group: "quantum"})
}
