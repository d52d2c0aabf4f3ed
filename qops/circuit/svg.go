package circuit

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
)

// Sizes in the SVG, in pixels.
const (
	svgPitch  = 40 // from qubit to qubit
	svgBox    = 26 // height of a box
	svgGap    = 14 // between columns
	svgMargin = 12
	svgDot    = 4.5 // radius of a control
	svgPlus   = 10  // radius of a target
	svgBands  = 5   // colours of registers
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" class="circuit" ` +
	`width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img">
<title>%[3]s</title>
<style>
.circuit text { font: 13px Helvetica, Arial, "Liberation Sans", sans-serif;
  text-anchor: middle; fill: #1b1f24 }
.circuit .name { text-anchor: start; fill: #57606a } .circuit .title { text-anchor: start; font-size: 15px }
.circuit line, .circuit path { stroke: #1b1f24; stroke-width: 1.4; fill: none }
.circuit .qubit { stroke: #8c959f; stroke-width: 1 }
.circuit .box { stroke: #1b1f24; stroke-width: 1.2; fill: #ffffff }
.circuit .theta { fill: #cfe8ff } .circuit .data { fill: #fff1cf }
.circuit .edge { stroke: #8250df; stroke-width: 2 } .circuit .block { stroke: #8250df; fill: #f3ecff }
.circuit .control { fill: #1b1f24 } .circuit .target { fill: #ffffff; stroke: #1b1f24; stroke-width: 1.4 }
.circuit .paper { fill: #ffffff } .circuit .band { fill-opacity: .1 }
.circuit .b0 { fill: #6a7078 } .circuit .b1 { fill: #1f6fb4 } .circuit .b2 { fill: #d95f02 } ` +
	`.circuit .b3 { fill: #009e73 } .circuit .b4 { fill: #cc79a7 }
@media (prefers-color-scheme: dark) {
.circuit text { fill: #e4e7eb } .circuit .name { fill: #a5adb6 }
.circuit line, .circuit path { stroke: #e4e7eb } .circuit .qubit { stroke: #6a7078 }
.circuit .box { stroke: #e4e7eb; fill: #14171b }
.circuit .theta { fill: #17486f } .circuit .data { fill: #5c4713 }
.circuit .edge { stroke: #b89cf5 } .circuit .block { stroke: #b89cf5; fill: #32254d }
.circuit .control { fill: #e4e7eb } .circuit .target { fill: #14171b; stroke: #e4e7eb }
.circuit .paper { fill: #14171b } .circuit .band { fill-opacity: .16 }
}
</style>
<rect class="paper" width="100%%" height="100%%"/>
`

// WriteSVG writes the circuit as a picture that needs no other file, with a dark style for readers who prefer
// one. Boxes with a trainable angle are blue, with an input amber; a gate shows its name when the mouse
// points at it. Registers are bands of a colour with their name beside them. Rows are at most o.Width pixels
// wide if every gate fits. It returns the error of the circuit, of too short a Theta, and of w.
func (c *Circuit) WriteSVG(w io.Writer, o DrawOptions) (err error) {
	p, err := c.picture(o)
	if err != nil {
		return err
	}
	if w == nil {
		return errors.New("circuit: WriteSVG: the writer is nil")
	}
	defer foreign.Recover(&err, "writer", w)
	return p.writeSVG(w, o)
}

// WriteSVG writes the circuit as a picture, as that of a Circuit, with the names of registers. What depends
// on a condition stands between violet brackets over all lines; a barrier is dashed.
func (d *Dynamic) WriteSVG(w io.Writer, o DrawOptions) (err error) {
	if err := d.Err(); err != nil {
		return err
	}
	if w == nil {
		return errors.New("circuit: WriteSVG: the writer is nil")
	}
	defer foreign.Recover(&err, "writer", w)
	return d.picture(o).writeSVG(w, o)
}

func (p *picture) writeSVG(w io.Writer, o DrawOptions) error {
	widths := make([]int, len(p.columns))
	for i, column := range p.columns {
		widths[i] = svgColumnWidth(column)
	}
	out := svgPicture{picture: p}
	for _, g := range p.groups {
		out.registers = max(out.registers, svgTextWidth(g.name)+svgGap)
	}
	left := 0
	for _, name := range p.names {
		left = max(left, svgTextWidth(name))
	}
	left += svgMargin + out.registers + 10
	limit := 0
	if o.Width > 0 {
		limit = max(1, o.Width-left-svgMargin)
	}
	right, top := left, svgMargin
	if o.Title != "" {
		right = max(right, svgMargin+svgTextWidth(o.Title)*5/4)
		out.draw(`<text class="title" x="%d" y="%d" dy=".35em">%s</text>`, svgMargin, top+8, escape(o.Title))
		top += 26
	}
	for _, row := range wrapColumns(widths, limit) {
		right = max(right, out.row(p.columns[row[0]:row[1]], widths[row[0]:row[1]], left, top))
		top += len(p.names)*svgPitch + svgGap
	}
	for _, name := range p.idle {
		name += ": no gates, not drawn"
		right = max(right, svgMargin+svgTextWidth(name))
		out.name(svgMargin, top, name)
		top += svgGap + 4
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

func svgBoxWidth(text string) int { return max(svgBox, svgTextWidth(text)+12) }

// svgTextWidth returns about how wide a text is in a sans-serif font: not less than it is in most.
func svgTextWidth(text string) int {
	width := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("iljt.,:;|()[]'!- ", r):
			width += 4.4
		case strings.ContainsRune("mwMW%@", r):
			width += 11.5
		case r >= 'A' && r <= 'Z', r > 0x2000: // such as √, and Chinese
			width += 9.2
		default:
			width += 7.5
		}
	}
	return int(width + 1)
}

type svgPicture struct {
	*picture
	registers int // width of their names
	body      strings.Builder
}

func (p *svgPicture) draw(format string, args ...any) { fmt.Fprintf(&p.body, format+"\n", args...) }

func (p *svgPicture) name(x, y int, text string) {
	p.draw(`<text class="name" x="%d" y="%d" dy=".35em">%s</text>`, x, y, escape(text))
}

// row draws the given columns with their top left corner at (left, top), and returns their right end.
func (p *svgPicture) row(columns [][]item, widths []int, left, top int) int {
	right := left + svgGap
	for _, w := range widths {
		right += w
	}
	for i, g := range p.groups {
		first, last := svgLine(top, g.first), svgLine(top, g.last)
		p.draw(`<rect class="band b%d" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, i%svgBands,
			svgMargin-6, first-svgPitch/2+2, right-svgMargin+12, last-first+svgPitch-4)
		p.name(svgMargin, (first+last)/2, g.name)
	}
	for q, name := range p.names {
		y := svgLine(top, q)
		p.name(svgMargin+p.registers, y, name)
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
	if it.edge != 0 {
		p.edge(it, x, top)
	} else if it.first < it.linked {
		p.draw(`<line x1="%d" y1="%d" x2="%d" y2="%d"/>`, x, svgLine(top, it.first), x,
			svgLine(top, it.linked))
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

// edge draws the bracket where a block begins or ends, to both sides where its other part begins.
func (p *svgPicture) edge(it item, x, top int) {
	const reach = 7
	first, last := svgLine(top, it.first)-svgPitch/2+3, svgLine(top, it.last)+svgPitch/2-3
	left, right := x, x
	if it.edge != endMark {
		right += reach
	}
	if it.edge != beginMark {
		left -= reach
	}
	p.draw(`<path class="edge" d="M%d %dH%dM%d %dV%dM%d %dH%d"/>`, left, first, right, x, first, last, left,
		last, right)
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

// escape returns a text as XML: what it cannot hold becomes a dot.
func escape(s string) string {
	return xmlText.Replace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '·'
	}, s))
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")
