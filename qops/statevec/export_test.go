package statevec

import "github.com/hqvit/hqvit/qops/circuit"

// DrawnRun is a run of a MeasuredTrajectories: the operator of each place, nil if nothing happened there, and
// the share of the run in the average.
type DrawnRun struct {
	Row       int
	Operators []circuit.Matrix
	Weight    float64
}

// Drawn returns the runs of the last chunk.
func (c *MeasuredTrajectories[T]) Drawn() (out []DrawnRun) {
	t := c.runner.plan
	for _, r := range c.runner.runs {
		d := DrawnRun{Row: r.row, Operators: make([]circuit.Matrix, len(t.places)),
			Weight: t.weight * r.sign * float64(r.count) / float64(c.count)}
		for _, e := range r.events {
			if !r.stem {
				d.Operators[t.places[e.place].number] = c.runner.acted(&e)
			}
		}
		out = append(out, d)
	}
	return out
}

// acted returns the operator of an error where its channel stands in the circuit.
func (r *trajectoryRunner[T]) acted(e *event) circuit.Matrix {
	if r.plan.places[e.place].moved == nil {
		return e.operator
	}
	return r.branch(e).operators[e.value].Scaled(complex(e.scale, 0))
}

// Place tells whether a channel has a place where errors are drawn, and whether it does anything at all.
func (c *MeasuredTrajectories[T]) Place(ch circuit.Channel) (place, any bool) {
	if ch.Qubits() == 0 {
		return false, false
	}
	b := newBranches(ch, c.runner.plan.weight > 1)
	_, unitary := b.unitary()
	return !unitary && len(b.errors) > 0, len(b.errors) > 0
}
