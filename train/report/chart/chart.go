// Package chart draws the charts of training runs and of comparisons of models. Curves over the epochs,
// confusion matrices, differences between models, accuracy against size and growth are SVG; attention maps
// are SVG or PNG.
//
// Equal arguments give equal bytes, and a file needs no other file. An SVG has a dark style for readers who
// prefer one, and words for those who do not see it. Names may be any text: what XML cannot hold is replaced,
// what is too long is cut. Functions return the error of their io.Writer.
package chart

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/hqvit/hqvit/internal/draw"
)

// Format is a file format for charts.
type Format = draw.Format

// The formats. A PNG has two pixels for each of an SVG.
const (
	SVG = draw.SVG
	PNG = draw.PNG
)

// FormatOf returns the format for a file name. It returns an error unless the name ends in .svg or .png.
func FormatOf(path string) (Format, error) { return draw.FormatOf(path) }

var (
	blue   = draw.NewColour("blue", 0x1f6fb4, 0x5aa9e6)
	orange = draw.NewColour("orange", 0xd95f02, 0xff9248)
	grey   = draw.NewColour("grey", 0x6a7078, 0x9aa2ab) // what is not distinguishable from 0
)

// palette has colours that also differ in lightness, after Okabe and Ito. More lines repeat them dashed.
var palette = []draw.Colour{blue, orange,
	draw.NewColour("green", 0x009e73, 0x3cc79c), draw.NewColour("pink", 0xcc79a7, 0xe59cc5),
	draw.NewColour("brown", 0x8c6b1f, 0xc9a24a), draw.NewColour("sky", 0x56b4e9, 0x8fd0f5),
	draw.NewColour("violet", 0x6a51a3, 0xa894e0), draw.NewColour("slate", 0x555b61, 0xb9c0c8),
}

// stroke returns the line style of model i.
func stroke(i int, width float64) draw.Style {
	return draw.Style{Stroke: palette[i%len(palette)], Width: width, Dashed: i >= len(palette)}
}

// The faces of texts.
var (
	titles = draw.Face{Size: 15, Anchor: draw.Middle}
	labels = draw.Face{Size: 12} // names of models, of axes and so on
	ticks  = draw.Face{Size: 11}
)

var grid = draw.Style{Stroke: draw.Faint}

const (
	titleHeight = 32 // above a chart with a title
	margin      = 8  // around a chart
)

// The widest that a class name, which may appear in every row, and a model name, which has a line to itself,
// can be.
const (
	longestClass = 130
	longestModel = 200
)

// wider is how much wider than Helvetica the fonts are, such as DejaVu Sans and Verdana, that take its place
// in an SVG on some systems: texts have the room for that.
const wider = 1.18

// newPicture returns a picture of that size, wide enough for its title and higher by it, and the box that is
// left. Those who do not see it are told its title, or else its kind, and what it shows.
func newPicture(title, kind, shows string, width, height float64) (*draw.Picture, draw.Box) {
	top := 0.0
	width = max(width, wider*titles.Width(title)+2*margin)
	if title != "" {
		top = titleHeight
	}
	p := &draw.Picture{Width: width, Height: height + top, Title: cmp.Or(title, kind), Description: shows}
	p.Text(titles, draw.At(width/2, titleHeight/2), title)
	return p, draw.Box{Left: margin, Top: top + margin, Right: width - margin, Bottom: height + top - margin}
}

// drawable reports whether a value is finite and small enough that differences do not overflow.
func drawable(v float64) bool { return math.Abs(v) < 1e100 }

// formatNumber formats a number as strconv.FormatFloat does, with a minus sign, which is longer than a
// hyphen.
func formatNumber(v float64, format byte, precision int) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, format, precision, 64), "-", "\u2212")
}

// anchored returns a face with another anchor.
func anchored(f draw.Face, a draw.Anchor) draw.Face {
	f.Anchor = a
	return f
}

// widest returns the room that the widest text needs.
func widest(f draw.Face, names []string) float64 {
	width := 0.0
	for _, n := range names {
		width = max(width, wider*f.Width(n))
	}
	return width
}
