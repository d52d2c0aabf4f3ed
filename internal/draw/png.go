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

// canvas paints areas.
type canvas struct {
	*image.RGBA
	area vector.Rasterizer
	path []segment
}

// segment is a part of the outline of an area, in pixels of the PNG: to the last of its points, with the
// others as the control points of a curve.
type segment struct {
	moves  bool // begins a new outline there
	points []Point
}

func (p *Picture) encodePNG(out *bytes.Buffer) error {
	size := image.Rect(0, 0, int(math.Ceil(scale*p.Width)), int(math.Ceil(scale*p.Height)))
	c := canvas{RGBA: image.NewRGBA(size)}
	draw.Draw(c.RGBA, size, image.NewUniform(Paper.Light), image.Point{}, draw.Src)
	for _, s := range p.shapes {
		s.raster(&c)
	}
	// a third of the time for a quarter more
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, c.RGBA)
}

// add adds a segment to the area.
func (c *canvas) add(moves bool, points ...Point) { c.path = append(c.path, segment{moves, points}) }

// fill paints the area and begins a new one.
func (c *canvas) fill(hue Colour, opacity float64) {
	shade := hue.Light
	if opacity != 0 {
		shade.A = uint8(math.Round(255 * opacity))
	}
	box := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, s := range c.path {
		for _, q := range s.points {
			box = Box{min(box.Left, q.X), min(box.Top, q.Y), max(box.Right, q.X), max(box.Bottom, q.Y)}
		}
	}
	// A rasterizer goes over all of its pixels, so that it is no larger than the area.
	full := c.Bounds()
	bounds := image.Rect(int(max(box.Left, 0)), int(max(box.Top, 0)),
		int(min(box.Right, float64(full.Dx())))+1, int(min(box.Bottom, float64(full.Dy())))+1).Intersect(full)
	if box.Left <= box.Right && !bounds.Empty() {
		c.area.Reset(bounds.Dx(), bounds.Dy())
		c.trace(float64(bounds.Min.X), float64(bounds.Min.Y))
		c.area.Draw(c.RGBA, bounds, image.NewUniform(color.NRGBA(shade)), image.Point{})
	}
	c.path = c.path[:0]
}

// trace gives the path to the rasterizer, whose origin is at (left, top).
func (c *canvas) trace(left, top float64) {
	at := func(q Point) (float32, float32) { return float32(q.X - left), float32(q.Y - top) }
	for _, s := range c.path {
		x, y := at(s.points[len(s.points)-1])
		switch {
		case s.moves:
			c.area.ClosePath()
			c.area.MoveTo(x, y)
		case len(s.points) == 1:
			c.area.LineTo(x, y)
		case len(s.points) == 2:
			x1, y1 := at(s.points[0])
			c.area.QuadTo(x1, y1, x, y)
		default:
			x1, y1 := at(s.points[0])
			x2, y2 := at(s.points[1])
			c.area.CubeTo(x1, y1, x2, y2, x, y)
		}
	}
	c.area.ClosePath()
}

// polygon adds a polygon to the area. Overlapping ones of one orientation are one area.
func (c *canvas) polygon(points ...Point) {
	for i, q := range points {
		c.add(i == 0, At(scale*q.X, scale*q.Y))
	}
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
	draw.NearestNeighbor.Scale(c.RGBA, box, i.image, i.image.Bounds(), draw.Over, nil)
}

// raster fills the outlines of the glyphs.
func (t text) raster(c *canvas) {
	f := t.face
	size, along := f.Size, -f.Width(t.text)*float64(f.Anchor)/2
	// place turns a point of a glyph into one of the PNG.
	place := func(q fixed.Point26_6) Point {
		x, y := along+size*float64(q.X)/64/unit, capHeight/2*size+size*float64(q.Y)/64/unit
		if f.Up {
			return At(scale*(t.at.X+y), scale*(t.at.Y-x))
		}
		return At(scale*(t.at.X+x), scale*(t.at.Y+y))
	}
	var b sfnt.Buffer
	for _, r := range t.text {
		_, advance := glyph(&b, r)
		for _, s := range outlineOf(&b, r) {
			points, count := make([]Point, len(s.Args)), 1
			switch s.Op {
			case sfnt.SegmentOpQuadTo:
				count = 2
			case sfnt.SegmentOpCubeTo:
				count = 3
			}
			for i := range count {
				points[i] = place(s.Args[i])
			}
			c.add(s.Op == sfnt.SegmentOpMoveTo, points[:count]...)
		}
		along += size * advance
	}
	c.fill(f.Colour, 0)
}
