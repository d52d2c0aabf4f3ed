package chart

import (
	"image"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/draw"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// page is rows of panels, each row with its scale of colours on the right.
type page struct{ rows []row }

type row struct {
	side     vg.Length // of a panel
	scale    scale
	panels   []panel
	headings [][]string // the lines above each panel
}

// panel is a picture, with a map over it or without.
type panel struct {
	name, note string
	picture    image.Image
	shares     []float64 // one for each patch; nil: the picture alone
	mistake    bool      // the note is of a mistake
	small      bool      // with few pixels
}

const (
	margin    = 14
	gap       = 12 // between panels
	captions  = 16 // room for a line of the name above a panel
	notes     = 16 // room for the note below
	barWidth  = 10
	barLabels = 40
)

func (p *page) row(side vg.Length, s scale, panels ...panel) {
	headings := make([][]string, len(panels))
	for i, one := range panels {
		headings[i] = headingLines(one.name, side)
	}
	p.rows = append(p.rows, row{side, s, panels, headings})
}

func (r row) width() vg.Length {
	return vg.Length(len(r.panels))*(r.side+gap) + barWidth + barLabels
}

// noted is the room below the panels of a row.
func (r row) noteHeight() vg.Length {
	if slices.ContainsFunc(r.panels, func(p panel) bool { return p.note != "" }) {
		return notes
	}
	return 0
}

// named is the room above the panels of a row.
func (r row) headingHeight() vg.Length {
	lines := 0
	for _, h := range r.headings {
		lines = max(lines, len(h))
	}
	return vg.Length(lines) * captions
}

// heading returns the lines of a name above a panel. Where it is too wide, a model's last change, or else its last part, stands below the model: names
// that start alike differ there.
func headingLines(name string, side vg.Length) []string {
	if name == "" {
		return nil
	}
	style, lines, room := tickStyle(text.XCenter, text.YTop), []string{name}, side+gap/2
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		at = strings.LastIndexByte(name, '-')
	}
	if at > 0 && style.Width(printable(name)) > room {
		lines = []string{name[:at], name[at:]}
	}
	for i := range lines {
		lines[i] = truncateToWidth(style, lines[i], room)
	}
	return lines
}

func (r row) height() vg.Length { return r.headingHeight() + r.side + r.noteHeight() }

func (p *page) write(w io.Writer, f Format, title string) error {
	width, height := vg.Length(0), vg.Length(margin)
	for _, r := range p.rows {
		width, height = max(width, r.width()), height+r.height()+gap
	}
	return writeAs(w, f, title, width+2*margin, height, func(c vgdraw.Canvas) {
		top := c.Max.Y - 4
		for _, r := range p.rows {
			r.paint(c, vg.Point{X: c.Min.X + (c.Size().X-r.width())/2, Y: top})
			top -= r.height() + gap
		}
	})
}

// paint draws a row whose top left corner is at.
func (r row) paint(c vgdraw.Canvas, at vg.Point) {
	style := tickStyle(text.XCenter, text.YTop)
	bottom := at.Y - r.headingHeight() - r.side
	left, mapped := at.X, false
	for n, p := range r.panels {
		middle, style, lines := left+r.side/2, style, r.headings[n]
		for i, line := range lines { // the last one stands on the panel
			c.FillText(style, vg.Point{X: middle, Y: bottom + r.side + captions*vg.Length(len(lines)-i)}, line)
		}
		box := vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: left + r.side, Y: bottom + r.side}}
		if p.picture != nil {
			c.DrawImage(box, r.scale.overlay(p.picture, p.shares, p.small))
			drawOutline(c, box)
		}
		if p.mistake {
			style.Color = orange
		}
		if p.note != "" {
			c.FillText(style, vg.Point{X: middle, Y: bottom - 4}, truncateToWidth(style, p.note, r.side+gap))
		}
		left, mapped = left+r.side+gap, mapped || p.shares != nil
	}
	if mapped {
		box := vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: left + barWidth, Y: bottom + r.side}}
		r.scale.paint(c, box)
	}
}

func drawOutline(c vgdraw.Canvas, box vg.Rectangle) {
	c.StrokeLines(vgdraw.LineStyle{Color: faint, Width: 0.5},
		[]vg.Point{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}, box.Min})
}

// fitted cuts a text that is wider than its place.
func truncateToWidth(style text.Style, s string, width vg.Length) string {
	s = printable(s)
	for r := []rune(s); style.Width(s) > width && len(r) > 1; {
		r = r[:len(r)-1]
		s = string(r) + "…"
	}
	return s
}

// scale maps values to colours.
type scale struct {
	min, max float64
	// even scales are of multiples, by their logarithm: 1 has no colour, half and twice are as far from it, on two sides.
	diverging bool
}

// newEvenScale returns the even scale of some multiples that are not negative.
func newDivergingScale(values []float64) scale {
	const least, most = 1.25, 8 // a larger multiple has the colour of the largest
	limit := least
	for _, v := range values {
		limit = max(limit, v, 1/max(v, 1.0/most))
	}
	limit = min(limit, most)
	return scale{1 / limit, limit, true}
}

// cold and warm are the ends of an even scale.
var cold, warm = color.NRGBA{0x1d, 0x5f, 0xd6, 0xff}, color.NRGBA{0xff, 0x7a, 0x00, 0xff}

// share returns where a value is on the scale, in [0,1].
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

// ticks returns where numbers stand beside the colours.
func (s scale) ticks() []plot.Tick {
	if !s.diverging {
		return ticks(s.min, s.max, 5, false)
	}
	marks := []plot.Tick{{Value: 1, Label: "1"}}
	for _, v := range []float64{1.25, 1.5, 2, 4, 8} {
		if v <= 1.01*s.max && (s.max < 2.5 || v == math.Trunc(v)) {
			marks = append(marks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 3, 64)}, plot.Tick{Value: 1 / v, Label: strconv.FormatFloat(1/v, 'g', 2, 64)})
		}
	}
	return marks
}

// leastSpan keeps what is even but for rounding from being shown in the strongest colours.
const minSpan = 0.1

func newScale(values []float64) scale {
	var s scale
	s.min, s.max = widenRange(slices.Min(values), slices.Max(values), minSpan)
	return s
}

// over returns the picture in grey with the patches coloured, large enough to stay sharp unless it is to be small; without shares, in its own
// colours.
func (s scale) overlay(picture image.Image, shares []float64, small bool) image.Image {
	least := 336 // pixels of a side
	if small {
		least = 1
	}
	big := enlarge(picture, (least+picture.Bounds().Dx()-1)/picture.Bounds().Dx())
	if shares == nil {
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

// enlarged returns the picture with a square of pixels for each.
func enlarge(picture image.Image, factor int) *image.NRGBA {
	b := picture.Bounds()
	factor = max(1, factor)
	big := image.NewNRGBA(image.Rect(0, 0, b.Dx()*factor, b.Dy()*factor))
	draw.NearestNeighbor.Scale(big, big.Bounds(), picture, b, draw.Src, nil)
	return big
}

// inferno is dark for little and bright for much, and its brightness rises evenly.
// Source: the colour map of that name of matplotlib (S. van der Walt, N. Smith, CC0), every 32nd colour.
var inferno = []color.NRGBA{
	{0x00, 0x00, 0x04, 0xff}, {0x1f, 0x0c, 0x48, 0xff}, {0x55, 0x0f, 0x6d, 0xff}, {0x88, 0x22, 0x6a, 0xff}, {0xba, 0x36, 0x55, 0xff},
	{0xe3, 0x59, 0x33, 0xff}, {0xf9, 0x8c, 0x0a, 0xff}, {0xf9, 0xc9, 0x32, 0xff}, {0xfc, 0xff, 0xa4, 0xff},
}

func (s scale) colour(v float64) color.NRGBA {
	at := s.position(v) * float64(len(inferno)-1)
	i := min(int(at), len(inferno)-2)
	from, to, share := inferno[i], inferno[i+1], at-float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + share*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff}
}

// paint draws the colours with round values beside them.
func (s scale) paint(c vgdraw.Canvas, box vg.Rectangle) {
	const shades = 256
	bar := image.NewNRGBA(image.Rect(0, 0, 1, shades))
	for y := range shades {
		share := float64(y) / (shades - 1)
		value := s.colour(s.min + (s.max-s.min)*share)
		if s.diverging {
			value = s.blend(0x80, math.Pow(s.max, 2*share-1))
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
