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
	s := fmt.Sprintf("%d qubits, %d gates (%s), %d on two qubits, depth %d, %d trainable angles",
		r.Qubits, r.Total, strings.Join(names, ", "), r.TwoQubit, r.Depth, r.Theta)
	if r.Larger > 0 {
		s += fmt.Sprintf(", %d on more than two qubits", r.Larger)
	}
	if r.Data > 0 {
		s += fmt.Sprintf(", %d inputs", r.Data)
	}
	return s
}
