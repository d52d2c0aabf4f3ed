package chart

import (
	"math"
	"slices"
	"strconv"

	"github.com/hqvit/hqvit/internal/draw"
)

// tick is a number beside an axis.
type tick struct {
	value float64
	label string
}

// axis is a scale from low to high. Of a logarithmic one, the limits and the values of the ticks are
// logarithms.
type axis struct {
	name      string
	low, high float64
	ticks     []tick
}

// tickedAxis returns the axis from the first tick to the last.
func tickedAxis(name string, marks []tick) axis {
	return axis{name, marks[0].value, marks[len(marks)-1].value, marks}
}

// within returns the axis with its ticks between low and high alone.
func (a axis) within(low, high float64) axis {
	a.ticks = slices.DeleteFunc(slices.Clone(a.ticks),
		func(t tick) bool { return t.value < low || t.value > high })
	return a
}

// linearTicks returns about count round numbers, from the last one at or below low to the first one at or
// above high, which are finite; whole numbers if wanted.
func linearTicks(low, high float64, count int, whole bool) []tick {
	if !(high > low) {
		high = low + 1
	}
	if least := 1e-9 * math.Max(math.Abs(low), math.Abs(high)); high-low < least {
		high = low + least // else neighbouring ticks would be the same number
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(count))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if (high-low)/(step*factor) <= float64(count) {
			step *= factor
			break
		}
	}
	if whole {
		step = math.Max(step, 1)
	}
	decimals := int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
	var out []tick
	for i := math.Floor(low/step + 1e-9); ; i++ {
		label := formatNumber(i*step, 'f', decimals)
		if high >= 1e6 {
			label = formatNumber(i*step, 'g', 4)
		}
		out = append(out, tick{i * step, label})
		if i*step >= high-1e-9*step {
			return out
		}
	}
}

// decadeTicks returns powers of ten, about ten at most, from at or below low to at or above high.
func decadeTicks(low, high float64) []tick {
	first, last := math.Floor(low+1e-9), math.Ceil(high-1e-9)
	step := max(1, math.Ceil((last-first)/10))
	var out []tick
	for at := first; ; at += step {
		label := "1"
		if at != 0 {
			label = "1e" + strconv.Itoa(int(at))
		}
		out = append(out, tick{at, label})
		if at >= last && len(out) > 1 {
			return out
		}
	}
}

// roundTicks returns 1, 2 and 5 in every decade between low and high, as 20k for 20000, or more numbers where
// these are less than two.
func roundTicks(low, high float64) (out []tick) {
	for _, factors := range [][]float64{{1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		out = nil
		for decade := math.Floor(low); decade <= high; decade++ {
			for _, f := range factors {
				if at := decade + math.Log10(f); at >= low && at <= high {
					out = append(out, tick{at, formatThousands(f * math.Pow(10, decade))})
				}
			}
		}
		if len(out) > 1 {
			break
		}
	}
	return out
}

// formatThousands formats 20000 as 20k.
func formatThousands(v float64) string {
	switch {
	case v >= 1e6:
		return formatNumber(v/1e6, 'g', 4) + "M"
	case v >= 1e3:
		return formatNumber(v/1e3, 'g', 4) + "k"
	}
	return formatNumber(v, 'g', 4)
}

// widenRange returns the range with the same middle that is at least that long.
func widenRange(low, high, least float64) (float64, float64) {
	if missing := least - (high - low); missing > 0 {
		return low - missing/2, high + missing/2
	}
	return low, high
}

// area is the part of a picture that two axes span.
type area struct {
	draw.Box
	x, y axis
}

// The space that an axis takes beside its area.
const (
	belowArea = 42.0 // the numbers and the name of a horizontal axis
	nameSpace = 22.0 // the name of a vertical axis, without its numbers
	tickSpace = 6.0  // from a number to the area
)

// newArea returns the area that is left of a box beside the numbers and the names of its axes.
func newArea(box draw.Box, x, y axis) area {
	numbers := 0.0
	for _, t := range y.ticks {
		numbers = max(numbers, ticks.Width(t.label))
	}
	a := area{box, x, y}
	a.Left += numbers + tickSpace
	if y.name != "" {
		a.Left += nameSpace
	}
	a.Bottom -= belowArea
	if n := len(x.ticks); n > 0 && x.ticks[n-1].value == x.high { // whose number is centred below the end
		a.Right -= ticks.Width(x.ticks[n-1].label) / 2
	}
	return a
}

func (a area) atX(v float64) float64 {
	return a.Left + (v-a.x.low)/(a.x.high-a.x.low)*a.Width()
}

func (a area) atY(v float64) float64 {
	return a.Bottom - (v-a.y.low)/(a.y.high-a.y.low)*a.Height()
}

func (a area) at(x, y float64) draw.Point { return draw.At(a.atX(x), a.atY(y)) }

// paint draws the axes, with a faint line at each tick of the vertical one. Names of horizontal axes are
// below the numbers, those of vertical ones beside them, from bottom to top.
func (a area) paint(p *draw.Picture) {
	for _, t := range a.y.ticks {
		y := a.atY(t.value)
		p.Line(grid, draw.At(a.Left, y), draw.At(a.Right, y))
		p.Text(anchored(ticks, draw.End), draw.At(a.Left-tickSpace, y), t.label)
	}
	a.paintX(p)
	up := anchored(labels, draw.Middle)
	up.Up = true
	numbers := 0.0
	for _, t := range a.y.ticks {
		numbers = max(numbers, ticks.Width(t.label))
	}
	p.Text(up, draw.At(a.Left-numbers-tickSpace-nameSpace/2, (a.Top+a.Bottom)/2), a.y.name)
}

// paintX draws the horizontal axis alone.
func (a area) paintX(p *draw.Picture) {
	p.Line(draw.Style{Stroke: draw.Ink}, draw.At(a.Left, a.Bottom), draw.At(a.Right, a.Bottom))
	for _, t := range a.x.ticks {
		x := a.atX(t.value)
		p.Line(draw.Style{Stroke: draw.Ink}, draw.At(x, a.Bottom), draw.At(x, a.Bottom+4))
		p.Text(anchored(ticks, draw.Middle), draw.At(x, a.Bottom+13), t.label)
	}
	p.Text(anchored(labels, draw.Middle), draw.At((a.Left+a.Right)/2, a.Bottom+32), a.x.name)
}

// curve draws the values at first, first+1, … in pieces if some cannot be drawn, a single one as a dot, and a
// dot for each if wanted. What is above or below the area is cut off.
func (a area) curve(p *draw.Picture, style draw.Style, first int, values []float64, dots bool) {
	var piece []draw.Point
	dot := draw.Style{Fill: style.Stroke, Opacity: style.Opacity}
	flush := func() {
		for _, part := range a.clip(piece) {
			p.Line(style, part...)
		}
		for _, q := range piece {
			if (dots || len(piece) == 1) && a.Top <= q.Y && q.Y <= a.Bottom {
				p.Circle(dot, q, 1.2+style.Width*0.7)
			}
		}
		piece = nil
	}
	for i, v := range values {
		if !drawable(v) {
			flush()
			continue
		}
		piece = append(piece, a.at(float64(first+i), v))
	}
	flush()
}

// clip returns the parts of a line between the top and the bottom of the area.
func (a area) clip(line []draw.Point) (parts [][]draw.Point) {
	joined := false
	for i := range max(len(line), 1) - 1 {
		from, to := line[i], line[i+1]
		from2, to2 := a.cut(from, to), a.cut(to, from)
		if from2.Y < a.Top-1e-9 || from2.Y > a.Bottom+1e-9 {
			joined = false
			continue
		}
		if !joined {
			parts = append(parts, []draw.Point{from2})
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], to2)
		joined = to2 == to
	}
	return parts
}

// cut returns the point of the line from one point to another that is nearest to the first and between the
// top and the bottom of the area, if there is one.
func (a area) cut(from, to draw.Point) draw.Point {
	for _, edge := range []float64{a.Top, a.Bottom} {
		if (from.Y-edge)*(to.Y-edge) < 0 && (from.Y < a.Top || from.Y > a.Bottom) {
			part := (edge - from.Y) / (to.Y - from.Y)
			from = draw.At(from.X+part*(to.X-from.X), edge)
		}
	}
	return from
}
