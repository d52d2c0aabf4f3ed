package circuit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
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
}

// item returns the picture of a gate.
func (g Operation) item() item {
	first, last := g.span()
	return item{g.cells(), first, last, last, last, g.Name() + angleList(g.Angles, Angle.String), boxClass(g)}
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
			used[c.qubit] = true
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
	for i, it := range items {
		for k := range it.cells {
			it.cells[k].qubit = line[it.cells[k].qubit]
		}
		it.first, it.last = line[it.first], line[it.last]
		it.linked, it.classical = line[it.linked], line[it.classical]
		items[i] = it
	}
	p.pack(items)
}

// extend adds a line to the last group, or makes another one for it.
func extend(groups []group, name string, line int) []group {
	if n := len(groups) - 1; n >= 0 && groups[n].name == name && groups[n].last == line-1 {
		groups[n].last = line
		return groups
	}
	return append(groups, group{name, line, line})
}
