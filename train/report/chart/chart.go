// Package chart draws the charts of training runs and of comparisons of models. Curves over the epochs,
// confusion matrices, differences between models, accuracy against size and growth are SVG; attention maps
// are SVG or PNG.
//
// Equal arguments give equal bytes, and a file needs no other file. Names may be any text: what XML cannot
// hold is replaced, what is too long is cut. Functions return the error of their io.Writer.
package chart

import (
	"bytes"
	"image/color"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	ink    = color.NRGBA{0x1b, 0x1f, 0x24, 0xff}
	faint  = color.NRGBA{0xd8, 0xde, 0xe4, 0xff}
	blue   = color.NRGBA{0x1f, 0x6f, 0xb4, 0xff}
	orange = color.NRGBA{0xd9, 0x5f, 0x02, 0xff}
)

// newPlot returns an empty plot in the style of this package.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = printable(x), printable(y)
	for _, s := range []struct {
		style *text.Style
		size  font.Length
	}{
		{&p.Title.TextStyle, 13}, {&p.X.Label.TextStyle, 11}, {&p.Y.Label.TextStyle, 11},
		{&p.X.Tick.Label, 10}, {&p.Y.Tick.Label, 10}, {&p.Legend.TextStyle, 10},
	} {
		s.style.Font.Variant, s.style.Font.Size, s.style.Color = "Mono", s.size, ink
	}
	// gonum/plot places labels of ticks too high by the descent of the font.
	p.X.Tick.Label.YAlign, p.Y.Tick.Label.YAlign = -1.4, -0.85
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding, a.Label.Padding = 0, 5
		a.LineStyle.Color, a.Tick.LineStyle.Color = ink, ink
	}
	p.X.Label.Padding = 10
	return p
}

// tickStyle returns the style of the numbers beside an axis, for other text in a chart.
func tickStyle(x text.XAlignment, y text.YAlignment) text.Style {
	style := newPlot("", "").X.Tick.Label
	style.XAlign, style.YAlign = x, y
	return style
}

// widenRange returns the range with the same middle that is at least that long.
func widenRange(low, high, least float64) (float64, float64) {
	if missing := least - (high - low); missing > 0 {
		return low - missing/2, high + missing/2
	}
	return low, high
}

// titleHeight is the space above a chart for its title.
const titleHeight = 30

// write paints a canvas of the given size, in points, with the title centred above, and writes it to w as
// SVG.
func write(w io.Writer, title string, width, height vg.Length, paint func(draw.Canvas)) error {
	return writeAs(w, SVG, title, width, height, paint)
}

// writeAs is write in any format.
func writeAs(w io.Writer, f Format, title string, width, height vg.Length, paint func(draw.Canvas)) error {
	style, title := newPlot("", "").Title.TextStyle, printable(title)
	style.XAlign, style.YAlign = text.XCenter, text.YTop
	width = max(width, style.Width(title)+20)
	room := vg.Length(titleHeight)
	if title == "" {
		room = 4
	}
	picture := f.canvas(width, height+room)
	c := draw.New(picture)
	c.SetColor(color.White) // pages may be dark
	c.Fill(c.Rectangle.Path())
	if title != "" {
		c.FillText(style, vg.Point{X: width / 2, Y: c.Max.Y - 10}, title)
	}
	paint(draw.Crop(c, 0, 0, 0, -room))
	var content bytes.Buffer
	if _, err := picture.WriteTo(&content); err != nil {
		return errors.Wrap(err, "chart")
	}
	if f == SVG {
		content = *bytes.NewBuffer(bytes.ReplaceAll(content.Bytes(), []byte(measured), []byte(families)))
		content = *bytes.NewBuffer(bytes.ReplaceAll(content.Bytes(), []byte(embedded), []byte(pixels)))
	}
	_, err := w.Write(content.Bytes())
	return errors.Wrap(err, "chart")
}

// Texts are placed by the widths of one font, which a reader may not have. The characters of the alternatives
// are as wide as its own.
const (
	measured = "font-family:Liberation Mono;"
	families = "font-family:'Liberation Mono','DejaVu Sans Mono',Menlo,'Courier New',monospace;"
)

// gonum/plot labels the PNG of an image as a JPEG, which not every reader forgives, and lets readers keep its
// aspect ratio and smooth its pixels.
const (
	embedded = `xlink:href="data:image/jpg;base64,`
	pixels   = `preserveAspectRatio="none" style="image-rendering:pixelated" ` +
		`xlink:href="data:image/png;base64,`
)

// printable replaces characters that XML cannot hold or that would break the line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}

// setTicks lets an axis run from the first tick to the last.
func setTicks(a *plot.Axis, marks []plot.Tick) {
	a.Min, a.Max, a.Tick.Marker = marks[0].Value, marks[len(marks)-1].Value, plot.ConstantTicks(marks)
}

// ticks returns about count round numbers, from the last one at or below min to the first one at or above
// max, which are finite; whole numbers if wanted.
func ticks(min, max float64, count int, whole bool) []plot.Tick {
	if !(max > min) {
		max = min + 1
	}
	if least := 1e-9 * math.Max(math.Abs(min), math.Abs(max)); max-min < least {
		max = min + least // else neighbouring ticks would be the same number
	}
	step := math.Pow(10, math.Floor(math.Log10((max-min)/float64(count))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if (max-min)/(step*factor) <= float64(count) {
			step *= factor
			break
		}
	}
	if whole {
		step = math.Max(step, 1)
	}
	decimals := int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
	var out []plot.Tick
	for i := math.Floor(min/step + 1e-9); ; i++ {
		label := strconv.FormatFloat(i*step, 'f', decimals, 64)
		if max >= 1e6 {
			label = strconv.FormatFloat(i*step, 'g', 4, 64)
		}
		out = append(out, plot.Tick{Value: i * step, Label: label})
		if i*step >= max-1e-9*step {
			return out
		}
	}
}
