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

// SweptMark is a mean at a value of a setting, with its interval.
type SweptMark struct {
	At              float64 // positive, or 0, which has a place of its own beside the axis
	Mean, Low, High float64
}

// SweptLine is the marks of a model, by rising At but for the one at 0.
type SweptLine struct {
	Name   string
	Points []SweptMark
}

// SweptPanel is one figure of all lines.
type SweptPanel struct {
	X       string // the name of the values; empty: that of all panels
	Y       string // the name of the figure
	Log     bool   // its axis is logarithmic: what is not positive leaves a gap
	Percent bool   // it is an accuracy in percent: its axis is at least half a percentage point long
	Lines   []SweptLine
}

// Swept draws panels side by side over the values of a setting, on a logarithmic axis, with a bar for each
// interval and one legend for all. The value 0 has a place of its own, of that name, beside the others: at
// the end or at the beginning. It returns an error if there is no panel, the panels do not have the same
// lines, a value is negative or not finite, or a panel has no mark that can be drawn.
func Swept(w io.Writer, title, x, zero string, atEnd bool, panels []SweptPanel) error {
	return swept(w, title, x, zero, atEnd, true, panels)
}

// Costs draws a figure of all models over what they cost, a panel for each cost, which names it as X: each
// model is a line of one mark, with a bar for its spread. More than three panels stand in pairs. Otherwise it is
// Swept, with 0 at the beginning.
func Costs(w io.Writer, title, zero string, panels []SweptPanel) error {
	return swept(w, title, "cost", zero, false, false, panels)
}

// swept has a legend of lines in one column, or of marks in as many columns as there are panels in a row.
func swept(w io.Writer, title, x, zero string, atEnd, lines bool, panels []SweptPanel) error {
	if len(panels) == 0 || len(panels[0].Lines) == 0 {
		return errors.New("chart: swept: no panels, or no lines")
	}
	all := sweptAxis{low: math.Inf(1), high: math.Inf(-1), atEnd: atEnd}
	each := make([]sweptAxis, len(panels))
	var names []string
	for _, l := range panels[0].Lines {
		names = append(names, labels.Cut(l.Name, longestModel))
	}
	for k, p := range panels {
		if len(p.Lines) != len(names) {
			return errors.Errorf("chart: swept: panel %q has %d lines, want the %d of the first", p.Y, len(p.Lines),
				len(names))
		}
		own := sweptAxis{low: math.Inf(1), high: math.Inf(-1), atEnd: atEnd}
		for i, l := range p.Lines {
			if l.Name != panels[0].Lines[i].Name {
				return errors.Errorf("chart: swept: line %d of panel %q is %q, want %q as in the first", i,
					p.Y, l.Name, panels[0].Lines[i].Name)
			}
			for _, m := range l.Points {
				if !(m.At >= 0 && m.At < 1e100) {
					return errors.Errorf("chart: swept: %s has a value %v, want 0 or a positive one", l.Name, m.At)
				}
				all.add(m.At)
				own.add(m.At)
			}
		}
		each[k] = own
	}
	all.settle(zero)
	const panelWidth, panelStep, step = 390, 326, 18
	across, columns := len(panels), 1 // panels in a row, and columns of the legend
	if !lines {
		if across > 3 {
			across = 2
		}
		columns = across
	}
	rows := (len(names) + columns - 1) / columns
	below := panelStep * float64((len(panels)-1)/across) // the first row of panels
	p, box := newPicture(title, "By "+x, "Of "+strings.Join(names, ", ")+", over "+x+" on a logarithmic axis.",
		panelWidth*float64(across), 330+step*float64(rows)+below)
	top := box.Top + step*float64(rows) + 6
	width := box.Width() / float64(across)
	for i, panel := range panels {
		left, down := box.Left+float64(i%across)*width, panelStep*float64(i/across)
		part := draw.Box{Left: left, Top: top + down, Right: left + width - 12, Bottom: box.Bottom - below + down}
		s := all
		if panel.X != "" {
			s = each[i]
			s.settle(zero)
		}
		if err := panel.paint(p, part, s, cmp.Or(panel.X, x)); err != nil {
			return err
		}
	}
	for i, n := range names {
		at := draw.At(box.Left+width*float64(i/rows)+50, box.Top+step*(float64(i%rows)+0.5))
		if lines {
			paintKey(p, stroke(i, 2), at, n)
			continue
		}
		paintMark(p, i, at, 3.2)
		p.Text(labels, draw.At(at.X+10, at.Y), n)
	}
	return p.Write(w, SVG)
}

// sweptAxis is the logarithms of the values, and the place of 0 beside them.
type sweptAxis struct {
	low, high    float64 // of the positive values
	hasZero      bool
	atEnd        bool
	zero, margin float64
	values       []float64 // the positive ones, each once
	ticks        []tick
}

func (s *sweptAxis) add(at float64) {
	if at == 0 {
		s.hasZero = true
		return
	}
	s.low, s.high = min(s.low, math.Log10(at)), max(s.high, math.Log10(at))
	if !slices.Contains(s.values, at) {
		s.values = append(s.values, at)
	}
}

// settle places 0 and the ticks.
func (s *sweptAxis) settle(zero string) {
	if s.low > s.high { // 0 alone
		s.low, s.high = 0, 1
	}
	s.low, s.high = widenRange(s.low, s.high, 1)
	s.margin = 0.05 * (s.high - s.low)
	slices.Sort(s.values)
	for _, v := range s.values {
		at, n := math.Log10(v), len(s.ticks)
		if n == 0 || at-s.ticks[n-1].value > 2*s.margin { // room for the number
			s.ticks = append(s.ticks, tick{at, formatThousands(v)})
		}
	}
	s.zero = s.low - 3*s.margin
	if s.atEnd {
		s.zero = s.high + 3*s.margin
	}
	if s.hasZero {
		s.ticks = append(s.ticks, tick{s.zero, zero})
	}
}

func (s *sweptAxis) axis(name string) axis {
	a := axis{name: name, low: s.low - s.margin, high: s.high + s.margin, ticks: s.ticks}
	if s.hasZero {
		a.low, a.high = min(a.low, s.zero-s.margin), max(a.high, s.zero+s.margin)
	}
	return a
}

func (s *sweptAxis) place(at float64) float64 {
	if at == 0 {
		return s.zero
	}
	return math.Log10(at)
}

// value returns a number on the axis of the panel, and whether it can be drawn.
func (panel SweptPanel) value(v float64) (float64, bool) {
	if panel.Log {
		return math.Log10(v), v > 0 && drawable(v)
	}
	return v, drawable(v)
}

func (panel SweptPanel) paint(p *draw.Picture, box draw.Box, s sweptAxis, x string) error {
	low, high := math.Inf(1), math.Inf(-1)
	for _, l := range panel.Lines {
		for _, m := range l.Points {
			for i, v := range []float64{m.Mean, m.Low, m.High} {
				if y, ok := panel.value(v); ok && (i == 0 || !panel.Log || i == 2) {
					low, high = min(low, y), max(high, y)
				}
			}
		}
	}
	if low > high {
		return errors.Errorf("chart: swept: panel %q has nothing that can be drawn", panel.Y)
	}
	y := tickedAxis(panel.Y, decadeTicks(low, high))
	if !panel.Log {
		least := max(1e-3*max(-low, high), 1e-9)
		if panel.Percent {
			least = minAccuracySpan
		}
		low, high = widenRange(low, high, least)
		y = tickedAxis(panel.Y, linearTicks(low, high, 6, false))
	}
	a := newArea(box, s.axis(x), y)
	a.paint(p)
	shared := map[float64]int{} // marks at a value, whose bars would cover each other
	for _, l := range panel.Lines {
		for _, m := range l.Points {
			shared[m.At]++
		}
	}
	drawn := map[float64]int{}
	for i, l := range panel.Lines {
		style := stroke(i, 1.8)
		var line []draw.Point
		for _, m := range l.Points {
			shift := 2 * (float64(drawn[m.At]) - float64(shared[m.At]-1)/2)
			drawn[m.At]++
			y, ok := panel.value(m.Mean)
			if !ok {
				line = a.flush(p, style, line)
				continue
			}
			at := draw.At(a.atX(s.place(m.At))+shift, a.atY(y))
			if m.At == 0 {
				line = a.flush(p, style, line)
			} else {
				line = append(line, at)
			}
			if m.High > m.Low {
				top, _ := panel.value(m.High)
				bottom, ok := panel.value(m.Low)
				if !ok || bottom < a.y.low {
					bottom = a.y.low
				}
				p.Line(draw.Style{Stroke: style.Stroke, Width: 1}, draw.At(at.X, a.atY(min(top, a.y.high))),
					draw.At(at.X, a.atY(bottom)))
			}
			paintMark(p, i, at, 2.6)
		}
		a.flush(p, style, line)
	}
	return nil
}

// flush draws a line of several points, and returns none.
func (a area) flush(p *draw.Picture, style draw.Style, line []draw.Point) []draw.Point {
	if len(line) > 1 {
		p.Line(style, line...)
	}
	return nil
}

// paintMark draws the mark of a line: a dot, or where the colours have been used up a triangle.
func paintMark(p *draw.Picture, i int, at draw.Point, r float64) {
	style := draw.Style{Fill: stroke(i, 1).Stroke}
	if i < len(palette) {
		p.Circle(style, at, r)
		return
	}
	p.Polygon(style, draw.At(at.X, at.Y-1.4*r), draw.At(at.X+1.3*r, at.Y+r), draw.At(at.X-1.3*r, at.Y+r))
}
