package circuit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
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
func (c *Circuit) WriteSVG(w io.Writer, width int) (err error) {
	if err := c.Err(); err != nil {
		return err
	}
	if w == nil {
		return errors.New("circuit: WriteSVG: the writer is nil")
	}
	defer foreign.Recover(&err, "writer", w)
	columns := c.columns()
	widths := make([]int, len(columns))
	for i, column := range columns {
		widths[i] = svgColumnWidth(column)
	}
	left := svgMargin + int(svgChar*float64(len("q"+strconv.Itoa(c.qubits-1)))) + 10
	limit := 0
	if width > 0 {
		limit = max(1, width-left-svgMargin)
	}
	p := svgPicture{circuit: c}
	right, top := left, svgMargin
	for _, row := range wrapColumns(widths, limit) {
		right = max(right, p.row(columns[row[0]:row[1]], widths[row[0]:row[1]], left, top))
		top += c.qubits*svgPitch + svgGap
	}
	title := fmt.Sprintf("A circuit of %d qubits and %d gates", c.qubits, len(c.ops))
	_, err = fmt.Fprintf(w, svgHead+"%[4]s</svg>\n",
		strconv.Itoa(right+svgMargin), strconv.Itoa(top-svgGap+svgMargin), title, p.body.String())
	return err
}

// svgColumnWidth returns the width of the widest gate with the gap after it.
func svgColumnWidth(column []Operation) int {
	w := svgBox
	for _, g := range column {
		for _, c := range g.cells() {
			w = max(w, svgBoxWidth(c.text))
		}
	}
	return w + svgGap
}

func svgBoxWidth(text string) int {
	return max(svgBox, int(svgChar*float64(utf8.RuneCountInString(text)))+12)
}

type svgPicture struct {
	circuit *Circuit
	body    strings.Builder
}

func (p *svgPicture) draw(format string, args ...any) { fmt.Fprintf(&p.body, format+"\n", args...) }

// row draws the given columns with their top left corner at (left, top), and returns their right end.
func (p *svgPicture) row(columns [][]Operation, widths []int, left, top int) int {
	right := left + svgGap
	for _, w := range widths {
		right += w
	}
	for q := range p.circuit.qubits {
		y := svgLine(top, q)
		p.draw(`<text class="name" x="%d" y="%d" dy=".35em">q%d</text>`, svgMargin, y, q)
		p.draw(`<line class="qubit" x1="%d" y1="%d" x2="%d" y2="%d"/>`, left, y, right, y)
	}
	x := left + svgGap
	for i, column := range columns {
		for _, g := range column {
			p.gate(g, x+(widths[i]-svgGap)/2, top)
		}
		x += widths[i]
	}
	return right
}

func svgLine(top, qubit int) int { return top + svgPitch/2 + qubit*svgPitch }

// gate draws one gate around x.
func (p *svgPicture) gate(g Operation, x, top int) {
	p.draw(`<g><title>%s</title>`, escape(g.Name()+angleList(g.Angles, Angle.String)))
	if first, last := g.span(); first < last {
		p.draw(`<line x1="%d" y1="%d" x2="%d" y2="%d"/>`, x, svgLine(top, first), x, svgLine(top, last))
	}
	for _, c := range g.cells() {
		y := svgLine(top, c.qubit)
		switch c.mark {
		case controlMark:
			p.draw(`<circle class="control" cx="%d" cy="%d" r="%g"/>`, x, y, svgDot)
		case targetMark:
			p.draw(`<circle class="target" cx="%d" cy="%d" r="%d"/>`, x, y, svgPlus)
			p.draw(`<path d="M%d %dh%dM%d %dv%d"/>`, x-svgPlus, y, 2*svgPlus, x, y-svgPlus, 2*svgPlus)
		case crossMark:
			p.draw(`<path d="M%d %dl14 14M%d %dl14 -14"/>`, x-7, y-7, x-7, y+7)
		case boxMark:
			w := svgBoxWidth(c.text)
			p.draw(`<rect class="box%s" x="%d" y="%d" width="%d" height="%d" rx="3"/>`,
				boxClass(g), x-w/2, y-svgBox/2, w, svgBox)
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
