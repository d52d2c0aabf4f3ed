package circuit

import (
	"slices"
	"strconv"
	"strings"
)

// mark is how a drawing shows a gate on one of its qubits.
type mark uint8

const (
	controlMark mark = iota
	targetMark       // of X under controls
	crossMark        // of an exchange
	boxMark
)

// cell is what a gate shows on one qubit.
type cell struct {
	qubit int
	mark  mark
	text  string // of a box
}

// cells returns what the gate shows, controls first. The boxes of a gate on several qubits begin with the
// place of the qubit in the gate: 0 RZX(θ0) and 1.
func (g Operation) cells() []cell {
	var out []cell
	for _, q := range g.Controls {
		out = append(out, cell{qubit: q, mark: controlMark})
	}
	for i, q := range g.Qubits {
		at := cell{qubit: q, mark: boxMark}
		switch {
		case g.Gate == gateX && len(g.Controls) > 0:
			at.mark = targetMark
		case g.Gate == gateSwap:
			at.mark = crossMark
		default:
			at.text = g.label(i)
		}
		out = append(out, at)
	}
	return out
}

// label returns the text in the box on the i-th qubit.
func (g Operation) label(i int) string {
	var words []string
	if len(g.Qubits) > 1 {
		words = append(words, strconv.Itoa(i))
	}
	if i == 0 {
		words = append(words, g.Gate.Symbol()+angleList(g.Angles, Angle.String))
	}
	return strings.Join(words, " ")
}

// angleList returns the angles in parentheses, nothing for none.
func angleList(angles []Angle, write func(Angle) string) string {
	if len(angles) == 0 {
		return ""
	}
	text := make([]string, len(angles))
	for i, a := range angles {
		text[i] = write(a)
	}
	return "(" + strings.Join(text, ", ") + ")"
}

// span returns the first and the last qubit that the drawing of a gate covers, connectors included.
func (g Operation) span() (first, last int) {
	touched := g.AllQubits()
	return slices.Min(touched), slices.Max(touched)
}

// columns packs the gates to the left: a gate stands in the first column after all gates that cover one of
// its qubits.
func (c *Circuit) columns() [][]Operation {
	var out [][]Operation
	free := make([]int, c.qubits) // by qubit: the first column that nothing covers from there on
	for _, g := range c.ops {
		first, last := g.span()
		at := slices.Max(free[first : last+1])
		if at == len(out) {
			out = append(out, nil)
		}
		out[at] = append(out[at], g)
		for q := first; q <= last; q++ {
			free[q] = at + 1
		}
	}
	return out
}

// wrapped cuts columns of the given widths into rows of at most limit, at least one column a row; limit 0
// means one row.
func wrapped(widths []int, limit int) [][2]int {
	var rows [][2]int
	start, used := 0, 0
	for i, w := range widths {
		if limit > 0 && i > start && used+w > limit {
			rows = append(rows, [2]int{start, i})
			start, used = i, 0
		}
		used += w
	}
	return append(rows, [2]int{start, len(widths)})
}
