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
	Values []float64 // of epochs 1, 2, …; a value that is not finite, or above 1e100, leaves a gap
}

// Panel is one diagram with one or two curves.
type Panel struct {
	Name   string // of the vertical axis
	Curves []Curve
}

// Curves draws panels side by side under a title. The first curve of a panel is blue, the second orange. It
// returns an error if there is no panel, or a panel does not have 1 or 2 curves with a finite value.
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
		tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: 24, PadLeft: 10, PadRight: 16, PadTop: 4,
			PadBottom: 8}
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
		return nil, errors.Errorf("chart: curves: panel %q has %d curves with %d finite values, "+
			"want 1 or 2 curves and a value", p.Name, len(p.Curves), len(finite))
	}
	out := newPlot("epoch", p.Name)
	low, high := padRange(slices.Min(finite), slices.Max(finite))
	setTicks(&out.Y, ticks(low, high, 6, false))
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
	// The legend goes to the corner that the curves leave free: at their right end, above or below.
	values := p.Curves[0].Values
	out.Legend.Top = len(values) > 0 && values[len(values)-1] < (out.Y.Min+out.Y.Max)/2
	out.Legend.XOffs, out.Legend.ThumbnailWidth, out.Legend.Padding = -6, 18, 3
	out.Legend.YOffs = 6
	if out.Legend.Top {
		out.Legend.YOffs = -6
	}
	return out, nil
}

// drawable reports whether a value is finite and small enough that differences do not overflow.
func drawable(v float64) bool { return math.Abs(v) < 1e100 }

// padRange returns the limits of an axis for values from low to high: with a margin, but not below 0 or above
// 1 unless the values are.
func padRange(low, high float64) (float64, float64) {
	margin := max(0.03*(high-low), 1e-3*math.Abs(high), 5e-4) // more than rounding removes
	bottom, top := low-margin, high+margin
	if low >= 0 {
		bottom = math.Max(bottom, 0)
	}
	if high <= 1 {
		top = math.Min(top, 1)
	}
	return bottom, top
}

// add draws the curve, in pieces if it has gaps, with a dot for each epoch if wanted.
func (c Curve) add(p *plot.Plot, ink color.Color, dots bool) error {
	var pieces []plotter.XYs
	joined := false
	for i, v := range c.Values {
		if !drawable(v) {
			joined = false
			continue
		}
		if !joined {
			pieces = append(pieces, nil)
		}
		joined = true
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
			p.Add(struct{ plot.Plotter }{points}) // a bare Plotter does not change the axes
		}
		if i == 0 {
			p.Legend.Add(printable(c.Name), line)
		}
	}
	return nil
}
