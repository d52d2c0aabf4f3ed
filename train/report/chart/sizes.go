package chart

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
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
	return sizes{"accuracy", "test accuracy, %", "%.2f %%", 100, minAccuracySpan}.draw(w, title, points)
}

// SizesOf is Sizes of another figure, of any unit, which names the axis: test RMSE.
func SizesOf(w io.Writer, title, figure string, points []Point) error {
	figure = labels.Cut(figure, longestModel)
	return sizes{figure, figure, "%.4g", 1, 0}.draw(w, title, points)
}

// sizes is how a chart of sizes shows its figure.
type sizes struct {
	name, axis, format string
	scale, least       float64 // of the axis
}

func (f sizes) draw(w io.Writer, title string, points []Point) error {
	if len(points) == 0 {
		return errors.New("chart: sizes: no points")
	}
	low, high, small, large := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, q := range points {
		if q.Parameters < 1 {
			return errors.Errorf("chart: sizes: %s has %d parameters, want at least 1", q.Name, q.Parameters)
		}
		if !drawable(q.Mean) || !drawable(q.SD) {
			return errors.Errorf("chart: sizes: %s has %s %v ± %v, want finite values",
				q.Name, f.name, q.Mean, q.SD)
		}
		size := math.Log10(float64(q.Parameters))
		low, high = min(low, f.scale*(q.Mean-q.SD)), max(high, f.scale*(q.Mean+q.SD))
		small, large = min(small, size), max(large, size)
	}
	low, high = widenRange(low, high, max(f.least, 1e-3*max(-low, high), 1e-9))
	shows := ""
	for _, q := range points {
		shows += fmt.Sprintf("%s: %d parameters, "+f.format+". ", q.Name, q.Parameters, f.scale*q.Mean)
	}
	p, box := newPicture(title, "Test "+strings.TrimPrefix(f.name, "test ")+" against parameters", shows, 760,
		400)
	small, large = widenRange(small-0.15, large+0.15, 0.5) // half a decade has two round numbers or more
	x := axis{"parameters", small, large, roundTicks(small, large)}
	a := newArea(box, x, tickedAxis(f.axis, linearTicks(low, high, 6, false)))
	a.paint(p)
	marks := make([]mark, len(points))
	for i, q := range points {
		marks[i] = mark{q.Name, a.at(math.Log10(float64(q.Parameters)), f.scale*q.Mean),
			a.atY(f.scale * (q.Mean + q.SD)), a.atY(f.scale * (q.Mean - q.SD)), palette[i%len(palette)]}
	}
	separateMarks(marks)
	for i, m := range marks {
		p.Line(draw.Style{Stroke: m.hue, Width: 1.4}, draw.At(m.at.X, m.top), draw.At(m.at.X, m.bottom))
		if i < len(palette) {
			p.Circle(draw.Style{Fill: m.hue}, m.at, markRadius)
			continue
		}
		const r = markRadius + 1
		p.Polygon(draw.Style{Fill: m.hue}, draw.At(m.at.X, m.at.Y-r), draw.At(m.at.X+r, m.at.Y+r*0.7),
			draw.At(m.at.X-r, m.at.Y+r*0.7))
	}
	a.paintLabels(p, marks)
	return p.Write(w, SVG)
}
