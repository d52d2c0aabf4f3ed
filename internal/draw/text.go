package draw

import (
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Anchor is the part of a text that stands at its point.
type Anchor int

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// Face is how a text looks.
type Face struct {
	Size   float64 // height of the font in pixels
	Anchor Anchor
	Colour Colour // the zero Colour: Ink
	Up     bool   // written from bottom to top
}

type text struct {
	at   Point
	text string
	face Face
}

// Text writes a line of text, vertically centred on the point.
func (p *Picture) Text(f Face, at Point, s string) {
	if f.Colour == (Colour{}) {
		f.Colour = Ink
	}
	if s = Printable(s); s != "" {
		p.shapes = append(p.shapes, text{at, s, f})
	}
}

// capHeight is the height of a capital letter above the line, for a font of size 1.
const capHeight = 0.72

// goRegular is as wide as Helvetica, Arial and Liberation Sans, to a hundredth or two; it is parsed once.
var goRegular = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
})

// unit is the size at which glyphs are measured.
const unit = 1000

// Width returns the width of a text.
func (f Face) Width(s string) float64 {
	var b sfnt.Buffer
	width := 0.0
	for _, r := range Printable(s) {
		_, advance := glyph(&b, r)
		width += advance
	}
	return width * f.Size
}

// glyph returns the glyph of a character, 0 if the font has none, and its width at size 1.
func glyph(b *sfnt.Buffer, r rune) (sfnt.GlyphIndex, float64) {
	index, err := goRegular().GlyphIndex(b, r)
	if err != nil {
		return 0, 0
	}
	switch r {
	case '-':
		return index, hyphenWidth
	case '0':
		index = plainZero()
	}
	advance, err := goRegular().GlyphAdvance(b, index, fixed.I(unit), font.HintingNone)
	if err != nil {
		return 0, 0
	}
	if index == 0 {
		return 0, 1 // such as Chinese, whose characters are as wide as high
	}
	return index, float64(advance) / 64 / unit
}

// outlineOf returns the outline of a character, at the size of a unit.
func outlineOf(b *sfnt.Buffer, r rune) sfnt.Segments {
	if r == '-' {
		return hyphen
	}
	index, _ := glyph(b, r)
	segments, err := goRegular().LoadGlyph(b, index, fixed.I(unit), nil)
	if err != nil {
		return nil
	}
	return segments
}

// hyphenWidth is that of Helvetica. The hyphen of the Go font is as wide as its minus sign, and looks like
// one.
const hyphenWidth = 0.333

// hyphen is a bar at the height and of the thickness of the Go font's.
var hyphen = func() sfnt.Segments {
	const left, right, top, bottom = 42, 291, -326, -253
	corner := func(op sfnt.SegmentOp, x, y int) sfnt.Segment {
		return sfnt.Segment{Op: op, Args: [3]fixed.Point26_6{fixed.P(x, y)}}
	}
	return sfnt.Segments{corner(sfnt.SegmentOpMoveTo, left, bottom), corner(sfnt.SegmentOpLineTo, left, top),
		corner(sfnt.SegmentOpLineTo, right, top), corner(sfnt.SegmentOpLineTo, right, bottom)}
}()

// plainZero returns the zero without a stroke through it, which has no character of its own.
var plainZero = sync.OnceValue(func() sfnt.GlyphIndex {
	var b sfnt.Buffer
	for i := range goRegular().NumGlyphs() {
		if name, err := goRegular().GlyphName(&b, sfnt.GlyphIndex(i)); err == nil && name == "zero.empty" {
			return sfnt.GlyphIndex(i)
		}
	}
	zero, _ := goRegular().GlyphIndex(&b, '0')
	return zero
})

// Cut returns the beginning of a text that is not wider than that, with an ellipsis if anything is left out.
func (f Face) Cut(s string, width float64) string {
	s = Printable(s)
	if f.Width(s) <= width {
		return s
	}
	room, end := width-f.Width("…"), 0
	var b sfnt.Buffer
	for i, r := range s {
		_, advance := glyph(&b, r)
		if room -= advance * f.Size; room < 0 && i > 0 {
			break
		}
		end = i + len(string(r))
	}
	return s[:end] + "…"
}
