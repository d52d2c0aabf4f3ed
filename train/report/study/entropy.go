package study

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// reading is a learned scale or an entropy, over the seeds of a model.
type reading struct {
	Name string
	Spread
}

// readings returns what the attention of a model learned, over its seeds, in the order of its blocks and heads.
func (m Model) readings() []reading {
	var all []reading
	for _, name := range slices.SortedFunc(maps.Keys(m.Runs[0].Readings), numbered) {
		all = append(all, reading{name, m.spread(func(r Record) float64 { return r.Readings[name] })})
	}
	return all
}

// numbered compares names whose parts between dots are numbers or words: blocks.2 comes before blocks.10.
func numbered(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	return slices.CompareFunc(x, y, func(p, q string) int {
		m, wrong := strconv.Atoi(p)
		n, bad := strconv.Atoi(q)
		if wrong == nil && bad == nil {
			return cmp.Compare(m, n)
		}
		return strings.Compare(p, q)
	})
}

// entropies returns those of each block and head.
func (m Model) entropies() [][]Spread {
	var all [][]Spread
	last := ""
	for _, r := range m.readings() {
		block, _, ok := strings.Cut(r.Name, ".entropy.")
		if !ok {
			continue
		}
		if len(all) == 0 || block != last {
			all, last = append(all, nil), block
		}
		all[len(all)-1] = append(all[len(all)-1], r.Spread)
	}
	return all
}

// EntropyText is the mean entropies of the heads, a text for each block; none without attention.
func (m Model) EntropyText() []string {
	var blocks []string
	for _, heads := range m.Entropies {
		var values []string
		for _, h := range heads {
			values = append(values, fmt.Sprintf("%.2f", h.Mean))
		}
		blocks = append(blocks, strings.Join(values, " "))
	}
	return blocks
}

// GatesText is the number of gates as text, a dash if there is no circuit, or nobody counted.
func (m Model) GatesText() string {
	if m.Gates == 0 {
		return "–"
	}
	return strconv.Itoa(m.Gates)
}
