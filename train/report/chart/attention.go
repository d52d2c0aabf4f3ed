package chart

import (
	"fmt"
	"image"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// Attention is what a model attends to in one picture. A map has a value for each patch of the picture, row
// by row from the top left: how much attention the patch gets, as a multiple of an even share.
type Attention struct {
	Title   string        // of the model, such as its name, data and seed
	Guess   string        // what the model predicts
	Truth   string        // the class of the picture; empty: unknown
	Mistake bool          // the prediction is wrong
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

// DrawAttention draws the picture, the rollout, and the map of every head over the picture, interpolated
// between the middles of its patches. Orange is more than an even share of the attention, blue less; each map
// has a scale of its own beside it. It returns an error if there is nothing to draw or a map is not that of a
// square of patches, and the error of w.
func DrawAttention(w io.Writer, f Format, a Attention) error {
	if err := a.check(); err != nil {
		return err
	}
	const large, small, perRow = 200, 112, 4
	t := table{format: f}
	t.rows = append(t.rows, row{side: large, panels: []panel{{name: "input", picture: a.Picture},
		{name: "all blocks (rollout)", picture: a.Picture, shares: a.Rollout, scale: scaleOf(a.Rollout)}}})
	for b, heads := range a.Heads {
		var panels []panel
		for h, m := range heads {
			name := fmt.Sprintf("block %d, head %d", b, h)
			if len(heads) == 1 {
				name = fmt.Sprintf("block %d", b)
			}
			panels = append(panels, panel{name: name, picture: a.Picture, shares: m, scale: scaleOf(m)})
		}
		last := &t.rows[len(t.rows)-1]
		if len(heads) == 1 && b > 0 && len(last.panels) < perRow {
			last.panels = append(last.panels, panels...) // blocks of one head go side by side
			continue
		}
		for part := range slices.Chunk(panels, perRow) {
			t.rows = append(t.rows, row{side: small, panels: part})
		}
	}
	words := []string{"prediction: " + a.Guess}
	if a.Truth != "" {
		words = []string{"truth: " + a.Truth, words[0]}
	}
	t.subtitle = strings.Join(words, ", ")
	if a.Mistake {
		t.subtitle += " (wrong)"
	}
	return t.write(w, a.Title, "Over a picture; "+t.subtitle+".")
}

func scaleOf(shares []float64) *scale {
	s := newScale(shares)
	return &s
}

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

// DrawMaps draws a table of pictures with maps over them, as DrawAttention does, the columns under their
// names, all with one scale, so that they can be compared. The pictures of an SVG have few pixels, so that a
// page can hold many.
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
	t, shared := table{format: f, few: true}, newScale(all)
	for from := 1; from < max(2, len(columns)); from += mapsPerBand {
		for i, cells := range rows {
			r := row{side: 112}
			for j, cell := range cells[:min(from+mapsPerBand, len(cells))] {
				if j > 0 && j < from {
					continue // in a band above
				}
				p := panel{note: cell.Note, mistake: cell.Mistake, picture: cell.Picture, shares: cell.Map}
				if i == 0 {
					p.name = columns[j]
				}
				r.panels = append(r.panels, p)
			}
			for from > 1 && len(r.panels) <= mapsPerBand {
				r.panels = append(r.panels, panel{}) // so that the columns of all bands are aligned
			}
			r.shared = &shared
			t.rows = append(t.rows, r)
		}
	}
	return t.write(w, title, "Over pictures, of "+strings.Join(columns[1:], ", ")+".")
}

// table lays out rows of panels.
type table struct {
	format   Format
	subtitle string
	few      bool // pixels in an SVG
	rows     []row
}

type row struct {
	side   float64 // of a panel
	shared *scale  // of all panels; nil: each has its own
	panels []panel
}

// panel is a picture, with a map over it or without one.
type panel struct {
	name, note string
	picture    image.Image
	shares     []float64 // for each patch; nil: the picture alone
	scale      *scale    // nil: that of the row
	mistake    bool      // the note is orange
}

const (
	panelGap   = 14 // between panels
	lineHeight = 16 // of a name above a panel, a note below one
)

// height returns the height of a row, and of the names above its panels.
func (r row) height() (all, names float64) {
	notes := 0.0
	for _, p := range r.panels {
		names = max(names, lineHeight*float64(len(p.nameLines(r.side))))
		if p.note != "" {
			notes = lineHeight
		}
	}
	return names + r.side + notes + panelGap, names
}

func (r row) width() float64 {
	width := 0.0
	for _, p := range r.panels {
		width += r.side + panelGap
		if p.scale != nil {
			width += barGap + barWidth + barLabels
		}
	}
	if r.shared != nil {
		width += barGap + barWidth + barLabels
	}
	return width - panelGap
}

// nameLines returns the lines of the name above a panel. If it is too wide, a model's last change, or else
// the last part of its name, gets a line of its own, since names that start alike differ there.
func (p panel) nameLines(side float64) []string {
	if p.name == "" {
		return nil
	}
	lines, width := []string{p.name}, side+panelGap/2
	at := strings.LastIndexByte(p.name, ':')
	if at < 0 {
		at = strings.LastIndexByte(p.name, '-') + 1 // a hyphen ends its line, a colon begins one with its change
	}
	if at > 0 && at < len(p.name) && labels.Width(p.name) > width {
		lines = []string{p.name[:at], p.name[at:]}
	}
	for i := range lines {
		lines[i] = labels.Cut(lines[i], width)
	}
	return lines
}

func (t table) write(w io.Writer, title, shows string) error {
	width, height := labels.Width(t.subtitle), 0.0
	if t.subtitle != "" {
		height = lineHeight + 8
	}
	for _, r := range t.rows {
		all, _ := r.height()
		width, height = max(width, r.width()), height+all
	}
	p, box := newPicture(title, "Attention maps", shows, width+4*margin, height+margin)
	top := box.Top
	if t.subtitle != "" {
		p.Text(anchored(labels, draw.Middle), draw.At(p.Width/2, top), t.subtitle)
		top += lineHeight + 8
	}
	var above *scale
	for _, r := range t.rows {
		t.paint(p, r, draw.At((p.Width-r.width())/2, top), above)
		all, _ := r.height()
		above, top = r.shared, top+all
	}
	return p.Write(w, t.format)
}

// paint draws a row with its top left corner at a point. A scale that is that of the row above is there
// already.
func (t table) paint(p *draw.Picture, r row, at draw.Point, above *scale) {
	_, names := r.height()
	top, bottom := at.Y+names, at.Y+names+r.side
	pixels := 2 * int(r.side)
	if t.few && t.format == SVG {
		pixels = 1
	}
	for _, one := range r.panels {
		middle := at.X + r.side/2
		lines := one.nameLines(r.side)
		for i, line := range lines { // the last one is next to the panel
			p.Text(anchored(labels, draw.Middle),
				draw.At(middle, top-lineHeight*(float64(len(lines)-i)-0.5)), line)
		}
		s := one.scale
		if s == nil {
			s = r.shared
		}
		box := draw.Box{Left: at.X, Top: top, Right: at.X + r.side, Bottom: bottom}
		if one.picture != nil {
			p.Image(box, s.overlay(one.picture, one.shares, pixels))
			paintOutline(p, box)
		}
		note := anchored(ticks, draw.Middle)
		if one.mistake {
			note.Colour = orange
		}
		p.Text(note, draw.At(middle, bottom+10), note.Cut(one.note, r.side+panelGap-2))
		at.X = box.Right + panelGap
		if one.scale != nil {
			one.scale.paint(p, box.Right+barGap, top, bottom)
			at.X += barGap + barWidth + barLabels
		}
	}
	if r.shared != nil && r.shared != above {
		r.shared.paint(p, at.X-panelGap+barGap, top, bottom)
	}
}
