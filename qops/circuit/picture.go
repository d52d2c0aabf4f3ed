package circuit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
)

// picture is what Draw and WriteSVG show: a line for each qubit, then one for each classical register, and
// items in columns on them.
type picture struct {
	title   string
	names   []string // of the lines
	qubits  int      // how many lines are qubits
	columns [][]item
	groups  []group
	idle    []string // the qubits that are not drawn
}

// group is the lines of a register.
type group struct {
	name        string
	first, last int
}

// item is what stands in one column: a gate, a measurement.
type item struct {
	cells       []cell
	first, last int // lines that it covers
	linked      int // the last line that a connector from the first one reaches
	classical   int // the last line that a double connector from there reaches; linked if there is none
	title       string
	class       string // of its boxes in the SVG, with a space in front
	edge        mark   // beginMark, elseMark or endMark, of a block; 0: none
}

// item returns the picture of a gate.
func (g Operation) item() item {
	first, last := g.span()
	return item{g.cells(), first, last, last, last, g.Name() + angleList(g.Angles, Angle.String), boxClass(g), 0}
}

// pack puts items into columns, to the left: an item stands in the first column after all that cover one of
// its lines.
func (p *picture) pack(items []item) {
	free := make([]int, len(p.names)) // by line: the column after the last one that an item covers
	for _, it := range items {
		column := slices.Max(free[it.first : it.last+1])
		if column == len(p.columns) {
			p.columns = append(p.columns, nil)
		}
		p.columns[column] = append(p.columns[column], it)
		for q := it.first; q <= it.last; q++ {
			free[q] = column + 1
		}
	}
}

// picture returns the drawing of a circuit, with the errors of the circuit and of the options.
func (c *Circuit) picture(o DrawOptions) (*picture, error) {
	bound := c.Bind(o.Theta, nil)
	if err := bound.Err(); err != nil {
		return nil, err
	}
	p := &picture{title: fmt.Sprintf("A circuit of %d qubits and %d gates", c.qubits, len(c.ops)),
		qubits: c.qubits}
	if o.Title != "" {
		p.title = o.Title
	}
	for q := range c.qubits {
		p.names = append(p.names, "q"+strconv.Itoa(q))
	}
	items := make([]item, len(c.ops))
	for i, g := range bound.ops {
		items[i] = g.item()
		items[i].class = boxClass(c.ops[i]) // an angle that has a number is a trained one all the same
	}
	p.arrange(items, o)
	return p, nil
}

// arrange groups the lines into registers, leaves out those that are not drawn, and puts the items into
// columns.
func (p *picture) arrange(items []item, o DrawOptions) {
	used := make([]bool, len(p.names))
	for _, it := range items {
		for _, c := range it.cells {
			used[c.qubit] = used[c.qubit] || c.mark < barrierMark || c.mark == bitMark
		}
	}
	var kept []string
	var idle []group
	line := make([]int, len(p.names)) // where it is drawn
	for l, name := range p.names {
		register := ""
		if l < len(o.Registers) && l < p.qubits {
			register = o.Registers[l]
		}
		line[l] = len(kept)
		if o.OmitIdle && l < p.qubits && !used[l] && slices.Contains(used, true) {
			idle = extend(idle, register, l)
			line[l] = -1
			continue
		}
		if register != "" {
			p.groups = extend(p.groups, register, len(kept))
		}
		kept = append(kept, name)
	}
	for _, g := range idle {
		text := p.names[g.first]
		if g.last > g.first {
			text += "–" + p.names[g.last]
		}
		p.idle = append(p.idle, strings.TrimSpace(text+" "+g.name))
	}
	p.names, p.qubits = kept, p.qubits-(len(p.names)-len(kept))
	shown := items[:0]
	for _, it := range items {
		if it.move(line); len(it.cells) > 0 {
			shown = append(shown, it)
		}
	}
	p.pack(shown)
}

// move puts an item onto the lines that are drawn. A barrier and the edge of a block lose their cells on
// others.
func (it *item) move(line []int) {
	all := len(it.cells)
	it.cells = slices.DeleteFunc(it.cells, func(c cell) bool { return line[c.qubit] < 0 })
	lines := make([]int, len(it.cells))
	for i := range it.cells {
		lines[i] = line[it.cells[i].qubit]
		it.cells[i].qubit = lines[i]
	}
	switch {
	case len(lines) == all:
		it.first, it.last = line[it.first], line[it.last]
		it.linked, it.classical = line[it.linked], line[it.classical]
	case len(lines) > 0:
		it.first, it.last = slices.Min(lines), slices.Max(lines)
		if it.linked, it.classical = it.first, it.first; it.edge != 0 {
			it.linked, it.classical = it.last, it.last
		}
	}
}

// extend adds a line to the last group, or makes another one for it.
func extend(groups []group, name string, line int) []group {
	if n := len(groups) - 1; n >= 0 && groups[n].name == name && groups[n].last == line-1 {
		groups[n].last = line
		return groups
	}
	return append(groups, group{name, line, line})
}

// picture returns the drawing of a circuit with registers. A condition on one gate or measurement stands on
// the line of a register that it is about; other ones, and loops, are a column where they begin and one where
// they end.
func (d *Dynamic) picture(o DrawOptions) *picture {
	p := &picture{qubits: d.Qubits()}
	for q := range p.qubits {
		p.names = append(p.names, d.QubitName(q))
	}
	var line []int // of each bit
	for _, r := range d.BitRegisters {
		for range r.Size {
			line = append(line, len(p.names))
		}
		name := r.Name
		if !r.Single {
			name += "[" + strconv.Itoa(r.Size) + "]"
		}
		p.names = append(p.names, name)
	}
	s := sketch{d: d, line: line, lines: len(p.names)}
	s.body(d.Body)
	p.title = fmt.Sprintf("A circuit of %s, %s and %s", words.Count(p.qubits, "qubit"),
		words.Count(d.Bits(), "bit"), words.Count(len(d.Body), "instruction"))
	p.arrange(s.items, o)
	return p
}

// sketch makes the items of a Dynamic.
type sketch struct {
	d     *Dynamic
	line  []int // of each bit
	lines int
	items []item
}

func (s *sketch) body(body []Instruction) {
	for i := range body {
		in := &body[i]
		switch in.Kind {
		case Branch:
			if len(in.Then) == 1 && len(in.Else) == 0 && in.Then[0].Kind < Barrier {
				s.conditioned(in)
				continue
			}
			s.bracket(beginMark, "if "+s.d.ConditionText(in.When), in)
			s.body(in.Then)
			if len(in.Else) > 0 {
				s.bracket(elseMark, "else", in)
				s.body(in.Else)
			}
			s.bracket(endMark, "end", in)
		case Repeat:
			s.bracket(beginMark, "while "+s.d.ConditionText(in.When), in)
			s.body(in.Then)
			s.bracket(endMark, "end", in)
		default:
			s.items = append(s.items, s.item(in)...)
		}
	}
}

// item returns the items of an instruction that holds no others.
func (s *sketch) item(in *Instruction) []item {
	switch in.Kind {
	case Measure:
		var out []item
		for i, q := range in.Qubits {
			it := item{[]cell{{qubit: q, mark: boxMark, text: "M"}}, q, q, q, q,
				"measure " + s.d.QubitName(q), "", 0}
			if len(in.Bits) > 0 {
				it.reach(s.line[in.Bits[i]], bitMark, s.inRegister(in.Bits[i]))
				it.title += " into " + s.d.BitName(in.Bits[i])
			}
			out = append(out, it)
		}
		return out
	case Reset:
		var out []item
		for _, q := range in.Qubits {
			out = append(out, item{[]cell{{qubit: q, mark: boxMark, text: "|0⟩"}}, q, q, q, q,
				"reset " + s.d.QubitName(q), "", 0})
		}
		return out
	case Barrier:
		if len(in.Qubits) == 0 {
			return nil
		}
		first, last := slices.Min(in.Qubits), slices.Max(in.Qubits)
		it := item{nil, first, last, first, first, "barrier", "", 0}
		for _, q := range in.Qubits {
			it.cells = append(it.cells, cell{qubit: q, mark: barrierMark})
		}
		return []item{it}
	case Assign:
		l := s.line[in.Bits[0]]
		text := s.d.BitName(in.Bits[0]) + " = " + s.d.ConditionText(in.When)
		return []item{{[]cell{{qubit: l, mark: boxMark, text: text}}, l, l, l, l, text, "", 0}}
	}
	return []item{in.Operation.item()}
}

// inRegister returns the index of a bit in its register, as its line shows it.
func (s *sketch) inRegister(bit int) string {
	first := bit
	for first > 0 && s.line[first-1] == s.line[bit] {
		first--
	}
	return strconv.Itoa(bit - first)
}

// reach connects the item with a classical line, which shows the text.
func (it *item) reach(line int, m mark, text string) {
	it.cells = append(it.cells, cell{qubit: line, mark: m, text: text})
	it.classical, it.last = max(it.classical, line), max(it.last, line)
}

// conditioned adds one instruction under a condition.
func (s *sketch) conditioned(in *Instruction) {
	text := s.d.ConditionText(in.When)
	for _, it := range s.item(&in.Then[0]) {
		line := -1
		in.When.Each(func(b int) { line = max(line, s.line[b]) })
		if line >= 0 {
			it.reach(line, boxMark, text)
		}
		it.title = "if " + text + ": " + it.title
		s.items = append(s.items, it)
	}
}

// bracket adds an edge of a block: a column over all lines that shows a text.
func (s *sketch) bracket(edge mark, text string, in *Instruction) {
	line := s.lines - 1
	in.When.Each(func(b int) { line = s.line[b] })
	it := item{nil, 0, s.lines - 1, s.lines - 1, s.lines - 1, text, " block", edge}
	for l := range s.lines {
		c := cell{qubit: l, mark: edge}
		if l == line {
			c = cell{qubit: l, mark: boxMark, text: text}
		}
		it.cells = append(it.cells, c)
	}
	s.items = append(s.items, it)
}
