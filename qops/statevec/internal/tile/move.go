package tile

import "unsafe"

// run is how many amplitudes of a lane are moved at a time: a cache line or two.
const run = 8

// runs iterates over the amplitudes of every lane, in runs of each lane after the other.
func (p *Position) runs(size int) func(yield func(lane, first int) bool) {
	return func(yield func(lane, first int) bool) {
		for first := 0; first < size; first += run {
			for l := range p.Count {
				if !yield(l, first) {
					return
				}
			}
		}
	}
}

// Load reads a tile from states of interleaved real and imaginary parts. Unused lanes become 0.
func (s *States[T]) Load(src []T, lay *Layout, p *Position) {
	if !s.moveLines(src, lay, p, true) {
		amp, place := lay.amp, lay.place
		for l, first := range p.runs(len(amp)) {
			for j := first; j < min(first+run, len(amp)); j++ {
				k, to := p.Base[l]+int(amp[j]), place[j]
				if s.Im == nil {
					s.Re[to][l] = src[k]
				} else {
					s.Re[to][l], s.Im[to][l] = src[2*k], src[2*k+1]
				}
			}
		}
	}
	if p.Count < Lanes {
		for j := range s.all {
			clear(s.all[j][p.Count:])
		}
	}
}

// Store is the inverse of Load.
func (s *States[T]) Store(dst []T, lay *Layout, p *Position) {
	if s.moveLines(dst, lay, p, false) {
		return
	}
	amp, place := lay.amp, lay.place
	for l, first := range p.runs(len(amp)) {
		for j := first; j < min(first+run, len(amp)); j++ {
			k, from := p.Base[l]+int(amp[j]), place[j]
			if s.Im == nil {
				dst[k] = s.Re[from][l]
			} else {
				dst[2*k], dst[2*k+1] = s.Re[from][l], s.Im[from][l]
			}
		}
	}
}

// moveLines loads or stores a tile by lines of neighbouring amplitudes of a lane, or of neighbouring lanes of
// an amplitude, and returns false where there are no such lines or no kernels for them.
func (s *States[T]) moveLines(state []T, lay *Layout, p *Position, load bool) bool {
	v := active[T]()
	switch n := perLine[T](s.Im == nil); {
	case v != nil && v.moves && lay.HasLines():
		s.moveSquares(state, lay, p, load)
	case v != nil && v.moves && s.Im != nil && p.adjacent(n):
		var lines [Lanes]*T
		for l := 0; l < Lanes; l += n {
			lines[l/n] = &state[2*p.Base[l]]
		}
		movePairs(load, &lines, lay, &s.Re[0][0], &s.Im[0][0])
	case s.Im == nil && p.adjacent(Lanes):
		for j, to := range lay.place {
			from := state[p.Base[0]+int(lay.amp[j]):]
			if load {
				copy(s.Re[to][:], from)
			} else {
				copy(from, s.Re[to][:])
			}
		}
	default:
		return false
	}
	return true
}

// moveSquares moves squares: a line of each of as many lanes as it has numbers, and one column of as many
// blocks.
func (s *States[T]) moveSquares(state []T, lay *Layout, p *Position, load bool) {
	n, width := line/int(unsafe.Sizeof(T(0))), len(s.all)/len(s.Re)
	for first := 0; first < p.Count; first += n {
		var rows [Lanes]*T
		for i := range n {
			l := first + i
			if l >= p.Count {
				l = first // stands for the lanes that are missing: it is stored last
			}
			rows[i] = &state[width*p.Base[l]]
		}
		moveRows(load, &rows, lay, &s.all[0][first])
	}
}
