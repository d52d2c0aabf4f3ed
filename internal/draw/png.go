package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// scale is the number of pixels of a PNG for each of the picture.
const scale = 2

// canvas paints areas, in pixels of the PNG.
type canvas struct {
	*image.RGBA
	area *vector.Rasterizer
}

func (p *Picture) encodePNG(out *bytes.Buffer) error {
	size := image.Rect(0, 0, int(math.Ceil(scale*p.Width)), int(math.Ceil(scale*p.Height)))
	c := canvas{image.NewRGBA(size), vector.NewRasterizer(size.Dx(), size.Dy())}
	draw.Draw(c, size, image.NewUniform(Paper.Light), image.Point{}, draw.Src)
	for _, s := range p.shapes {
		s.raster(&c)
	}
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, c.RGBA)
}

// fill paints the area and begins a new one.
func (c *canvas) fill(hue Colour, opacity float64) {
	shade := hue.Light
	if opacity != 0 {
		shade.A = uint8(math.Round(255 * opacity))
	}
	c.area.Draw(c.RGBA, c.Bounds(), image.NewUniform(color.NRGBA(shade)), image.Point{})
	c.area.Reset(c.Bounds().Dx(), c.Bounds().Dy())
}

// polygon adds a polygon to the area. Overlapping ones of one orientation are one area.
func (c *canvas) polygon(points ...Point) {
	c.area.MoveTo(float32(scale*points[0].X), float32(scale*points[0].Y))
	for _, q := range points[1:] {
		c.area.LineTo(float32(scale*q.X), float32(scale*q.Y))
	}
	c.area.ClosePath()
}

func (o outline) raster(c *canvas) {
	if o.style.Fill != (Colour{}) {
		c.polygon(o.points...)
		c.fill(o.style.Fill, o.style.Opacity)
		return
	}
	points := o.points
	if o.closed {
		points = append(points[:len(points):len(points)], points[0])
	}
	half := 0.5
	if o.style.Width != 0 {
		half = o.style.Width / 2
	}
	for i, from := range points[:len(points)-1] {
		to := points[i+1]
		length := math.Hypot(to.X-from.X, to.Y-from.Y)
		if length == 0 {
			continue
		}
		ux, uy := (to.X-from.X)/length, (to.Y-from.Y)/length
		dash, gap := length, 0.0
		if o.style.Dashed {
			dash, gap = 5, 3
		}
		for at := 0.0; at < length; at += dash + gap {
			end := min(at+dash, length)
			a, b := Point{from.X + at*ux, from.Y + at*uy}, Point{from.X + end*ux, from.Y + end*uy}
			nx, ny := half*uy, half*ux
			c.polygon(Point{a.X + nx, a.Y - ny}, Point{b.X + nx, b.Y - ny}, Point{b.X - nx, b.Y + ny},
				Point{a.X - nx, a.Y + ny})
		}
		if i > 0 && half > 0.5 && !o.style.Dashed {
			c.disc(from, half)
		}
	}
	c.fill(o.style.Stroke, o.style.Opacity)
}

// disc adds a disc to the area, of the orientation of the segments of a line.
func (c *canvas) disc(at Point, radius float64) {
	const corners = 24
	points := make([]Point, corners)
	for i := range points {
		y, x := math.Sincos(2 * math.Pi * float64(i) / corners)
		points[i] = Point{at.X + radius*x, at.Y + radius*y}
	}
	c.polygon(points...)
}

func (d circle) raster(c *canvas) {
	c.disc(d.at, d.radius)
	c.fill(d.style.Fill, d.style.Opacity)
}

func (i picture) raster(c *canvas) {
	box := image.Rect(int(math.Round(scale*i.box.Left)), int(math.Round(scale*i.box.Top)),
		int(math.Round(scale*i.box.Right)), int(math.Round(scale*i.box.Bottom)))
	draw.NearestNeighbor.Scale(c, box, i.image, i.image.Bounds(), draw.Over, nil)
}

// raster fills the outlines of the glyphs.
func (t text) raster(c *canvas) {
	f := t.face
	size, along := f.Size, -f.Width(t.text)*float64(f.Anchor)/2
	// place turns what is along the line and above it into a point.
	place := func(x, y float64) (float32, float32) {
		y -= capHeight / 2 * size
		if f.Up {
			return float32(scale * (t.at.X - y)), float32(scale * (t.at.Y - x))
		}
		return float32(scale * (t.at.X + x)), float32(scale * (t.at.Y - y))
	}
	var b sfnt.Buffer
	for _, r := range t.text {
		index, advance := glyph(&b, r)
		segments, err := goRegular().LoadGlyph(&b, index, fixed.I(unit), nil)
		if err != nil {
			continue
		}
		at := func(p fixed.Point26_6) (float32, float32) {
			return place(along+size*float64(p.X)/64/unit, -size*float64(p.Y)/64/unit)
		}
		for _, s := range segments {
			x, y := at(s.Args[0])
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				c.area.ClosePath()
				c.area.MoveTo(x, y)
			case sfnt.SegmentOpLineTo:
				c.area.LineTo(x, y)
			case sfnt.SegmentOpQuadTo:
				x1, y1 := at(s.Args[1])
				c.area.QuadTo(x, y, x1, y1)
			case sfnt.SegmentOpCubeTo:
				x1, y1 := at(s.Args[1])
				x2, y2 := at(s.Args[2])
				c.area.CubeTo(x, y, x1, y1, x2, y2)
			}
		}
		c.area.ClosePath()
		along += size * advance
	}
	c.fill(f.Colour, 0)
}
