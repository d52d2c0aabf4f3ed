package circuit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
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

	// Of a Dynamic: classical bits, measured and reset qubits, and branches and loops on bits.
	Bits       int `json:"bits,omitempty"`
	Measured   int `json:"measured,omitempty"`
	Resets     int `json:"resets,omitempty"`
	Conditions int `json:"conditions,omitempty"`
}

// Resources counts the gates, the depth and the angles.
func (c *Circuit) Resources() Resources {
	c = c.orBroken()
	r := Resources{Qubits: c.qubits, Theta: c.NumTheta(), Data: c.NumData()}
	r.Gates = map[string]int{}
	layer := map[int]int{} // by qubit: the last layer that uses it
	for _, g := range c.ops {
		r.gate(g)
		r.layer(layer, g.AllQubits(), nil)
	}
	return r
}

// Resources counts as that of a Circuit does, gates under conditions and in loops once. A measurement, a
// reset and an assignment take one layer of their qubits and bits each, and what is under a condition comes
// after what sets its bits. Barriers take none.
func (d *Dynamic) Resources() Resources {
	if d == nil {
		return Resources{Gates: map[string]int{}}
	}
	r := Resources{Qubits: d.Qubits(), Bits: d.Bits(), Gates: map[string]int{}}
	layer := map[int]int{} // by qubit, and by −1−bit
	var count func(body []Instruction, conditions []int)
	count = func(body []Instruction, conditions []int) {
		for i := range body {
			in := &body[i]
			switch in.Kind {
			case Apply, Opaque:
				r.gate(in.Operation)
				r.angles(in.Angles)
				r.layer(layer, in.AllQubits(), conditions)
			case Measure, Reset: // each qubit for itself
				if in.Kind == Measure {
					r.Measured += len(in.Qubits)
				} else {
					r.Resets += len(in.Qubits)
				}
				for j, q := range in.Qubits {
					places := []int{q}
					if len(in.Bits) > j {
						places = append(places, -1-in.Bits[j])
					}
					r.layer(layer, places, conditions)
				}
			case Assign:
				for _, b := range in.Bits {
					r.layer(layer, []int{-1 - b}, read(conditions, in.When))
				}
			case Branch, Repeat:
				r.Conditions++
				count(in.Then, read(conditions, in.When))
				count(in.Else, read(conditions, in.When))
			}
		}
	}
	count(d.Body, nil)
	return r
}

// gate counts one gate.
func (r *Resources) gate(g Operation) {
	r.Gates[g.Name()]++
	r.Total++
	switch n := len(g.Controls) + len(g.Qubits); {
	case n == 2:
		r.TwoQubit++
	case n > 2:
		r.Larger++
	}
}

// read returns the places of bits with those of a condition.
func read(places []int, c *Condition) []int {
	out := slices.Clone(places)
	c.Each(func(b int) { out = append(out, -1-b) })
	return out
}

// angles counts the angles that are no numbers.
func (r *Resources) angles(all []Angle) {
	for _, a := range all {
		switch a.Source {
		case Trainable:
			r.Theta = max(r.Theta, a.Index+1)
		case Input:
			r.Data = max(r.Data, a.Index+1)
		}
	}
}

// layer puts something that acts on the given places, and depends on others, into the first layer after all
// that act on them.
func (r *Resources) layer(layer map[int]int, places, others []int) {
	depth := 0
	for _, q := range places {
		depth = max(depth, layer[q]+1)
	}
	for _, q := range others {
		depth = max(depth, layer[q]+1)
	}
	for _, q := range places {
		layer[q] = depth
	}
	r.Depth = max(r.Depth, depth)
}

// String returns one line: 4 qubits, 12 gates (cx 4, ry 8), 4 on two qubits, depth 6, 8 trainable angles.
func (r Resources) String() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.Gates)) {
		names = append(names, fmt.Sprintf("%s %d", name, r.Gates[name]))
	}
	s := words.Count(r.Qubits, "qubit") + ", " + words.Count(r.Total, "gate")
	if len(names) > 0 {
		s += " (" + strings.Join(names, ", ") + ")"
	}
	s += fmt.Sprintf(", %d on two qubits", r.TwoQubit)
	if r.Larger > 0 {
		s += fmt.Sprintf(", %d on more than two", r.Larger)
	}
	s += fmt.Sprintf(", depth %d, %s", r.Depth, words.Count(r.Theta, "trainable angle"))
	if r.Data > 0 {
		s += ", " + words.Count(r.Data, "input")
	}
	for _, more := range []struct {
		n    int
		noun string
	}{{r.Bits, "bit"}, {r.Measured, "measurement"}, {r.Resets, "reset"}, {r.Conditions, "condition"}} {
		if more.n > 0 {
			s += ", " + words.Count(more.n, more.noun)
		}
	}
	return s
}
