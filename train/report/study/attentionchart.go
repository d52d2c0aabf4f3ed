package study

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"slices"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
)

// attentionCharts returns the chart of what all models attend to in the same test images, and for each image
// one of all blocks; none if no model has a map.
func (r *Results) attentionCharts(f chart.Format) (rollouts *figure, blocks []figure) {
	var models []Model // with maps
	var absent []string
	for _, m := range r.Models {
		hasMap := func(s AttentionSample) bool { return s.Rollout != nil }
		if m.Attention != nil && slices.ContainsFunc(m.Attention.Images, hasMap) {
			models = append(models, m)
		} else {
			absent = append(absent, m.Name)
		}
	}
	if len(models) == 0 {
		return nil, nil
	}
	columns := []string{"test image"}
	for _, m := range models {
		columns = append(columns, m.Name)
	}
	title := joined(", ", joined(": ", "Attention of all blocks", r.title()),
		fmt.Sprintf("seed %d", models[0].Attention.Seed))
	var rows [][]chart.Cell
	for i, image := range models[0].Attention.Images {
		row, table := r.attentionRows(models, i)
		rows = append(rows, row)
		caption := fmt.Sprintf("Test image %d, of class %s: each block, the mean over its heads.",
			image.Index, r.className(image.Label))
		blocks = append(blocks, figure{fmt.Sprintf("blocks-%d", i), caption,
			func(w io.Writer) error { return chart.DrawMaps(w, f, "", columns, table) }})
	}
	return &figure{"attention", r.attentionCaption(models[0].Attention.Seed, len(rows), absent),
		func(w io.Writer) error { return chart.DrawMaps(w, f, title, columns, rows) }}, blocks
}

// attentionRows returns the cells of sample i: the rollouts of all models, and a table with a row for each
// block. A model that has another image there has empty cells.
func (r *Results) attentionRows(models []Model, i int) (rollouts []chart.Cell, blocks [][]chart.Cell) {
	input, depth := models[0].Attention.Images[i], 0
	samples := make([]AttentionSample, len(models))
	for k, m := range models {
		if i < len(m.Attention.Images) && m.Attention.Images[i].Index == input.Index {
			samples[k] = m.Attention.Images[i]
			depth = max(depth, len(samples[k].Blocks))
		}
	}
	picture := decodePicture(input.Picture)
	rollouts = []chart.Cell{{Picture: picture, Note: "truth: " + r.className(input.Label)}}
	for b := range depth {
		blocks = append(blocks, []chart.Cell{{Picture: picture, Note: fmt.Sprintf("block %d", b)}})
	}
	for _, s := range samples {
		var cell chart.Cell
		if s.Picture != nil {
			cell = r.sampleCell(s)
		}
		rollouts = append(rollouts, cell)
		for b := range blocks {
			var one chart.Cell
			if b < len(s.Blocks) {
				one = chart.Cell{Picture: cell.Picture, Map: s.Blocks[b]}
			}
			blocks[b] = append(blocks[b], one)
		}
	}
	return rollouts, blocks
}

func (r *Results) attentionCaption(seed uint64, images int, absent []string) string {
	caption := fmt.Sprintf("What the models of seed %d attend to in the same %d test images: how much of "+
		"each patch can reach the prediction through all blocks (attention rollout, arXiv:2005.00928), as "+
		"a multiple of an even share, interpolated between the middles of the patches. Orange places get "+
		"more than an even share, blue ones less; uniform attention leaves the picture grey. All maps have "+
		"one scale. Below a map is the prediction, in orange if it is wrong. The images are the first of "+
		"classes chosen by a fixed rule, whatever the models predict.", seed, images)
	if len(absent) > 0 {
		caption += fmt.Sprintf(" Without maps, because they have no attention over patches or no file with "+
			"it: %s.", words.List(absent, "and"))
	}
	return caption
}

// sampleCell returns a sample as a cell of a table.
func (r *Results) sampleCell(s AttentionSample) chart.Cell {
	const longest = 11 // characters of a name beside the probability
	name := []rune(r.className(s.Predicted))
	if len(name) > longest {
		name = append(name[:longest-1], '…')
	}
	return chart.Cell{
		Picture: decodePicture(s.Picture), Map: s.Rollout, Mistake: s.Predicted != s.Label,
		Note: fmt.Sprintf("%s, %.0f %%", string(name), 100*s.Probability),
	}
}

// decodePicture returns the picture of a sample, or one pixel if a file was changed by hand.
func decodePicture(content []byte) image.Image {
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil || picture.Bounds().Empty() {
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	}
	return picture
}

// className returns the name of a class.
func (r *Results) className(i int) string {
	if i >= 0 && i < len(r.Metadata.Classes) {
		return r.Metadata.Classes[i]
	}
	return fmt.Sprint(i)
}
