package statevec

import "github.com/hqvit/hqvit/qops/statevec/internal/tile"

// A pass goes over a tile once, for up to three real rotations that commute, on groups of eight amplitudes,
// or, without groups, for any one step.
type pass struct {
	first, count int     // steps of the segment
	groups       []int32 // eight places each, see tile.Groups
	byLane       bool    // some step is
	index        int     // its number in the plan
}

func (s *segment) stepsOf(p *pass) []step { return s.steps[p.first : p.first+p.count] }

// pairing returns how a step pairs the places, and false unless it is a real rotation of all amplitudes.
func (st *step) pairing(size int) (tile.Pairing, bool) {
	if st.kind != opRotate || !st.real {
		return tile.Pairing{}, false
	}
	return tile.NewPairing(st.table, size)
}

// group divides the steps into passes.
func (s *segment) group() {
	size := len(s.amp)
	for first := 0; first < len(s.steps); {
		p := pass{first: first, count: 1, byLane: s.steps[first].byLane}
		pairings := make([]tile.Pairing, 0, tile.MaxFused)
		if x, ok := s.steps[first].pairing(size); ok {
			pairings = append(pairings, x)
		}
		for k := first + 1; k < len(s.steps) && len(pairings) > 0 && len(pairings) < tile.MaxFused; k++ {
			x, ok := s.steps[k].pairing(size)
			if !ok || !x.Commutes(pairings) {
				break
			}
			pairings, p.count, p.byLane = append(pairings, x), p.count+1, p.byLane || s.steps[k].byLane
		}
		if p.count > 1 {
			p.groups = tile.Groups(pairings, size)
		}
		if p.groups == nil {
			p.count, p.byLane = 1, s.steps[first].byLane
		} else {
			for k := range p.count {
				s.steps[first+k].table = nil // the groups are enough
			}
		}
		s.passes = append(s.passes, p)
		first += p.count
	}
}

// inOrder iterates over the passes in the order in which they are done.
func (s *segment) inOrder(backward bool) func(func(*pass) bool) {
	return func(yield func(*pass) bool) {
		for k := range s.passes {
			if backward {
				k = len(s.passes) - 1 - k
			}
			if !yield(&s.passes[k]) {
				return
			}
		}
	}
}
