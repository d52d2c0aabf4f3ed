package transpile

import (
	"cmp"
	"slices"
)

// plan is the order that a circuit asks of its operations: on each qubit they form groups that follow one
// upon another, and those of one group commute. An operation is ready when its group is the current one on
// each of its qubits.
type plan struct {
	n      int
	ops    []op
	groups [][][]int // by qubit: the operations of each group
	group  [][2]int  // by operation: its group on its qubits
	ahead  []int     // the operations of two qubits by their level: how many groups come before
}

// newPlan returns the plan of a circuit on n qubits; unless operations may commute, each is a group of its
// own.
func newPlan(ops []op, n int, commuting bool) *plan {
	p := &plan{n: n, ops: ops, groups: make([][][]int, n), group: make([][2]int, len(ops))}
	current := make([]colour, n) // of the last group
	level := make([]int, len(ops))
	reached := make([]int, n) // level of the operations before the last group
	highest := make([]int, n) // and of those in it
	for i := range ops {
		o := &ops[i]
		for s, q := range [2]int{o.a, o.b} {
			if q < 0 {
				continue
			}
			if len(p.groups[q]) == 0 || !commuting || o.colour[s] == none || o.colour[s] != current[q] {
				p.groups[q] = append(p.groups[q], nil)
				reached[q] = highest[q]
			}
			current[q] = o.colour[s]
			last := len(p.groups[q]) - 1
			p.groups[q][last] = append(p.groups[q][last], i)
			p.group[i][s] = last
			level[i] = max(level[i], reached[q])
		}
		if o.two() {
			p.ahead = append(p.ahead, i)
			level[i]++
		}
		for _, q := range [2]int{o.a, o.b} {
			if q >= 0 {
				highest[q] = max(highest[q], level[i])
			}
		}
	}
	slices.SortStableFunc(p.ahead, func(i, j int) int { return cmp.Compare(level[i], level[j]) })
	return p
}

// progress is how far a plan was carried out.
type progress struct {
	*plan
	current, left []int // by qubit: the group, and how much of it is left
	seen, done    []bool
	ready         []int // operations that can be done now, in the order in which they became ready
	first         int   // of ahead: all before it are done
}

// start returns the progress of a plan that has not begun.
func (p *plan) start() *progress {
	g := &progress{plan: p, current: make([]int, p.n), left: make([]int, p.n), seen: make([]bool, len(p.ops)),
		done: make([]bool, len(p.ops))}
	for q := range g.n {
		g.enter(q)
	}
	return g
}

// enter begins the current group of a qubit.
func (g *progress) enter(q int) {
	if g.current[q] == len(g.groups[q]) {
		return
	}
	group := g.groups[q][g.current[q]]
	g.left[q] = len(group)
	for _, i := range group {
		o := &g.ops[i]
		isCurrent := true
		for s, r := range [2]int{o.a, o.b} {
			isCurrent = isCurrent && (r < 0 || g.group[i][s] == g.current[r])
		}
		if isCurrent && !g.seen[i] {
			g.seen[i] = true
			g.ready = append(g.ready, i)
		}
	}
}

// finish marks a ready operation as done; what waited for it becomes ready.
func (g *progress) finish(i int) {
	g.done[i] = true
	for _, q := range [2]int{g.ops[i].a, g.ops[i].b} {
		if q < 0 {
			continue
		}
		if g.left[q]--; g.left[q] == 0 {
			g.current[q]++
			g.enter(q)
		}
	}
}

// upcoming returns up to most operations of two qubits that come after those that are ready.
func (g *progress) upcoming(most int, out []int) []int {
	for g.first < len(g.ahead) && g.done[g.ahead[g.first]] {
		g.first++
	}
	out = out[:0]
	for _, i := range g.ahead[g.first:] {
		if len(out) == most {
			break
		}
		if !g.seen[i] {
			out = append(out, i)
		}
	}
	return out
}
