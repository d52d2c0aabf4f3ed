package chart

import (
	"image"
	"image/color"
	"io"
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The most characters of a class name, which may appear in every row, and of a model name, which has a line
// to itself.
const (
	longestClass = 20
	longestModel = 28
)

// Confusion draws a confusion matrix with its counts, the first class at the top left. A cell is darker the
// larger its fraction of the images with that label: correct predictions are blue, mistakes orange. The
// colour follows the square root of the fraction, so that rare mistakes are visible.
//
//	counts   [label][predicted], square, none negative
//	classes  a name for each; nil: 0, 1, …
//
// It returns an error if the sizes do not fit or a count is negative.
func Confusion(w io.Writer, title string, counts [][]int, classes []string) error {
	n := len(counts)
	if classes == nil {
		for c := range n {
			classes = append(classes, strconv.Itoa(c))
		}
	}
	if n == 0 || len(classes) != n {
		return errors.Errorf("chart: confusion: %d names for %d classes, want the same, at least 1",
			len(classes), n)
	}
	if err := checkCounts(counts); err != nil {
		return err
	}
	m := newMatrix(counts)
	p := newPlot("predicted", "label")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(n), 0, float64(n)
	widest := vg.Length(0)
	var x, y plot.ConstantTicks
	for c, name := range classes {
		name = truncate(name, longestClass)
		widest = max(widest, p.X.Tick.Label.Width(name))
		x = append(x, plot.Tick{Value: float64(c) + 0.5, Label: name})
		y = append(y, plot.Tick{Value: float64(n-c) - 0.5, Label: name}) // the first class on top
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Tick.LineStyle.Width, a.LineStyle.Width = 0, 0
	}
	if widest > m.cell-4 {
		p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, text.XRight,
			text.YCenter
		for i := range x {
			x[i].Label += " " // keeps a distance from the cells
		}
	}
	p.Add(m)
	// The axes take the same space for any size of the matrix.
	probe := draw.New(vgsvg.New(1000, 1000))
	inner := p.DataCanvas(probe).Size()
	width, height := m.cell*vg.Length(n)+1000-inner.X, m.cell*vg.Length(n)+1000-inner.Y
	return write(w, title, width+24, height+12, func(c draw.Canvas) {
		left := (c.Size().X - width) / 2
		p.Draw(draw.Crop(c, left, -left, 8, -4))
	})
}

// checkCounts returns an error unless counts are square and none is negative.
func checkCounts(counts [][]int) error {
	for label, row := range counts {
		if len(row) != len(counts) {
			return errors.Errorf("chart: confusion: row %d has %d counts, want %d",
				label, len(row), len(counts))
		}
		for predicted, count := range row {
			if count < 0 {
				return errors.Errorf("chart: confusion: count %d of label %d predicted as %d, want 0 or more",
					count, label, predicted)
			}
		}
	}
	return nil
}

// ConfusionMap draws a confusion matrix of many classes, with the colours of Confusion but without counts and
// names: the first class at the top left, every tenth one numbered. It returns an error unless counts are
// square, with at least one class, and none is negative.
func ConfusionMap(w io.Writer, title string, counts [][]int) error {
	n := len(counts)
	if n == 0 {
		return errors.New("chart: confusion: no classes")
	}
	if err := checkCounts(counts); err != nil {
		return err
	}
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for label, row := range counts {
		total := 0
		for _, count := range row {
			total += count
		}
		for predicted, count := range row {
			img.SetNRGBA(predicted, label, shade(count, total, label == predicted))
		}
	}
	p := newPlot("predicted", "label")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(n), 0, float64(n)
	var x, y plot.ConstantTicks
	for c := 0; c < n; c += 10 {
		x = append(x, plot.Tick{Value: float64(c) + 0.5, Label: strconv.Itoa(c)})
		y = append(y, plot.Tick{Value: float64(n-c) - 0.5, Label: strconv.Itoa(c)})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = x, y
	p.Add(painter(func(c draw.Canvas, p *plot.Plot) {
		c.DrawImage(c.Rectangle, enlarge(img, 400/n))
		drawOutline(c, c.Rectangle)
	}))
	return write(w, title, 380, 360, func(c draw.Canvas) { p.Draw(draw.Crop(c, 8, -16, 8, -4)) })
}

// matrix draws the cells of a confusion matrix.
type matrix struct {
	counts [][]int
	cell   vg.Length // side of a cell
	style  text.Style
}

func newMatrix(counts [][]int) matrix {
	m := matrix{counts: counts, cell: 36}
	switch n := len(counts); {
	case n < 5:
		m.cell = 72
	case n > 20:
		m.cell = 22
	}
	m.style = tickStyle(text.XCenter, text.YCenter)
	for _, row := range counts {
		for _, count := range row {
			if width := m.style.Width(strconv.Itoa(count)); width > m.cell-4 {
				m.style.Font.Size *= (m.cell - 4) / width
			}
		}
	}
	return m
}

// Plot draws the cells: class c is at [c,c+1) from the left and from the top.
func (m matrix) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	n := len(m.counts)
	for label, row := range m.counts {
		total := 0
		for _, count := range row {
			total += count
		}
		for predicted, count := range row {
			if count == 0 {
				continue
			}
			left, right := x(float64(predicted)), x(float64(predicted+1))
			bottom, top := y(float64(n-label-1)), y(float64(n-label))
			fill, style := shade(count, total, label == predicted), m.style
			if luma(fill) < 140 {
				style.Color = color.White
			}
			c.FillPolygon(fill, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top},
				{X: left, Y: top}})
			c.FillText(style, vg.Point{X: (left + right) / 2, Y: (bottom + top) / 2}, strconv.Itoa(count))
		}
	}
	for i := range n + 1 {
		at, grid := float64(i), draw.LineStyle{Color: faint, Width: 0.5}
		c.StrokeLine2(grid, x(at), y(0), x(at), y(float64(n)))
		c.StrokeLine2(grid, x(0), y(at), x(float64(n)), y(at))
	}
}

// shade returns the colour of a cell: white for none of the images, the full colour for all.
func shade(count, total int, correct bool) color.NRGBA {
	full, strength := orange, 0.0
	if correct {
		full = blue
	}
	if total > 0 {
		strength = math.Sqrt(float64(count) / float64(total))
	}
	mix := func(c uint8) uint8 { return uint8(math.Round(255 + strength*(float64(c)-255))) }
	return color.NRGBA{mix(full.R), mix(full.G), mix(full.B), 0xff}
}

// luma returns the perceived brightness, in [0,255].
func luma(c color.NRGBA) float64 {
	return 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)
}

// truncate cuts a name to a number of characters.
func truncate(name string, longest int) string {
	name = printable(name)
	if r := []rune(name); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return name
}
