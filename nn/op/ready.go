package op

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// Ready tells a function of gradients as soon as a run has computed them: those of the last layers come
// first.
type Ready struct {
	Groups []G.Nodes       // of leaves, each of Outputs.WRT
	Call   func(group int) // when all gradients of a group have their values, which it may read
}

// gradsOf returns the nodes of the gradients of each group.
func (r *Ready) gradsOf(p *Program) (groups []G.Nodes, err error) {
	for i, leaves := range r.Groups {
		var grads G.Nodes
		for _, leaf := range leaves {
			n := p.grads[leaf]
			if n == nil {
				return nil, errors.Errorf("op: NewProgram: group %d of Ready has a leaf that is not among WRT", i)
			}
			grads = append(grads, n)
		}
		groups = append(groups, grads)
	}
	return groups, nil
}

// callWhenReady lets the node that runs next behind the gradients of a group call with it. It returns the
// groups behind which no node runs.
func (a *allocator) callWhenReady(groups []G.Nodes, call func(group int)) (last []int) {
	positions := make(map[*G.Node]int, len(a.sorted))
	for i, n := range a.sorted {
		positions[n] = i
	}
	for group, grads := range groups {
		at := -1
		for _, n := range grads {
			at = max(at, positions[n])
		}
		next := 0
		for next < len(a.slots) && a.slots[next].position <= at {
			next++
		}
		if next == len(a.slots) {
			last = append(last, group)
			continue
		}
		slot := a.slots[next].slot
		before := slot.before
		slot.before = func() {
			if before != nil {
				before()
			}
			call(group)
		}
	}
	return last
}
