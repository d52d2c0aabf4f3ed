package nn

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gorgonia.org/tensor"
)

// Summary lists what the layers of a graph hold; its String is a table.
type Summary []SummaryRow

// SummaryRow is one parameter of a layer; or, with an empty Parameter, a layer that left notes and has no
// parameter.
type SummaryRow struct {
	Layer     string // path of its Scope
	Parameter string
	Shape     tensor.Shape
	Count     int // values
	Group     string
	Frozen    bool
	Notes     []Note // of the layer, at its first row
}

// Summary returns a row for each parameter of the graph, whatever Scope asked for it, layer by layer in the
// order of asking.
func (s *Scope) Summary() Summary {
	notes := map[string][]Note{}
	var paths []string // of the layers with notes
	for _, n := range s.state().notes {
		if len(notes[n.Path]) == 0 {
			paths = append(paths, n.Path)
		}
		notes[n.Path] = append(notes[n.Path], n)
	}
	var table Summary
	for _, a := range s.state().asked {
		p := a.leaf.Param
		shape := p.Value.Shape().Clone()
		table = append(table, SummaryRow{
			Layer: a.path, Parameter: a.name, Shape: shape, Count: shape.TotalSize(),
			Group: p.Group, Frozen: a.frozen, Notes: notes[a.path],
		})
		delete(notes, a.path)
	}
	for _, path := range paths {
		if len(notes[path]) > 0 {
			table = append(table, SummaryRow{Layer: path, Notes: notes[path]})
		}
	}
	return table
}

// String returns the table, its columns aligned, with the number of all trained values, of those of each
// group, and of frozen ones below.
func (t Summary) String() string {
	lines := [][]string{{"layer", "parameter", "shape", "count", "notes"}}
	layer := ""
	for i, r := range t {
		name, shape, count := r.Layer, "", ""
		if i > 0 && r.Layer == layer {
			name = ""
		}
		layer = r.Layer
		if r.Parameter != "" {
			shape, count = fmt.Sprint(r.Shape), fmt.Sprint(r.Count)
		}
		lines = append(lines, []string{name, r.Parameter, shape, count, r.remark()})
	}
	for _, sum := range t.sums() {
		lines = append(lines, []string{sum.Key, "", "", fmt.Sprint(sum.Count), ""})
	}
	return align(lines, 3)
}

func (r SummaryRow) remark() string {
	var parts []string
	if r.Group != "" {
		parts = append(parts, r.Group)
	}
	if r.Frozen {
		parts = append(parts, "frozen")
	}
	for _, n := range r.Notes {
		parts = append(parts, fmt.Sprintf("%s %d", n.Key, n.Count))
	}
	return strings.Join(parts, ", ")
}

// sums returns the number of trained values, then that of each group, then that of frozen values.
func (t Summary) sums() []Note {
	sums, frozen := []Note{{Key: "trained"}}, 0
	for _, r := range t {
		if r.Frozen {
			frozen += r.Count
			continue
		}
		sums[0].Count += r.Count
		if r.Group == "" {
			continue
		}
		i := 1
		for i < len(sums) && sums[i].Key != r.Group {
			i++
		}
		if i == len(sums) {
			sums = append(sums, Note{Key: r.Group})
		}
		sums[i].Count += r.Count
	}
	if frozen > 0 {
		sums = append(sums, Note{Key: "frozen", Count: frozen})
	}
	return sums
}

// align joins the cells of each line to columns two spaces apart; column right is flush right.
func align(lines [][]string, right int) string {
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for k, c := range cells {
			widths[k] = max(widths[k], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, cells := range lines {
		line := ""
		for k, c := range cells {
			pad := strings.Repeat(" ", widths[k]-utf8.RuneCountInString(c))
			if k == right {
				line += pad + c + "  "
				continue
			}
			line += c + pad + "  "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
