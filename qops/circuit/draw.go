package circuit

import (
	"strings"
	"unicode/utf8"
)

// DrawOptions say how Draw and WriteSVG draw a circuit. The zero value draws every qubit, and never wraps.
type DrawOptions struct {
	ASCII bool // Draw: for terminals and files without Unicode
	Width int  // wrap the drawing at this many characters, or pixels; 0 or less: never
	// Theta are the values of the trained angles, shown in place of θ0, θ1, …; nil: none.
	Theta []float64
	// Registers are what the qubits are for, from qubit 0 on; neighbours of one name are one register.
	Registers []string
	OmitIdle  bool   // leave out qubits without a gate
	Title     string // WriteSVG: above the circuit; "": none
}

// Draw returns the circuit as text, one line per qubit, with time from left to right: ● is a control, ⊕ an X
// under controls, × an exchange, and a box holds the gate's symbol and angles. Gates of several qubits number
// them in their boxes. A register's name stands at its first qubit. A circuit with errors, or too short a
// Theta, is drawn as the text of the error.
func (c *Circuit) Draw(o DrawOptions) string {
	p, err := c.picture(o)
	if err != nil {
		return err.Error() + "\n"
	}
	return p.draw(o)
}

// Draw returns the circuit as text, as that of a Circuit: below the qubits a double line for each classical
// register. M is a measurement, with the index of its bit on the register, |0⟩ a reset, ░ a barrier. What
// depends on a condition stands between ┣ and ┫ over all lines, of which one shows the condition, ╋ is its
// else; a single instruction stands above its condition.
func (d *Dynamic) Draw(o DrawOptions) string {
	if err := d.Err(); err != nil {
		return err.Error() + "\n"
	}
	return d.picture(o).draw(o)
}

func (p *picture) draw(o DrawOptions) string {
	pen := unicodePen
	if o.ASCII {
		pen = asciiPen
	}
	columns := p.columns
	widths := make([]int, len(columns))
	for i, column := range columns {
		widths[i] = pen.width(column)
	}
	for _, g := range p.groups {
		p.names[g.first] = g.name + " " + p.names[g.first]
	}
	names := 2
	for _, name := range p.names {
		names = max(names, utf8.RuneCountInString(name)+2)
	}
	limit := 0
	if o.Width > 0 {
		limit = max(1, o.Width-names-1)
	}
	var out strings.Builder
	for i, row := range wrapColumns(widths, limit) {
		if i > 0 {
			out.WriteByte('\n')
		}
		lines := pen.start(p, names)
		for j := row[0]; j < row[1]; j++ {
			pen.column(lines, columns[j], widths[j], p.qubits)
		}
		for q := range lines {
			end := ""
			if q%2 == 0 {
				end = pen.wire(q/2, p.qubits)
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
	bits, double, cross2      string // a classical line, across the gap, across a qubit
	barrier, bit              string
	begin, other, end, edge   string // of a block on a line, and between lines
	text                      *strings.Replacer
}

var (
	unicodePen = pen{"─", "│", "┼", "●", "⊕", "×", "┤", "├", "═", "║", "╫", "░", "╩",
		"┣", "╋", "┫", "┃", strings.NewReplacer()}
	asciiPen = pen{"-", "|", "|", "@", "(+)", "x", "[", "]", "=", "|", "|", "!", "^",
		"{", "}{", "}", "",
		strings.NewReplacer("θ", "theta", "π", "pi", "·", "*", "√", "S", "†", "dg", "×", "x", "⟩", ">")}
)

func (p pen) glyph(c cell) string {
	switch c.mark {
	case controlMark:
		return p.control
	case targetMark:
		return p.target
	case crossMark:
		return p.exchange
	case barrierMark:
		return p.barrier
	case beginMark:
		return p.begin
	case elseMark:
		return p.other
	case endMark:
		return p.end
	case bitMark:
		return p.bit + p.text.Replace(c.text)
	}
	return p.left + p.text.Replace(c.text) + p.right
}

// wire returns the character along a line: that of a qubit or that of a classical register.
func (p pen) wire(line, qubits int) string {
	if line < qubits {
		return p.line
	}
	return p.bits
}

// width returns the width of the widest glyph of a column, and 1 for the line before it.
func (p pen) width(column []item) int {
	w := 1
	for _, it := range column {
		for _, c := range it.cells {
			w = max(w, utf8.RuneCountInString(p.glyph(c)))
		}
	}
	return w + 1
}

// start returns the lines, with their names, and the gaps between them.
func (p pen) start(of *picture, names int) []*strings.Builder {
	lines := make([]*strings.Builder, max(0, 2*len(of.names)-1))
	for i := range lines {
		lines[i] = &strings.Builder{}
		name := ""
		if i%2 == 0 {
			name = of.names[i/2] + ":"
		}
		space := strings.Repeat(" ", names-utf8.RuneCountInString(name))
		if len(of.groups) > 0 && name != "" { // the qubits stand below each other, beside the registers
			name, space = space[1:]+name, " "
		}
		lines[i].WriteString(name + space)
	}
	return lines
}

// column writes the items of one column.
func (p pen) column(lines []*strings.Builder, items []item, width, qubits int) {
	glyphs := make([]string, len(lines))
	for _, it := range items {
		for i := 2*it.first + 1; i < 2*it.classical; i++ {
			link, crossing := p.link, p.crossing
			switch {
			case it.edge != 0:
				link = p.edge
			case i >= 2*it.linked:
				link, crossing = p.double, p.cross2
			}
			glyphs[i] = link
			if i%2 == 0 {
				glyphs[i] = crossing
			}
		}
		for _, c := range it.cells {
			glyphs[2*c.qubit] = p.glyph(c)
		}
	}
	for i, glyph := range glyphs {
		fill := " "
		if i%2 == 0 {
			fill = p.wire(i/2, qubits)
		}
		space := width - 1 - utf8.RuneCountInString(glyph)
		lines[i].WriteString(strings.Repeat(fill, 1+space/2) + glyph + strings.Repeat(fill, space-space/2))
	}
}
