package study

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tapValue is a learned scale or an entropy, over the seeds of a model.
type tapValue struct {
	Name string
	Spread
}

// tapValues returns the tap values of a model over its seeds, in the order of its blocks and heads.
func (m Model) tapValues() []tapValue {
	if len(m.Runs) == 0 {
		return nil
	}
	var all []tapValue
	for _, name := range slices.SortedFunc(maps.Keys(m.Runs[0].TapValues), compareNumbered) {
		all = append(all, tapValue{name, m.spread(func(r Record) float64 { return r.TapValues[name] })})
	}
	return all
}

// compareNumbered orders names whose parts between dots are numbers or words: blocks.2 is before blocks.10.
func compareNumbered(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(p, q string) int {
		m, err1 := strconv.Atoi(p)
		n, err2 := strconv.Atoi(q)
		if err1 == nil && err2 == nil {
			return cmp.Compare(m, n)
		}
		return strings.Compare(p, q)
	})
}

// entropies returns the entropies of the heads, for each block.
func (m Model) entropies() [][]Spread {
	var all [][]Spread
	last := ""
	for _, v := range m.tapValues() {
		block, _, ok := strings.Cut(v.Name, ".entropy.")
		if !ok {
			continue
		}
		if len(all) == 0 || block != last {
			all, last = append(all, nil), block
		}
		all[len(all)-1] = append(all[len(all)-1], v.Spread)
	}
	return all
}

// EntropyText returns the mean entropies of the heads, a text for each block; none without attention.
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
