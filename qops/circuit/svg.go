package circuit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// Sizes in the SVG, in pixels.
const (
	svgPitch  = 40  // from qubit to qubit
	svgBox    = 26  // height of a box
	svgChar   = 7.6 // width of a character
	svgGap    = 14  // between columns
	svgMargin = 12
	svgDot    = 4.5 // radius of a control
	svgPlus   = 10  // radius of a target
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" ` +
	`width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img">
<title>%[3]s</title>
<style>
text { font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b1f24; text-anchor: middle }
text.name { text-anchor: start; fill: #57606a }
line, path { stroke: #1b1f24; stroke-width: 1.4; fill: none }
line.qubit { stroke: #8c959f; stroke-width: 1 }
rect.box { stroke: #1b1f24; stroke-width: 1.2; fill: #ffffff }
rect.theta { fill: #ddf4ff } rect.data { fill: #fff1cf }
circle.control { fill: #1b1f24 } circle.target { fill: #ffffff; stroke: #1b1f24; stroke-width: 1.4 }
</style>
<rect width="100%%" height="100%%" fill="#ffffff"/>
`

// WriteSVG writes the circuit as a picture that needs no other file. Boxes with a trainable angle are blue,
// with an input amber; a gate shows its name when the mouse points at it. Rows are at most width pixels wide
// if every gate fits; width 0 or less means one row. It returns the error of the circuit and that of w.
func (c *Circuit) WriteSVG(w io.Writer, width int) error {
	if err := c.Err(); err != nil {
		return err
	}
	if w == nil {
		return errors.New("circuit: WriteSVG: the writer is nil")
	}
	return c.picture().writeSVG(w, width)
}

// WriteSVG writes the circuit as a picture, as that of a Circuit, with the names of registers.
func (d *Dynamic) WriteSVG(w io.Writer, width int) error {
	if err := d.Err(); err != nil {
		return err
	}
	if w == nil {
		return errors.New("circuit: WriteSVG: the writer is nil")
	}
	return d.picture().writeSVG(w, width)
}

func (p *picture) writeSVG(w io.Writer, width int) error {
	columns := p.columns
	widths := make([]int, len(columns))
	for i, column := range columns {
		widths[i] = svgColumnWidth(column)
	}
	longest := 0
	for _, name := range p.names {
		longest = max(longest, utf8.RuneCountInString(name))
	}
	left := svgMargin + int(svgChar*float64(longest)) + 10
	limit := 0
	if width > 0 {
		limit = max(1, width-left-svgMargin)
	}
	out := svgPicture{picture: p}
	right, top := left, svgMargin
	for _, row := range wrapColumns(widths, limit) {
		right = max(right, out.row(columns[row[0]:row[1]], widths[row[0]:row[1]], left, top))
		top += len(p.names)*svgPitch + svgGap
	}
	_, err := fmt.Fprintf(w, svgHead+"%[4]s</svg>\n",
		strconv.Itoa(right+svgMargin), strconv.Itoa(top-svgGap+svgMargin), escape(p.title), out.body.String())
	return err
}

// svgColumnWidth returns the width of the widest gate with the gap after it.
func svgColumnWidth(column []item) int {
	w := svgBox
	for _, it := range column {
		for _, c := range it.cells {
			w = max(w, svgBoxWidth(c.text))
		}
	}
	return w + svgGap
}

func svgBoxWidth(text string) int {
	return max(svgBox, int(svgChar*float64(utf8.RuneCountInString(text)))+12)
}

type svgPicture struct {
	*picture
	body strings.Builder
}

func (p *svgPicture) draw(format string, args ...any) { fmt.Fprintf(&p.body, format+"\n", args...) }

// row draws the given columns with their top left corner at (left, top), and returns their right end.
func (p *svgPicture) row(columns [][]item, widths []int, left, top int) int {
	right := left + svgGap
	for _, w := range widths {
		right += w
	}
	for q, name := range p.names {
		y := svgLine(top, q)
		p.draw(`<text class="name" x="%d" y="%d" dy=".35em">%s</text>`, svgMargin, y, escape(name))
		if q < p.qubits {
			p.draw(`<line class="qubit" x1="%d" y1="%d" x2="%d" y2="%d"/>`, left, y, right, y)
			continue
		}
		for _, at := range []int{y - 1, y + 1} { // a classical register
			p.draw(`<line class="qubit" x1="%d" y1="%d" x2="%d" y2="%d"/>`, left, at, right, at)
		}
	}
	x := left + svgGap
	for i, column := range columns {
		for _, it := range column {
			p.item(it, x+(widths[i]-svgGap)/2, top)
		}
		x += widths[i]
	}
	return right
}

func svgLine(top, qubit int) int { return top + svgPitch/2 + qubit*svgPitch }

// item draws one gate around x.
func (p *svgPicture) item(it item, x, top int) {
	p.draw(`<g><title>%s</title>`, escape(it.title))
	if it.first < it.linked {
		p.draw(`<line x1="%d" y1="%d" x2="%d" y2="%d"/>`, x, svgLine(top, it.first), x, svgLine(top,
			it.linked))
	}
	for _, at := range []int{x - 1, x + 1} {
		if it.linked < it.classical {
			p.draw(`<line class="qubit" x1="%d" y1="%d" x2="%d" y2="%d"/>`, at, svgLine(top, it.linked), at,
				svgLine(top, it.classical))
		}
	}
	for _, c := range it.cells {
		y := svgLine(top, c.qubit)
		switch c.mark {
		case controlMark:
			p.draw(`<circle class="control" cx="%d" cy="%d" r="%g"/>`, x, y, svgDot)
		case targetMark:
			p.draw(`<circle class="target" cx="%d" cy="%d" r="%d"/>`, x, y, svgPlus)
			p.draw(`<path d="M%d %dh%dM%d %dv%d"/>`, x-svgPlus, y, 2*svgPlus, x, y-svgPlus, 2*svgPlus)
		case crossMark:
			p.draw(`<path d="M%d %dl14 14M%d %dl14 -14"/>`, x-7, y-7, x-7, y+7)
		case barrierMark:
			p.draw(`<path stroke-dasharray="3 3" d="M%d %dv%d"/>`, x, y-svgPitch/2, svgPitch)
		case boxMark, bitMark:
			w := svgBoxWidth(c.text)
			p.draw(`<rect class="box%s" x="%d" y="%d" width="%d" height="%d" rx="3"/>`,
				it.class, x-w/2, y-svgBox/2, w, svgBox)
			p.draw(`<text x="%d" y="%d" dy=".35em">%s</text>`, x, y, escape(c.text))
		}
	}
	p.draw(`</g>`)
}

// boxClass returns the further class of the gate's boxes: inputs go before trainable angles.
func boxClass(g Operation) string {
	class := ""
	for _, a := range g.Angles {
		switch a.Source {
		case Input:
			return " data"
		case Trainable:
			class = " theta"
		}
	}
	return class
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}
