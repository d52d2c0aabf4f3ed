package chart

import (
	"image/color"
	"io"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is a line over the epochs 1, 2, ….
type Curve struct {
	Name   string
	Values []float64 // of epoch 1, 2, …; a value that is not finite, or above 1e100, leaves a gap
}

// Panel is one diagram of curves.
type Panel struct {
	Name   string // of the vertical axis
	Curves []Curve
}

// Curves writes panels beside each other under a title. The first curve of a panel is blue, the second orange, both as in the legend.
// It returns an error without a panel, for a panel without 1 or 2 curves, curves without values, and the error of w.
func Curves(w io.Writer, title string, panels []Panel) error {
	if len(panels) == 0 {
		return errors.New("chart: curves: no panels")
	}
	plots := make([]*plot.Plot, len(panels))
	for i, panel := range panels {
		var err error
		if plots[i], err = panel.plot(); err != nil {
			return err
		}
	}
	return write(w, title, vg.Length(360*len(panels)), 260, func(c draw.Canvas) {
		tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: 24, PadLeft: 10, PadRight: 16, PadTop: 4, PadBottom: 8}
		for i, cell := range plot.Align([][]*plot.Plot{plots}, tiles, c)[0] {
			plots[i].Draw(cell)
		}
	})
}

func (p Panel) plot() (*plot.Plot, error) {
	var finite []float64
	epochs := 0
	for _, c := range p.Curves {
		epochs = max(epochs, len(c.Values))
		for _, v := range c.Values {
			if drawable(v) {
				finite = append(finite, v)
			}
		}
	}
	if len(p.Curves) < 1 || len(p.Curves) > 2 || len(finite) == 0 {
		return nil, errors.Errorf("chart: curves: panel %q has %d curves with %d finite values, want 1 or 2 curves and a value", p.Name, len(p.Curves), len(finite))
	}
	out := newPlot("epoch", p.Name)
	low, high := padRange(slices.Min(finite), slices.Max(finite))
	y := ticks(low, high, 6, false)
	out.Y.Tick.Marker = plot.ConstantTicks(y)
	out.Y.Min, out.Y.Max = y[0].Value, y[len(y)-1].Value
	out.X.Tick.Marker = plot.ConstantTicks(ticks(1, float64(epochs), 10, true))
	margin := math.Max(0.04*float64(epochs-1), 0.1)
	out.X.Min, out.X.Max = 1-margin, float64(epochs)+margin
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Width = faint, 0
	out.Add(grid)
	for i, c := range p.Curves {
		if err := c.add(out, []color.Color{blue, orange}[i], epochs <= 40); err != nil {
			return nil, err
		}
	}
	// In the corner that the curves leave: beside their end, opposite to where it lies.
	last := p.Curves[0].Values
	out.Legend.Top = last[len(last)-1] < (out.Y.Min+out.Y.Max)/2
	out.Legend.XOffs, out.Legend.ThumbnailWidth, out.Legend.Padding = -6, 18, 3
	out.Legend.YOffs = 6
	if out.Legend.Top {
		out.Legend.YOffs = -6
	}
	return out, nil
}

// drawable excludes what is not finite, and what differences would overflow of.
func drawable(v float64) bool { return math.Abs(v) < 1e100 }

// spread returns limits around values from low to high, with some room, but none below 0 or above 1 that the values do not take.
func padRange(low, high float64) (float64, float64) {
	room := max(0.03*(high-low), 1e-3*math.Abs(high), 5e-4) // more than rounding takes away
	bottom, top := low-room, high+room
	if low >= 0 {
		bottom = math.Max(bottom, 0)
	}
	if high <= 1 {
		top = math.Min(top, 1)
	}
	return bottom, top
}

// add draws the curve, in pieces where it has gaps, with a dot for each epoch if there are not too many.
func (c Curve) add(p *plot.Plot, ink color.Color, dots bool) error {
	var pieces []plotter.XYs
	whole := false
	for i, v := range c.Values {
		if !drawable(v) {
			whole = false
			continue
		}
		if !whole {
			pieces = append(pieces, nil)
		}
		whole = true
		last := len(pieces) - 1
		pieces[last] = append(pieces[last], plotter.XY{X: float64(i + 1), Y: v})
	}
	for i, piece := range pieces {
		line, points, err := plotter.NewLinePoints(piece)
		if err != nil {
			return errors.Wrapf(err, "chart: curve %q", c.Name)
		}
		line.Color, line.Width = ink, 1.6
		points.Color, points.Shape, points.Radius = ink, draw.CircleGlyph{}, 2.4
		p.Add(line)
		if dots || len(piece) == 1 {
			p.Add(struct{ plot.Plotter }{points}) // a bare Plotter, for which no axis moves
		}
		if i == 0 {
			p.Legend.Add(printable(c.Name), line)
		}
	}
	return nil
}
