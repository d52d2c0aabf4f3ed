package qlayer

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// Swap is quantum attention: each head's slice of an image is amplitude-encoded as one state, and a SWAP test
// compares queries q_i = U_q x_i with keys k_j = U_k x_j. It is computed exactly, by the matrix U_q†U_k or by
// the circuits, whichever is cheaper (qops.CircuitScores).
//
//	nn.Attention{Heads: 4, Score: qlayer.Swap{Query: qlayer.RealAmplitudes(2)}.Score}
//
// The zero value is the default score of this package, s·T²·S_ij of the overlaps S_ij = |⟨q_i|k_j⟩|² with a
// learned scale s for each head: a softmax over S itself, of size 1/(T²d), is nearly uniform. The other kinds
// have no scale; qops.ScoreRowNormalized is a distribution and takes no softmax.
//
// Frozen circuits tell whether their training matters, Product ones whether entanglement does, if the ansatz
// that they stand beside has two layers: with one, the entangling gates cancel in U_q†U_k.
type Swap struct {
	Query     Ansatz         // nil: RealAmplitudes(2)
	Key       Ansatz         // nil: Query
	Kind      qops.ScoreKind // of a SWAP test: not qops.ScoreSigned
	InitScale float64        // first value of the scale s; 0: a quarter of the head's width
	Unscaled  bool           // the logits are S_ij itself
	Frozen    bool           // the angles stay at their first values; the scale is trained

	// Shots is the runs of the test for each head of each image, shared by all pairs of its patches; 0: exact
	// values. S_ij is estimated by P(0,i,j) − P(1,i,j), which is unbiased and not clamped: it may be
	// negative. The shares of the other kinds are ratios of counts; a pair or a row that never came counts as
	// even. Seeds and tap are those of Circuit.
	Shots int

	// Gradient is how the gradient by the angles is computed: qops.Adjoint, exact with Shots too, or
	// qops.ParameterShift, from shots if there are any, unbiased; for qops.ScoreOverlap without Noise and
	// Compile. The gradients by x, to which shift rules do not apply, and by the scale are exact with either.
	Gradient qops.Gradient

	// Noise disturbs the circuits, which are then run pair by pair as qops.NoisyScores has it, with the
	// gradient through the noise. For qops.ScoreOverlap, and query and key of gates on up to two qubits.
	Noise circuit.Noise

	// Compile, unless it is nil, makes of the circuit of each pair what a device runs, in place of Noise, as
	// qops.DeviceScores has it.
	Compile qops.Compile

	// Mitigation is what is done against the errors of Noise, or of what Compile gives, as qops.NoisyScores
	// has it: by extrapolation and for readout. Each of its circuits has all Shots.
	Mitigation mitigate.Plan
}

// Score returns the logits (B, H, T, T) of x (B, T, D), or the distribution qops.ScoreRowNormalized. The
// parameters are q.theta and k.theta (H, P), with the P angles of the ansatz on ⌈log2 D/H⌉ qubits, and the
// tapped scale (H). The notes qubits, gates and parameterised gates are of the circuit of one head, without
// the preparation of its states.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D,
// an ansatz has another size, or InitScale is given where there is no scale.
func (w Swap) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	if err := w.check(); err != nil {
		return nn.AttentionScores{}, err
	}
	p, err := newHeadPair(s, x, heads, w.Query, w.Key, w.Frozen)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	test := circuit.SwapTest(nil, p.Tokens, 1<<p.data, p.query, p.key)
	beside := p.data + 2 // a CSWAP for each data qubit, two H
	loads := []int{p.index + p.data, p.index + p.data}
	p.showTest(s, beside, Figure{Circuit: test, Query: p.query, Key: p.key, Loads: loads,
		Registers: []Register{{"ancilla", 1},
			{"index of the query", p.index}, {"data of the query", p.data}, {"index of the key", p.index},
			{"data of the key", p.data}}})
	options := qops.ScoreOptions{Kind: w.Kind, Shots: Shots(s, x, w.Shots), Gradient: w.Gradient,
		Mitigation: w.Mitigation}
	if w.scaled() {
		options.Gain = float64(p.Tokens * p.Tokens)
		if options.Scale, err = learnedScale(s, x, heads, w.InitScale, float64(p.HeadWidth())/4); err != nil {
			return nn.AttentionScores{}, err
		}
	}
	scores, err := p.scores(x, w.Noise, w.Compile, options)
	if w.Kind == qops.ScoreRowNormalized {
		return nn.AttentionScores{Probs: scores}, err
	}
	return nn.AttentionScores{Logits: scores}, err
}

// scaled tells whether there is a learned scale.
func (w Swap) scaled() bool { return w.Kind == qops.ScoreOverlap && !w.Unscaled }

func (w Swap) check() error {
	switch {
	case w.Kind < qops.ScoreOverlap || w.Kind > qops.ScoreConditional:
		return errors.Errorf("unknown ScoreKind %d", int(w.Kind))
	case w.Kind == qops.ScoreSigned:
		return errors.New("a SWAP test has no sign, want qlayer.Hadamard for qops.ScoreSigned")
	case w.Compile != nil && !w.Noise.None():
		return errors.New("want Noise or Compile, got both: a device has noise of its own")
	case w.InitScale != 0 && !w.scaled():
		return errors.Errorf("want no InitScale for a score without a scale, got %v", w.InitScale)
	}
	return nil
}

// Hadamard is the score s·T·Re⟨q_i|k_j⟩: what a Hadamard test measures, with the sign that a SWAP test loses.
//
// Its circuit takes Σ_i|i⟩|+⟩|x_i⟩ where the ancilla is 0 and Σ_j|+⟩|j⟩|x_j⟩ where it is 1, applies U_q and
// U_k controlled by it, and measures the ancilla behind an H. It is computed exactly, like Swap. Source:
// docs/math.md, section 1.
type Hadamard struct {
	Query     Ansatz        // nil: RealAmplitudes(2)
	Key       Ansatz        // nil: Query
	InitScale float64       // first value of the scale s; 0: the root of the head's width, as in nn.Cosine
	Frozen    bool          // the angles stay at their first values; the scale is trained
	Shots     int           // as in Swap, of the Hadamard test
	Gradient  qops.Gradient // as in Swap
}

// Score returns the logits (B, H, T, T) of x (B, T, D). Parameters, taps, notes, derivatives and errors are
// those of Swap.
func (w Hadamard) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	p, err := newHeadPair(s, x, heads, w.Query, w.Key, w.Frozen)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	const beside = 2 // X and H
	p.showTest(s, beside, Figure{Circuit: p.hadamardTest(), Registers: []Register{{"ancilla", 1},
		{"index of the query", p.index}, {"index of the key", p.index}, {"data", p.data}}})
	scale, err := learnedScale(s, x, heads, w.InitScale, math.Sqrt(float64(p.HeadWidth())))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	options := qops.ScoreOptions{Kind: qops.ScoreSigned, Gain: float64(p.Tokens), Scale: scale,
		Shots: Shots(s, x, w.Shots), Gradient: w.Gradient}
	logits, err := p.scores(x, circuit.Noise{}, nil, options)
	return nn.AttentionScores{Logits: logits}, err
}

// headPair is the circuits of queries and keys on one head, with their angles for all heads.
type headPair struct {
	op.Heads
	index, data    int // qubits of the registers that name a patch and that hold one
	query, key     *circuit.Circuit
	thetaQ, thetaK *G.Node // (H, P); nil for a circuit without angles
}

// newHeads returns the layout of that many heads of x.
func newHeads(x *G.Node, count int) (op.Heads, error) {
	if x == nil {
		return op.Heads{}, errors.New("want x (B, T, D), got none")
	}
	return op.NewHeads(x.Shape(), count)
}

// newHeadPair returns the circuits, with new angles.
func newHeadPair(s *nn.Scope, x *G.Node, heads int, query, key Ansatz, frozen bool) (p headPair, err error) {
	if p.Heads, err = newHeads(x, heads); err != nil {
		return p, err
	}
	p.index, p.data = log2(p.Tokens), max(1, log2(p.HeadWidth()))
	query, key = orRealAmplitudes(query, key)
	build := func(name string, a Ansatz) (c *circuit.Circuit, theta *G.Node, err error) {
		if c, err = a.build(p.data); err != nil {
			return nil, nil, errors.WithMessage(err, name)
		}
		theta, err = angles(s.Sub(name), c, tensor.Shape{heads, c.NumTheta()}, x.Dtype(), nil, frozen)
		return c, theta, err
	}
	if p.query, p.thetaQ, err = build("q", query); err != nil {
		return p, err
	}
	p.key, p.thetaK, err = build("k", key)
	return p, err
}

// scores returns what is measured of the two circuits on the patches of x.
func (p headPair) scores(x *G.Node, noise circuit.Noise, compile qops.Compile,
	o qops.ScoreOptions) (*G.Node, error) {
	if compile != nil {
		return qops.DeviceScores(x, p.query, p.key, p.thetaQ, p.thetaK, compile, o)
	}
	if !noise.None() {
		return qops.NoisyScores(x, p.query, p.key, p.thetaQ, p.thetaK, noise, o)
	}
	return qops.CircuitScores(x, p.query, p.key, p.thetaQ, p.thetaK, o)
}

// showTest leaves the notes and the figure of the test that compares queries and keys: that of a head, over
// the angles of its query and then of its key, with so many gates beside theirs. For images too large to draw
// it holds its error.
func (p headPair) showTest(s *nn.Scope, gates int, f Figure) {
	qubits := 0
	for _, r := range f.Registers {
		qubits += r.Qubits
	}
	gates += len(p.query.Operations()) + len(p.key.Operations())
	note(s, qubits, gates, countParameterised(p.query)+countParameterised(p.key))
	var theta []string
	if p.thetaQ != nil {
		theta = append(theta, "q.theta")
	}
	if p.thetaK != nil {
		theta = append(theta, "k.theta")
	}
	f.Heads = p.Count
	show(s, f, theta...)
}

// hadamardTest returns the circuit of the test behind the preparation of both branches and its H on the
// ancilla: the key's where the ancilla is 1 and the query's where it is 0, by an X around it, then H. The
// second X is left out: in front of the last H it changes no probability.
func (p headPair) hadamardTest() *circuit.Circuit {
	c := circuit.New(1 + 2*p.index + p.data)
	qubits := append([]int{0}, register(1+2*p.index, p.data)...)
	key := p.key.OffsetParams(p.query.NumTheta(), 0)
	return c.Append(key.Controlled(1), qubits...).X(0).Append(p.query.Controlled(1), qubits...).H(0)
}

// learnedScale returns the learned factor of each head, tapped.
func learnedScale(s *nn.Scope, x *G.Node, heads int, first, byDefault float64) (*G.Node, error) {
	if first == 0 {
		first = byDefault
	}
	n, err := s.Param("scale", nn.ParamSpec{Shape: tensor.Shape{heads}, Dtype: x.Dtype(),
		Init: nn.Constant(first), NoDecay: true})
	if err == nil {
		s.Tap("scale", nn.TapValue, n)
	}
	return n, err
}

// orRealAmplitudes returns query and key, RealAmplitudes(2) for no query, and the query for no key.
func orRealAmplitudes(query, key Ansatz) (q, k Ansatz) {
	if query == nil {
		query = RealAmplitudes(2)
	}
	if key == nil {
		key = query
	}
	return query, key
}

// scaled returns scores times a learned factor of each head.
func scaled(s *nn.Scope, x *G.Node, heads int, scores *G.Node, first, byDefault float64) (*G.Node, error) {
	scale, err := learnedScale(s, x, heads, first, byDefault)
	if err != nil {
		return nil, err
	}
	return nn.ScaleHeads(scores, scale, 1)
}
