package study

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"slices"

	"github.com/hqvit/hqvit/train/report/chart"
)

// attention is the picture of what all models attend to in the same test images, and one for each image of their blocks; none if no model of
// the results has a map.
func (r *Results) attention(f chart.Format) (all *figure, blocks []figure) {
	var models []Model // with maps
	var absent []string
	for _, m := range r.Models {
		switch {
		case m.Looks != nil && slices.ContainsFunc(m.Looks.Images, func(l Look) bool { return l.Rollout != nil }):
			models = append(models, m)
		default:
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
	var rows [][]chart.Cell
	for i, input := range models[0].Looks.Images {
		picture, seen, depth := r.cell(input).Picture, make([]Look, len(models)), 0
		for k, m := range models {
			if i < len(m.Looks.Images) && m.Looks.Images[i].Index == input.Index {
				seen[k] = m.Looks.Images[i]
				depth = max(depth, len(seen[k].Blocks))
			}
		}
		row, table := []chart.Cell{{Picture: picture, Note: r.class(input.Label)}}, make([][]chart.Cell, depth)
		for b := range table {
			table[b] = []chart.Cell{{Picture: picture, Note: fmt.Sprintf("block %d", b)}}
		}
		for _, l := range seen {
			var cell chart.Cell // empty for a model that has not seen this image
			if l.Picture != nil {
				cell = r.cell(l)
			}
			row = append(row, cell)
			for b := range table {
				var one chart.Cell
				if b < len(l.Blocks) {
					one = chart.Cell{Picture: cell.Picture, Map: l.Blocks[b]}
				}
				table[b] = append(table[b], one)
			}
		}
		rows = append(rows, row)
		blocks = append(blocks, figure{fmt.Sprintf("blocks-%d", i), fmt.Sprintf("Test image %d, of class %s: each block, the mean over its heads.", input.Index, r.class(input.Label)),
			func(w io.Writer) error { return chart.DrawMaps(w, f, "", columns, table) }})
	}
	caption := fmt.Sprintf("What the models of seed %d attend to in the same %d test images: how much of each patch can reach the answer through all blocks "+
		"(attention rollout, arXiv 2005.00928), as a multiple of an even share. Orange gets more than that, blue less; attention to all alike leaves the picture grey. "+
		"Below a picture is its class; below a map what the model takes it for, orange if that is wrong. "+
		"The images are the first of classes chosen by a fixed rule, whatever the models make of them.", models[0].Looks.Seed, len(rows))
	if len(absent) > 0 {
		caption += fmt.Sprintf(" Without maps, for want of attention over patches or of a file: %s.", listed(absent))
	}
	return &figure{"attention", caption, func(w io.Writer) error { return chart.DrawMaps(w, f, "", columns, rows) }}, blocks
}

// cell returns a Look as that of a table.
func (r *Results) cell(l Look) chart.Cell {
	picture, err := png.Decode(bytes.NewReader(l.Picture))
	if err != nil {
		picture = image.NewNRGBA(image.Rect(0, 0, 1, 1)) // a file that was changed by hand
	}
	name := []rune(r.class(l.Predicted))
	const longest = 11
	if len(name) > longest { // beside the probability
		name = append(name[:longest-1], '…')
	}
	return chart.Cell{Picture: picture, Map: l.Rollout, Note: fmt.Sprintf("%s %.0f %%", string(name), 100*l.Probability), Mistake: l.Predicted != l.Label}
}

// class is the name of a class.
func (r *Results) class(i int) string {
	if i >= 0 && i < len(r.Metadata.Classes) {
		return r.Metadata.Classes[i]
	}
	return fmt.Sprint(i)
}
