package chart

import (
	"image/color"
	"io"
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bundle is the curves of one model from several seeds.
type Bundle struct {
	Name string
	Runs [][]float64 // values of epoch 1, 2, …
}

// mean returns the mean of the runs at each epoch that all of them have.
func (b Bundle) mean() []float64 {
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

// Bundles writes the curves of several models over the epochs: a thin line for each run, a thick one for the mean of a model, a legend beside.
// Values that are not finite leave a gap. It returns an error without a curve, and the error of w.
func Bundles(w io.Writer, title, y string, bundles []Bundle) error {
	low, high, epochs := math.Inf(1), math.Inf(-1), 0
	for _, b := range bundles {
		if len(b.Runs) == 0 {
			return errors.Errorf("chart: bundles: %s has no runs", b.Name)
		}
		for _, run := range b.Runs {
			epochs = max(epochs, len(run))
			for _, v := range run {
				if !math.IsInf(v, 0) && !math.IsNaN(v) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	if epochs == 0 || low > high {
		return errors.New("chart: bundles: no finite values")
	}
	p := newPlot("epoch", y)
	vertical := ticks(low, high, 6, false)
	horizontal := ticks(0, float64(epochs), 8, true)
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = vertical[0].Value, vertical[len(vertical)-1].Value, plot.ConstantTicks(vertical)
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, max(float64(epochs), horizontal[len(horizontal)-1].Value), plot.ConstantTicks(horizontal)
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		grid(c, p, vertical)
		for i, b := range bundles {
			if len(b.Runs) > 1 {
				thin := stroke(i, 0.6)
				faded := palette[i%len(palette)]
				faded.A = 0x70
				thin.Color = faded
				for _, run := range b.Runs {
					curve(c, p, thin, 1, run)
				}
			}
			curve(c, p, stroke(i, 2), 1, b.mean())
		}
	}))
	return write(w, title, 720, 360, func(c draw.Canvas) {
		names := make([]string, len(bundles))
		for i, b := range bundles {
			names[i] = b.Name
		}
		room := legend(c, p, names)
		p.Draw(draw.Crop(c, 8, -room, 8, -8))
	})
}

// painter is a plot.Plotter of a function.
type painter func(c draw.Canvas, p *plot.Plot)

func (f painter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// grid draws a faint line at each tick of the vertical axis.
func grid(c draw.Canvas, p *plot.Plot, at []plot.Tick) {
	x, y := p.Transforms(&c)
	for _, t := range at {
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, x(p.X.Min), y(t.Value), x(p.X.Max), y(t.Value))
	}
}

// curve draws values at first, first+1, …; one between gaps as a dot.
func curve(c draw.Canvas, p *plot.Plot, style draw.LineStyle, first int, values []float64) {
	x, y := p.Transforms(&c)
	var points []vg.Point
	flush := func() {
		if len(points) == 1 {
			c.DrawGlyph(draw.GlyphStyle{Color: style.Color, Radius: 1 + style.Width, Shape: draw.CircleGlyph{}}, points[0])
		} else {
			c.StrokeLines(style, points)
		}
		points = nil
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			flush()
			continue
		}
		points = append(points, vg.Point{X: x(float64(first + i)), Y: y(v)})
	}
	flush()
}

// legend draws names with their lines at the right edge, from the top, and returns the room they take.
func legend(c draw.Canvas, p *plot.Plot, names []string) vg.Length {
	style := p.Legend.TextStyle
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	room := legendRoom(p, names)
	for i, n := range names {
		at := vg.Point{X: c.Max.X - room + 12, Y: c.Max.Y - 18 - vg.Length(i)*17}
		c.StrokeLine2(stroke(i, 2), at.X, at.Y, at.X+22, at.Y)
		c.FillText(style, vg.Point{X: at.X + 28, Y: at.Y}, printable(shortened(n)))
	}
	return room
}

// legendRoom returns the width of a legend.
func legendRoom(p *plot.Plot, names []string) vg.Length {
	widest := vg.Length(0)
	for _, n := range names {
		widest = max(widest, p.Legend.TextStyle.Width(shortened(n)))
	}
	return widest + 50
}

// Point is a model in a diagram of accuracy against size.
type Point struct {
	Name       string
	Parameters int     // at least 1
	Mean, SD   float64 // of the accuracy, in [0,1]
}

// Sizes writes accuracy, with a bar of one standard deviation either way, against the number of parameters, which is on a scale of powers of
// ten. It returns an error without a point, and the error of w.
func Sizes(w io.Writer, title string, points []Point) error {
	if len(points) == 0 {
		return errors.New("chart: sizes: no points")
	}
	low, high, small, large := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	names := make([]string, len(points))
	for i, q := range points {
		if q.Parameters < 1 {
			return errors.Errorf("chart: sizes: %s has %d parameters, want at least 1", q.Name, q.Parameters)
		}
		names[i] = q.Name
		size := math.Log10(float64(q.Parameters))
		low, high = min(low, 100*(q.Mean-q.SD)), max(high, 100*(q.Mean+q.SD))
		small, large = min(small, size), max(large, size)
	}
	p := newPlot("parameters", "test accuracy, %")
	vertical := ticks(low, high, 6, false)
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = vertical[0].Value, vertical[len(vertical)-1].Value, plot.ConstantTicks(vertical)
	p.X.Min, p.X.Max = small-0.15, large+0.15
	var sizes []plot.Tick
	for decade := math.Floor(p.X.Min); decade <= p.X.Max; decade++ {
		for _, f := range []float64{1, 2, 5} {
			if at := decade + math.Log10(f); at >= p.X.Min && at <= p.X.Max {
				sizes = append(sizes, plot.Tick{Value: at, Label: thousands(f * math.Pow(10, decade))})
			}
		}
	}
	p.X.Tick.Marker = plot.ConstantTicks(sizes)
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		grid(c, p, vertical)
		x, y := p.Transforms(&c)
		for i, q := range points {
			at := vg.Point{X: x(math.Log10(float64(q.Parameters))), Y: y(100 * q.Mean)}
			bar := stroke(i, 1.2)
			bar.Dashes = nil
			c.StrokeLine2(bar, at.X, y(100*(q.Mean-q.SD)), at.X, y(100*(q.Mean+q.SD)))
			var shape draw.GlyphDrawer = draw.CircleGlyph{}
			if i >= len(palette) {
				shape = draw.PyramidGlyph{}
			}
			c.DrawGlyph(draw.GlyphStyle{Color: palette[i%len(palette)], Radius: 4, Shape: shape}, at)
		}
	}))
	return write(w, title, 720, 360, func(c draw.Canvas) {
		room := legend(c, p, names)
		p.Draw(draw.Crop(c, 8, -room, 8, -8))
	})
}

// thousands writes 20000 as 20k.
func thousands(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case v >= 1e3:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
