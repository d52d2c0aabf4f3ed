package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Reading says what is read of a pair of patches. Below, e_i is patch i of the image scaled to unit norm, n_i = ‖e_i‖² and z_ij = e_iᵀ W e_j.
type Reading int

const (
	Coefficient   Reading = iota // S_ij = |z_ij|², the SWAP test's P(0,i,j) − P(1,i,j)
	Signed                       // Re z_ij, the Hadamard test
	RowNormalised                // P(0,i,j)/Σ_k P(0,i,k), with P(0,i,j) = ½(n_i n_j + S_ij)
	Conditional                  // P(0|i,j) = ½(1 + S_ij/(n_i n_j)), the overlap of patches of unit norm
)

// ScoreOptions are the choices of Scores. The zero value returns the coefficients S.
type ScoreOptions struct {
	Reading Reading
	Gain    float64 // a constant factor of the result; 0 means 1
	Scale   *G.Node // (H), a factor for each head; nil means 1
}

// Scores returns, for every pair of patches, what quantum attention measures of them: by default |⟨e_i|W|e_j⟩|², the SWAP test between
// U_q|e_i⟩ and U_k|e_j⟩ with W = U_q†U_k, computed exactly.
//
//	x    (B, T, D)        real; head h sees the columns [h·D/H, (h+1)·D/H)
//	W    (H, d, d)        real, or (H, d, d, 2) complex with real and imaginary part last; d ≥ D/H, of which the leading block is used
//	out  (B, H, T, T)     Gain · Scale[h] · the reading; for a unitary W the readings themselves are in [0,1], Signed in [−1,1]
//
// What a head sees of an image is scaled to unit norm first, all its patches together; each on its own for Conditional. A dark image, of
// zeros, gives 0 (Conditional: ½) and has no gradient. So does a dark patch, but for its row of RowNormalised, which is n_j.
//
// Differentiable once in x, W and Scale. It returns an error for shapes that do not fit; the run returns one that names the image for NaN
// and infinity in x.
//
// Source: HQViT, arXiv:2504.02730; docs/math.md, sections 1 to 4.
func Scores(x, w *G.Node, o ScoreOptions) (*G.Node, error) {
	if x == nil || w == nil {
		return nil, errors.New("qops: Scores: x or W is nil")
	}
	k, err := newPairs(x.Shape(), w.Shape(), o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Scores")
	}
	more := G.Nodes{w}
	if o.Scale != nil {
		more = append(more, o.Scale)
	}
	return op.ByDtype(x, scores[float32](k), scores[float64](k), more...)
}

// pairs is the geometry of Scores.
type pairs struct {
	images, tokens, width int // x
	heads, head           int // H and the width of a head
	dim, parts            int // of W: rows of a head, and 2 if complex
	reading               Reading
	gain                  float64
}

func newPairs(x, w tensor.Shape, o ScoreOptions) (pairs, error) {
	if x.Dims() != 3 {
		return pairs{}, errors.Errorf("want x (B, T, D), got %v", x)
	}
	if w.Dims() < 3 || w.Dims() > 4 || w[1] != w[2] || w.Dims() == 4 && w[3] != 2 {
		return pairs{}, errors.Errorf("want W (H, d, d) or (H, d, d, 2), got %v", w)
	}
	k := pairs{images: x[0], tokens: x[1], width: x[2], heads: w[0], dim: w[1], parts: w.Dims() - 2, reading: o.Reading, gain: o.Gain}
	if k.width%k.heads != 0 {
		return pairs{}, errors.Errorf("width %d cannot be split into %d heads", k.width, k.heads)
	}
	if k.head = k.width / k.heads; k.head > k.dim {
		return pairs{}, errors.Errorf("a head of width %d does not fit W %v", k.head, w)
	}
	if o.Scale != nil && !o.Scale.Shape().Eq(tensor.Shape{k.heads}) {
		return pairs{}, errors.Errorf("want Scale (%d), one factor a head, got %v", k.heads, o.Scale.Shape())
	}
	if o.Reading < Coefficient || o.Reading > Conditional {
		return pairs{}, errors.Errorf("unknown Reading %d", o.Reading)
	}
	if k.gain == 0 {
		k.gain = 1
	}
	if k.reading == Signed { // the imaginary part plays no role
		k.parts = 1
	}
	return k, nil
}

func (k pairs) shape() tensor.Shape { return tensor.Shape{k.images, k.heads, k.tokens, k.tokens} }

func scores[T op.Float](k pairs) func(operands ...*G.Node) (*G.Node, error) {
	return func(operands ...*G.Node) (*G.Node, error) {
		b := newBilinear[T](k, operands[1].Dims() == 4)
		return op.Apply(op.Kernel[T]{
			Name: "Scores",
			Memory: op.Memory[T]{
				Saved:           b.kept,
				BackwardIgnores: []int{0, op.Result},
				BackwardScratch: b.work,
			},
			Flops:    2 * k.images * k.heads * k.parts * k.tokens * k.head * (k.head + k.tokens),
			Shape:    k.shape(),
			Forward:  b.forward,
			Backward: b.backward,
		}, operands...)
	}
}
