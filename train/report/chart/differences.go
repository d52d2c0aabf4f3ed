package chart

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// Difference is how much a model differs from a reference, over some seeds.
type Difference struct {
	Name      string
	Each      []float64 // of each seed, at least one
	Mean      float64
	Low, High *float64 // the interval of the mean; nil: none
}

// DifferencePanel holds the differences of several models in one metric.
type DifferencePanel struct {
	Name   string // of the axis
	Models []Difference
}

const rowHeight = 30

// Differences draws panels side by side, with a row for each model: a dot for each seed, the mean and its
// interval, blue if that lies above 0, orange below, grey if it contains 0 or there is none. A model that is
// much farther from 0 than the others is at the edge, with its mean as a number. An interval that is much
// longer than the seeds are apart ends in an arrow.
//
// It returns an error if there is no model, the panels do not have the same models in the same order, or a
// value is not finite.
func Differences(w io.Writer, title string, panels []DifferencePanel) error {
	if len(panels) == 0 || len(panels[0].Models) == 0 {
		return errors.New("chart: differences: no models")
	}
	rows := len(panels[0].Models)
	names, shows := make([]string, rows), make([]string, len(panels))
	each := max(280, 640/float64(len(panels)))
	for k, panel := range panels {
		each = max(each, labels.Width(panel.Name)+40) // so that the names of axes do not touch
		if len(panel.Models) != rows {
			return errors.Errorf("chart: differences: %d models in %s and %d in %s, want the same",
				len(panel.Models), panel.Name, rows, panels[0].Name)
		}
		for i, m := range panel.Models {
			if m.Name != panels[0].Models[i].Name || !m.finite() {
				return errors.Errorf("chart: differences: model %d of %s: %+v, want finite values of %s",
					i, panel.Name, m, panels[0].Models[i].Name)
			}
			names[i] = labels.Cut(m.Name, longestModel)
		}
		shows[k] = panel.Name
	}
	beside := widest(labels, names) + 20
	p, box := newPicture(title, "Differences",
		"In "+strings.Join(shows, ", ")+", of "+strings.Join(names, ", ")+".",
		beside+each*float64(len(panels))+2*margin, float64(rows)*rowHeight+belowArea+2*margin)
	for i, panel := range panels {
		left := box.Left + beside + each*float64(i)
		panel.paint(p, draw.Box{Left: left, Top: box.Top, Right: left + each - 20,
			Bottom: box.Bottom - belowArea})
	}
	for i, n := range names {
		p.Text(anchored(labels, draw.End),
			draw.At(box.Left+beside-10, box.Top+rowHeight*(float64(i)+0.5)), n)
	}
	return p.Write(w, SVG)
}

// finite reports whether all values can be drawn.
func (d Difference) finite() bool {
	values := append([]float64{d.Mean}, d.Each...)
	if d.Low != nil && d.High != nil {
		values = append(values, *d.Low, *d.High)
	}
	return len(d.Each) > 0 && !slices.ContainsFunc(values, func(v float64) bool { return !drawable(v) })
}

// extent returns the smallest and the largest of the seeds and of the interval, which is cut if it is much
// longer than the seeds are apart.
func (d Difference) extent() (low, high float64) {
	low, high = slices.Min(d.Each), slices.Max(d.Each)
	if d.Low != nil && d.High != nil {
		most := 2.5 * (high - low)
		low, high = min(low, max(*d.Low, low-most)), max(high, min(*d.High, high+most))
	}
	return low, high
}

// limits returns the ends of the axis. It covers all models, except those whose every seed is so far from 0
// that the others would be pressed together.
func (c DifferencePanel) limits() (low, high float64) {
	reach := func(d Difference) float64 { l, h := d.extent(); return max(-l, h) }
	sorted := slices.Clone(c.Models)
	slices.SortStableFunc(sorted, func(a, b Difference) int { return cmp.Compare(reach(a), reach(b)) })
	for i, d := range sorted {
		nearest := max(slices.Min(d.Each), -slices.Max(d.Each)) // negative with seeds on both sides
		if i > 0 && i >= len(sorted)/2 && nearest > 1.5*max(-low, high) {
			break
		}
		l, h := d.extent()
		low, high = min(low, l), max(high, h)
	}
	if high == low {
		return -1, 1
	}
	room := 0.06 * (high - low)
	return low - room, high + room
}

func (c DifferencePanel) paint(p *draw.Picture, box draw.Box) {
	low, high := c.limits()
	a := area{Box: box, x: axis{c.Name, low, high, linearTicks(low, high, 5, false)}.within(low, high)}
	for i, t := range a.x.ticks {
		if t.value > 0 {
			a.x.ticks[i].label = "+" + t.label
		}
		if math.Abs(t.value) < 1e-12 {
			a.x.ticks[i].label = "0"
		}
		p.Line(grid, draw.At(a.atX(t.value), box.Top), draw.At(a.atX(t.value), box.Bottom))
	}
	a.paintX(p)
	p.Line(draw.Style{Stroke: draw.Ink}, draw.At(a.atX(0), box.Top), draw.At(a.atX(0), box.Bottom))
	for i, m := range c.Models {
		a.difference(p, m, box.Top+rowHeight*(float64(i)+0.5))
	}
}

// difference draws a row at height y.
func (a area) difference(p *draw.Picture, d Difference, y float64) {
	hue := grey
	switch {
	case d.Low != nil && *d.Low > 0:
		hue = blue
	case d.High != nil && *d.High < 0:
		hue = orange
	}
	low, high := a.x.low, a.x.high
	if d.Mean < low || d.Mean > high {
		a.outside(p, d, y, hue)
		return
	}
	for _, v := range d.Each {
		if v >= low && v <= high {
			p.Circle(draw.Style{Fill: hue, Opacity: 0.6}, draw.At(a.atX(v), y+6), 2.4)
		}
	}
	line := y - 3
	if d.Low != nil && d.High != nil {
		style := draw.Style{Stroke: hue, Width: 2}
		p.Line(style, draw.At(a.atX(max(*d.Low, low)), line), draw.At(a.atX(min(*d.High, high)), line))
		for _, end := range []struct{ value, edge, direction float64 }{
			{*d.Low, low, -1}, {*d.High, high, 1}} {
			if (end.value-end.edge)*end.direction > 0 {
				paintArrow(p, draw.At(a.atX(end.edge), line), end.direction, hue)
				continue
			}
			x := a.atX(end.value)
			p.Line(style, draw.At(x, line-3), draw.At(x, line+3))
		}
	}
	mean := draw.At(a.atX(d.Mean), line)
	p.Circle(draw.Style{Fill: draw.Paper}, mean, 5.5)
	p.Circle(draw.Style{Fill: hue}, mean, 4)
}

// outside draws a row whose mean is outside the axis: an arrow, and the mean as a number.
func (a area) outside(p *draw.Picture, d Difference, y float64, hue draw.Colour) {
	edge, direction, anchor := a.x.high, 1.0, draw.End
	if d.Mean < a.x.low {
		edge, direction, anchor = a.x.low, -1, draw.Start
	}
	paintArrow(p, draw.At(a.atX(edge), y), direction, hue)
	decimals := 1
	if a.x.high-a.x.low < 1 {
		decimals = 3
	}
	p.Text(draw.Face{Size: ticks.Size, Anchor: anchor, Colour: hue},
		draw.At(a.atX(edge)-14*direction, y), formatSigned(d.Mean, decimals))
}

// paintArrow draws the head of an arrow, which points right for direction 1 and left for -1.
func paintArrow(p *draw.Picture, tip draw.Point, direction float64, hue draw.Colour) {
	back := tip.X - 8*direction
	p.Polygon(draw.Style{Fill: hue}, tip, draw.At(back, tip.Y+4), draw.At(back, tip.Y-4))
}

func formatSigned(v float64, decimals int) string {
	s := formatNumber(v, 'f', decimals)
	if v > 0 {
		s = "+" + s
	}
	return s
}
