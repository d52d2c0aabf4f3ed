package chart

import (
	"io"
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Growth is a line of positive values over the sizes 2^First, 2^(First+1), …. A value that is not positive or
// not finite leaves a gap.
type Growth struct {
	Name   string
	First  int // -1000 to 1000
	Values []float64
}

// GrowthPanel is one diagram of growth.
type GrowthPanel struct {
	X     string // the name of what grows
	Lines []Growth
}

// GrowthPanels draws panels side by side, both axes logarithmic, with one scale of values and one legend for
// all. It returns an error if there is no panel, the panels do not have the same lines in the same order, no
// value is positive, or a First is out of range.
func GrowthPanels(w io.Writer, title, y string, panels []GrowthPanel) error {
	if len(panels) == 0 {
		return errors.New("chart: growth: no panels")
	}
	low, high := math.Inf(1), math.Inf(-1)
	names := make([]string, len(panels[0].Lines))
	for i, l := range panels[0].Lines {
		names[i] = l.Name
	}
	for _, p := range panels {
		if len(p.Lines) != len(names) {
			return errors.Errorf("chart: growth: panel %q has %d lines, want the %d of the first",
				p.X, len(p.Lines), len(names))
		}
		for i, l := range p.Lines {
			if l.Name != names[i] {
				return errors.Errorf("chart: growth: line %d of panel %q is %q, want %q as in the first",
					i, p.X, l.Name, names[i])
			}
			if l.First < -1000 || l.First > 1000 {
				return errors.Errorf("chart: growth: line %q begins at 2^%d, want -1000 to 1000",
					l.Name, l.First)
			}
			for _, v := range l.Values {
				if v > 0 && !math.IsInf(v, 0) {
					low, high = min(low, math.Log10(v)), max(high, math.Log10(v))
				}
			}
		}
	}
	if low > high {
		return errors.New("chart: growth: no positive values")
	}
	vertical := decades(low, high)
	plots := make([]*plot.Plot, len(panels))
	for i, p := range panels {
		plots[i] = p.plot(y, vertical)
	}
	const panelWidth, height = 380, 400
	key := newPlot("", "")
	reserved := legendWidth(key, names)
	return write(w, title, panelWidth*vg.Length(len(panels))+reserved, height, func(c draw.Canvas) {
		drawLegend(c, key, names)
		tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: 16, PadLeft: 8, PadRight: 12, PadTop: 8,
			PadBottom: 8}
		for i, cell := range plot.Align([][]*plot.Plot{plots}, tiles, draw.Crop(c, 0, -reserved, 0, 0))[0] {
			plots[i].Draw(cell)
		}
	})
}

// plot returns the diagram, both axes logarithmic.
func (p GrowthPanel) plot(y string, vertical []plot.Tick) *plot.Plot {
	out := newPlot(p.X, y)
	setTicks(&out.Y, vertical)
	first, last := math.MaxInt, math.MinInt
	for _, l := range p.Lines {
		first, last = min(first, l.First), max(last, l.First+len(l.Values)-1)
	}
	last = max(last, first+1)
	var sizes []plot.Tick
	for k := first; k <= last; k++ {
		if k%4 == 0 || last-first < 5 {
			sizes = append(sizes, plot.Tick{Value: float64(k),
				Label: strconv.FormatFloat(math.Ldexp(1, k), 'f', -1, 64)})
		}
	}
	out.X.Min, out.X.Max, out.X.Tick.Marker = float64(first), float64(last), plot.ConstantTicks(sizes)
	out.Add(painter(func(c draw.Canvas, q *plot.Plot) {
		drawGrid(c, q, vertical)
		for i, l := range p.Lines {
			logs := make([]float64, len(l.Values))
			for k, v := range l.Values {
				logs[k] = math.Log10(v) // not finite where v is not positive
			}
			drawCurve(c, q, stroke(i, 1.8), l.First, logs)
		}
	}))
	return out
}

// decades returns ticks at powers of ten, about ten at most, from at or below low to at or above high. The
// limits and the values of the ticks are logarithms.
func decades(low, high float64) []plot.Tick {
	first, last := math.Floor(low+1e-9), math.Ceil(high-1e-9)
	step := max(1, math.Ceil((last-first)/10))
	var out []plot.Tick
	for at := first; ; at += step {
		label := "1"
		if at != 0 {
			label = "1e" + strconv.Itoa(int(at))
		}
		out = append(out, plot.Tick{Value: at, Label: label})
		if at >= last && len(out) > 1 {
			return out
		}
	}
}
