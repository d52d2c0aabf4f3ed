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
	Runs [][]float64 // for each seed, the values of epochs 1, 2, …
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

// palette has colours that also differ in lightness, after Okabe and Ito. More lines repeat them dashed.
var palette = []color.NRGBA{
	{0x1f, 0x6f, 0xb4, 0xff}, {0xd9, 0x5f, 0x02, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
	{0x8c, 0x6b, 0x1f, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0x6a, 0x51, 0xa3, 0xff}, {0x55, 0x5b, 0x61, 0xff},
}

// stroke returns the line style of model i.
func stroke(i int, width vg.Length) draw.LineStyle {
	s := draw.LineStyle{Color: palette[i%len(palette)], Width: width}
	if i >= len(palette) {
		s.Dashes = []vg.Length{5, 3}
	}
	return s
}

// SeedCurves draws the curves of several models over the epochs: a thin line for each run, and a thick one
// for the mean of a model, with its name at the end. If the first epochs would more than double the range of
// the axis, it shows that of the later ones, and the lines enter from outside. Values that are not finite
// leave a gap. It returns an error if a model has no run, or no run has a finite value.
func SeedCurves(w io.Writer, title, y string, models []SeedCurve) error {
	epochs := 0
	for _, b := range models {
		if len(b.Runs) == 0 {
			return errors.Errorf("chart: seed curves: %s has no runs", b.Name)
		}
		for _, run := range b.Runs {
			epochs = max(epochs, len(run))
		}
	}
	low, high := valueRange(models, 0)
	if low > high {
		return errors.New("chart: seed curves: no finite values")
	}
	if l, h := valueRange(models, epochs/4); l < h && high-low > 2*(h-l) {
		low, high = l, h
	}
	p := newPlot("epoch", y)
	vertical := ticks(low, high, 6, false)
	setTicks(&p.Y, vertical)
	p.X.Min, p.X.Max = 1, float64(epochs)
	if epochs == 1 {
		p.X.Min, p.X.Max = 0, 2
	}
	outside := func(t plot.Tick) bool { return t.Value < 1 || t.Value > float64(epochs) }
	p.X.Tick.Marker = plot.ConstantTicks(slices.DeleteFunc(ticks(0, float64(epochs), 8, true), outside))
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		drawGrid(c, p, vertical)
		for i, b := range models {
			if len(b.Runs) > 1 {
				thin := stroke(i, 0.6)
				faded := palette[i%len(palette)]
				faded.A = uint8(max(0x48, 0x90-0x10*len(models))) // lighter if there are many lines
				thin.Color = faded
				for _, run := range b.Runs {
					drawCurve(c, p, thin, 1, run)
				}
			}
			drawCurve(c, p, stroke(i, 2), 1, b.mean())
		}
		drawNames(c, p, models)
	}))
	style := p.Legend.TextStyle
	widest := vg.Length(0)
	for _, b := range models {
		widest = max(widest, style.Width(truncate(b.Name, longestModel)))
	}
	height := vg.Length(360)
	if len(models) > 6 { // whose lines lie close together
		height = max(480, vg.Length(len(models))*nameStep+80)
	}
	return write(w, title, 760, height, func(c draw.Canvas) {
		p.Draw(draw.Crop(c, 8, -widest-nameReach-8, 8, -8))
	})
}

const (
	nameStep  = 14 // least distance between names
	nameReach = 34 // from the end of a curve to its name
)

// drawNames writes the name of each model to the right of the area, near the end of its mean.
func drawNames(c draw.Canvas, p *plot.Plot, models []SeedCurve) {
	_, y := p.Transforms(&c)
	style := p.Legend.TextStyle
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	ends := make([]vg.Length, len(models))
	for i, b := range models {
		ends[i] = c.Min.Y
		for _, v := range b.mean() {
			if drawable(v) {
				ends[i] = max(c.Min.Y, min(y(v), c.Max.Y))
			}
		}
	}
	for i, at := range spreadLabels(ends, nameStep, c.Min.Y, c.Max.Y) {
		c.StrokeLines(stroke(i, 1), []vg.Point{{X: c.Max.X, Y: ends[i]}, {X: c.Max.X + 14, Y: at},
			{X: c.Max.X + nameReach - 6, Y: at}})
		c.FillText(style, vg.Point{X: c.Max.X + nameReach, Y: at}, truncate(models[i].Name, longestModel))
	}
}

// valueRange returns the smallest and the largest finite value of the epochs after a number of them; low is
// above high if there is none.
func valueRange(models []SeedCurve, after int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, b := range models {
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

// painter makes a plot.Plotter of a function.
type painter func(c draw.Canvas, p *plot.Plot)

func (f painter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// drawGrid draws a faint line at each tick of the vertical axis.
func drawGrid(c draw.Canvas, p *plot.Plot, at []plot.Tick) {
	x, y := p.Transforms(&c)
	for _, t := range at {
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, x(p.X.Min), y(t.Value), x(p.X.Max),
			y(t.Value))
	}
}

// drawCurve draws the values at first, first+1, … that are on the canvas; a single one between gaps as a dot.
func drawCurve(c draw.Canvas, p *plot.Plot, style draw.LineStyle, first int, values []float64) {
	x, y := p.Transforms(&c)
	var points []vg.Point
	flush := func() {
		if len(points) == 1 && c.Contains(points[0]) {
			c.DrawGlyph(draw.GlyphStyle{Color: style.Color, Radius: 1 + style.Width,
				Shape: draw.CircleGlyph{}}, points[0])
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

// drawLegend draws names with their lines at the right edge, from the top.
func drawLegend(c draw.Canvas, p *plot.Plot, names []string) {
	style := p.Legend.TextStyle
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	left := c.Max.X - legendWidth(p, names) + 12
	for i, n := range names {
		at := vg.Point{X: left, Y: c.Max.Y - 18 - vg.Length(i)*17}
		c.StrokeLine2(stroke(i, 2), at.X, at.Y, at.X+22, at.Y)
		c.FillText(style, vg.Point{X: at.X + 28, Y: at.Y}, truncate(n, longestModel))
	}
}

// legendWidth returns the width of a legend.
func legendWidth(p *plot.Plot, names []string) vg.Length {
	widest := vg.Length(0)
	for _, n := range names {
		widest = max(widest, p.Legend.TextStyle.Width(truncate(n, longestModel)))
	}
	return widest + 50
}
