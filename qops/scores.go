package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// ScoreKind says which number Scores returns for a pair of patches i and j of an image, of what a test of
// their states measures. Below, e_i is patch i of the image scaled to unit norm, n_i = ‖e_i‖², z_ij = e_iᵀ W
// e_j = ⟨U_q e_i|U_k e_j⟩, and P(a,i,j) the probability that the ancilla of a SWAP test is a.
type ScoreKind int

// The kinds of scores.
const (
	// ScoreOverlap is S_ij = |z_ij|² = P(0,i,j) − P(1,i,j), by a SWAP test.
	ScoreOverlap ScoreKind = iota
	// ScoreSigned is Re z_ij, by a Hadamard test.
	ScoreSigned
	// ScoreRowNormalized is P(0,i,j)/Σ_k P(0,i,k) with P(0,i,j) = ½(n_i n_j + S_ij), by a SWAP test: a
	// distribution over j.
	ScoreRowNormalized
	// ScoreConditional is P(0|i,j) = ½(1 + S_ij/(n_i n_j)), by a SWAP test of patches of unit norm.
	ScoreConditional
)

// ScoreOptions are the choices of Scores and CircuitScores. The zero value returns the overlaps S.
type ScoreOptions struct {
	Kind  ScoreKind
	Gain  float64 // a constant factor of the result; 0 means 1
	Scale *G.Node // (H), a factor for each head; nil means 1
	Shots Shots   // of each head of each image, shared by all its pairs; the seeds are those of the images

	// Gradient is how CircuitScores computes the gradient by the angles: Adjoint, exact with Shots too, or
	// ParameterShift, from shots if there are any, with which it is unbiased. A shift rule holds for what is
	// linear in expectations, ScoreOverlap and ScoreSigned, and for angles of gates: the gradients by x,
	// which are amplitudes, and by Scale are the exact ones with either.
	Gradient Gradient

	Mitigation mitigate.Plan // of NoisyScores and DeviceScores alone: what is done against their noise
}

// Scores returns, for every pair of patches, what quantum attention measures of them: by default
// |⟨e_i|W|e_j⟩|², the SWAP test between U_q|e_i⟩ and U_k|e_j⟩ with W = U_q†U_k, computed exactly.
//
//	x    (B, T, D)     real; head h sees the columns h·D/H to (h+1)·D/H
//	W    (H, d, d)     real, or (H, d, d, 2) complex, real and imaginary part last; d ≥ D/H
//	out  (B, H, T, T)  Gain · Scale[h] · the Kind; for a unitary W kinds lie in [0,1], ScoreSigned in [−1,1]
//
// Of W the leading D/H rows and columns play a role. What a head sees of an image is scaled to unit norm
// first, all its patches together; for ScoreConditional each on its own. A dark image, of zeros, gives 0
// (ScoreConditional: ½) and has no gradient. So does a dark patch, but for its row of ScoreRowNormalized,
// which is n_j.
//
// Differentiable once in x, W and Scale. It returns an error for shapes that do not fit; the run returns one
// that names the image for NaN and infinity in x.
//
// Source: HQViT, arXiv:2504.02730; docs/math.md, sections 1 to 4.
func Scores(x, w *G.Node, o ScoreOptions) (*G.Node, error) {
	if x == nil || w == nil {
		return nil, errors.New("qops: Scores: x or W is nil")
	}
	k, err := newScoreShape(x.Shape(), w.Shape(), o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Scores")
	}
	operands := append(G.Nodes{w}, dropNil(o.Scale)...)
	return op.ByDtype(x, scores[float32](k), scores[float64](k), operands...)
}

func scores[T op.Float](k scoreShape) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		s := newScoreKernel[T](k, operands[1].Dims() == 4)
		flops := 2 * k.images * k.heads * k.parts * k.tokens * k.head * (k.head + k.tokens)
		return s.apply("Scores", flops, operands)
	}
}

// CircuitScores returns the Scores of W = U_q(θ_q)†·U_k(θ_k). It takes the cheaper of two routes, which agree
// to rounding: the matrix W once (Unitary) and matrix products, which cost d² a patch, or the circuits on
// every patch, as a quantum computer would run them, which cost d for each gate.
//
//	x       (B, T, D)        real; head h sees the columns h·D/H to (h+1)·D/H
//	thetaQ  (H, q.NumTheta)  radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)  radians; nil if k has none
//	out     (B, H, T, T)     as Scores has it
//
// The route follows from the shapes and the gates alone, so that one model gives one result. Differentiable
// once in x, thetaQ, thetaK and Scale; by the Gradient ParameterShift, the circuits run on every patch, twice
// or more for each place of an angle. It returns the errors of Unitary and of Scores, and with ParameterShift
// one for a gate without a rule.
//
// Source: docs/math.md, sections 2, 5 and 7.
func CircuitScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node,
	o ScoreOptions) (*G.Node, error) {
	return circuitScores(x, q, k, thetaQ, thetaK, o, cheaperRoute)
}

// route is the way to ⟨U_q e_i|U_k e_j⟩.
type route int

const (
	cheaperRoute   route = iota // of the two that follow
	matrixRoute                 // Unitary, then Scores
	patchwiseRoute              // the circuits on every patch
)

func circuitScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, o ScoreOptions,
	by route) (*G.Node, error) {
	joint, heads, err := unitaryOperands(q, k, thetaQ, thetaK)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: CircuitScores")
	}
	if x == nil {
		return nil, errors.New("qops: CircuitScores: x is nil")
	}
	gradient := o.Gradient
	if o.Gradient, err = Adjoint, checkScoreGradient(gradient, o.Kind); err != nil {
		return nil, errors.WithMessage(err, "qops: CircuitScores")
	}
	shape, err := newScoreShape(x.Shape(), unitaryShape(joint, heads), o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: CircuitScores")
	}
	shape.gradient = gradient
	if gradient == ParameterShift {
		by = patchwiseRoute
	}
	if by == matrixRoute || by == cheaperRoute && !shape.prefersCircuits(joint) {
		w, err := Unitary(q, k, thetaQ, thetaK)
		if err != nil {
			return nil, err
		}
		return Scores(x, w, o)
	}
	angles := dropNil(thetaQ, thetaK)
	n, operands := len(angles), append(angles, dropNil(o.Scale)...)
	return op.ByDtype(x, patchwiseScores[float32](shape, joint, n), patchwiseScores[float64](shape, joint, n),
		operands...)
}

func patchwiseScores[T op.Float](k scoreShape, joint *circuit.Circuit,
	angles int) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		plan, err := compileUnitary[T](joint)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: CircuitScores")
		}
		s := newScoreKernel[T](k, false)
		widths := anglesPerHead(operands[1 : 1+angles])
		s.circuits = newPatchwise(k, plan, joint.Real(), widths)
		if k.gradient == ParameterShift {
			if s.shift, err = newScoreShift[T](k, joint, widths); err != nil {
				return nil, errors.WithMessage(err, "qops: CircuitScores: ParameterShift")
			}
		}
		perPatch := 2*k.parts*k.tokens*k.head + 3*countArithmetic(joint)*plan.Width()
		return s.apply("CircuitScores", k.images*k.heads*k.tokens*perPatch, operands)
	}
}

// scoreShape is the geometry of Scores.
type scoreShape struct {
	images, tokens, width int // of x
	heads, head           int // H, and the width of a head
	dim, parts            int // of W: rows of a head, and 2 if complex
	kind                  ScoreKind
	gain                  float64
	shots                 Shots
	gradient              Gradient      // of CircuitScores
	mitigation            mitigate.Plan // of scores with noise
}

func newScoreShape(x, w tensor.Shape, o ScoreOptions) (scoreShape, error) {
	if w.Dims() < 3 || w.Dims() > 4 || w[1] != w[2] || w.Dims() == 4 && w[3] != 2 {
		return scoreShape{}, errors.Errorf("want W (H, d, d) or (H, d, d, 2), got %v", w)
	}
	h, err := op.NewHeads(x, w[0])
	if err != nil {
		return scoreShape{}, err
	}
	k := scoreShape{images: h.Batch, tokens: h.Tokens, width: h.Width, heads: h.Count, head: h.HeadWidth(),
		dim: w[1], parts: w.Dims() - 2, kind: o.Kind, gain: o.Gain,
		shots: o.Shots}
	if err := o.Shots.check(); err != nil {
		return k, err
	}
	switch {
	case !o.Mitigation.None():
		return k, errors.Errorf("mitigation %v where there is no noise: want NoisyScores or DeviceScores",
			o.Mitigation)
	case k.head > k.dim:
		return k, errors.Errorf("a head of width %d does not fit W %v", k.head, w)
	case o.Scale != nil && !o.Scale.Shape().Eq(tensor.Shape{k.heads}):
		return k, errors.Errorf("want Scale (%d), one factor for each head, got %v", k.heads, o.Scale.Shape())
	case k.kind < ScoreOverlap || k.kind > ScoreConditional:
		return k, errors.Errorf("unknown ScoreKind %d", int(k.kind))
	case o.Gradient != Adjoint:
		return k, errors.Errorf("want Gradient Adjoint, got %v: shift rules are for the circuits without "+
			"noise, see CircuitScores", o.Gradient)
	}
	if k.gain == 0 {
		k.gain = 1
	}
	if k.kind == ScoreSigned { // the imaginary part plays no role
		k.parts = 1
	}
	return k, nil
}

// checkScoreGradient returns an error for a method that CircuitScores does not have for a kind.
func checkScoreGradient(g Gradient, kind ScoreKind) error {
	switch {
	case g != Adjoint && g != ParameterShift:
		return errors.Errorf("want Gradient Adjoint or ParameterShift, got %v", g)
	case g == ParameterShift && kind != ScoreOverlap && kind != ScoreSigned:
		return errors.Errorf("want Gradient Adjoint for ScoreKind %d, which is a ratio of probabilities: "+
			"shift rules are those of expectations, as ScoreOverlap and ScoreSigned are", int(kind))
	}
	return nil
}

func (k scoreShape) shape() tensor.Shape { return tensor.Shape{k.images, k.heads, k.tokens, k.tokens} }

// scalesPatches tells whether each patch is scaled to unit norm on its own.
func (k scoreShape) scalesPatches() bool {
	return k.kind == ScoreRowNormalized || k.kind == ScoreConditional
}

// groups is into how many parts the patches of a head are scaled: one, or as many as there are patches.
func (k scoreShape) groups() int {
	if k.scalesPatches() {
		return k.tokens
	}
	return 1
}

// prefersCircuits tells whether running the circuits on the patches is less work than making W of d basis
// states and multiplying by it.
func (k scoreShape) prefersCircuits(joint *circuit.Circuit) bool {
	patches, size := float64(k.images*k.tokens), float64(k.dim*stateParts(joint))
	state := size * (stateCost + gateCost*float64(countArithmetic(joint)))
	matrix := 2 * float64(k.parts*k.head*k.head)
	return patches*state < float64(k.dim)*state+patches*matrix
}

// What running a circuit takes for each number of a state, in floating-point operations of a matrix product
// that would take as long: once, and for each gate with arithmetic. BenchmarkRoutes measures them: the routes
// cross at these.
const (
	stateCost = 70
	gateCost  = 3.5
)

// countArithmetic returns how many gates of a circuit do more than exchange amplitudes, which costs nothing.
func countArithmetic(c *circuit.Circuit) (n int) {
	for _, o := range c.Operations() {
		if !permutes(o) {
			n++
		}
	}
	return n
}

// permutes tells whether an operation only exchanges amplitudes.
func permutes(o circuit.Operation) bool {
	if len(o.Angles) > 0 {
		return false
	}
	for _, v := range o.Gate.Matrix(nil) {
		if v != 0 && v != 1 {
			return false
		}
	}
	return true
}

// stateParts is how many real numbers an amplitude takes.
func stateParts(c *circuit.Circuit) int {
	if c.Real() {
		return 1
	}
	return 2
}
