package statevec

import (
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Trajectories is a compiled noisy circuit that is run on states, with errors drawn at random: the average
// over runs is what the density matrix gives. It is immutable, and safe to share between goroutines.
// NewMeasuredTrajectories runs one.
//
// Errors are rare, so that the circuit is compiled as a binary tree: its root is all gates, its leaves are
// gates with no place of an error among them. A state runs through the largest parts in which nothing happens
// to it. The leaves are few, because errors are moved behind gates that turn Pauli strings into Pauli
// strings.
type Trajectories[T Float] struct {
	qubits, numTheta, numData int
	root                      *part[T]
	places                    []place
	hazard                    []float64 // by place: of the places before it, Σ −log(1 − probability of an error)
	weight                    float64   // of every run but for its sign
	readout                   []circuit.Confusion
}

// place is where a channel acts.
type place struct {
	branches
	target
	number int      // in the circuit
	leaf   int      // behind whose gates it is
	moved  []moving // by error: its form behind those gates; nil if the channel has others
}

// part is some gates in their order, and the places behind them. It is compiled when it is first run.
type part[T Float] struct {
	left, right *part[T] // nil: a leaf, whose places all are behind its gates
	first, last int      // its places are [first, last)
	depth       int
	number      int // among all parts

	gates []circuit.Operation // of the circuit; nil once it is compiled
	once  sync.Once
	plan  *Plan[T]
	err   error
}

const (
	mostHazard = 50.0 // an error of probability 1
	// mostSpread bounds how much the weights of channels with signs may enlarge the variance of the runs: a
	// run with an operator at every place takes far longer than so many without.
	mostSpread = 16
)

// CompileTrajectories returns the plan of a noisy circuit for runs with random errors. Without channels it
// computes what the circuit does. Each error is drawn with a fixed probability, that of a decay in the state
// it meets. Channels that are mixtures of Pauli strings and resets with negative weights too, as amplitude
// damping, are drawn so, with signs, if the weights make the variance at most 16 times as large; otherwise,
// and for any other channel, one of the Kraus operators acts in every run, which takes longer. It returns the
// circuit's own error, and those of Compile.
func CompileTrajectories[T Float](c *circuit.Noisy) (*Trajectories[T], error) {
	t, err := newTrajectories[T](c, true)
	if err == nil && t.weight*t.weight > mostSpread {
		t, err = newTrajectories[T](c, false)
	}
	return t, errors.WithMessage(err, "statevec: CompileTrajectories")
}

func newTrajectories[T Float](c *circuit.Noisy, signs bool) (*Trajectories[T], error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	n := c.Qubits()
	t := &Trajectories[T]{qubits: n, numTheta: c.Ideal().NumTheta(), numData: c.Ideal().NumData(), weight: 1,
		hazard: []float64{0}}
	if slices.ContainsFunc(c.Readout(), func(r circuit.Confusion) bool { return !r.Exact() }) {
		t.readout = c.Readout()
	}
	l := leafing[T]{Trajectories: t, level: make([]int, n), known: cliffords{}}
	for _, step := range c.Steps() {
		if step.Channel.Qubits() == 0 {
			l.apply(step.Operation)
			continue
		}
		b := newBranches(step.Channel, signs)
		if u, ok := b.unitary(); ok {
			gate, err := circuit.Unitary(u)
			if err != nil {
				return nil, err
			}
			l.apply(circuit.Operation{Gate: gate, Qubits: step.Qubits})
			continue
		}
		if len(b.errors) > 0 {
			l.disturb(b, step.Qubits)
		}
	}
	leaves := l.finish()
	for i := range t.places {
		b := &t.places[i]
		t.weight *= b.weight
		h := min(mostHazard, -math.Log1p(-min(1, b.total)))
		t.hazard = append(t.hazard, t.hazard[len(t.hazard)-1]+h)
	}
	count := 0
	t.root = join(leaves, 0, &count)
	_, err := t.root.compiled(t)
	return t, err
}

// join returns the tree of some leaves.
func join[T Float](leaves []*part[T], depth int, count *int) *part[T] {
	p := leaves[0]
	if len(leaves) > 1 {
		half := len(leaves) / 2
		p = &part[T]{left: join(leaves[:half], depth+1, count), right: join(leaves[half:], depth+1, count)}
		p.first, p.last = p.left.first, p.right.last
	}
	p.depth, p.number = depth, *count
	*count++
	return p
}

// operations returns the gates of a part.
func (p *part[T]) operations() []circuit.Operation {
	if p.left == nil {
		return p.gates
	}
	return append(slices.Clip(p.left.operations()), p.right.operations()...)
}

// compiled returns the plan of a part, nil if it has no gates.
func (p *part[T]) compiled(t *Trajectories[T]) (*Plan[T], error) {
	p.once.Do(func() {
		gates := p.operations()
		if len(gates) == 0 && p.depth > 0 {
			return
		}
		c := circuit.New(t.qubits)
		for _, g := range gates {
			c.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
		}
		if p.plan, p.err = Compile[T](c); p.err == nil {
			p.plan.numTheta, p.plan.numData = t.numTheta, t.numData
		}
	})
	return p.plan, p.err
}

// parts returns how many parts there are.
func (t *Trajectories[T]) parts() int { return t.root.number + 1 }

// Qubits returns the number of qubits n.
func (t *Trajectories[T]) Qubits() int { return t.orZero().qubits }

// NumTheta returns the length of theta.
func (t *Trajectories[T]) NumTheta() int { return t.orZero().numTheta }

// NumData returns the length of a row of data.
func (t *Trajectories[T]) NumData() int { return t.orZero().numData }

// Errors returns how many errors a run has on average.
func (t *Trajectories[T]) Errors() (mean float64) {
	for _, p := range t.orZero().places {
		mean += p.total
	}
	return mean
}

func (t *Trajectories[T]) orZero() *Trajectories[T] {
	if t == nil {
		return &Trajectories[T]{}
	}
	return t
}

func (t *Trajectories[T]) compiled() bool { return t != nil && t.root != nil }

// event is an error in a run.
type event struct {
	place, branch int32
	kept          int32          // where the state in front of it is kept, −1 if it is not
	operator      circuit.Matrix // that acted, of an error that is not moved
	value         int            // 0 or 1: which operator that was, of one that is
	scale         float64        // and what it was scaled by
}

// draw appends the errors of a run to a list, and returns the run's sign.
func (t *Trajectories[T]) draw(random *splitmix.Source, list []event) ([]event, float64) {
	sign, at := 1.0, 0.0
	for {
		at += -math.Log(1 - random.Float64())
		p := sort.Search(len(t.places), func(i int) bool { return t.hazard[i+1] > at })
		if p == len(t.places) {
			return list, sign
		}
		b := t.places[p].draw(random)
		sign *= t.places[p].errors[b].sign
		list, at = append(list, event{place: int32(p), branch: int32(b), kept: -1}), t.hazard[p+1]
	}
}
