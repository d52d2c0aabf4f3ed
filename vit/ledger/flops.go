package ledger

import (
	"math"

	"github.com/hqvit/hqvit/vit"
)

// Flops is the classical work of one image: matrix products, where a multiplication and an addition count as
// two (see vit.Flops).
type Flops struct {
	Model   int `json:"model"`
	Scores  int `json:"scores"`     // of it, the coefficients by U_q†U_k: what a quantum device would do
	Mixing  int `json:"mixing"`     // of it, values, their mixing by the coefficients, output projection
	MLP     int `json:"mlp"`        // of it, the MLPs of the blocks
	Ends    int `json:"ends"`       // of it, stem, embedding, classifier
	ViT     int `json:"vit"`        // of the ViT of equal width
	ViTOnly int `json:"vit_scores"` // of its attention coefficients: queries, keys and their products
	Matched int `json:"matched"`    // of the ViT with as many parameters
	Loading int `json:"loading"`    // finding the angles that prepare whole images on a device, see angleWork
}

// Free returns the work that is left if the coefficients come for nothing.
func (f Flops) Free() int { return f.Model - f.Scores }

// angleWork returns the classical operations of circuit.Prepare for real amplitudes on m qubits, which are
// needed for each image: an arctangent and a root of squares for each of 2^m − 1 angles, and the sums
// and differences of the Walsh transforms of 1, 2, …, 2^(m−1) angles, k·2^k each: (m−2)·2^m + 2.
func angleWork(m int) int { return 2*(1<<m-1) + (m-2)<<m + 2 }

// buildable returns a micro-batch so small that the graphs of a model that Config.Check lets pass can be
// built.
func buildable(c vit.Config) (micro int) {
	_, micro = vit.DefaultBatch(c)
	size := c.Size()
	return int(max(1, min(float64(micro), (vit.MaxSize-size.Weights)/size.Values)))
}

// countFlops counts them on the graphs of the models.
func countFlops(c vit.Config, micro int) (f Flops, err error) {
	c = c.Exact() // what is counted is the model that is trained
	classical, uniform := c, c
	classical.Score = "dot"
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
		if *m.flops, _, err = vit.Flops(m.config, micro); err != nil {
			return f, err
		}
	}
	f.Scores, f.ViTOnly = f.Model-free, f.ViT-free
	tokens, width := c.Tokens(), c.Width()
	f.Mixing = c.Depth * (4*tokens*width*width + 2*tokens*tokens*width)
	f.MLP = c.Depth * 4 * tokens * width * c.Hidden
	f.Ends = free - f.Mixing - f.MLP
	s := shapeOf(c)
	f.Loading = c.Depth * c.Heads * angleWork(s.indexQubits()+s.dataQubits())
	return f, nil
}

// scoreFlops returns the classical work of the T² coefficients of a head, the less of the two routes of
// qops.CircuitScores. Both take the products with the other tokens, 2T²d, but before them comes U_q†U_k as a
// matrix, 2Td², or as its circuit on the rows, 3·2^n for each of 2·L·n rotations, where n is the number of
// data qubits.
func (s Shape) scoreFlops() float64 {
	t, d := float64(s.Tokens), float64(s.Width)
	padded := math.Ldexp(1, s.dataQubits())
	return 2*t*t*d + min(2*t*d*d, float64(2*s.Layers*s.dataQubits())*3*t*padded)
}
