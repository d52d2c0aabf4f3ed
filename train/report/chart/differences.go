package chart

import (
	"cmp"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
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

const (
	rowHeight  = 30
	axisHeight = 46 // of the numbers and the name of an axis
)

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
	p := newPlot("", "")
	style, axis := p.Legend.TextStyle, p.X.Label.TextStyle
	style.XAlign, style.YAlign = text.XRight, text.YCenter
	widest, each := vg.Length(0), vg.Length(max(280, 640/len(panels)))
	for _, c := range panels {
		each = max(each, axis.Width(c.Name)+40) // so that the names of axes do not touch
		if len(c.Models) != rows {
			return errors.Errorf("chart: differences: %d models in %s and %d in %s, want the same",
				len(c.Models), c.Name, rows, panels[0].Name)
		}
		for i, m := range c.Models {
			if m.Name != panels[0].Models[i].Name || !m.finite() {
				return errors.Errorf("chart: differences: model %d of %s: %+v, want finite values of %s",
					i, c.Name, m, panels[0].Models[i].Name)
			}
			widest = max(widest, style.Width(truncate(m.Name, longestModel)))
		}
	}
	names := widest + 20
	height := vg.Length(rows)*rowHeight + axisHeight
	return write(w, title, names+each*vg.Length(len(panels))+12, height, func(c draw.Canvas) {
		for i, panel := range panels {
			left := names + vg.Length(i)*each
			panel.draw(draw.Crop(c, left, left+each-20-c.Size().X, 4, 0))
		}
		for i, m := range panels[0].Models {
			c.FillText(style, vg.Point{X: names - 10, Y: c.Max.Y - rowHeight*(vg.Length(i)+0.5) + 2},
				truncate(m.Name, longestModel))
		}
	})
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

func (c DifferencePanel) draw(canvas draw.Canvas) {
	p := newPlot(c.Name, "")
	p.HideY()
	p.X.Min, p.X.Max = c.limits()
	marks := slices.DeleteFunc(ticks(p.X.Min, p.X.Max, 5, false),
		func(t plot.Tick) bool { return t.Value < p.X.Min || t.Value > p.X.Max })
	for i := range marks {
		if marks[i].Value > 0 {
			marks[i].Label = "+" + marks[i].Label
		}
		if math.Abs(marks[i].Value) < 1e-12 {
			marks[i].Label = "0"
		}
	}
	p.X.Tick.Marker = plot.ConstantTicks(marks)
	p.Y.Min, p.Y.Max = 0, float64(len(c.Models))
	p.Add(painter(func(area draw.Canvas, p *plot.Plot) {
		// The rows are at the height of the names, whatever space the axis takes.
		x, _ := p.Transforms(&area)
		bottom := canvas.Max.Y - rowHeight*vg.Length(len(c.Models))
		for _, t := range marks {
			area.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, x(t.Value), bottom, x(t.Value),
				canvas.Max.Y)
		}
		area.StrokeLine2(draw.LineStyle{Color: ink, Width: 1}, x(0), bottom, x(0), canvas.Max.Y)
		for i, m := range c.Models {
			m.draw(area, canvas.Max.Y-rowHeight*(vg.Length(i)+0.5), x, p.X.Min, p.X.Max)
		}
	}))
	bottom := canvas.Size().Y - rowHeight*vg.Length(len(c.Models)) - axisHeight
	p.Draw(draw.Crop(canvas, 0, 0, bottom, 0))
}

// grey marks what is not distinguishable from 0.
var grey = color.NRGBA{0x6a, 0x70, 0x78, 0xff}

// draw draws a row at height y. The axis runs from low to high.
func (d Difference) draw(c draw.Canvas, y vg.Length, x func(float64) vg.Length, low, high float64) {
	hue := grey
	switch {
	case d.Low != nil && *d.Low > 0:
		hue = blue
	case d.High != nil && *d.High < 0:
		hue = orange
	}
	if d.Mean < low || d.Mean > high {
		d.drawOutside(c, y, x, low, high, hue)
		return
	}
	dot := hue
	dot.A = 0x90
	for _, v := range d.Each {
		if v >= low && v <= high {
			c.DrawGlyph(draw.GlyphStyle{Color: dot, Radius: 2.2, Shape: draw.CircleGlyph{}},
				vg.Point{X: x(v), Y: y - 6})
		}
	}
	line := y + 3
	if d.Low != nil && d.High != nil {
		style := draw.LineStyle{Color: hue, Width: 2}
		c.StrokeLine2(style, x(max(*d.Low, low)), line, x(min(*d.High, high)), line)
		for _, end := range []struct {
			value, edge float64
			direction   vg.Length
		}{{*d.Low, low, -1}, {*d.High, high, 1}} {
			if (end.value-end.edge)*float64(end.direction) > 0 {
				drawArrow(c, vg.Point{X: x(end.edge), Y: line}, end.direction, hue)
				continue
			}
			c.StrokeLine2(style, x(end.value), line-3, x(end.value), line+3)
		}
	}
	mean := vg.Point{X: x(d.Mean), Y: line}
	c.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: 5.5, Shape: draw.CircleGlyph{}}, mean)
	c.DrawGlyph(draw.GlyphStyle{Color: hue, Radius: 4, Shape: draw.CircleGlyph{}}, mean)
}

// drawOutside draws a row whose mean is outside the axis: an arrow, and the mean as a number.
func (d Difference) drawOutside(c draw.Canvas, y vg.Length, x func(float64) vg.Length, low, high float64,
	hue color.NRGBA) {
	style := tickStyle(text.XRight, text.YCenter)
	style.Color = hue
	edge, direction := high, vg.Length(1)
	if d.Mean < low {
		edge, direction, style.XAlign = low, -1, text.XLeft
	}
	drawArrow(c, vg.Point{X: x(edge), Y: y}, direction, hue)
	decimals := 1
	if high-low < 1 {
		decimals = 3
	}
	c.FillText(style, vg.Point{X: x(edge) - 14*direction, Y: y}, formatSigned(d.Mean, decimals))
}

// drawArrow draws the head of an arrow, which points right for direction 1 and left for -1.
func drawArrow(c draw.Canvas, tip vg.Point, direction vg.Length, hue color.Color) {
	back := tip.X - 8*direction
	c.FillPolygon(hue, []vg.Point{tip, {X: back, Y: tip.Y + 4}, {X: back, Y: tip.Y - 4}})
}

func formatSigned(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if v > 0 {
		s = "+" + s
	}
	return s
}
