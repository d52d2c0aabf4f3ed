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

// Point is a model in a chart of accuracy against size.
type Point struct {
	Name       string
	Parameters int     // at least 1
	Mean, SD   float64 // of the accuracy, in [0,1]; finite
}

// minAccuracySpan is the least length of the axis of accuracy, in percentage points: a tenth of a point, ten
// images of 10,000, must not fill a whole chart.
const minAccuracySpan = 0.5

// Sizes draws the accuracy of models, with a bar of one standard deviation in each direction, against their
// number of parameters on a logarithmic scale, with the name of each model beside it. Where bars would cover
// each other, models are moved a little beside their size. The axis of accuracy is at least half a percentage
// point long. It returns an error if there is no point, a model has no parameters, or an accuracy is not
// finite.
func Sizes(w io.Writer, title string, points []Point) error {
	if len(points) == 0 {
		return errors.New("chart: sizes: no points")
	}
	low, high, small, large := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, q := range points {
		if q.Parameters < 1 {
			return errors.Errorf("chart: sizes: %s has %d parameters, want at least 1", q.Name, q.Parameters)
		}
		if !drawable(q.Mean) || !drawable(q.SD) {
			return errors.Errorf("chart: sizes: %s has accuracy %v ± %v, want finite values",
				q.Name, q.Mean, q.SD)
		}
		size := math.Log10(float64(q.Parameters))
		low, high = min(low, 100*(q.Mean-q.SD)), max(high, 100*(q.Mean+q.SD))
		small, large = min(small, size), max(large, size)
	}
	p := newPlot("parameters", "test accuracy, %")
	low, high = widenRange(low, high, minAccuracySpan)
	vertical := ticks(low, high, 6, false)
	setTicks(&p.Y, vertical)
	p.X.Min, p.X.Max = small-0.15, large+0.15
	var sizes []plot.Tick
	for decade := math.Floor(p.X.Min); decade <= p.X.Max; decade++ {
		for _, f := range []float64{1, 2, 5} {
			if at := decade + math.Log10(f); at >= p.X.Min && at <= p.X.Max {
				sizes = append(sizes, plot.Tick{Value: at, Label: formatThousands(f * math.Pow(10, decade))})
			}
		}
	}
	p.X.Tick.Marker = plot.ConstantTicks(sizes)
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		drawGrid(c, p, vertical)
		x, y := p.Transforms(&c)
		marks := make([]mark, len(points))
		for i, q := range points {
			marks[i] = mark{name: q.Name, at: vg.Point{X: x(math.Log10(float64(q.Parameters))),
				Y: y(100 * q.Mean)},
				low: y(100 * (q.Mean - q.SD)), high: y(100 * (q.Mean + q.SD)), hue: palette[i%len(palette)]}
		}
		separateMarks(marks)
		for i, m := range marks {
			c.StrokeLine2(draw.LineStyle{Color: m.hue, Width: 1.2}, m.at.X, m.low, m.at.X, m.high)
			var shape draw.GlyphDrawer = draw.CircleGlyph{}
			if i >= len(palette) {
				shape = draw.PyramidGlyph{}
			}
			c.DrawGlyph(draw.GlyphStyle{Color: m.hue, Radius: markRadius, Shape: shape}, m.at)
		}
		drawLabels(c, p.Legend.TextStyle, marks)
	}))
	return write(w, title, 760, 400, func(c draw.Canvas) { p.Draw(draw.Crop(c, 8, -8, 8, -8)) })
}

// formatThousands formats 20000 as 20k.
func formatThousands(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case v >= 1e3:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
