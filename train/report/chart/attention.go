package chart

import (
	"image"
	"io"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Attention is what a model attends to in one picture.
//
// A map of it gives each of the T patches of the picture, row by row from the top left, how much attention it gets, as a multiple of an even
// share 1/T: 1 everywhere if the model attends to all patches alike, and of mean 1 in any case.
type Attention struct {
	Title   string      // of the model
	Guess   string      // what the model takes the picture for
	Picture image.Image // as the model sees it
	Blocks  []Heads     // in the order of the model; T is a square
	// FirstToken says that the model reads its answer off token 0 alone: maps then show what that token attends to. Else they show what all
	// tokens attend to, on the average.
	FirstToken bool
}

// Heads is the attention of one block.
type Heads struct {
	Heads, Tokens int
	Weights       []float64 // (H, T, T): row i of a head is the distribution of token i over the tokens it attends to
}

// head is a (T, T) of the weights.
func (h Heads) head(i int) []float64 {
	n := h.Tokens * h.Tokens
	return h.Weights[i*n : (i+1)*n]
}

// Map returns the map of one head of a block.
func (a Attention) Map(block, head int) []float64 {
	return a.shares(a.Blocks[block].head(head), a.Blocks[block].Tokens)
}

// Rollout returns the map of all blocks together: attention rollout, where the weights of a block are the mean of its heads, half of what a
// token is comes past the block by the residual connection, and the blocks are multiplied: R = Â_L ⋯ Â_1 with Â = (Ā+1)/2, its rows brought
// to the sum 1. It leaves out values, projections and MLPs, and so says where information can come from, not what is made of it.
//
// Source: Abnar and Zuidema, arXiv 2005.00928, section 3.
func (a Attention) Rollout() []float64 {
	var all []float64
	tokens := 0
	for _, b := range a.Blocks {
		tokens = b.Tokens
		step := b.withResidual()
		if all == nil {
			all = step
			continue
		}
		product := make([]float64, len(all))
		for i := range tokens {
			row := product[i*tokens : (i+1)*tokens]
			for k := range tokens {
				for j := range row {
					row[j] += step[i*tokens+k] * all[k*tokens+j]
				}
			}
		}
		all = product
	}
	return a.shares(all, tokens)
}

// withResidual returns Â, (T, T).
func (h Heads) withResidual() []float64 {
	mixed := make([]float64, h.Tokens*h.Tokens)
	for i := range mixed {
		for head := range h.Heads {
			mixed[i] += h.head(head)[i] / float64(h.Heads)
		}
	}
	for i := range h.Tokens {
		row, sum := mixed[i*h.Tokens:(i+1)*h.Tokens], 0.0
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

// shares returns the map of a (T, T) of distributions.
func (a Attention) shares(weights []float64, tokens int) []float64 {
	shares := make([]float64, tokens)
	rows := tokens
	if a.FirstToken {
		rows = 1
	}
	for i, w := range weights[:rows*tokens] {
		shares[i%tokens] += w * float64(tokens) / float64(rows)
	}
	return shares
}

// check says why an Attention cannot be drawn.
func (a Attention) check() error {
	if a.Picture == nil || a.Picture.Bounds().Empty() {
		return errors.New("chart: attention: no picture")
	}
	if len(a.Blocks) == 0 {
		return errors.New("chart: attention: the model has no attention to show")
	}
	for i, b := range a.Blocks {
		side := int(math.Round(math.Sqrt(float64(b.Tokens))))
		switch {
		case b.Heads < 1 || b.Tokens < 1 || len(b.Weights) != b.Heads*b.Tokens*b.Tokens:
			return errors.Errorf("chart: attention: block %d has %d weights, want (H, T, T) of %d heads and %d tokens", i, len(b.Weights), b.Heads, b.Tokens)
		case side*side != b.Tokens || b.Tokens != a.Blocks[0].Tokens:
			return errors.Errorf("chart: attention: block %d has %d tokens, want a square of patches, the same in all blocks", i, b.Tokens)
		case slices.ContainsFunc(b.Weights, func(w float64) bool { return !(w >= 0 && w <= 1+1e-3) }):
			return errors.Errorf("chart: attention: block %d has a weight that is not in [0,1]", i)
		}
	}
	return nil
}

// DrawAttention draws the picture, the rollout and the map of every head over it. Heads share one scale of colours, the rollout has its own;
// both go from the least to the greatest value there is, and are given beside.
// It returns an error if there is nothing to draw, and the error of w.
func DrawAttention(w io.Writer, f Format, a Attention) error {
	if err := a.check(); err != nil {
		return err
	}
	const large, small, perRow = 168, 96, 4
	var page page
	rollout := a.Rollout()
	page.row(large, newScale(rollout), panel{name: "input", note: a.Guess, picture: a.Picture}, panel{name: "rollout", picture: a.Picture, shares: rollout})
	var heads [][]panel
	var all []float64
	for b, block := range a.Blocks {
		var row []panel
		for h := range block.Heads {
			m := a.Map(b, h)
			all = append(all, m...)
			row = append(row, panel{name: headName(b, h, block.Heads), picture: a.Picture, shares: m})
		}
		if last := len(heads) - 1; block.Heads == 1 && last >= 0 && len(heads[last]) < perRow { // blocks of one head go side by side
			heads[last] = append(heads[last], row...)
			continue
		}
		heads = slices.AppendSeq(heads, slices.Chunk(row, 2*perRow))
	}
	scale := newScale(all)
	for _, row := range heads {
		page.row(small, scale, row...)
	}
	return page.write(w, f, a.Title)
}

// Maps returns the rollout, and the map of each block: the mean over its heads. It returns an error if the attention is none, see DrawAttention.
func (a Attention) Maps() (rollout []float64, blocks [][]float64, err error) {
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	for b, block := range a.Blocks {
		mean := make([]float64, block.Tokens)
		for h := range block.Heads {
			for i, v := range a.Map(b, h) {
				mean[i] += v / float64(block.Heads)
			}
		}
		blocks = append(blocks, mean)
	}
	return a.Rollout(), blocks, nil
}

// Cell is a picture in a table of them.
type Cell struct {
	Picture image.Image // nil: the place stays empty
	Map     []float64   // of a square of patches, see Attention; nil: the picture alone
	Note    string      // below
	Wrong   bool        // the note is orange
}

// DrawMaps draws a table of pictures with maps over them, the columns under their names, all in one scale of colours: orange above an even
// share, blue below, by the logarithm, and a picture of even attention as it is, in grey. The pictures have no more
// pixels than they need, so that a page can hold many; one is drawn larger by its viewer.
// It returns an error if there is no map, one is not a square, a row has another number of cells than there are columns, and the error of w.
func DrawMaps(w io.Writer, f Format, title string, columns []string, rows [][]Cell) error {
	var all []float64
	for i, row := range rows {
		if len(row) != len(columns) {
			return errors.Errorf("chart: maps: row %d has %d cells, want %d", i, len(row), len(columns))
		}
		for j, cell := range row {
			side := int(math.Round(math.Sqrt(float64(len(cell.Map)))))
			if side*side != len(cell.Map) || slices.ContainsFunc(cell.Map, func(v float64) bool { return !drawable(v) || v < 0 }) {
				return errors.Errorf("chart: maps: row %d, cell %d: %d values, want finite ones of a square of patches", i, j, len(cell.Map))
			}
			all = append(all, cell.Map...)
		}
	}
	if len(all) == 0 {
		return errors.New("chart: maps: no map")
	}
	var page page
	scale := newEvenScale(all)
	for from := 1; from < max(2, len(columns)); from += band {
		to := min(from+band, len(columns))
		for i, row := range rows {
			panels := make([]panel, 0, band+1)
			for j := range row[:to] {
				if j > 0 && j < from {
					continue // in a band above
				}
				p := panel{note: row[j].Note, wrong: row[j].Wrong, picture: row[j].Picture, shares: row[j].Map, small: true}
				if i == 0 {
					p.name = columns[j]
				}
				panels = append(panels, p)
			}
			for from > 1 && len(panels) <= band {
				panels = append(panels, panel{}) // the columns of all bands stand below each other
			}
			page.row(96, scale, panels...)
		}
	}
	return page.write(w, f, title)
}

// band is how many columns of a table of maps stand beside the first; the others go on below, with the first one again.
const band = 6
