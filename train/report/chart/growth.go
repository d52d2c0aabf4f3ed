package chart

import (
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
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
	const panelWidth, step = 380, 18
	for i := range names {
		names[i] = labels.Cut(names[i], longestModel)
	}
	legend := widest(labels, names) + 38
	p, box := newPicture(title, y, "Of "+strings.Join(names, ", ")+", both axes logarithmic.",
		panelWidth*float64(len(panels))+legend, 400)
	vertical := tickedAxis(y, decadeTicks(low, high))
	each := (box.Width() - legend) / float64(len(panels))
	for i, panel := range panels {
		left := box.Left + float64(i)*each
		part := draw.Box{Left: left, Top: box.Top, Right: left + each - 12, Bottom: box.Bottom}
		panel.paint(p, part, vertical)
	}
	for i, n := range names {
		paintKey(p, stroke(i, 2), draw.At(box.Right-legend+12, box.Top+step*(float64(i)+0.5)), n)
	}
	return p.Write(w, SVG)
}

// paint draws the diagram, both axes logarithmic.
func (panel GrowthPanel) paint(p *draw.Picture, box draw.Box, y axis) {
	first, last := math.MaxInt, math.MinInt
	for _, l := range panel.Lines {
		first, last = min(first, l.First), max(last, l.First+len(l.Values)-1)
	}
	last = max(last, first+1)
	x := axis{name: panel.X, low: float64(first), high: float64(last)}
	for k := first; k <= last; k++ {
		if k%4 == 0 || last-first < 5 {
			x.ticks = append(x.ticks, tick{float64(k), strconv.FormatFloat(math.Ldexp(1, k), 'f', -1, 64)})
		}
	}
	a := newArea(box, x, y)
	a.paint(p)
	for i, l := range panel.Lines {
		logs := make([]float64, len(l.Values))
		for k, v := range l.Values {
			logs[k] = math.Log10(v) // not finite where v is not positive
		}
		a.curve(p, stroke(i, 2), l.First, logs, false)
	}
}
