package transpile

import (
	"runtime"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

const (
	defaultTrials = 20
	maxTrials     = 10_000
)

// Compiler turns circuits into what a device can run.
type Compiler struct {
	Gates    circuit.GateSet
	Coupling circuit.Coupling // the zero Coupling sets no limits

	// Seed and Trials are those of the search for a placement: 20 trials if Trials is 0. One seed gives one
	// result.
	Seed   uint64
	Trials int
	// Threads bounds how many trials run at once, without an effect on the result; 0 is as many as there are
	// cores.
	Threads int
}

// Result is a circuit for a device. Its qubits are those of the coupling map.
type Result struct {
	Circuit *circuit.Circuit
	// First and Last say which qubit of the device holds each qubit of the original before and after Circuit.
	// They differ where qubits were exchanged on the way: where results are read, qubit q is Last[q].
	First, Last []int
	// Swaps is the number of exchanges that the coupling map made necessary, before they were merged with
	// their neighbours.
	Swaps int
	// Before counts the original in the gates of the set, each gate by itself and without a coupling map;
	// After counts Circuit.
	Before, After Counts
}

// Counts is what a circuit costs on a device.
type Counts struct {
	Gates         int `json:"gates"`
	TwoQubit      int `json:"two_qubit"`       // gates of two qubits
	Depth         int `json:"depth"`           // layers of gates that can run at the same time
	TwoQubitDepth int `json:"two_qubit_depth"` // layers of gates of two qubits alone
}

// Count counts a circuit; gates of more than two qubits count as of two.
func Count(c *circuit.Circuit) Counts {
	var n Counts
	all, two := make([]int, max(1, c.Qubits())), make([]int, max(1, c.Qubits()))
	for _, g := range c.Operations() {
		qubits := g.AllQubits()
		n.Gates++
		n.Depth = max(n.Depth, layer(all, qubits))
		if len(qubits) > 1 {
			n.TwoQubit++
			n.TwoQubitDepth = max(n.TwoQubitDepth, layer(two, qubits))
		}
	}
	return n
}

// layer returns the layer of a gate, the first one after those that its qubits have reached.
func layer(reached, qubits []int) int {
	depth := 0
	for _, q := range qubits {
		depth = max(depth, reached[q])
	}
	for _, q := range qubits {
		reached[q] = depth + 1
	}
	return depth + 1
}

// Run returns the circuit in gates of the set, on pairs of qubits that the coupling map has, in their
// direction if it is directed. Swaps of the original only rename qubits. Without a coupling map, and on one
// where all qubits are coupled, the result has no more gates of two qubits than Decompose gives.
//
// Swaps are chosen by a search with random beginnings (SABRE), unless the circuit fits on the map without
// any.
//
// It returns an error for a circuit with errors, the zero GateSet, a coupling map with errors, such as one
// that is not connected, one with fewer qubits than the circuit or more than a circuit can have (see
// Coupling.Part), and negative numbers of trials and threads.
func (k Compiler) Run(c *circuit.Circuit) (Result, error) {
	if err := k.check(c); err != nil {
		return Result{}, err
	}
	b := newBasis(k.Gates)
	original, _, err := lower(c, b, false)
	if err != nil {
		return Result{}, errors.WithMessage(err, "transpile")
	}
	before := b.emit(b.flatten(original), c.Qubits(), circuit.Coupling{})
	ops, place, err := lower(c, b, true)
	if err != nil {
		return Result{}, errors.WithMessage(err, "transpile")
	}
	r, err := k.place(b, b.simplify(ops, c.Qubits()), c.Qubits())
	if err != nil {
		return Result{}, err
	}
	last := make([]int, len(place))
	for q, p := range place {
		last[q] = r.Last[p]
	}
	r.Last, r.Before, r.After = last, Count(before), Count(r.Circuit)
	return r, r.Circuit.Err()
}

func (k Compiler) check(c *circuit.Circuit) error {
	if err := check(c, k.Gates); err != nil {
		return err
	}
	if err := k.Coupling.Err(); err != nil {
		return errors.WithMessage(err, "transpile")
	}
	switch n := k.Coupling.Qubits(); {
	case n > 0 && n < c.Qubits():
		return errors.Errorf(
			"transpile: want a coupling map of at least %d qubits, those of the circuit, got %d (%s)",
			c.Qubits(), n, k.Coupling)
	case n > circuit.MaxQubits:
		return errors.Errorf("transpile: want a coupling map of at most %d qubits, as a circuit can have, "+
			"got %d (%s): use a part of it (Coupling.Part)", circuit.MaxQubits, n, k.Coupling)
	case k.Trials < 0 || k.Trials > maxTrials:
		return errors.Errorf("transpile: want 0 to %d trials, got %d", maxTrials, k.Trials)
	case k.Threads < 0:
		return errors.Errorf("transpile: want no negative number of threads, got %d", k.Threads)
	}
	return nil
}

// place places n qubits on the map.
func (k Compiler) place(b *basis, ops []op, n int) (Result, error) {
	size := max(n, k.Coupling.Qubits())
	if k.Coupling.All() {
		identity := make([]int, n)
		for q := range identity {
			identity[q] = q
		}
		out := b.emit(b.fewest(ops, n), size, k.Coupling)
		return Result{Circuit: out, First: identity, Last: slices.Clone(identity)}, nil
	}
	r := newRouter(k.Coupling)
	var routes []route
	if placement := r.embed(ops, n); placement != nil {
		routes = []route{placed(ops, placement)}
	} else {
		threads := k.Threads
		if threads == 0 {
			threads = runtime.GOMAXPROCS(0)
		}
		trials := k.Trials
		if trials == 0 {
			trials = defaultTrials
		}
		routes = r.search(ops, n, trials, threads, k.Seed)
	}
	var best Result
	for i, found := range routes[:min(len(routes), finalists)] {
		out := b.emit(b.fewest(found.ops, size), size, k.Coupling)
		if i > 0 && !fewer(Count(out), Count(best.Circuit)) {
			continue
		}
		best = Result{Circuit: out, First: found.first, Last: found.last, Swaps: found.swaps}
	}
	return best, nil
}

// fewer tells whether a circuit is better than another one.
func fewer(a, b Counts) bool {
	if a.TwoQubit != b.TwoQubit {
		return a.TwoQubit < b.TwoQubit
	}
	return a.TwoQubitDepth < b.TwoQubitDepth
}

// Held returns for each qubit of the device the qubit of the original that it holds at the end, −1 for none.
func (r Result) Held() []int {
	if r.Circuit == nil {
		return nil
	}
	out := slices.Repeat([]int{-1}, r.Circuit.Qubits())
	for q, p := range r.Last {
		if p >= 0 && p < len(out) {
			out[p] = q
		}
	}
	return out
}

// Compact returns the circuit on those qubits of the device alone that it uses or that hold qubits of the
// original, for simulation: qubit i of it is qubits[i] of the device, in ascending order.
func (r Result) Compact() (c *circuit.Circuit, qubits []int) {
	if r.Circuit == nil {
		return nil, nil
	}
	used := make([]bool, r.Circuit.Qubits())
	for _, list := range [][]int{r.First, r.Last} {
		for _, q := range list {
			if q >= 0 && q < len(used) {
				used[q] = true
			}
		}
	}
	for _, g := range r.Circuit.Operations() {
		for _, q := range g.AllQubits() {
			used[q] = true
		}
	}
	place := make([]int, len(used))
	for q, u := range used {
		if u {
			place[q] = len(qubits)
			qubits = append(qubits, q)
		}
	}
	c = circuit.New(len(qubits))
	for _, g := range r.Circuit.Operations() {
		g = g.Map(func(q int) int { return place[q] }, nil)
		c.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
	}
	return c, qubits
}
