package split

import (
	"math"
	"slices"
)

// planner makes the steps of a plan.
type planner struct {
	gates  []gate
	qubits int
	direct bool
	names  []int // by qubit of the circuit: what it is called after all renaming

	waits  []int   // by gate: how many others come first
	after  [][]int // by gate: those that wait for it
	uses   [][]int // by qubit: the gates that need it on the rank
	done   []bool
	layout *Layout

	steps   []step
	traffic Traffic
}

// renameSwaps takes the exchanges of two qubits out of the circuit and renames the qubits of the gates that
// follow.
func (b *planner) renameSwaps() {
	b.names = identity(b.qubits)
	kept := b.gates[:0]
	name := func(q int) int { return b.names[q] }
	for i := range b.gates {
		g := b.gates[i]
		if g.isSwap() {
			x, y := g.Qubits[0], g.Qubits[1]
			b.names[x], b.names[y] = b.names[y], b.names[x]
			continue
		}
		g.Operation = g.Map(name, nil)
		needs := make([]int, len(g.needs))
		for j, q := range g.needs {
			needs[j] = name(q)
		}
		g.needs = needs
		kept = append(kept, g)
	}
	b.gates = kept
}

// named returns the layout for the qubits of the circuit.
func (b *planner) named() *Layout {
	if b.names == nil {
		return b.layout
	}
	out := *b.layout
	out.place = make([]int, b.qubits)
	for q, name := range b.names {
		out.place[q] = b.layout.place[name]
	}
	return &out
}

// begin finds which gates wait for which, and which need a qubit.
func (b *planner) begin() {
	b.waits, b.after = make([]int, len(b.gates)), make([][]int, len(b.gates))
	b.done, b.uses = make([]bool, len(b.gates)), make([][]int, b.qubits)
	// the last gate that mixes a qubit, and those diagonal on it since then
	type history struct{ mixing, since []int }
	last := make([]history, b.qubits)
	for i := range b.gates {
		g := &b.gates[i]
		wait := func(gates []int) {
			for _, j := range gates {
				b.after[j] = append(b.after[j], i)
				b.waits[i]++
			}
		}
		for _, q := range g.AllQubits() {
			h := &last[q]
			if !slices.Contains(g.needs, q) {
				wait(h.mixing)
				h.since = append(h.since, i)
				continue
			}
			if len(h.since) > 0 {
				wait(h.since)
			} else {
				wait(h.mixing)
			}
			h.mixing, h.since = []int{i}, nil
		}
		if g.relabels() && len(g.Qubits) == 1 && len(g.Controls) == 0 {
			continue // needs nothing, wherever its qubit is
		}
		for _, q := range g.needs {
			b.uses[q] = append(b.uses[q], i)
		}
	}
}

// next returns the first gate that is left and needs a qubit.
func (b *planner) next(q int) int {
	for len(b.uses[q]) > 0 && b.done[b.uses[q][0]] {
		b.uses[q] = b.uses[q][1:]
	}
	if len(b.uses[q]) == 0 {
		return math.MaxInt
	}
	return b.uses[q][0]
}

// best returns the positions in which those qubits are global that are needed last. The others stay where
// they are but for those that change places with them.
func (b *planner) best() []int {
	order := identity(b.qubits)
	l := b.layout
	slices.SortStableFunc(order, func(x, y int) int {
		switch i, j := b.next(x), b.next(y); {
		case i > j:
			return -1
		case i < j:
			return 1
		}
		return l.place[x] - l.place[y] // the global ones stay, and far amplitudes move in longer runs
	})
	place := slices.Clone(l.place)
	var out, in []int // positions that become free
	for i, q := range order {
		switch wanted := i < l.global(); {
		case wanted && l.isLocal(q):
			in = append(in, q)
		case !wanted && !l.isLocal(q):
			out = append(out, q)
		}
	}
	for i := range in {
		place[in[i]], place[out[i]] = place[out[i]], place[in[i]]
	}
	return place
}

// runs tells whether a gate can run on the layout, and whether it only changes the layout.
func (b *planner) runs(g *gate) (ok, relabels bool) {
	if !slices.ContainsFunc(g.needs, func(q int) bool { return !b.layout.isLocal(q) }) {
		return true, false
	}
	if b.direct || !g.relabels() || slices.ContainsFunc(g.AllQubits(), b.layout.isLocal) {
		return false, false
	}
	return true, true
}

// run plans the gates in an order that needs few exchanges.
func (b *planner) run() {
	var ready, blocked []int
	for i, w := range b.waits {
		if w == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		for k := 0; k < len(ready); k++ { // those that become ready are appended
			i := ready[k]
			ok, relabels := b.runs(&b.gates[i])
			if !ok {
				blocked = append(blocked, i)
				continue
			}
			b.emit(&b.gates[i], relabels)
			b.done[i] = true
			for _, j := range b.after[i] {
				if b.waits[j]--; b.waits[j] == 0 {
					ready = append(ready, j)
				}
			}
		}
		if len(blocked) > 0 {
			b.move(b.best())
			b.traffic.Exchanges++
		}
		slices.Sort(blocked)
		ready, blocked = append(ready[:0], blocked...), blocked[:0]
	}
}

func (b *planner) emit(g *gate, relabels bool) {
	s := step{gate: g, layout: b.layout}
	if relabels {
		s.to = b.layout.relabelled(g)
		b.layout = s.to
	}
	b.steps = append(b.steps, s)
}

// inOrder plans each gate by itself.
func (b *planner) inOrder() {
	for i := range b.gates {
		g := &b.gates[i]
		if ok, _ := b.runs(g); ok {
			b.emit(g, false)
			continue
		}
		home := b.layout
		place := slices.Clone(home.place)
		victims := identity(b.qubits)
		slices.SortFunc(victims, func(x, y int) int { return home.place[x] - home.place[y] })
		victims = slices.DeleteFunc(victims, func(q int) bool {
			return !home.isLocal(q) ||
				slices.Contains(g.needs, q)
		})
		for _, q := range g.needs {
			if !home.isLocal(q) {
				v := victims[0]
				victims = victims[1:]
				place[q], place[v] = place[v], place[q]
			}
		}
		b.move(place)
		b.emit(g, false)
		b.move(home.place)
		b.traffic.Exchanges++
	}
}

// move plans an exchange after which the qubits are at other positions.
func (b *planner) move(place []int) {
	to := *b.layout
	to.place = place
	s := step{layout: b.layout, to: &to}
	for q, from := range b.layout.place {
		if from < b.layout.global() && place[q] != from {
			s.fetch = append(s.fetch, q)
			s.give = append(s.give, slices.Index(place, from))
		}
	}
	parts := math.Ldexp(1, len(s.fetch)) - 1
	b.traffic.Messages += int(parts)
	b.traffic.Amplitudes += math.Ldexp(parts, b.layout.local-len(s.fetch))
	b.steps, b.layout = append(b.steps, s), &to
}
