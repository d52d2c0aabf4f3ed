package chart

import (
	"image"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// Attention is what a model attends to in one picture. A map has a value for each patch of the picture, row
// by row from the top left: how much attention the patch gets, as a multiple of an even share.
type Attention struct {
	Title   string        // of the model
	Guess   string        // the class that the model predicts
	Picture image.Image   // as the model sees it
	Rollout []float64     // the map of all blocks together
	Heads   [][][]float64 // [block][head], a map each
}

// check returns an error that says why an Attention cannot be drawn.
func (a Attention) check() error {
	if a.Picture == nil || a.Picture.Bounds().Empty() {
		return errors.New("chart: attention: no picture")
	}
	if len(a.Heads) == 0 || len(a.Rollout) == 0 {
		return errors.New("chart: attention: no maps")
	}
	if err := checkMap(a.Rollout); err != nil {
		return errors.WithMessage(err, "chart: attention: rollout")
	}
	for b, heads := range a.Heads {
		if len(heads) == 0 {
			return errors.Errorf("chart: attention: block %d has no heads", b)
		}
		for h, m := range heads {
			if len(m) == 0 {
				return errors.Errorf("chart: attention: block %d, head %d has no map", b, h)
			}
			if err := checkMap(m); err != nil {
				return errors.WithMessagef(err, "chart: attention: block %d, head %d", b, h)
			}
		}
	}
	return nil
}

// checkMap returns an error unless a map, which may be empty, covers a square of patches with finite values.
func checkMap(m []float64) error {
	side := int(math.Round(math.Sqrt(float64(len(m)))))
	if side*side != len(m) || slices.ContainsFunc(m, func(v float64) bool { return !drawable(v) || v < 0 }) {
		return errors.Errorf("%d values, want finite ones of a square of patches, none negative", len(m))
	}
	return nil
}

// DrawAttention draws the picture, the rollout, and the map of every head over the picture. The heads share
// one colour scale, the rollout has its own; both run from the smallest to the largest value and are drawn
// beside the maps. It returns an error if there is nothing to draw or a map is not that of a square of
// patches, and the error of w.
func DrawAttention(w io.Writer, f Format, a Attention) error {
	if err := a.check(); err != nil {
		return err
	}
	const large, small, perRow = 168, 96, 4
	var page page
	page.row(large, newScale(a.Rollout), panel{name: "input", note: a.Guess, picture: a.Picture},
		panel{name: "rollout", picture: a.Picture, shares: a.Rollout})
	var rows [][]panel
	var all []float64
	for b, heads := range a.Heads {
		var row []panel
		for h, m := range heads {
			all = append(all, m...)
			row = append(row, panel{name: headName(b, h, len(heads)), picture: a.Picture, shares: m})
		}
		if last := len(rows) - 1; len(heads) == 1 && last >= 0 && len(rows[last]) < perRow {
			rows[last] = append(rows[last], row...) // blocks of one head go side by side
			continue
		}
		rows = slices.AppendSeq(rows, slices.Chunk(row, 2*perRow))
	}
	scale := newScale(all)
	for _, row := range rows {
		page.row(small, scale, row...)
	}
	return page.write(w, f, a.Title)
}

func headName(block, head, heads int) string {
	if heads == 1 {
		return "block " + strconv.Itoa(block)
	}
	return "block " + strconv.Itoa(block) + ", head " + strconv.Itoa(head)
}
