package circuit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Resources is what a circuit costs on a device that runs its gates as they are.
type Resources struct {
	Qubits   int            `json:"qubits"`
	Gates    map[string]int `json:"gates"`     // by name
	Total    int            `json:"total"`     // all gates
	TwoQubit int            `json:"two_qubit"` // gates on exactly two qubits, controls included
	Larger   int            `json:"larger"`    // gates on more than two qubits
	Depth    int            `json:"depth"`     // layers of gates that can run at the same time
	Theta    int            `json:"theta"`     // trainable angles, shared ones counted once
	Data     int            `json:"data"`      // inputs of a row
}

// Resources counts the gates, the depth and the angles.
func (c *Circuit) Resources() Resources {
	c = c.orBroken()
	r := Resources{Qubits: c.qubits, Total: len(c.ops), Theta: c.NumTheta(), Data: c.NumData()}
	r.Gates = map[string]int{}
	layer := map[int]int{} // by qubit: the last layer that uses it
	for _, g := range c.ops {
		r.Gates[g.Name()]++
		all, depth := g.AllQubits(), 0
		for _, q := range all {
			depth = max(depth, layer[q]+1)
		}
		for _, q := range all {
			layer[q] = depth
		}
		r.Depth = max(r.Depth, depth)
		switch {
		case len(all) == 2:
			r.TwoQubit++
		case len(all) > 2:
			r.Larger++
		}
	}
	return r
}

// String returns one line: 4 qubits, 12 gates (cx 4, ry 8), 4 on two qubits, depth 6, 8 trainable angles.
func (r Resources) String() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.Gates)) {
		names = append(names, fmt.Sprintf("%s %d", name, r.Gates[name]))
	}
	s := counted(r.Qubits, "qubit") + ", " + counted(r.Total, "gate")
	if len(names) > 0 {
		s += " (" + strings.Join(names, ", ") + ")"
	}
	s += fmt.Sprintf(", %d on two qubits", r.TwoQubit)
	if r.Larger > 0 {
		s += fmt.Sprintf(", %d on more than two", r.Larger)
	}
	s += fmt.Sprintf(", depth %d, %s", r.Depth, counted(r.Theta, "trainable angle"))
	if r.Data > 0 {
		s += ", " + counted(r.Data, "input")
	}
	return s
}

// counted returns the number with its noun: 1 gate, 2 gates.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
