package split

import (
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// Options are how a circuit is planned.
type Options struct {
	Start  *Layout // of the states that it runs on; nil: the best one
	Direct bool    // no gate waits for others: each fetches the qubits that it needs and gives them back
}

// Plan is a circuit on a state over ranks: in which order its gates run, and when qubits change places. It is
// the same on all ranks, never changes and holds no state, so it can be made for more ranks than there are.
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

// NewPlan plans a circuit for so many ranks. It returns the circuit's own error, and one for a number of
// ranks that is no power of two, or so high that a gate does not fit on the qubits of a rank.
//
// Diagonal gates and controls need no qubit on the rank, X and Y neither, and SWAP only renames qubits. Where
// no gate is left that finds its qubits, those whose next gate is the farthest become the global ones, all in
// one exchange (Belady's rule). Gates that commute on a qubit, because they are diagonal there, do not wait
// for each other.
//
// Source: De Raedt et al., arXiv:1805.04708, and Häner and Steiger, arXiv:1704.01127, for global and local
// qubits; Belady, IBM Systems Journal 5 (1966), for the choice.
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
			return nil, errors.Errorf("split: want at most %d ranks for a circuit of %d qubits with %s on "+
				"%d qubits, got %d", 1<<max(0, n-k), n, b.gates[i].Name(), k, ranks)
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
