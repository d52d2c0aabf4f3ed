package ledger

import (
	"math"

	"github.com/hqvit/hqvit/vit"
)

// Flops is the classical work of one image, of matrix products, a multiplication and an addition as two (vit.Flops).
type Flops struct {
	Model   int `json:"model"`
	Scores  int `json:"scores"`     // of the model, the attention coefficients by U_q†U_k: what a quantum device would do
	Mixing  int `json:"mixing"`     // values, their mixing by the coefficients, output projection
	MLP     int `json:"mlp"`        // of the blocks
	Ends    int `json:"ends"`       // stem, embedding, classifier
	ViT     int `json:"vit"`        // the classical ViT of equal width
	ViTOnly int `json:"vit_scores"` // its attention coefficients: queries, keys and their products
	Matched int `json:"matched"`    // the classical ViT of as many parameters
}

// Free returns the work that is left if the coefficients come for nothing.
func (f Flops) Free() int { return f.Model - f.Scores }

// flops counts them on the graphs of the models.
func flops(c vit.Config) (f Flops, err error) {
	classical, uniform := c, c
	classical.Model, classical.Score = vit.DotProduct, ""
	uniform.Score = "uniform" // the same model without a product in its scores
	matched, _, err := vit.Match(c)
	if err != nil {
		return f, err
	}
	var free int
	for _, m := range []struct {
		config vit.Config
		flops  *int
	}{{c, &f.Model}, {uniform, &free}, {classical, &f.ViT}, {matched, &f.Matched}} {
		if *m.flops, _, err = vit.Flops(m.config); err != nil {
			return f, err
		}
	}
	f.Scores, f.ViTOnly = f.Model-free, f.ViT-free
	tokens, width := c.Tokens(), c.Width()
	f.Mixing = c.Depth * (4*tokens*width*width + 2*tokens*tokens*width)
	f.MLP = c.Depth * 4 * tokens * width * c.Hidden
	f.Ends = free - f.Mixing - f.MLP
	return f, nil
}

// ScoreFlops returns the classical work of the T² coefficients of a head, the less of two ways: both read off the products with the other tokens, 2T²d, but
// U_q†U_k comes before them as a matrix, 2Td², or as its circuit gate by gate on the rows, 3d for each of 2·L·Data rotations.
func (s Shape) ScoreFlops() float64 {
	t, d := float64(s.Tokens), float64(s.Width)
	padded := math.Ldexp(1, s.Data())
	return 2*t*t*d + min(2*t*d*d, float64(2*s.Layers*s.Data())*3*t*padded)
}
