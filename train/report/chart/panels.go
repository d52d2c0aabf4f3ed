package chart

import (
	"image"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// page lays out rows of panels, each row with its colour scale on the right.
type page struct{ rows []row }

type row struct {
	side     vg.Length // of a panel
	scale    scale
	panels   []panel
	headings [][]string // the lines above each panel
}

// panel is a picture, with a map over it or without one.
type panel struct {
	name, note string
	picture    image.Image
	shares     []float64 // for each patch; nil: the picture alone
	mistake    bool      // the note is orange
	small      bool      // few pixels are enough
}

const (
	margin    = 14
	gap       = 12 // between panels
	captions  = 16 // height of a line of the name above a panel
	notes     = 16 // height of the note below
	barWidth  = 10
	barLabels = 40
)

func (p *page) row(side vg.Length, s scale, panels ...panel) {
	headings := make([][]string, len(panels))
	for i, one := range panels {
		headings[i] = headingLines(one.name, side)
	}
	p.rows = append(p.rows, row{side, s, panels, headings})
}

func (r row) width() vg.Length {
	return vg.Length(len(r.panels))*(r.side+gap) + barWidth + barLabels
}

// noteHeight returns the space below the panels of a row.
func (r row) noteHeight() vg.Length {
	if slices.ContainsFunc(r.panels, func(p panel) bool { return p.note != "" }) {
		return notes
	}
	return 0
}

// headingHeight returns the space above the panels of a row.
func (r row) headingHeight() vg.Length {
	lines := 0
	for _, h := range r.headings {
		lines = max(lines, len(h))
	}
	return vg.Length(lines) * captions
}

// headingLines returns the lines of a name above a panel. If it is too wide, a model's last change, or else
// the last part of its name, gets a line of its own, since names that start alike differ there.
func headingLines(name string, side vg.Length) []string {
	if name == "" {
		return nil
	}
	style, lines, width := tickStyle(text.XCenter, text.YTop), []string{name}, side+gap/2
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		at = strings.LastIndexByte(name, '-')
	}
	if at > 0 && style.Width(printable(name)) > width {
		lines = []string{name[:at], name[at:]}
	}
	for i := range lines {
		lines[i] = truncateToWidth(style, lines[i], width)
	}
	return lines
}

func (r row) height() vg.Length { return r.headingHeight() + r.side + r.noteHeight() }

func (p *page) write(w io.Writer, f Format, title string) error {
	width, height := vg.Length(0), vg.Length(margin)
	for _, r := range p.rows {
		width, height = max(width, r.width()), height+r.height()+gap
	}
	return writeAs(w, f, title, width+2*margin, height, func(c vgdraw.Canvas) {
		top := c.Max.Y - 4
		for _, r := range p.rows {
			r.paint(c, vg.Point{X: c.Min.X + (c.Size().X-r.width())/2, Y: top})
			top -= r.height() + gap
		}
	})
}

// paint draws a row with its top left corner at a point.
func (r row) paint(c vgdraw.Canvas, at vg.Point) {
	style := tickStyle(text.XCenter, text.YTop)
	bottom := at.Y - r.headingHeight() - r.side
	left, mapped := at.X, false
	for n, p := range r.panels {
		middle, style, lines := left+r.side/2, style, r.headings[n]
		for i, line := range lines { // the last one is next to the panel
			c.FillText(style, vg.Point{X: middle, Y: bottom + r.side + captions*vg.Length(len(lines)-i)},
				line)
		}
		box := vg.Rectangle{Min: vg.Point{X: left, Y: bottom},
			Max: vg.Point{X: left + r.side, Y: bottom + r.side}}
		if p.picture != nil {
			c.DrawImage(box, r.scale.overlay(p.picture, p.shares, p.small))
			drawOutline(c, box)
		}
		if p.mistake {
			style.Color = orange
		}
		if p.note != "" {
			c.FillText(style, vg.Point{X: middle, Y: bottom - 4}, truncateToWidth(style, p.note, r.side+gap))
		}
		left, mapped = left+r.side+gap, mapped || p.shares != nil
	}
	if mapped {
		box := vg.Rectangle{Min: vg.Point{X: left, Y: bottom},
			Max: vg.Point{X: left + barWidth, Y: bottom + r.side}}
		r.scale.paint(c, box)
	}
}

func drawOutline(c vgdraw.Canvas, box vg.Rectangle) {
	c.StrokeLines(vgdraw.LineStyle{Color: faint, Width: 0.5},
		[]vg.Point{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}, box.Min})
}

// truncateToWidth cuts a text that is wider than a width.
func truncateToWidth(style text.Style, s string, width vg.Length) string {
	s = printable(s)
	for r := []rune(s); style.Width(s) > width && len(r) > 1; {
		r = r[:len(r)-1]
		s = string(r) + "…"
	}
	return s
}
