package chart

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"

	"golang.org/x/image/draw"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// scale maps values to colours.
type scale struct {
	min, max float64
	// diverging scales map the logarithm of multiples: 1 has no colour, and half and twice are equally far
	// from it in opposite directions.
	diverging bool
}

// newDivergingScale returns a diverging scale for multiples, none negative.
func newDivergingScale(values []float64) scale {
	const least, most = 1.25, 8 // larger multiples have the colour of the largest
	limit := least
	for _, v := range values {
		limit = max(limit, v, 1/max(v, 1.0/most))
	}
	limit = min(limit, most)
	return scale{1 / limit, limit, true}
}

// cold and warm are the ends of a diverging scale.
var cold, warm = color.NRGBA{0x1d, 0x5f, 0xd6, 0xff}, color.NRGBA{0xff, 0x7a, 0x00, 0xff}

// position returns the position of a value on the scale, in [0,1].
func (s scale) position(v float64) float64 {
	if s.diverging {
		return min(max((math.Log(max(v, s.min))/math.Log(s.max)+1)/2, 0), 1)
	}
	return min(max((v-s.min)/(s.max-s.min), 0), 1)
}

// blend returns the colour of a value over a grey one.
func (s scale) blend(grey uint8, v float64) color.NRGBA {
	heat, weight := s.colour(v), 0.6
	if s.diverging {
		away := 2*s.position(v) - 1
		heat, weight = warm, 0.85*math.Pow(math.Abs(away), 0.75)
		if away < 0 {
			heat = cold
		}
		if math.Abs(away) < 1e-3 {
			weight = 0
		}
	}
	mix := func(c uint8) uint8 { return uint8((1-weight)*float64(grey) + weight*float64(c)) }
	return color.NRGBA{mix(heat.R), mix(heat.G), mix(heat.B), 0xff}
}

// ticks returns the numbers beside the colours.
func (s scale) ticks() []plot.Tick {
	if !s.diverging {
		return ticks(s.min, s.max, 5, false)
	}
	marks := []plot.Tick{{Value: 1, Label: "1"}}
	for _, v := range []float64{1.25, 1.5, 2, 4, 8} {
		if v <= 1.01*s.max && (s.max < 2.5 || v == math.Trunc(v)) {
			marks = append(marks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 3, 64)},
				plot.Tick{Value: 1 / v, Label: strconv.FormatFloat(1/v, 'g', 2, 64)})
		}
	}
	return marks
}

// minSpan is the least length of a scale: values that differ by rounding must not get the strongest colours.
const minSpan = 0.1

// newScale returns a linear scale from the smallest to the largest value.
func newScale(values []float64) scale {
	var s scale
	s.min, s.max = widenRange(slices.Min(values), slices.Max(values), minSpan)
	return s
}

// overlay returns the picture in grey with its patches coloured, enlarged so that it stays sharp, unless it
// should be small. Without shares, the picture keeps its own colours.
func (s scale) overlay(picture image.Image, shares []float64, small bool) image.Image {
	least := 336 // pixels on a side
	if small {
		least = 1
	}
	big := enlarge(picture, (least+picture.Bounds().Dx()-1)/picture.Bounds().Dx())
	if len(shares) == 0 {
		return big
	}
	patches := int(math.Round(math.Sqrt(float64(len(shares)))))
	for y := range big.Rect.Dy() {
		for x := range big.Rect.Dx() {
			patch := y*patches/big.Rect.Dy()*patches + x*patches/big.Rect.Dx()
			at := big.Pix[big.PixOffset(x, y):]
			c := s.blend(uint8(luma(color.NRGBA{at[0], at[1], at[2], 0xff})), shares[patch])
			at[0], at[1], at[2] = c.R, c.G, c.B
		}
	}
	return big
}

// enlarge returns the picture with a square of pixels for each pixel.
func enlarge(picture image.Image, factor int) *image.NRGBA {
	b := picture.Bounds()
	factor = max(1, factor)
	big := image.NewNRGBA(image.Rect(0, 0, b.Dx()*factor, b.Dy()*factor))
	draw.NearestNeighbor.Scale(big, big.Bounds(), picture, b, draw.Src, nil)
	return big
}

// inferno is a colour map from dark to bright whose brightness rises evenly.
// Source: matplotlib's colour map of that name (S. van der Walt, N. Smith, CC0), every 32nd colour.
var inferno = []color.NRGBA{
	{0x00, 0x00, 0x04, 0xff}, {0x1f, 0x0c, 0x48, 0xff}, {0x55, 0x0f, 0x6d, 0xff}, {0x88, 0x22, 0x6a, 0xff},
	{0xba, 0x36, 0x55, 0xff},
	{0xe3, 0x59, 0x33, 0xff}, {0xf9, 0x8c, 0x0a, 0xff}, {0xf9, 0xc9, 0x32, 0xff}, {0xfc, 0xff, 0xa4, 0xff},
}

// colour returns the colour of a value on a linear scale.
func (s scale) colour(v float64) color.NRGBA {
	at := s.position(v) * float64(len(inferno)-1)
	i := min(int(at), len(inferno)-2)
	from, to, rest := inferno[i], inferno[i+1], at-float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + rest*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff}
}

// paint draws the scale with round values beside it.
func (s scale) paint(c vgdraw.Canvas, box vg.Rectangle) {
	const shades = 256
	bar := image.NewNRGBA(image.Rect(0, 0, 1, shades))
	for y := range shades {
		height := float64(y) / (shades - 1)
		value := s.colour(s.min + (s.max-s.min)*height)
		if s.diverging {
			value = s.blend(0x80, math.Pow(s.max, 2*height-1))
		}
		bar.SetNRGBA(0, shades-1-y, value)
	}
	c.DrawImage(box, bar)
	drawOutline(c, box)
	style := tickStyle(text.XLeft, text.YCenter)
	for _, t := range s.ticks() {
		if t.Value < 0.999*s.min || t.Value > 1.001*s.max {
			continue
		}
		y := box.Min.Y + box.Size().Y*vg.Length(s.position(t.Value))
		c.StrokeLine2(vgdraw.LineStyle{Color: ink, Width: 0.5}, box.Max.X, y, box.Max.X+3, y)
		c.FillText(style, vg.Point{X: box.Max.X + 6, Y: y}, t.Label+"×")
	}
}
