package split

import (
	"math"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// Options are how a circuit is planned.
type Options struct {
	Start  *Layout // of the states that it runs on; nil: the best one
	Direct bool    // no gate waits for others: each fetches the qubits that it needs and gives them back
}

// Plan is a circuit on a state over ranks: in which order its gates run, and when qubits change places. It is the
// same on all ranks, never changes and holds no state, so it can be made for more ranks than there are.
type Plan struct {
	start, end        *Layout
	steps             []step
	numTheta, numData int
	traffic           Traffic
}

// Traffic is what a rank sends in one run of a plan.
type Traffic struct {
	Exchanges  int     // times that all ranks exchange amplitudes; a gate of a Direct plan is one
	Messages   int     // exchanges with another rank, each in as many parts as fit into the buffers
	Amplitudes float64 // that a rank sends, and as many that it receives
}

// step is a gate on a layout, or a change of the layout.
type step struct {
	gate   *gate
	layout *Layout // before it
	to     *Layout // after it; nil: as before
	fetch  []int   // without a gate: global qubits that change places
	give   []int   // with these local ones
}

// NewPlan plans a circuit for so many ranks. It returns the circuit's own error, and one for a number of ranks that is
// no power of two, or so high that a gate does not fit on the qubits of a rank.
//
// Diagonal gates and controls need no qubit on the rank, X and Y neither, and SWAP only renames qubits. Where no gate
// is left that finds its qubits, those whose next gate is the farthest become the global ones, all in one exchange
// (Belady's rule). Gates that commute on a qubit, because they are diagonal there, do not wait for each other.
//
// Source: De Raedt et al., arXiv:1805.04708, and Häner and Steiger, arXiv:1704.01127, for global and local qubits;
// Belady, IBM Systems Journal 5 (1966), for the choice.
func NewPlan(c *circuit.Circuit, ranks int, o Options) (*Plan, error) {
	gates, err := gatesOf(c)
	if err != nil {
		return nil, err
	}
	n := c.Qubits()
	if err := checkSizes(n, ranks); err != nil {
		return nil, err
	}
	b := &planner{gates: gates, qubits: n, direct: o.Direct}
	if !o.Direct {
		b.renameSwaps()
	}
	local := n - log2(ranks)
	for i := range b.gates {
		if k := len(b.gates[i].needs); k > local {
			return nil, errors.Errorf("split: want at most %d ranks for a circuit of %d qubits with %s on %d qubits, got %d",
				1<<max(0, n-k), n, b.gates[i].Name(), k, ranks)
		}
	}
	b.begin()
	switch {
	case o.Start != nil && (o.Start.Qubits() != n || o.Start.Ranks() != ranks):
		return nil, errors.Errorf("split: want a Start of %d qubits on %d ranks, got %d on %d", n, ranks,
			o.Start.Qubits(), o.Start.Ranks())
	case o.Start != nil:
		b.layout = o.Start
	case o.Direct:
		b.layout = orderedLayout(identity(n), ranks)
	default:
		b.layout = orderedLayout(identity(n), ranks)
		b.layout = orderedLayout(b.best(), ranks)
	}
	p := &Plan{start: b.layout, numTheta: c.NumTheta(), numData: c.NumData()}
	if o.Direct {
		b.inOrder()
	} else {
		b.run()
	}
	p.steps, p.traffic, p.end = b.steps, b.traffic, b.named()
	return p, nil
}

// Start returns the layout of the states that the circuit runs on.
func (p *Plan) Start() *Layout {
	if p == nil {
		return nil
	}
	return p.start
}

// End returns the layout of the states that it makes.
func (p *Plan) End() *Layout {
	if p == nil {
		return nil
	}
	return p.end
}

// Traffic returns what each rank sends in a run of the circuit. The gradient sends the same for two states.
func (p *Plan) Traffic() Traffic {
	if p == nil {
		return Traffic{}
	}
	return p.traffic
}

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

// renameSwaps takes the exchanges of two qubits out of the circuit and renames the qubits of the gates that follow.
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
	type history struct{ mixing, since []int } // the last gate that mixes a qubit, and those diagonal on it since then
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

// best returns the positions in which those qubits are global that are needed last. The others stay where they are
// but for those that change places with them.
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
		victims = slices.DeleteFunc(victims, func(q int) bool { return !home.isLocal(q) || slices.Contains(g.needs, q) })
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

// relabelled returns the layout after a gate on global qubits that takes basis states to basis states.
func (l *Layout) relabelled(g *gate) *Layout {
	out := *l
	out.block = slices.Clone(l.block)
	for rank := range out.block {
		to, _ := l.imageOn(rank, g)
		for i, q := range g.Qubits {
			bit := 1 << (l.global() - 1 - l.place[q])
			out.block[rank] &^= bit
			if to>>(len(g.Qubits)-1-i)&1 == 1 {
				out.block[rank] |= bit
			}
		}
	}
	return &out
}

// imageOn returns what such a gate makes of its qubits on a rank, and the number that it multiplies.
func (l *Layout) imageOn(rank int, g *gate) (to int, factor complex128) {
	pattern := l.patternOn(rank, g.Qubits)
	if slices.ContainsFunc(g.Controls, func(q int) bool { return l.bitOn(rank, q) == 0 }) {
		return pattern, 1
	}
	return g.image(pattern)
}
