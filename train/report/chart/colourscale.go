package chart

import (
	"image"
	"image/color"
	"math"
	"strconv"

	"github.com/hqvit/hqvit/internal/draw"
)

// scale maps multiples of an even share to colours, by their logarithm: 1 has no colour, and half and twice
// are equally far from it in opposite directions. It runs from 1/limit to limit.
type scale struct {
	limit float64
	log   float64 // of the limit
}

// newScale returns a scale for some multiples, none negative.
func newScale(shares []float64) scale {
	const least, most = 1.25, 8 // values that differ by rounding must not get the strongest colours
	limit := least
	for _, v := range shares {
		limit = max(limit, v, 1/max(v, 1.0/most))
	}
	limit = min(limit, most) // larger multiples have the colour of the largest
	return scale{limit, math.Log(limit)}
}

// The ends of a scale: less and more attention than an even share.
var cold, warm = color.NRGBA{0x1d, 0x5f, 0xd6, 0xff}, color.NRGBA{0xff, 0x7a, 0x00, 0xff}

// position returns the position of a multiple on the scale, in [-1,1].
func (s scale) position(v float64) float64 {
	return min(max(math.Log(max(v, 1/s.limit))/s.log, -1), 1)
}

// blend returns the colour of a multiple over a grey one.
func (s scale) blend(grey uint8, v float64) color.NRGBA {
	away, heat := s.position(v), warm
	if away < 0 {
		away, heat = -away, cold
	}
	weight := 0.0
	if away >= 1e-3 {
		weight = 0.85 * math.Pow(away, 0.75)
	}
	mix := func(c uint8) uint8 { return level(uint8((1-weight)*float64(grey) + weight*float64(c))) }
	return color.NRGBA{mix(heat.R), mix(heat.G), mix(heat.B), 0xff}
}

// level returns the nearest of 64 levels below, spread over all 256. Nobody sees the difference, and the file
// of a map is a third smaller.
func level(c uint8) uint8 { return c&^3 | c>>6 }

// overlay returns the picture in grey with the map over it, interpolated between the middles of the patches.
// It is enlarged to at least that many pixels on a side. Without a map, the picture keeps its own colours.
func (s *scale) overlay(picture image.Image, shares []float64, pixels int) image.Image {
	b := picture.Bounds()
	factor := (pixels + b.Dx() - 1) / b.Dx()
	big := image.NewNRGBA(image.Rect(0, 0, b.Dx()*factor, b.Dy()*factor))
	width, height := big.Rect.Dx(), big.Rect.Dy()
	for i := range b.Dx() * b.Dy() {
		left, top := i%b.Dx(), i/b.Dx()
		own := color.NRGBAModel.Convert(picture.At(b.Min.X+left, b.Min.Y+top)).(color.NRGBA)
		grey := uint8(0.299*float64(own.R) + 0.587*float64(own.G) + 0.114*float64(own.B))
		for y := top * factor; y < (top+1)*factor; y++ {
			for x := left * factor; x < (left+1)*factor; x++ {
				c := own
				if len(shares) > 0 {
					c = s.blend(grey, interpolate(shares, (float64(x)+0.5)/float64(width),
						(float64(y)+0.5)/float64(height)))
					c.A = own.A
				}
				big.SetNRGBA(x, y, c)
			}
		}
	}
	return big
}

// interpolate returns the value of a map at a place in [0,1]², bilinear between the middles of patches and
// constant beyond the outermost.
func interpolate(shares []float64, x, y float64) float64 {
	side := int(math.Round(math.Sqrt(float64(len(shares)))))
	place := func(v float64) (low, high int, part float64) {
		v = min(max(v*float64(side)-0.5, 0), float64(side-1))
		low = int(v)
		return low, min(low+1, side-1), v - float64(low)
	}
	left, right, across := place(x)
	top, bottom, down := place(y)
	row := func(r int) float64 { return (1-across)*shares[r*side+left] + across*shares[r*side+right] }
	return (1-down)*row(top) + down*row(bottom)
}

// The space that a scale takes beside a map.
const (
	barGap    = 6.0
	barWidth  = 9.0
	barLabels = 40.0
)

// paint draws the scale, with round numbers, at a left edge from top to bottom.
func (s scale) paint(p *draw.Picture, left, top, bottom float64) {
	const shades = 128
	bar := image.NewNRGBA(image.Rect(0, 0, 1, shades))
	for y := range shades {
		bar.SetNRGBA(0, shades-1-y, s.blend(0x80, math.Pow(s.limit, 2*float64(y)/(shades-1)-1)))
	}
	box := draw.Box{Left: left, Top: top, Right: left + barWidth, Bottom: bottom}
	p.Image(box, bar)
	for _, t := range s.ticks() {
		y := top + (1-s.position(t.value))/2*box.Height()
		p.Line(draw.Style{Stroke: draw.Ink, Width: 0.7}, draw.At(box.Right, y), draw.At(box.Right+3, y))
		p.Text(ticks, draw.At(box.Right+6, y), t.label+"×")
	}
}

// ticks returns the numbers beside the colours: 1, and those that leave room to each other.
func (s scale) ticks() []tick {
	marks := []tick{{1, "1"}}
	for _, v := range []float64{1.25, 1.5, 2, 4, 8} {
		if v <= 1.01*s.limit && (s.limit < 1.5 || v >= 1.5) && (s.limit < 2.5 || v >= 2) {
			marks = append(marks, tick{v, strconv.FormatFloat(v, 'g', 3, 64)},
				tick{1 / v, strconv.FormatFloat(1/v, 'g', 3, 64)})
		}
	}
	return marks
}
