package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// BlockAttention is the attention of one block of a model for one example.
type BlockAttention struct {
	Heads, Tokens int
	// (H, T, T): row i of a head is the distribution of token i over the tokens it attends to
	Coefficients []float64
	// (T, D): the tokens that the attention gets, behind the layer norm before it; head h has the columns
	// h·D/H to (h+1)·D/H. A score of circuits encodes these as amplitudes. Nil where a custom layer does not
	// offer them.
	Input []float64
}

// AttentionMaps say how much attention each of the T tokens gets, as a multiple of an even share 1/T: 1
// everywhere is uniform attention, and the mean of a map is 1 in any case. Tokens are patches, row by row
// from the top left.
type AttentionMaps struct {
	Rollout []float64     // of all blocks together, see Maps
	Blocks  [][]float64   // of each block, the mean over its heads
	Heads   [][][]float64 // [block][head]
}

// Maps returns the attention maps of blocks, in the order of the model. With firstToken, for a model that
// classifies by token 0 alone, they show what that token attends to; else the mean over all tokens.
//
// Attention rollout averages the heads of each block, lets half of each token pass by along the residual
// connection, and multiplies the blocks: R = Â_L ⋯ Â_1 with Â = (Ā+1)/2, rows normalised to the sum 1. It
// ignores values, projections and MLPs, so it shows where information can come from, not what is made of it.
//
// It returns an error unless all blocks have coefficients in [0,1] over the same square of patches.
//
// Source: Abnar and Zuidema, arXiv:2005.00928, section 3.
func Maps(blocks []BlockAttention, firstToken bool) (*AttentionMaps, error) {
	if err := checkAttention(blocks); err != nil {
		return nil, err
	}
	tokens, rows := blocks[0].Tokens, blocks[0].Tokens
	if firstToken {
		rows = 1
	}
	maps := &AttentionMaps{Rollout: shares(rollout(blocks), rows, tokens)}
	for _, b := range blocks {
		mean, heads := make([]float64, tokens), make([][]float64, b.Heads)
		for h := range heads {
			heads[h] = shares(b.head(h), rows, tokens)
			for i, v := range heads[h] {
				mean[i] += v / float64(b.Heads)
			}
		}
		maps.Blocks, maps.Heads = append(maps.Blocks, mean), append(maps.Heads, heads)
	}
	return maps, nil
}

func checkAttention(blocks []BlockAttention) error {
	if len(blocks) == 0 {
		return errors.New("train: attention maps: the model has no attention to show")
	}
	for i, b := range blocks {
		side := int(math.Round(math.Sqrt(float64(b.Tokens))))
		switch {
		case b.Heads < 1 || b.Tokens < 1 || len(b.Coefficients) != b.Heads*b.Tokens*b.Tokens:
			return errors.Errorf("train: attention maps: block %d has %d coefficients, want (H, T, T) of "+
				"%d heads and %d tokens",
				i, len(b.Coefficients), b.Heads, b.Tokens)
		case side*side != b.Tokens || b.Tokens != blocks[0].Tokens:
			return errors.Errorf("train: attention maps: block %d has %d tokens, want a square of patches, "+
				"the same in all blocks", i, b.Tokens)
		case slices.ContainsFunc(b.Coefficients, func(v float64) bool { return !(v >= 0 && v <= 1+1e-3) }):
			return errors.Errorf("train: attention maps: block %d has a coefficient that is not in [0,1]", i)
		}
	}
	return nil
}

// head returns the (T, T) coefficients of one head.
func (b BlockAttention) head(i int) []float64 {
	n := b.Tokens * b.Tokens
	return b.Coefficients[i*n : (i+1)*n]
}

// rollout returns R, (T, T).
func rollout(blocks []BlockAttention) []float64 {
	product := blocks[0].withResidual()
	for _, b := range blocks[1:] {
		product = multiply(b.withResidual(), product, b.Tokens)
	}
	return product
}

// withResidual returns Â, (T, T).
func (b BlockAttention) withResidual() []float64 {
	mixed := make([]float64, b.Tokens*b.Tokens)
	for i := range mixed {
		for h := range b.Heads {
			mixed[i] += b.head(h)[i] / float64(b.Heads)
		}
	}
	for i := range b.Tokens {
		row, sum := mixed[i*b.Tokens:(i+1)*b.Tokens], 0.0
		row[i]++
		for _, v := range row {
			sum += v
		}
		for j := range row {
			row[j] /= sum
		}
	}
	return mixed
}

// multiply returns the product of two (n, n) matrices.
func multiply(a, b []float64, n int) []float64 {
	product := make([]float64, n*n)
	for i := range n {
		row := product[i*n : (i+1)*n]
		for k := range n {
			for j := range row {
				row[j] += a[i*n+k] * b[k*n+j]
			}
		}
	}
	return product
}

// shares returns the mean of the first rows of (T, T) distributions, as multiples of an even share.
func shares(distributions []float64, rows, tokens int) []float64 {
	shares := make([]float64, tokens)
	for i, v := range distributions[:rows*tokens] {
		shares[i%tokens] += v * float64(tokens) / float64(rows)
	}
	return shares
}
