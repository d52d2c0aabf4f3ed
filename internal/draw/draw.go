// Package draw makes small pictures of lines, areas, texts and images, written as SVG or PNG. Coordinates are
// pixels from the top left, y downwards.
//
// An SVG needs no other file, says what it shows to those who do not see it, and has a dark style for readers
// who prefer one. A PNG has two pixels for each, in the light style. Equal pictures give equal bytes.
package draw

import (
	"bytes"
	"image"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/pkg/errors"
)

// Point is a place in a picture.
type Point struct{ X, Y float64 }

// At returns a point.
func At(x, y float64) Point { return Point{x, y} }

// Box is a rectangle.
type Box struct{ Left, Top, Right, Bottom float64 }

// Around returns the box around a point with half the width x and half the height y.
func Around(p Point, x, y float64) Box { return Box{p.X - x, p.Y - y, p.X + x, p.Y + y} }

// Width returns the width of a box.
func (b Box) Width() float64 { return b.Right - b.Left }

// Height returns the height of a box.
func (b Box) Height() float64 { return b.Bottom - b.Top }

// Contains reports whether b covers all of c.
func (b Box) Contains(c Box) bool {
	return b.Left <= c.Left && c.Right <= b.Right && b.Top <= c.Top && c.Bottom <= b.Bottom
}

// Overlaps reports whether two boxes have a common point inside.
func (b Box) Overlaps(c Box) bool {
	return b.Left < c.Right && c.Left < b.Right && b.Top < c.Bottom && c.Top < b.Bottom
}

// Colour is a colour on light pages and its counterpart on dark ones. Equal names are equal colours; the zero
// Colour is none.
type Colour struct {
	Name        string // a class of the SVG
	Light, Dark color.NRGBA
}

// The colours of what is not data.
var (
	Paper = Colour{"paper", rgb(0xffffff), rgb(0x14171b)}
	Ink   = Colour{"ink", rgb(0x1b1f24), rgb(0xe4e7eb)}
	Faint = Colour{"faint", rgb(0xd8dee4), rgb(0x353b43)}
)

// NewColour returns a colour of two hexadecimal numbers such as 0xff8000.
func NewColour(name string, light, dark uint32) Colour { return Colour{name, rgb(light), rgb(dark)} }

func rgb(c uint32) color.NRGBA { return color.NRGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 0xff} }

// Style is how an area or a line looks. A shape is either filled or stroked.
type Style struct {
	Fill, Stroke Colour
	Width        float64 // of the stroke; 0: 1 pixel
	Opacity      float64 // 0: opaque
	Dashed       bool
}

// Format is a file format.
type Format int

// The formats.
const (
	SVG Format = iota
	PNG
)

// FormatOf returns the format for a file name. It returns an error unless the name ends in .svg or .png.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".svg":
		return SVG, nil
	case ".png":
		return PNG, nil
	}
	return 0, errors.Errorf("file %q, want a name that ends in .svg or .png", path)
}

// Picture is a list of shapes, each over those before it.
type Picture struct {
	Width, Height float64
	Title         string // for those who do not see the picture, and those who point at it
	Description   string
	shapes        []shape
}

// shape is one shape: an outline, a circle, a text or an image.
type shape interface {
	svg(*svgWriter)
	raster(*canvas)
}

type outline struct {
	points []Point
	closed bool
	style  Style
}

type circle struct {
	at     Point
	radius float64
	style  Style
}

type picture struct {
	box   Box
	image image.Image
}

// Line draws a line from point to point. Points that are not finite are left out.
func (p *Picture) Line(s Style, points ...Point) { p.outline(points, false, s) }

// Polygon draws an area.
func (p *Picture) Polygon(s Style, points ...Point) { p.outline(points, true, s) }

// Rect draws a rectangle.
func (p *Picture) Rect(s Style, b Box) {
	p.Polygon(s, At(b.Left, b.Top), At(b.Right, b.Top), At(b.Right, b.Bottom), At(b.Left, b.Bottom))
}

func (p *Picture) outline(points []Point, closed bool, s Style) {
	var drawn []Point
	for _, q := range points {
		if sum := q.X + q.Y; !math.IsNaN(sum) && !math.IsInf(sum, 0) {
			drawn = append(drawn, q)
		}
	}
	if len(drawn) > 1 {
		p.shapes = append(p.shapes, outline{drawn, closed, s})
	}
}

// Circle draws a circle.
func (p *Picture) Circle(s Style, at Point, radius float64) {
	p.shapes = append(p.shapes, circle{at, radius, s})
}

// Image draws an image over a box, its pixels enlarged to sharp rectangles. A nil or empty one leaves the box
// as it is.
func (p *Picture) Image(b Box, img image.Image) {
	if img != nil && !img.Bounds().Empty() {
		p.shapes = append(p.shapes, picture{b, img})
	}
}

// Write writes the picture. It returns the error of the writer.
func (p *Picture) Write(w io.Writer, f Format) error {
	var out bytes.Buffer
	encode := p.encodeSVG
	if f == PNG {
		encode = p.encodePNG
	}
	if err := encode(&out); err != nil {
		return errors.Wrap(err, "draw")
	}
	_, err := w.Write(out.Bytes())
	return errors.Wrap(err, "draw")
}

// Printable replaces characters that XML cannot hold or that would break the line.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}
