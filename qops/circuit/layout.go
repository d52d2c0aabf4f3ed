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
	barrierMark // nothing passes
	beginMark   // of a block under a condition, on every line
	elseMark    // its other part
	endMark     // its end
	bitMark     // on the line of a classical register
)

// cell is what a gate shows on one qubit, or on the line of a classical register.
type cell struct {
	qubit int // the line
	mark  mark
	text  string // of a box
}

// cells returns what the gate shows, controls first. The boxes of a gate on several qubits begin with the
// index of the qubit in the gate: 0 RZX(θ0) and 1.
func (g Operation) cells() []cell {
	var out []cell
	for _, q := range g.Controls {
		out = append(out, cell{qubit: q, mark: controlMark})
	}
	for i, q := range g.Qubits {
		c := cell{qubit: q, mark: boxMark}
		switch {
		case g.Gate == gateX && len(g.Controls) > 0:
			c.mark = targetMark
		case g.Gate == gateSwap:
			c.mark = crossMark
		default:
			c.text = g.label(i)
		}
		out = append(out, c)
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
	all := g.AllQubits()
	return slices.Min(all), slices.Max(all)
}

// wrapColumns divides columns of the given widths into rows no wider than limit, with at least one column
// each; limit 0 means one row. It returns the first column of each row and the one after its last.
func wrapColumns(widths []int, limit int) [][2]int {
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
