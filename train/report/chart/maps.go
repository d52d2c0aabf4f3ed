package chart

import (
	"image"
	"io"

	"github.com/pkg/errors"
)

// Cell is a picture in a table of them.
type Cell struct {
	Picture image.Image // nil: the place stays empty
	Map     []float64   // over a square of patches, see Attention; nil: the picture alone
	Note    string      // below the picture
	Mistake bool        // the note is orange
}

// mapsPerBand is how many columns of a table of maps stand beside the first. The others follow in bands
// below, which repeat the first column.
const mapsPerBand = 6

// DrawMaps draws a table of pictures with maps over them, the columns under their names, all with one colour
// scale: orange above an even share, blue below, by the logarithm; a picture with even attention stays grey.
// The pictures have no more pixels than they need, so that a page can hold many, and are enlarged by the
// viewer.
//
// It returns an error if there is no map, one is not that of a square of patches, or a row has another number
// of cells than there are columns, and the error of w.
func DrawMaps(w io.Writer, f Format, title string, columns []string, rows [][]Cell) error {
	var all []float64
	for i, row := range rows {
		if len(row) != len(columns) {
			return errors.Errorf("chart: maps: row %d has %d cells, want %d", i, len(row), len(columns))
		}
		for j, cell := range row {
			if err := checkMap(cell.Map); err != nil {
				return errors.WithMessagef(err, "chart: maps: row %d, cell %d", i, j)
			}
			if cell.Picture != nil && cell.Picture.Bounds().Empty() {
				return errors.Errorf("chart: maps: row %d, cell %d: the picture is empty", i, j)
			}
			all = append(all, cell.Map...)
		}
	}
	if len(all) == 0 {
		return errors.New("chart: maps: no map")
	}
	var page page
	scale := newDivergingScale(all)
	for from := 1; from < max(2, len(columns)); from += mapsPerBand {
		for i, row := range rows {
			page.row(96, scale, bandPanels(columns, row, from, i == 0)...)
		}
	}
	return page.write(w, f, title)
}

// bandPanels returns the panels of a row in the band whose second column is from.
func bandPanels(columns []string, row []Cell, from int, named bool) []panel {
	panels := make([]panel, 0, mapsPerBand+1)
	for j, cell := range row[:min(from+mapsPerBand, len(row))] {
		if j > 0 && j < from {
			continue // in a band above
		}
		p := panel{note: cell.Note, mistake: cell.Mistake, picture: cell.Picture, shares: cell.Map,
			small: true}
		if named {
			p.name = columns[j]
		}
		panels = append(panels, p)
	}
	for from > 1 && len(panels) <= mapsPerBand {
		panels = append(panels, panel{}) // so that the columns of all bands are aligned
	}
	return panels
}
