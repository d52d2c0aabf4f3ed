package chart

import (
	"image/color"
	"io"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// SeedCurve is the curves of one model from several seeds.
type SeedCurve struct {
	Name string
	Runs [][]float64 // values of epoch 1, 2, …
}

// mean returns the mean of the runs at each epoch that all of them have.
func (b SeedCurve) mean() []float64 {
	var mean []float64
	for i := 0; ; i++ {
		sum := 0.0
		for _, run := range b.Runs {
			if i >= len(run) {
				return mean
			}
			sum += run[i]
		}
		mean = append(mean, sum/float64(len(b.Runs)))
	}
}

// palette is colours that differ in lightness too, by Okabe and Ito, then the same dashed.
var palette = []color.NRGBA{
	{0x1f, 0x6f, 0xb4, 0xff}, {0xd9, 0x5f, 0x02, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
	{0x8c, 0x6b, 0x1f, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0x6a, 0x51, 0xa3, 0xff}, {0x55, 0x5b, 0x61, 0xff},
}

// stroke is the line of model i.
func stroke(i int, width vg.Length) draw.LineStyle {
	s := draw.LineStyle{Color: palette[i%len(palette)], Width: width}
	if i >= len(palette) {
		s.Dashes = []vg.Length{5, 3}
	}
	return s
}

// SeedCurves writes the curves of several models over the epochs: a thin line for each run, a thick one for the mean of a model, with its name where
// it ends. An axis that a bad start would stretch to more than twice the height of all that follows begins later: lines come from outside then.
// Values that are not finite leave a gap. It returns an error without a curve, and the error of w.
func SeedCurves(w io.Writer, title, y string, bundles []SeedCurve) error {
	epochs := 0
	for _, b := range bundles {
		if len(b.Runs) == 0 {
			return errors.Errorf("chart: bundles: %s has no runs", b.Name)
		}
		for _, run := range b.Runs {
			epochs = max(epochs, len(run))
		}
	}
	low, high := valueRange(bundles, 0)
	if low > high {
		return errors.New("chart: bundles: no finite values")
	}
	if l, h := valueRange(bundles, epochs/4); l < h && high-low > 2*(h-l) {
		low, high = l, h
	}
	p := newPlot("epoch", y)
	vertical := ticks(low, high, 6, false)
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = vertical[0].Value, vertical[len(vertical)-1].Value, plot.ConstantTicks(vertical)
	p.X.Min, p.X.Max = 1, float64(epochs)
	if epochs == 1 {
		p.X.Min, p.X.Max = 0, 2
	}
	outside := func(t plot.Tick) bool { return t.Value < 1 || t.Value > float64(epochs) }
	p.X.Tick.Marker = plot.ConstantTicks(slices.DeleteFunc(ticks(0, float64(epochs), 8, true), outside))
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		drawGrid(c, p, vertical)
		for i, b := range bundles {
			if len(b.Runs) > 1 {
				thin := stroke(i, 0.6)
				faded := palette[i%len(palette)]
				faded.A = uint8(max(0x48, 0x90-0x10*len(bundles))) // many lines are a cloud
				thin.Color = faded
				for _, run := range b.Runs {
					drawCurve(c, p, thin, 1, run)
				}
			}
			drawCurve(c, p, stroke(i, 2), 1, b.mean())
		}
		drawNames(c, p, bundles)
	}))
	style := p.Legend.TextStyle
	widest := vg.Length(0)
	for _, b := range bundles {
		widest = max(widest, style.Width(truncate(b.Name, longestModel)))
	}
	height := vg.Length(360)
	if len(bundles) > 6 { // which lie close together
		height = max(480, vg.Length(len(bundles))*nameStep+80)
	}
	return write(w, title, 760, height, func(c draw.Canvas) {
		p.Draw(draw.Crop(c, 8, -widest-nameReach-8, 8, -8))
	})
}

const (
	nameStep  = 14 // between names, at least
	nameReach = 34 // from the end of a curve to its name
)

// names writes the name of each bundle at the right of the area, near where its mean ends.
func drawNames(c draw.Canvas, p *plot.Plot, bundles []SeedCurve) {
	_, y := p.Transforms(&c)
	style := p.Legend.TextStyle
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	ends := make([]vg.Length, len(bundles))
	for i, b := range bundles {
		ends[i] = c.Min.Y
		for _, v := range b.mean() {
			if drawable(v) {
				ends[i] = max(c.Min.Y, min(y(v), c.Max.Y))
			}
		}
	}
	for i, at := range spreadLabels(ends, nameStep, c.Min.Y, c.Max.Y) {
		c.StrokeLines(stroke(i, 1), []vg.Point{{X: c.Max.X, Y: ends[i]}, {X: c.Max.X + 14, Y: at}, {X: c.Max.X + nameReach - 6, Y: at}})
		c.FillText(style, vg.Point{X: c.Max.X + nameReach, Y: at}, truncate(bundles[i].Name, longestModel))
	}
}

// within returns the least and the greatest finite value of all epochs after the first so many.
func valueRange(bundles []SeedCurve, after int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, b := range bundles {
		for _, run := range b.Runs {
			for _, v := range run[min(after, len(run)):] {
				if drawable(v) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	return low, high
}

// painter is a plot.Plotter of a function.
type painter func(c draw.Canvas, p *plot.Plot)

func (f painter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// grid draws a faint line at each tick of the vertical axis.
func drawGrid(c draw.Canvas, p *plot.Plot, at []plot.Tick) {
	x, y := p.Transforms(&c)
	for _, t := range at {
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, x(p.X.Min), y(t.Value), x(p.X.Max), y(t.Value))
	}
}

// curve draws values at first, first+1, …, as far as they are on the canvas; one between gaps as a dot.
func drawCurve(c draw.Canvas, p *plot.Plot, style draw.LineStyle, first int, values []float64) {
	x, y := p.Transforms(&c)
	var points []vg.Point
	flush := func() {
		if len(points) == 1 && c.Contains(points[0]) {
			c.DrawGlyph(draw.GlyphStyle{Color: style.Color, Radius: 1 + style.Width, Shape: draw.CircleGlyph{}}, points[0])
		} else {
			c.StrokeLines(style, c.ClipLinesXY(points)...)
		}
		points = nil
	}
	for i, v := range values {
		if !drawable(v) {
			flush()
			continue
		}
		points = append(points, vg.Point{X: x(float64(first + i)), Y: y(v)})
	}
	flush()
}

// legend draws names with their lines at the right edge, from the top, and returns the room they take.
func drawLegend(c draw.Canvas, p *plot.Plot, names []string) vg.Length {
	style := p.Legend.TextStyle
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	room := legendWidth(p, names)
	for i, n := range names {
		at := vg.Point{X: c.Max.X - room + 12, Y: c.Max.Y - 18 - vg.Length(i)*17}
		c.StrokeLine2(stroke(i, 2), at.X, at.Y, at.X+22, at.Y)
		c.FillText(style, vg.Point{X: at.X + 28, Y: at.Y}, truncate(n, longestModel))
	}
	return room
}

// legendRoom returns the width of a legend.
func legendWidth(p *plot.Plot, names []string) vg.Length {
	widest := vg.Length(0)
	for _, n := range names {
		widest = max(widest, p.Legend.TextStyle.Width(truncate(n, longestModel)))
	}
	return widest + 50
}
