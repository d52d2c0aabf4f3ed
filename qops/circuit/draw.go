package circuit

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// DrawOptions say how Draw writes a circuit. The zero value is Unicode that never wraps.
type DrawOptions struct {
	ASCII bool // for terminals and files without Unicode
	Width int  // wrap the drawing at this many characters; 0 or less: never
}

// Draw returns the circuit as text, one line per qubit, with time from left to right: ● is a control, ⊕ an X
// under controls, × an exchange, and a box holds the gate's symbol and angles. Gates of several qubits number
// them in their boxes. A circuit with errors is drawn as the text of its error.
func (c *Circuit) Draw(o DrawOptions) string {
	if err := c.Err(); err != nil {
		return err.Error() + "\n"
	}
	pen := unicodePen
	if o.ASCII {
		pen = asciiPen
	}
	columns := c.columns()
	widths := make([]int, len(columns))
	for i, column := range columns {
		widths[i] = pen.width(column)
	}
	names := len("q"+strconv.Itoa(c.qubits-1)) + 2
	limit := 0
	if o.Width > 0 {
		limit = max(1, o.Width-names-1)
	}
	var out strings.Builder
	for i, row := range wrapColumns(widths, limit) {
		if i > 0 {
			out.WriteByte('\n')
		}
		lines := pen.start(c.qubits, names)
		for j := row[0]; j < row[1]; j++ {
			pen.column(lines, columns[j], widths[j])
		}
		for q := range lines {
			end := ""
			if q%2 == 0 {
				end = pen.line
			}
			out.WriteString(strings.TrimRight(lines[q].String()+end, " ") + "\n")
		}
	}
	return out.String()
}

// String returns the drawing in Unicode, 80 characters wide.
func (c *Circuit) String() string { return c.Draw(DrawOptions{Width: 80}) }

// pen holds the characters of a drawing.
type pen struct {
	line, link, crossing      string // along a qubit, across the gap, across a qubit
	control, target, exchange string
	left, right               string // of a box
	text                      *strings.Replacer
}

var (
	unicodePen = pen{"─", "│", "┼", "●", "⊕", "×", "┤", "├", strings.NewReplacer()}
	asciiPen   = pen{"-", "|", "|", "@", "(+)", "x", "[", "]",
		strings.NewReplacer("θ", "theta", "π", "pi", "·", "*", "√", "S", "†", "dg", "×", "x")}
)

func (p pen) glyph(c cell) string {
	switch c.mark {
	case controlMark:
		return p.control
	case targetMark:
		return p.target
	case crossMark:
		return p.exchange
	}
	return p.left + p.text.Replace(c.text) + p.right
}

// width returns the width of the widest glyph of a column, and 1 for the line before it.
func (p pen) width(column []Operation) int {
	w := 1
	for _, g := range column {
		for _, c := range g.cells() {
			w = max(w, utf8.RuneCountInString(p.glyph(c)))
		}
	}
	return w + 1
}

// start returns the lines of the qubits, with their names, and the gaps between them.
func (p pen) start(qubits, names int) []*strings.Builder {
	lines := make([]*strings.Builder, 2*qubits-1)
	for i := range lines {
		lines[i] = &strings.Builder{}
		name := ""
		if i%2 == 0 {
			name = "q" + strconv.Itoa(i/2) + ":"
		}
		lines[i].WriteString(name + strings.Repeat(" ", names-len(name)))
	}
	return lines
}

// column writes the gates of one column.
func (p pen) column(lines []*strings.Builder, gates []Operation, width int) {
	glyphs := make([]string, len(lines))
	for _, g := range gates {
		first, last := g.span()
		for i := 2*first + 1; i < 2*last; i++ {
			glyphs[i] = p.link
			if i%2 == 0 {
				glyphs[i] = p.crossing
			}
		}
		for _, c := range g.cells() {
			glyphs[2*c.qubit] = p.glyph(c)
		}
	}
	for i, glyph := range glyphs {
		fill := " "
		if i%2 == 0 {
			fill = p.line
		}
		space := width - 1 - utf8.RuneCountInString(glyph)
		lines[i].WriteString(strings.Repeat(fill, 1+space/2) + glyph + strings.Repeat(fill, space-space/2))
	}
}
