package draw

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"
)

// families are sans-serif fonts of the widths of goRegular, then any.
const families = "Helvetica, Arial, 'Liberation Sans', sans-serif"

// svgWriter collects the shapes and the colours in use.
type svgWriter struct {
	body    bytes.Buffer
	colours []Colour
	err     error
}

func (p *Picture) encodeSVG(out *bytes.Buffer) error {
	var w svgWriter
	fmt.Fprintf(&w.body, "<rect width=\"100%%\" height=\"100%%\"%s/>\n", w.style(Style{Fill: Paper}))
	for _, s := range p.shapes {
		s.svg(&w)
	}
	fmt.Fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%[1]s\" height=\"%[2]s\" "+
		"viewBox=\"0 0 %[1]s %[2]s\" role=\"img\" font-family=\"%[3]s\">\n",
		number(p.Width), number(p.Height), families)
	for _, t := range []struct{ tag, text string }{{"title", p.Title}, {"desc", p.Description}} {
		if t.text != "" {
			fmt.Fprintf(out, "<%[1]s>%[2]s</%[1]s>\n", t.tag, escape(Printable(t.text)))
		}
	}
	fmt.Fprint(out, "<style>\n")
	light, dark := "", ""
	for _, c := range w.colours {
		light += fmt.Sprintf(".%s{color:#%02x%02x%02x}", c.Name, c.Light.R, c.Light.G, c.Light.B)
		dark += fmt.Sprintf(".%s{color:#%02x%02x%02x}", c.Name, c.Dark.R, c.Dark.G, c.Dark.B)
	}
	fmt.Fprintf(out, "%s\n@media (prefers-color-scheme:dark){%s}\n</style>\n%s</svg>\n", light, dark, &w.body)
	return w.err
}

// style returns the attributes of a shape.
func (w *svgWriter) style(s Style) string {
	var b strings.Builder
	paint := func(name string, c Colour) {
		if c == (Colour{}) {
			fmt.Fprintf(&b, ` %s="none"`, name)
			return
		}
		fmt.Fprintf(&b, ` %s="currentColor"`, name)
	}
	// A shape has one colour, and what is filled needs no stroke of its own.
	main := s.Fill
	if main == (Colour{}) {
		main = s.Stroke
	}
	if main != (Colour{}) {
		if !slices.Contains(w.colours, main) {
			w.colours = append(w.colours, main)
		}
		fmt.Fprintf(&b, ` class="%s"`, main.Name)
	}
	paint("fill", s.Fill)
	if s.Fill == (Colour{}) {
		paint("stroke", s.Stroke)
		if s.Width != 0 && s.Width != 1 {
			fmt.Fprintf(&b, ` stroke-width="%s"`, number(s.Width))
		}
	}
	if s.Opacity != 0 && s.Opacity != 1 {
		fmt.Fprintf(&b, ` opacity="%s"`, number(s.Opacity))
	}
	if s.Dashed {
		b.WriteString(` stroke-dasharray="5 3"`)
	}
	return b.String()
}

func (o outline) svg(w *svgWriter) {
	var d strings.Builder
	for i, q := range o.points {
		letter := "L"
		switch {
		case i == 0:
			letter = "M"
		case q.Y == o.points[i-1].Y:
			letter = "H"
		case q.X == o.points[i-1].X:
			letter = "V"
		}
		d.WriteString(letter)
		if letter != "V" {
			d.WriteString(number(q.X))
		}
		if letter == "M" || letter == "L" {
			d.WriteByte(' ')
		}
		if letter != "H" {
			d.WriteString(number(q.Y))
		}
	}
	if o.closed {
		d.WriteByte('Z')
	}
	join := ""
	if !o.closed && len(o.points) > 2 {
		join = ` stroke-linejoin="round"`
	}
	fmt.Fprintf(&w.body, "<path%s%s d=\"%s\"/>\n", w.style(o.style), join, d.String())
}

func (c circle) svg(w *svgWriter) {
	fmt.Fprintf(&w.body, "<circle%s cx=\"%s\" cy=\"%s\" r=\"%s\"/>\n", w.style(c.style), number(c.at.X),
		number(c.at.Y), number(c.radius))
}

func (t text) svg(w *svgWriter) {
	baseline := capHeight / 2 * t.face.Size
	place := fmt.Sprintf(`x="%s" y="%s"`, number(t.at.X), number(t.at.Y+baseline))
	if t.face.Up {
		place = fmt.Sprintf(`transform="translate(%s %s) rotate(-90)"`,
			number(t.at.X+baseline), number(t.at.Y))
	}
	anchor := [...]string{"", ` text-anchor="middle"`, ` text-anchor="end"`}[t.face.Anchor]
	fmt.Fprintf(&w.body, "<text %s%s font-size=\"%s\"%s>%s</text>\n", place, anchor, number(t.face.Size),
		w.style(Style{Fill: t.face.Colour}), escape(t.text))
}

func (i picture) svg(w *svgWriter) {
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, i.image); err != nil {
		w.err = err
		return
	}
	fmt.Fprintf(&w.body, "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" preserveAspectRatio=\"none\" "+
		"style=\"image-rendering:pixelated\" href=\"data:image/png;base64,%s\"/>\n", number(i.box.Left),
		number(i.box.Top), number(i.box.Width()), number(i.box.Height()),
		base64.StdEncoding.EncodeToString(file.Bytes()))
}

// number writes a number with two decimals at most.
func number(v float64) string { return strconv.FormatFloat(math.Round(100*v)/100, 'f', -1, 64) }

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}
